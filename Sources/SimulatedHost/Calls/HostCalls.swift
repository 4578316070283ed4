import JSON

enum HostCalls {
  static let handlers: [String: CallHandler] = [
    "host.get_management_interface": managementInterface,
    "host.is_in_emergency_mode": { world, _, _ in .bool(world.emergency != nil) },
    "host.local_assert_healthy": assertHealthy,
    "host.signal_networking_change": { _, _, _ in .nothing },
    "host.management_reconfigure": managementReconfigure, "host.management_disable": managementDisable,
  ]

  private static let managementInterface: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    let pifs = world.database.strings("host", host, "PIFs")
    guard let pif = pifs.first(where: { world.database.bool("PIF", $0, "management") }) else {
      throw .internalError("Not_found")
    }
    return .string(pif)
  }

  private static let assertHealthy: CallHandler = { world, _, _ throws(APIError) in
    if let error = world.emergency { throw error }
    return .nothing
  }

  private static let managementReconfigure: CallHandler = { world, _, arguments throws(APIError) in
    let pif = arguments.string(0)
    try world.require("PIF", pif)
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    try requireUsable(world, pif)
    if !world.database.bool("PIF", pif, "management") { moveManagement(&world, to: pif) }
    return .nothing
  }

  /// Whether a PIF may carry management.
  static func requireUsable(_ world: World, _ pif: String) throws(APIError) {
    guard world.database.bool("PIF", pif, "managed") else { return }
    try Plumbing.refuseBondMember(world, pif)
    let overIPv6 = world.database.string("PIF", pif, "primary_address_type") == "IPv6"
    let mode = world.database.string("PIF", pif, overIPv6 ? "ipv6_configuration_mode" : "ip_configuration_mode")
    if mode == "None" {
      throw APIError(overIPv6 ? "PIF_HAS_NO_V6_NETWORK_CONFIGURATION" : "PIF_HAS_NO_NETWORK_CONFIGURATION", pif)
    }
  }

  /// The old interface keeps its plug and its address.
  static func moveManagement(_ world: inout World, to pif: String) {
    let host = world.database.string("PIF", pif, "host")
    clearManagement(&world, of: host)
    world.database.set("PIF", pif, "management", true)
    Plumbing.bringUp(&world, pif)
  }

  private static func clearManagement(_ world: inout World, of host: String) {
    for pif in world.database.strings("host", host, "PIFs") where world.database.bool("PIF", pif, "management") {
      world.database.set("PIF", pif, "management", false)
    }
  }

  private static let managementDisable: CallHandler = { world, _, _ throws(APIError) in
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    guard world.isCoordinator else { throw APIError("SLAVE_REQUIRES_MANAGEMENT_INTERFACE") }
    clearManagement(&world, of: world.thisHost)
    world.database.set("host", world.thisHost, "address", "")
    return .nothing
  }
}
