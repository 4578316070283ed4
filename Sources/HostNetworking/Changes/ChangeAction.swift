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

  // MARK: NICs, through XAPI

  /// XAPI looks for NICs that it does not know; these, by the kernel's names, are to be known afterwards.
  case scanNICs(expecting: [String])
  /// Unmanaged: XAPI leaves it alone.
  case introduceNIC(String, mac: String, managed: Bool)
  /// XAPI's record of a NIC goes; its network stays.
  case forgetNIC(String)
  /// Plugs what may be plugged already: only then is what was written into its record looked at.
  case replug(String)
  /// Keys of an interface's other-config; nil removes one.
  case setOtherConfig(String, [String: String?])
  /// Of a network, by its uuid; bytes. Looked at when its interfaces are plugged the next time.
  case setNetworkMTU(String, Int)
  /// An interface of any host of the pool, by its uuid, is plugged anew, so that it gets the MTU that is written down.
  /// - Parameter name: what it is called: `eth2 of xcp2`.
  case applyMTU(pif: String, name: String, mtu: Int)
  /// VIFs from one network to another, all by their uuids; one that is elsewhere is left there. Works on running VMs.
  case moveVIFs([String], from: String, to: String)
  /// Whether an interface is protected against unplugging.
  case setDisallowUnplug(String, Bool)
  /// XAPI's own settings of a NIC or bond: `gro`.
  case setProperties(String, [String: String])
  /// A network by its uuid, as long as nothing is on it.
  case destroyEmptyNetwork(String)
  /// The network that XAPI made for a NIC, by its bridge, as long as nothing is on it.
  case destroyBridgeNetwork(String)

  // MARK: NICs, on the host itself

  /// `ethtool -K`, by its short names. Gone at the next plug or boot.
  case setFeatures(String, [String: Bool])
  /// `ethtool -G`: entries by the names of `ethtool -g`. Gone at the next boot.
  case setRings(String, [String: Int])
  /// `ethtool -s`. Gone at the next plug or boot.
  case setLinkMode(String, LinkMode)
  /// Fibre Channel over Ethernet: its services.
  case setFCoE(Bool)
  /// Units of systemd as they were.
  case putBackUnits([UnitState])
  /// `interface-rename --update`: the names that NICs have from the next boot on, by MAC.
  case setNICNames([String: String])
  /// `interface-rename --reset-to-install`.
  case resetNICNames
  /// The rules of interface-rename as they were, by its two files; nil for one that is left as it is.
  case putBackNICNames(static: RulesFile?, dynamic: RulesFile?)

  // MARK: Networks and what they are made of. Each group has a folder of its own in `Networks`.

  case networks(NetworkAction)
  case vlans(VLANAction)
  case bonds(BondAction)
  case addresses(AddressAction)
  case routes(RouteAction)
  case vifs(VIFAction)

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
