extension ResetAnswers {
  /// What is there today, as answers: where a form begins. With nothing known, DHCP on an untagged NIC.
  public init(presentOf facts: ResetFacts) {
    self.init()
    let now = facts.now
    device = now.members.first ?? now.device ?? facts.devices.first?.name ?? ""
    vlan = now.vlan.map { "\($0)" } ?? ""
    switch now.ipv4 {
    case .none: mode = now.ipv6 == .none ? .dhcp : .none
    case .dhcp: mode = .dhcp
    case .fixed(let prefix, let present):
      mode = .fixed
      ip = "\(prefix.address)"
      netmask = "\(prefix.netmask)"
      gateway = present.map { "\($0)" } ?? ""
    }
    switch now.ipv6 {
    case .none: modeV6 = .none
    case .dhcp: modeV6 = .dhcp
    case .autoconf: modeV6 = .autoconf
    case .fixed(let prefix, let present):
      modeV6 = .fixed
      ipv6 = "\(prefix)"
      gatewayV6 = present.map { "\($0)" } ?? ""
    }
    dns = now.dns.map { "\($0)" }.joined(separator: ", ")
    searchDomains = now.searchDomains.joined(separator: ", ")
  }
}
