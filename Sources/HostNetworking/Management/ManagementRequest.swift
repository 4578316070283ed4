import XenAPI

/// How management of this host shall be: checked answers (`ManagementAnswers`).
public struct ManagementRequest: Hashable, Sendable {
  public enum Target: Hashable, Sendable {
    /// One that is there: `eth0`, `bond0`, `VLAN 42 on eth1`.
    case interface(String)
    /// A VLAN to be made on a NIC or bond, on a network of its own.
    case newVLAN(tag: Int, on: String)
  }

  public var target: Target
  public var ipv4: ResetRequest.IPv4
  public var ipv6: ResetRequest.IPv6
  /// Which family the pool reaches this host by.
  public var primary: AddressFamily
  /// Set by hand; with DHCP empty.
  public var dns: [InternetAddress]
  public var searchDomains: [String]
  /// nil leaves it.
  public var hostname: String?
  /// The interface that had management keeps its addresses.
  public var keepsOldAddress: Bool

  public init(
    target: Target, ipv4: ResetRequest.IPv4, ipv6: ResetRequest.IPv6 = .none, primary: AddressFamily = .ipv4,
    dns: [InternetAddress] = [], searchDomains: [String] = [], hostname: String? = nil, keepsOldAddress: Bool = false
  ) {
    self.target = target
    self.ipv4 = ipv4
    self.ipv6 = ipv6
    self.primary = primary
    self.dns = dns
    self.searchDomains = searchDomains
    self.hostname = hostname
    self.keepsOldAddress = keepsOldAddress
  }
}

extension ManagementRequest.Target {
  /// The interface's name once it is there.
  public var name: String {
    switch self {
    case .interface(let name): name
    case .newVLAN(let tag, let base): SavedInterface.vlanName(Int64(tag), on: base)
    }
  }
}
