import XenAPI

/// Everything the program can change of a host, as somebody wants it. Each case leads to one file that makes a
/// `ChangePlan` of it: its checks, its steps, what undoes them, and what follows from them.
public enum Intent: Hashable, Sendable {
  /// `Management/ManagementPlanner.swift`
  case management(ManagementRequest)
  /// `Management/DisableManagement.swift`
  case disableManagement
  /// `Management/RecoverMembers.swift`: the coordinator tells its members where it is now.
  case recoverMembers
  /// `Services/NameServers.swift`: the DNS servers and search domains of the management interface, nothing else.
  case nameServers(NameServerRequest)
  /// `Services/HostName.swift`
  case hostName(HostNameRequest)
  /// `Services/TimeServers.swift`
  case timeServers(TimeServerRequest)
  /// `Services/RemoteAccess.swift`
  case remoteAccess(RemoteAccessRequest)

  // MARK: NICs. Interfaces have the names of `InterfaceTree`.

  /// `NICs/Plugging/ScanPlanner.swift`: XAPI looks for NICs that it does not know, and plugs what appears.
  case scanNICs(plugs: Bool)
  /// `NICs/Plugging/IntroducePlanner.swift`: XAPI gets to know one NIC, and plugs it.
  case introduceNIC(String, plugs: Bool)
  /// `NICs/Plugging/PlugPlanner.swift`
  case plug(String)
  /// `NICs/Plugging/UnplugPlanner.swift`
  case unplug(String)
  /// `NICs/Plugging/ForgetPlanner.swift`: XAPI's record of a NIC is dropped.
  case forgetNIC(String)
  /// `NICs/Retiring/RetirePlanner.swift`: one stage of the way to take a NIC out of the machine.
  case retireNIC(RetireRequest)
  /// `NICs/Names/RenamePlanner.swift`
  case renameNICs(RenameRequest)
  /// `NICs/Names/RenamePlanner.swift`: the names of the installation.
  case resetNICNames
  /// `NICs/Tuning/TuningPlanner.swift`: offloads, speed, rings.
  case tuneNIC(TuningRequest)
  /// `NICs/Tuning/NetworkMTUPlanner.swift`
  case networkMTU(NetworkMTURequest)
  /// `NICs/Tuning/FCoEPlanner.swift`
  case fcoe(isOn: Bool)

  // MARK: Networks and what they are made of. Each group has a folder of its own in `Networks`.

  case networks(NetworkIntent)
  case vlans(VLANIntent)
  case bonds(BondIntent)
  case addresses(AddressIntent)
  case routes(RouteIntent)
  case vifs(VIFIntent)

  /// What keeps to itself: its name and its plan are made by its own kind.
  var group: (any IntentGroup)? {
    switch self {
    case .networks(let intent): intent
    case .vlans(let intent): intent
    case .bonds(let intent): intent
    case .addresses(let intent): intent
    case .routes(let intent): intent
    case .vifs(let intent): intent
    default: nil
    }
  }

  /// What it is called in the log of changes and by those who ask about it.
  public var name: String {
    switch self {
    case .management: "configure management"
    case .disableManagement: "disable management"
    case .recoverMembers: "tell the members"
    case .nameServers: "DNS servers"
    case .hostName: "host name"
    case .timeServers: "time servers"
    case .remoteAccess: "remote access"
    case .scanNICs: "rescan NICs"
    case .introduceNIC: "introduce a NIC"
    case .plug: "plug"
    case .unplug: "unplug"
    case .forgetNIC: "forget a NIC"
    case .retireNIC: "remove a NIC"
    case .renameNICs: "rename NICs"
    case .resetNICNames: "reset NIC names"
    case .tuneNIC: "NIC settings"
    case .networkMTU: "network MTU"
    case .fcoe: "FCoE"
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: group?.name ?? "change"
    }
  }
}

/// DNS servers and search domains, set by hand or left to DHCP.
public struct NameServerRequest: Hashable, Sendable {
  /// Empty leaves them to DHCP where the interface has its address from there.
  public var servers: [InternetAddress]
  public var searchDomains: [String]

  public init(servers: [InternetAddress], searchDomains: [String]) {
    self.servers = servers
    self.searchDomains = searchDomains
  }
}

/// The host's name.
public struct HostNameRequest: Hashable, Sendable {
  /// What the system calls itself: `xcp1`, `xcp1.lab.example`.
  public var hostname: String
  /// What XAPI and its clients call the host; nil leaves it.
  public var label: String?

  public init(hostname: String, label: String? = nil) {
    self.hostname = hostname
    self.label = label
  }
}

/// Where the clock is set from.
public struct TimeServerRequest: Hashable, Sendable {
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// What the product ships with.
    case factory
    /// What DHCP brings.
    case dhcp
    case custom
    /// The clock is set by nobody.
    case off
  }

  public var mode: Mode
  /// Names or addresses; with `.custom` at least one. In an action: all that the host's list shall hold afterwards,
  /// whatever the mode; a line of its file that says more than a name stands there whole.
  public var servers: [String]

  public init(mode: Mode, servers: [String] = []) {
    self.mode = mode
    self.servers = servers
  }
}

/// Logins over SSH.
public struct RemoteAccessRequest: Hashable, Sendable {
  /// The daemon runs now.
  public var isOn: Bool
  /// It is started when the host starts.
  public var startsAtBoot: Bool
  /// XAPI's auto mode, where it has one: SSH is on while XAPI is not well. nil leaves it.
  public var autoMode: Bool?
  /// XAPI's time-out, where it has one: seconds after which SSH is switched off again, 0 for never, two days at the most.
  /// nil leaves it.
  public var timeout: Int64?

  public init(isOn: Bool, startsAtBoot: Bool, autoMode: Bool? = nil, timeout: Int64? = nil) {
    self.isOn = isOn
    self.startsAtBoot = startsAtBoot
    self.autoMode = autoMode
    self.timeout = timeout
  }
}
