import XenAPI

extension ManagementAnswers {
  /// Answers to begin with: the interface's own settings where it has any, else those that management has now.
  public init(prefilledFor place: Place, _ facts: ChangeFacts) {
    self.init(place)
    let tree = facts.tree
    let management = tree.management?.pif
    var chosen: PIF?
    if case .interface(let name) = place { chosen = tree[name]?.pif }
    let hasOwn = chosen.map { $0.ipConfigurationMode != .none || $0.ipv6ConfigurationMode != .none } ?? false
    hostname = facts.hostname
    guard let source = hasOwn ? chosen : management else { return }
    primary = source.primaryAddressType
    takeIPv4(source)
    takeIPv6(source)
    // Modes that leave the host without an address are nothing to begin with.
    if addresses.mode == .none, addresses.modeV6 == .none { addresses.mode = .dhcp }
    let servers = source.dns.words.isEmpty ? management?.dns.words ?? [] : source.dns.words
    addresses.dns = (servers.isEmpty ? facts.nameServers : servers).joined(separator: " ")
    let domains = source.otherConfig["domain"]?.words ?? []
    addresses.searchDomains = (domains.isEmpty ? facts.searchDomains : domains).joined(separator: " ")
  }

  /// What DHCP gave stands in the same fields: not used while the mode is DHCP, and there when somebody changes it.
  private mutating func takeIPv4(_ pif: PIF) {
    addresses.mode =
      switch pif.ipConfigurationMode {
      case .none: .none
      case .static: .fixed
      default: .dhcp
      }
    (addresses.ip, addresses.netmask, addresses.gateway) = (pif.ip, pif.netmask, pif.gateway)
  }

  private mutating func takeIPv6(_ pif: PIF) {
    addresses.modeV6 =
      switch pif.ipv6ConfigurationMode {
      case .dhcp: .dhcp
      case .autoconf: .autoconf
      case .static: .fixed
      default: .none
      }
    addresses.ipv6 = pif.ipv6.first { !$0.isEmpty && !$0.lowercased().hasPrefix("fe80:") } ?? ""
    addresses.gatewayV6 = pif.ipv6Gateway
  }
}

extension ChangeFacts {
  /// This host's interfaces by name.
  var tree: InterfaceTree { InterfaceTree(database, host: host) }
}
