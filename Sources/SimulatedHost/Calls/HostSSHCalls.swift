import JSON

/// SSH to a host (XAPI 25.13 and later): on, off, on for a while, or on whenever XAPI is not well.
enum HostSSHCalls {
  static let handlers: [String: CallHandler] = [
    "host.enable_ssh": enable, "host.disable_ssh": disable, "host.set_ssh_enabled_timeout": setTimeout,
    "host.set_ssh_auto_mode": setAutoMode, "host.set_console_idle_timeout": setIdleTimeout,
  ]

  /// Two days, in seconds.
  private static let longest: Int64 = 172_800

  /// Switched on by hand, the automatic is off; with a time set, it ends by itself.
  private static let enable: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    let timeout = world.database.int("host", host, "ssh_enabled_timeout")
    // For a while only: then the automatic comes back.
    if host == world.thisHost { world.sshReturnsToAuto = timeout > 0 && world.database.bool("host", host, "ssh_auto_mode") }
    setAuto(&world, host, false)
    if host == world.thisHost { world.services.setUnit("sshd", active: true, enabled: true) }
    world.database.set("host", host, "ssh_enabled", true)
    setExpiry(&world, host, after: timeout)
    return .nothing
  }

  /// Leaves the automatic as it is: while that is on, the unit stays enabled and the monitor may start it again.
  private static let disable: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("host", arguments.string(0))
    turnOff(&world, arguments.string(0))
    return .nothing
  }

  static func turnOff(_ world: inout World, _ host: String) {
    let isAutomatic = world.database.bool("host", host, "ssh_auto_mode")
    if host == world.thisHost { world.services.setUnit("sshd", active: false, enabled: isAutomatic ? nil : false) }
    world.database.set("host", host, "ssh_enabled", false)
    setExpiry(&world, host, after: 0)
  }

  /// The time that was set is over.
  static func expire(_ world: inout World) {
    turnOff(&world, world.thisHost)
    guard world.sshReturnsToAuto else { return }
    world.sshReturnsToAuto = false
    setAuto(&world, world.thisHost, true)
    world.services.setUnit("sshd", enabled: true)
  }

  private static let setTimeout: CallHandler = { world, _, arguments throws(APIError) in
    let (host, seconds) = (arguments.string(0), arguments.int(1))
    try world.require("host", host)
    guard (0...longest).contains(seconds) else {
      throw APIError("VALUE_NOT_SUPPORTED", "ssh_enabled_timeout", String(seconds), "must be between 0 and \(longest) seconds")
    }
    world.database.set("host", host, "ssh_enabled_timeout", .int(seconds))
    if world.database.bool("host", host, "ssh_enabled") { setExpiry(&world, host, after: seconds) }
    return .nothing
  }

  /// The monitor stops SSH while XAPI is well; the unit stays enabled, should both be gone after a boot.
  private static let setAutoMode: CallHandler = { world, _, arguments throws(APIError) in
    let (host, isOn) = (arguments.string(0), arguments.bool(1))
    try world.require("host", host)
    setAuto(&world, host, isOn)
    guard isOn else { return .nothing }
    if host == world.thisHost { world.services.setUnit("sshd", active: false, enabled: true) }
    world.change("host", host, "ssh_enabled", false)
    return .nothing
  }

  private static let setIdleTimeout: CallHandler = { world, _, arguments throws(APIError) in
    let (host, seconds) = (arguments.string(0), arguments.int(1))
    try world.require("host", host)
    guard seconds >= 0 else {
      throw APIError("VALUE_NOT_SUPPORTED", "console_idle_timeout", String(seconds), "must not be negative")
    }
    world.database.set("host", host, "console_idle_timeout", .int(seconds))
    return .nothing
  }

  private static func setAuto(_ world: inout World, _ host: String, _ isOn: Bool) {
    world.change("host", host, "ssh_auto_mode", .bool(isOn))
    if host == world.thisHost { world.services.setUnit("xapi-ssh-monitor", active: isOn, enabled: isOn) }
  }

  /// - Parameter seconds: 0: it does not end by itself.
  private static func setExpiry(_ world: inout World, _ host: String, after seconds: Int64) {
    let end = WallTime(seconds: world.clock().seconds + seconds)
    world.change("host", host, "ssh_expiry", .string(seconds > 0 ? end.datetime : Wire.epoch))
    if host == world.thisHost { world.sshEnd = seconds > 0 ? end.seconds : nil }
  }
}
