import JSON

/// Which interface XAPI listens on.
enum HostManagementCalls {
  static let handlers: [String: CallHandler] = [
    "host.get_management_interface": managementInterface, "host.management_reconfigure": reconfigure,
    "host.management_disable": disable, "host.local_management_reconfigure": reconfigureLocally,
    "pool.management_reconfigure": reconfigurePool,
  ]

  private static let managementInterface: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    guard let pif = world.managementPIF(of: host) else { throw .internalError("Not_found") }
    return .string(pif)
  }

  private static let reconfigure: CallHandler = { world, _, arguments throws(APIError) in
    try reconfigure(&world, arguments.string(0))
    return .nothing
  }

  private static func reconfigure(_ world: inout World, _ pif: String) throws(APIError) {
    try world.require("PIF", pif)
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    try requireUsable(world, pif)
    // A PIF of the other family than the present one's: XAPI notices, swallows its own error and goes on.
    if !world.database.bool("PIF", pif, "management") { try move(&world, to: pif) }
  }

  /// Whether a PIF may carry management.
  static func requireUsable(_ world: World, _ pif: String) throws(APIError) {
    guard world.database.bool("PIF", pif, "managed") else { return }
    try Plumbing.refuseBondMember(world, pif)
    if world.hasIPMode(pif) { return }
    throw APIError(
      world.usesIPv6(pif) ? "PIF_HAS_NO_V6_NETWORK_CONFIGURATION" : "PIF_HAS_NO_NETWORK_CONFIGURATION", pif)
  }

  /// The old interface keeps its plug and its address.
  static func move(_ world: inout World, to pif: String) throws(APIError) {
    let host = world.database.string("PIF", pif, "host")
    let old = world.database.strings("host", host, "PIFs").filter { world.database.bool("PIF", $0, "management") }
    world.keepResolver(of: host)
    try Plumbing.plug(&world, pif, asManagement: true)
    world.setAddress(of: host, world.mainAddress(of: pif))
    world.change("PIF", pif, "management", true)
    for former in old where former != pif { world.change("PIF", former, "management", false) }
    // dhclient's hook makes XAPI look once more, now that the default route has moved.
    world.refreshNetworking(of: host)
  }

  /// XAPI listens to the host itself alone; interfaces stay as they are.
  private static let disable: CallHandler = { world, _, _ throws(APIError) in
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    guard world.isCoordinator else { throw APIError("SLAVE_REQUIRES_MANAGEMENT_INTERFACE") }
    world.keepResolver(of: world.thisHost)
    if let pif = world.managementPIF(of: world.thisHost) { world.database.set("PIF", pif, "management", false) }
    world.setAddress(of: world.thisHost, "")
    return .nothing
  }

  /// By bridge, for a member that is cut off from its database.
  private static let reconfigureLocally: CallHandler = { world, _, arguments throws(APIError) in
    guard world.emergency != nil else { throw APIError("NOT_IN_EMERGENCY_MODE") }
    let network = world.database.find("network", "bridge", .string(arguments.string(0))).first
    if let network, let pif = world.pif(on: network, of: world.thisHost) { try move(&world, to: pif) }
    return .nothing
  }

  /// All hosts to one network: members first, the coordinator last, the first error told at the end.
  private static let reconfigurePool: CallHandler = { world, _, arguments throws(APIError) in
    let network = arguments.string(0)
    try world.require("network", network)
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    let coordinator = world.coordinator
    let hosts = world.database.refs("host").filter { $0 != coordinator } + [coordinator]
    var pifs: [String] = []
    for host in hosts {
      guard let pif = world.pif(on: network, of: host) else { throw APIError("PIF_NOT_PRESENT", host, network) }
      pifs.append(pif)
    }
    for pif in pifs where world.usesIPv6(pif) != world.usesIPv6(pifs[0]) {
      throw APIError("PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", pif)
    }
    for pif in pifs { try requireUsable(world, pif) }
    var failure: APIError?
    for pif in pifs {
      do throws(APIError) { try reconfigure(&world, pif) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
    _ = PoolRoleCalls.recover(&world)
    return .nothing
  }
}
