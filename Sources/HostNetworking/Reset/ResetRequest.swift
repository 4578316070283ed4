/// What the management interface shall be after an emergency network reset: checked, ready to be written.
/// `ResetAnswers` makes one from what a person typed.
public struct ResetRequest: Hashable, Sendable {
  public enum IPv4: Hashable, Sendable {
    case none
    case dhcp
    case fixed(IPv4Prefix, gateway: IPv4Address?)
  }

  public enum IPv6: Hashable, Sendable {
    case none
    case dhcp
    case autoconf
    case fixed(IPv6Prefix, gateway: IPv6Address?)
  }

  /// The NIC, `eth0`.
  public var device: String
  /// The tag, 0 to 4094; nil for untagged.
  public var vlan: Int?
  public var ipv4: IPv4
  public var ipv6: IPv6
  /// Written with a static address only, as the vendor's program does: DHCP brings its own.
  public var dns: [InternetAddress]
  /// Written beside `dns` only: networkd takes neither without the other (`reference/dom0.md` §2.2).
  public var searchDomains: [String]
  /// True leaves interface-rename's rules as they are; false puts back those of the installation.
  public var keepsInterfaceNames: Bool
  /// A new address of the coordinator; nil leaves pool.conf alone. Means something on a member only.
  public var coordinator: InternetAddress?

  public init(
    device: String, vlan: Int? = nil, ipv4: IPv4 = .dhcp, ipv6: IPv6 = .none, dns: [InternetAddress] = [],
    searchDomains: [String] = [], keepsInterfaceNames: Bool = false, coordinator: InternetAddress? = nil
  ) {
    self.device = device
    self.vlan = vlan
    self.ipv4 = ipv4
    self.ipv6 = ipv6
    self.dns = dns
    self.searchDomains = searchDomains
    self.keepsInterfaceNames = keepsInterfaceNames
    self.coordinator = coordinator
  }

  /// True when an address is given by hand, so that DNS servers are written too.
  public var isFixed: Bool {
    if case .fixed = ipv4 { return true }
    if case .fixed = ipv6 { return true }
    return false
  }
}
