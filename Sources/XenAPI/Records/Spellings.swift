// The enumerations of the data model (`reference/xapi.md` §2.13). A spelling that is not listed is kept as it came.

/// How an interface gets its address.
public struct IPConfigurationMode: Spelling {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let none = IPConfigurationMode(rawValue: "None")
  public static let dhcp = IPConfigurationMode(rawValue: "DHCP")
  public static let `static` = IPConfigurationMode(rawValue: "Static")
  public static let autoconf = IPConfigurationMode(rawValue: "Autoconf")
}

/// Which family is the host's address.
public struct AddressFamily: Spelling {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let ipv4 = AddressFamily(rawValue: "IPv4")
  public static let ipv6 = AddressFamily(rawValue: "IPv6")
}

/// IGMP snooping of an interface's bridge.
public struct IGMPStatus: Spelling {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let enabled = IGMPStatus(rawValue: "enabled")
  public static let disabled = IGMPStatus(rawValue: "disabled")
  public static let unknown = IGMPStatus(rawValue: "unknown")
}

/// Which traffic a VIF may send: `network_default`, `locked`, `unlocked`, `disabled`.
public struct LockingMode: Spelling {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let networkDefault = LockingMode(rawValue: "network_default")
  public static let locked = LockingMode(rawValue: "locked")
  public static let unlocked = LockingMode(rawValue: "unlocked")
  public static let disabled = LockingMode(rawValue: "disabled")
}

/// How a bond spreads traffic.
public struct BondMode: Spelling {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let balanceSLB = BondMode(rawValue: "balance-slb")
  public static let activeBackup = BondMode(rawValue: "active-backup")
  public static let lacp = BondMode(rawValue: "lacp")
}

/// Encapsulation of a private network between hosts.
public struct TunnelProtocol: Spelling {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let gre = TunnelProtocol(rawValue: "gre")
  public static let vxlan = TunnelProtocol(rawValue: "vxlan")
}

/// How virtual functions are made.
public struct SRIOVConfigurationMode: Spelling {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let sysfs = SRIOVConfigurationMode(rawValue: "sysfs")
  public static let modprobe = SRIOVConfigurationMode(rawValue: "modprobe")
  public static let manual = SRIOVConfigurationMode(rawValue: "manual")
  public static let unknown = SRIOVConfigurationMode(rawValue: "unknown")
}

/// Who connects: the switch (`ssl`) or the controller (`pssl`).
public struct SDNProtocol: Spelling {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let ssl = SDNProtocol(rawValue: "ssl")
  public static let pssl = SDNProtocol(rawValue: "pssl")
}

/// Power state of a VM.
public struct PowerState: Spelling {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let halted = PowerState(rawValue: "Halted")
  public static let paused = PowerState(rawValue: "Paused")
  public static let running = PowerState(rawValue: "Running")
  public static let suspended = PowerState(rawValue: "Suspended")
}
