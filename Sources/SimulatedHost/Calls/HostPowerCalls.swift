import JSON

/// Taking a host out of service, bringing it back, restarting it.
enum HostPowerCalls {
  static let handlers: [String: CallHandler] = [
    "host.disable": disable, "host.enable": enable, "host.evacuate": evacuate,
    "host.assert_can_evacuate": assertCanEvacuate,
    "host.get_vms_which_prevent_evacuation": preventingEvacuation, "host.reboot": reboot, "host.shutdown": shutDown,
    "host.restart_agent": restartAgent, "host.shutdown_agent": stopAgent,
  ]

  private static let disable: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("host", arguments.string(0))
    world.database.set("host", arguments.string(0), "enabled", false)
    return .nothing
  }

  private static let enable: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    if !(world.database.get("host", host, "current_operations")?.object?.isEmpty ?? true) {
      throw APIError("HOST_DISABLED_UNTIL_REBOOT", host)
    }
    world.database.set("host", host, "enabled", true)
    return .nothing
  }

  // MARK: Evacuation

  /// Running guests of a host, its control domain aside.
  static func guests(_ world: World, of host: String) -> [String] {
    world.database.strings("host", host, "resident_VMs").filter { !world.database.bool("VM", $0, "is_control_domain") }
      .sorted()
  }

  /// Where each guest would go; nil for one that has nowhere to go.
  private static func plan(_ world: World, _ host: String) -> [(vm: String, target: String?)] {
    guests(world, of: host).map { vm in
      (vm, VMPlacement.possibleHosts(world, vm).first { $0 != host })
    }
  }

  private static func obstacle(_ world: World, _ host: String, _ vm: String) -> APIError {
    let others = world.database.refs("host").filter { $0 != host && VMPlacement.isInService(world, $0) }
    guard let other = others.first else { return APIError("NO_HOSTS_AVAILABLE") }
    let networks = world.database.strings("VM", vm, "VIFs").map { world.database.string("VIF", $0, "network") }
    let missing = networks.first { !VMPlacement.isOffered(world, $0, on: other) }
    return missing.map { APIError("VM_REQUIRES_NETWORK", vm, $0) } ?? APIError("NO_HOSTS_AVAILABLE")
  }

  private static let evacuate: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    try checkRoute(world, host, network: arguments.string(1))
    let plan = plan(world, host)
    if let stuck = plan.first(where: { $0.target == nil }) { throw obstacle(world, host, stuck.vm) }
    for (vm, target) in plan { world.database.set("VM", vm, "resident_on", .string(target ?? Wire.nullRef)) }
    return .nothing
  }

  /// A network to move over must be plugged here and have an address.
  private static func checkRoute(_ world: World, _ host: String, network: String) throws(APIError) {
    guard !network.isEmpty, network != Wire.nullRef else { return }
    guard let pif = world.pif(on: network, of: host) else { throw APIError("PIF_NOT_PRESENT", host, network) }
    if !world.database.bool("PIF", pif, "currently_attached") { throw APIError("REQUIRED_PIF_IS_UNPLUGGED", pif) }
    if world.mainAddress(of: pif).isEmpty { throw APIError("INTERFACE_HAS_NO_IP", pif) }
  }

  private static let assertCanEvacuate: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    if let stuck = plan(world, host).first(where: { $0.target == nil }) { throw obstacle(world, host, stuck.vm) }
    return .nothing
  }

  private static let preventingEvacuation: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    var found = JSONObject()
    for (vm, target) in plan(world, host) where target == nil { found[vm] = obstacle(world, host, vm).list }
    return .object(found)
  }

  // MARK: Power

  private static let reboot: CallHandler = { world, _, arguments throws(APIError) in
    try leave(&world, arguments.string(0), .reboot)
    return .nothing
  }

  private static let shutDown: CallHandler = { world, _, arguments throws(APIError) in
    try leave(&world, arguments.string(0), .shutDown)
    return .nothing
  }

  /// Answers at once; the host goes some seconds later. Both ways show as a shutdown.
  private static func leave(_ world: inout World, _ host: String, _ request: HostRequest) throws(APIError) {
    try world.require("host", host)
    if world.database.bool("host", host, "enabled") { throw APIError("HOST_NOT_DISABLED") }
    let running = world.database.get("host", host, "current_operations")?.object ?? JSONObject()
    if let other = running.first(where: { _ in true }) {
      throw APIError("OTHER_OPERATION_IN_PROGRESS", "host", host, other.1.string ?? "", other.0)
    }
    let operation = "DummyRef:|\(world.names.uuid())|host.shutdown"
    world.database.set("host", host, "current_operations", [operation: "shutdown"])
    if host == world.thisHost {
      world.request = request
    } else {
      world.database.set("host_metrics", world.database.string("host", host, "metrics"), "live", false)
    }
  }

  /// Of another host than this one nothing is seen to happen.
  private static let restartAgent: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("host", arguments.string(0))
    if arguments.string(0) == world.thisHost { world.request = .restartToolstack }
    return .nothing
  }

  private static let stopAgent: CallHandler = { world, _, _ in
    world.request = .stopToolstack
    return .nothing
  }
}
