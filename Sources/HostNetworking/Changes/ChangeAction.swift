import XenAPI

/// One thing that is done to the host. It names the state it brings about, not the way there: done twice it does no harm,
/// and what is so already is left alone. Interfaces have the names of `InterfaceTree`: `eth0`, `bond0`, `VLAN 42 on eth1`.
/// It can be written down (`ChangeAction+JSON.swift`), for a guard that outlives the program to take it back.
public enum ChangeAction: Hashable, Sendable {
  // MARK: Objects

  /// A network of its own for what follows. The mark tells it from others of the same name.
  case createNetwork(name: String, mark: String)
  /// The network with that mark, as long as nothing is on it.
  case destroyNetwork(mark: String)
  case createVLAN(tag: Int, on: String, network: NetworkChoice)
  case destroyVLAN(tag: Int, on: String)
  case plug(String)
  case unplug(String)

  // MARK: Addresses

  case setIPv4(String, IPv4Settings)
  case setIPv6(String, IPv6Settings)
  /// `other-config:domain`; empty removes it.
  case setSearchDomains(String, [String])
  case setPrimaryAddressType(String, AddressFamily)

  // MARK: Management

  /// XAPI listens on this interface from then on.
  case manage(String)
  /// XAPI listens to the host itself only.
  case disableManagement
  /// All hosts of the pool to one network, by its uuid.
  case managePool(network: String)
  /// The coordinator tells its members where it is.
  case recoverMembers

  // MARK: The host

  case setHostname(String)
  case setLabel(String)
  case setTimeServers(TimeServerRequest)
  case setRemoteAccess(RemoteAccessRequest)
}

/// Which network an interface is put on.
public enum NetworkChoice: Hashable, Sendable {
  case uuid(String)
  /// One that an earlier step made.
  case mark(String)
}

/// IPv4 as XAPI keeps it of an interface.
public struct IPv4Settings: Hashable, Sendable {
  public var mode: IPConfigurationMode
  /// All empty unless the mode is static.
  public var address = ""
  public var netmask = ""
  public var gateway = ""
  /// IPv4 servers only, by comma.
  public var dns = ""

  public init(mode: IPConfigurationMode, address: String = "", netmask: String = "", gateway: String = "", dns: String = "") {
    self.mode = mode
    self.address = address
    self.netmask = netmask
    self.gateway = gateway
    self.dns = dns
  }

  public static let none = IPv4Settings(mode: .none)
}

/// IPv6 as XAPI keeps it of an interface.
public struct IPv6Settings: Hashable, Sendable {
  public var mode: IPConfigurationMode
  /// With prefix length; empty unless the mode is static.
  public var address = ""
  public var gateway = ""
  /// IPv6 servers only, by comma.
  public var dns = ""

  public init(mode: IPConfigurationMode, address: String = "", gateway: String = "", dns: String = "") {
    self.mode = mode
    self.address = address
    self.gateway = gateway
    self.dns = dns
  }

  public static let none = IPv6Settings(mode: .none)
}
