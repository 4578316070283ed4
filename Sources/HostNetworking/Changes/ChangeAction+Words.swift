extension ChangeAction {
  /// What is done, in a plain sentence without a full stop.
  public var sentence: String {
    switch self {
    case .createNetwork(let name, _): "Create network \"\(name)\""
    case .destroyNetwork: "Remove the network that was made for it"
    case .createVLAN(let tag, let base, _): "Create VLAN \(tag) on \(base)"
    case .destroyVLAN(let tag, let base): "Remove VLAN \(tag) from \(base)"
    case .plug(let name): "Plug \(name)"
    case .unplug(let name): "Unplug \(name)"
    case .setIPv4(let name, let settings):
      switch settings.mode {
      case .none: "Remove the IPv4 address of \(name)"
      case .dhcp: "Let \(name) get its IPv4 address from DHCP"
      default: "Give \(name) the address \(settings.words)" + Self.way(settings.gateway, settings.dns)
      }
    case .setIPv6(let name, let settings):
      switch settings.mode {
      case .none: "Remove the IPv6 address of \(name)"
      case .dhcp: "Let \(name) get its IPv6 address from DHCP"
      case .autoconf: "Let \(name) make its IPv6 address of what routers announce"
      default: "Give \(name) the address \(settings.words)" + Self.way(settings.gateway, settings.dns)
      }
    case .setSearchDomains(let name, let domains):
      domains.isEmpty
        ? "Remove the search domains of \(name)" : "Search \(domains.joined(separator: ", ")) for names (\(name))"
    case .setPrimaryAddressType(let name, let family): "Make \(family.rawValue) the main address of \(name)"
    case .manage(let name): "Move management to \(name)"
    case .disableManagement: "Take management off the network"
    case .managePool: "Move management of every host of the pool"
    case .recoverMembers: "Tell the members where their coordinator is"
    case .setHostname(let name): "Set the host name \(name)"
    case .setLabel(let label): "Call this host \"\(label)\" in XAPI"
    case .setTimeServers(let request):
      switch request.mode {
      case .factory: "Set the clock from the product's own time servers"
      case .dhcp: "Set the clock from the time servers that DHCP names"
      case .custom: "Set the clock from \(request.servers.joined(separator: ", "))"
      case .off: "Stop setting the clock from the network"
      }
    case .setRemoteAccess(let request): request.isOn ? "Allow logins over SSH" : "Stop logins over SSH"
    }
  }

  private static func way(_ gateway: String, _ dns: String) -> String {
    (gateway.isEmpty ? "" : ", gateway \(gateway)") + (dns.isEmpty ? "" : ", DNS \(dns)")
  }
}
