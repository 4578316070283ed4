import JSON

/// Services of this host besides the toolstack, and what they are set to: SSH, and where the clock is set from. XAPI's calls
/// change them as well as the host's own commands; files follow.
struct HostServices: Sendable, Hashable {
  struct Unit: Sendable, Hashable {
    var isActive = true
    var isEnabled = true
    /// It cannot be started by anybody.
    var isMasked = false
    /// Nobody can enable or disable it: others pull it in.
    var isStatic = false

    /// `UnitFileState` of systemd.
    var fileState: String { isMasked ? "masked" : isStatic ? "static" : isEnabled ? "enabled" : "disabled" }
  }

  /// By name without `.service`.
  var units: [String: Unit] = [
    "sshd": Unit(), "chronyd": Unit(), "xapi-ssh-monitor": Unit(isActive: false, isEnabled: false), "fcoe": Unit(isActive: false),
    "xs-fcoe": Unit(),
  ]
  /// A card can speak FCoE: without one its service has nothing to do and does not stay (`ConditionPathExistsGlob`).
  var hasFCoECards = false
  /// The service that sets the clock.
  var timeUnit = "chronyd"
  /// The `server` lines of its file.
  var timeServers = factoryServers
  /// dhclient's hook may be run: servers that DHCP names are used.
  var takesTimeServersFromDHCP = false
  /// The kernel's name of this host; nil: what the database says.
  var hostname: String?

  /// What the product sets (notes on dom0 §2.9).
  static let factoryServers = (0..<4).map { "\($0).xcpng.pool.ntp.org" }

  func isActive(_ unit: String) -> Bool { units[unit]?.isActive == true }

  mutating func setUnit(_ name: String, active: Bool? = nil, enabled: Bool? = nil) {
    guard units[name] != nil else { return }
    if let active { units[name]?.isActive = active && (name != "fcoe" || hasFCoECards) }
    if let enabled { units[name]?.isEnabled = enabled }
  }

  /// ntpd in chrony's place, as on hosts that were upgraded from old releases, or back.
  mutating func setTimeUnit(_ name: String) {
    guard name != timeUnit, let unit = units.removeValue(forKey: timeUnit) else { return }
    timeUnit = name
    units[name] = unit
  }

  /// What runs after a boot: what is enabled.
  mutating func boot() {
    for name in units.keys {
      guard let unit = units[name] else { continue }
      setUnit(name, active: unit.isEnabled && !unit.isMasked)
    }
  }
}

extension World {
  /// `host.ntp_mode` as the host's files tell.
  var ntpMode: String {
    if !services.isActive(services.timeUnit) { return "Disabled" }
    if services.takesTimeServersFromDHCP { return "DHCP" }
    return services.timeServers == HostServices.factoryServers ? "Factory" : "Custom"
  }

  /// Makes the host's services what the database says of them.
  mutating func adoptServices() {
    services.hostname = database.string("host", thisHost, "hostname")
    services.hasFCoECards = nics.contains { $0.host == thisHost && $0.capabilities.contains("fcoe") }
    services.setUnit("fcoe", active: true)
    guard schema["host"]?.field("ntp_mode") != nil else { return }
    let isAutomatic = database.bool("host", thisHost, "ssh_auto_mode")
    services.setUnit("sshd", active: database.bool("host", thisHost, "ssh_enabled"))
    services.setUnit("xapi-ssh-monitor", active: isAutomatic, enabled: isAutomatic)
    switch database.string("host", thisHost, "ntp_mode") {
    case "DHCP":
      services.takesTimeServersFromDHCP = true
      services.timeServers = []
    case "Custom": services.timeServers = database.strings("host", thisHost, "ntp_custom_servers")
    case "Disabled": services.setUnit(services.timeUnit, active: false, enabled: false)
    default: break
    }
  }

  /// XAPI at its start writes down what it finds.
  mutating func noteServices() {
    guard schema["host"]?.field("ntp_mode") != nil else { return }
    change("host", thisHost, "ntp_mode", .string(ntpMode))
    change("host", thisHost, "ssh_enabled", .bool(services.isActive("sshd")))
    change("host", thisHost, "ssh_auto_mode", .bool(services.units["xapi-ssh-monitor"]?.isEnabled == true))
    if ntpMode == "Custom" {
      change("host", thisHost, "ntp_custom_servers", .array(services.timeServers.map { .string($0) }))
    }
  }
}
