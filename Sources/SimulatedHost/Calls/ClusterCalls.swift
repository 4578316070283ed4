import JSON

/// Clustering, as far as it holds on to an interface.
enum ClusterCalls {
  static let handlers: [String: CallHandler] = [
    "Cluster_host.enable": enable, "Cluster_host.disable": disable, "Cluster_host.destroy": destroy,
    "Cluster_host.force_destroy": destroy, "Cluster.destroy": destroyCluster, "Cluster.pool_destroy": destroyCluster,
    "Cluster.pool_force_destroy": destroyCluster, "Cluster.get_network": network,
  ]

  /// The interface must be protected, plugged and have an address (XAPI notes §2.10).
  private static let enable: CallHandler = { world, _, arguments throws(APIError) in
    let row = arguments.string(0)
    try world.require("Cluster_host", row)
    let pif = world.database.string("Cluster_host", row, "PIF")
    try world.require("PIF", pif)
    if !world.database.bool("PIF", pif, "disallow_unplug") { throw APIError("PIF_ALLOWS_UNPLUG", pif) }
    if !world.database.bool("PIF", pif, "currently_attached") { throw APIError("REQUIRED_PIF_IS_UNPLUGGED", pif) }
    if world.mainAddress(of: pif).isEmpty { throw APIError("PIF_HAS_NO_NETWORK_CONFIGURATION", pif) }
    world.database.set("Cluster_host", row, "enabled", true)
    return .nothing
  }

  private static let disable: CallHandler = { world, _, arguments throws(APIError) in
    let row = arguments.string(0)
    try world.require("Cluster_host", row)
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    world.database.set("Cluster_host", row, "enabled", false)
    return .nothing
  }

  private static let destroy: CallHandler = { world, _, arguments throws(APIError) in
    let row = arguments.string(0)
    try world.require("Cluster_host", row)
    world.database.remove("Cluster_host", row)
    return .nothing
  }

  private static let destroyCluster: CallHandler = { world, _, arguments throws(APIError) in
    let cluster = arguments.string(0)
    try world.require("Cluster", cluster)
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    for row in world.database.strings("Cluster", cluster, "cluster_hosts") {
      world.database.remove("Cluster_host", row)
    }
    world.database.remove("Cluster", cluster)
    return .nothing
  }

  /// The network that the cluster's hosts talk over.
  private static let network: CallHandler = { world, _, arguments throws(APIError) in
    let cluster = arguments.string(0)
    try world.require("Cluster", cluster)
    guard let row = world.database.strings("Cluster", cluster, "cluster_hosts").first else {
      throw .internalError("No cluster_hosts found")
    }
    let pif = world.database.string("Cluster_host", row, "PIF")
    return .string(world.database.string("PIF", pif, "network"))
  }
}
