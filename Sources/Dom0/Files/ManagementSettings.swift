/// A setting that cannot be taken: which one, and the rule it breaks.
public struct SettingError: Error, Hashable, Sendable, CustomStringConvertible {
  public let field: String
  public let rule: String

  public init(field: String, rule: String) {
    self.field = field
    self.rule = rule
  }

  public var description: String { "\(field): \(rule)" }
}

/// What an emergency network reset asks for: the management interface and nothing else.
public struct ManagementSettings: Hashable, Sendable {
  public enum IPv4: Hashable, Sendable {
    /// `none` in the host's words.
    case off
    case dhcp
    case `static`(address: String, netmask: String, gateway: String?)
  }

  public enum IPv6: Hashable, Sendable {
    /// `none` in the host's words.
    case off
    case dhcp
    case autoconf
    /// - Parameter address: with its prefix length, `fd00::11/64`.
    case `static`(address: String, gateway: String?)
  }

  /// The NIC, `eth0`.
  public var device: String
  /// 0 to 4094, as the vendor's tool takes it; nil for untagged.
  public var vlan: Int?
  public var ipv4: IPv4
  public var ipv6: IPv6
  /// Addresses. They are written when one of the modes is static, as the vendor's tool does.
  public var dns: [String]
  public var searchDomains: [String]

  public init(
    device: String, vlan: Int? = nil, ipv4: IPv4 = .dhcp, ipv6: IPv6 = .off, dns: [String] = [],
    searchDomains: [String] = []
  ) {
    self.device = device
    self.vlan = vlan
    self.ipv4 = ipv4
    self.ipv6 = ipv6
    self.dns = dns
    self.searchDomains = searchDomains
  }

  /// The bridge a VLAN's management waits on until XAPI has named its own (`reference/xapi.md` §4.2).
  public static let temporaryBridge = "xentemp"

  /// The bridge of an untagged device: `xenbr0` for `eth0`, `brenp5s0` for `enp5s0`.
  public static func bridge(of device: String) -> String {
    device.hasPrefix("eth") ? "xenbr" + device.dropFirst(3) : "br" + device
  }

  /// What the inventory's MANAGEMENT_INTERFACE has to be for these settings on releases with `interface-rename`.
  public var managementBridge: String { vlan == nil ? Self.bridge(of: device) : Self.temporaryBridge }

  var isStatic: Bool {
    if case .static = ipv4 { return true }
    if case .static = ipv6 { return true }
    return false
  }

  /// Refuses what the host's programs could not read back, or would read as something else.
  public func check() throws(SettingError) {
    try Self.require(Self.isDevice(device), "device", device, "is not a device name")
    if let vlan, !(0...4094).contains(vlan) {
      throw SettingError(field: "VLAN", rule: "\(vlan) is not within 0 to 4094")
    }
    if ipv4 == .off, ipv6 == .off {
      throw SettingError(field: "mode", rule: "IPv4 and IPv6 cannot both be none: the host would have no address")
    }
    if case .static(let address, let netmask, let gateway) = ipv4 {
      try Self.require(AddressText.isIPv4(address), "IP", address, "is not an IPv4 address")
      try Self.require(AddressText.prefix(ofNetmask: netmask) != nil, "netmask", netmask, "is not an IPv4 netmask")
      if let gateway { try Self.require(AddressText.isIPv4(gateway), "gateway", gateway, "is not an IPv4 address") }
    }
    if case .static(let address, let gateway) = ipv6 {
      try Self.require(
        AddressText.ipv6WithPrefix(address) != nil, "IPv6", address, "is not an IPv6 address with a prefix length")
      if let gateway {
        try Self.require(AddressText.isIPv6(gateway), "IPv6 gateway", gateway, "is not an IPv6 address")
      }
    }
    for server in dns { try Self.require(AddressText.isAddress(server), "DNS", server, "is not an address") }
    for domain in searchDomains {
      try Self.require(HostnameText.isSearchDomain(domain), "search domain", domain, "is not a domain name")
    }
  }

  /// A name the kernel would take, which has room for 15 characters (IFNAMSIZ), and the host's files can hold.
  public static func isDevice(_ text: String) -> Bool {
    (1...15).contains(text.utf8.count) && text != "." && text != ".." && HostText.isPlain(text)
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }
  }

  private static func require(
    _ holds: Bool, _ field: String, _ value: String, _ rule: String
  ) throws(SettingError) {
    if !holds { throw SettingError(field: field, rule: "\"\(value)\" \(rule)") }
  }
}
