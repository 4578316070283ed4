import JSON

/// Host calls about its name and its health.
enum HostCalls {
  static let handlers: [String: CallHandler] = [
    "host.is_in_emergency_mode": { world, _, _ in .bool(world.emergency != nil) },
    "host.local_assert_healthy": assertHealthy, "host.signal_networking_change": signalNetworkingChange,
    "host.set_hostname_live": setHostname, "host.syslog_reconfigure": requireHost,
    "host.sync_data": requireHost, "host.get_servertime": serverTime, "host.get_server_localtime": serverTime,
  ]

  private static let assertHealthy: CallHandler = { world, _, _ throws(APIError) in
    if let error = world.emergency { throw error }
    return .nothing
  }

  /// XAPI reads its host's addresses again; the hooks of dhclient call this.
  private static let signalNetworkingChange: CallHandler = { world, _, _ in
    world.refreshNetworking(of: world.thisHost)
    return .nothing
  }

  /// What takes effect outside of what is simulated.
  private static let requireHost: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("host", arguments.string(0))
    return .nothing
  }

  private static let serverTime: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("host", arguments.string(0))
    return .string(world.clock().datetime)
  }

  /// The host's real name; what it is called in lists (`name_label`) stays.
  private static let setHostname: CallHandler = { world, _, arguments throws(APIError) in
    let (host, name) = (arguments.string(0), arguments.string(1))
    try world.require("host", host)
    if name.isEmpty { throw APIError("HOST_NAME_INVALID", "hostname empty") }
    if name.utf8.count > 255 { throw APIError("HOST_NAME_INVALID", "hostname is too long") }
    let isSound = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    if !isSound || name.hasPrefix("-") || name.hasSuffix("-") {
      throw APIError("HOST_NAME_INVALID", "hostname contains invalid characters")
    }
    world.database.set("host", host, "hostname", .string(name))
    if host == world.thisHost { world.services.hostname = name }
    let dom0 = world.database.string("host", host, "control_domain")
    world.database.set("VM", dom0, "name_label", .string("Control domain on host: \(name)"))
    return .nothing
  }
}
