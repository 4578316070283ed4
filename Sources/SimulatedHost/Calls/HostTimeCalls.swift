import JSON

/// Where a host's clock is set from (XAPI 26.0 and later). In the notes' order: the database knows the mode, the host's
/// files follow it (notes on dom0 §2.9).
enum HostTimeCalls {
  static let handlers: [String: CallHandler] = [
    "host.set_ntp_mode": setMode, "host.set_ntp_custom_servers": setServers,
    "host.get_ntp_servers_status": serversStatus, "host.get_ntp_synchronized": isSynchronized,
  ]

  /// The same mode again does nothing. Custom servers are needed for the mode that uses them.
  private static let setMode: CallHandler = { world, _, arguments throws(APIError) in
    let (host, mode) = (arguments.string(0), arguments.string(1))
    try world.require("host", host)
    guard world.database.string("host", host, "ntp_mode") != mode else { return .nothing }
    let servers = world.database.strings("host", host, "ntp_custom_servers")
    if mode == "Custom", servers.isEmpty {
      throw APIError("INVALID_NTP_CONFIG", "the mode Custom needs ntp_custom_servers")
    }
    if host == world.thisHost { apply(&world, mode, servers) }
    world.database.set("host", host, "ntp_mode", .string(mode))
    return .nothing
  }

  private static let setServers: CallHandler = { world, _, arguments throws(APIError) in
    let (host, servers) = (arguments.string(0), arguments.strings(1))
    try world.require("host", host)
    let isUsed = world.database.string("host", host, "ntp_mode") == "Custom"
    if isUsed, servers.isEmpty {
      throw APIError("INVALID_NTP_CONFIG", "the mode Custom needs ntp_custom_servers")
    }
    if isUsed, host == world.thisHost { apply(&world, "Custom", servers) }
    world.database.set("host", host, "ntp_custom_servers", .array(servers.map { .string($0) }))
    return .nothing
  }

  private static func apply(_ world: inout World, _ mode: String, _ servers: [String]) {
    let unit = world.services.timeUnit
    if mode == "Disabled" { return world.services.setUnit(unit, active: false, enabled: false) }
    world.services.takesTimeServersFromDHCP = mode == "DHCP"
    switch mode {
    case "Custom": world.services.timeServers = servers
    case "Factory": world.services.timeServers = HostServices.factoryServers
    default: world.services.timeServers = []
    }
    world.services.setUnit(unit, active: true, enabled: true)
  }

  /// Each source's address and state, in XAPI's words for chrony's signs.
  private static let serversStatus: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("host", arguments.string(0))
    var found = JSONObject()
    guard arguments.string(0) == world.thisHost else { return .object(found) }
    for source in TimeSources(world, NetworkdConfig(world)).sources {
      found[source.address] = ["*": "synced", "+": "combined", "-": "uncombined"][source.sign] ?? "unreachable"
    }
    return .object(found)
  }

  private static let isSynchronized: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("host", arguments.string(0))
    return .bool(TimeSources(world, NetworkdConfig(world)).isSynchronised)
  }
}
