import Dom0

extension ResetRequest {
  /// The same as the host's files have it.
  public var settings: ManagementSettings {
    var settings = ManagementSettings(
      device: device, vlan: vlan, ipv4: .off, ipv6: .off, dns: dns.map(\.description), searchDomains: searchDomains)
    switch ipv4 {
    case .none: break
    case .dhcp: settings.ipv4 = .dhcp
    case .fixed(let prefix, let gateway):
      settings.ipv4 = .static(
        address: "\(prefix.address)", netmask: "\(prefix.netmask)", gateway: gateway.map { "\($0)" })
    }
    switch ipv6 {
    case .none: break
    case .dhcp: settings.ipv6 = .dhcp
    case .autoconf: settings.ipv6 = .autoconf
    case .fixed(let prefix, let gateway):
      settings.ipv6 = .static(address: "\(prefix)", gateway: gateway.map { "\($0)" })
    }
    return settings
  }

  /// The family of the only address there will be, as the inventory spells it; nil when there will be both.
  ///
  /// XAPI gives new PIFs the primary address type that the inventory names, and refuses a management interface without an
  /// address of that type (`reference/xapi.md` §4.4).
  public var onlyFamily: String? {
    if ipv4 == .none { return "IPv6" }
    return ipv6 == .none ? "IPv4" : nil
  }
}
