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
    case .scanNICs: "Look for NICs that XAPI does not know"
    case .introduceNIC(let device, _, _): "Let XAPI know \(device)"
    case .forgetNIC(let device): "Let XAPI forget \(device)"
    case .replug(let name): "Plug \(name) anew, so that the settings take effect"
    case .setOtherConfig(let name, let values): Self.otherConfig(name, values)
    case .setNetworkMTU(_, let mtu): "Set the network's MTU to \(mtu)"
    case .applyMTU(_, let name, let mtu): "Plug \(name) anew with an MTU of \(mtu)"
    case .moveVIFs(let vifs, _, _): "Move \(vifs.count == 1 ? "one VIF" : "\(vifs.count) VIFs") to the other network"
    case .setDisallowUnplug(let name, let isProtected):
      isProtected ? "Protect \(name) against unplugging" : "Lift the protection of \(name) against unplugging"
    case .setProperties(let name, let values):
      "Set \(values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")) on \(name)"
    case .destroyBridgeNetwork(let bridge): "Remove the network that was made for bridge \(bridge)"
    case .destroyEmptyNetwork: "Remove the network that nothing is on any more"
    case .setFeatures(let device, let values): "Switch \(Self.switches(values)) on \(device) now"
    case .setRings(let device, let values):
      "Give \(device) rings of \(values.sorted { $0.key < $1.key }.map { "\($0.value) (\($0.key))" }.joined(separator: ", ")) entries now"
    case .setLinkMode(let device, let mode): "Let \(device) \(mode.words) now"
    case .setFCoE(let isOn): isOn ? "Start the FCoE services, now and at boot" : "Stop the FCoE services, now and at boot"
    case .putBackUnits(let units): "Put \(units.map(\.name).joined(separator: " and ")) back as before"
    case .setNICNames(let names):
      "Name NICs from the next boot on: \(names.sorted { comesBefore($0.value, $1.value) }.map { "\($0.key) is \($0.value)" }.joined(separator: ", "))"
    case .resetNICNames: "Name NICs as the installation did, from the next boot on"
    case .putBackNICNames: "Put the rules for NIC names back"
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs: group?.sentence ?? ""
    }
  }

  private static func otherConfig(_ name: String, _ values: [String: String?]) -> String {
    let noted = values[AddressPlanner.purposeKey].map { $0.map { "Note the purpose \"\($0)\" for \(name)" } ?? "Forget what \(name) is for" }
    let sorted = values.filter { $0.key != AddressPlanner.purposeKey }.sorted { $0.key < $1.key }
    if let noted, sorted.isEmpty { return noted }
    let set = sorted.compactMap { key, value in value.map { "\(key)=\($0)" } }
    let removed = sorted.compactMap { key, value in value == nil ? key : nil }
    let words = [set.isEmpty ? nil : "keep \(set.joined(separator: ", "))", removed.isEmpty ? nil : "drop \(removed.joined(separator: ", "))"]
    let record = "XAPI's record of \(name) \(words.compactMap { $0 }.joined(separator: " and "))"
    return noted.map { "\($0), and in \(record)" } ?? "In \(record)"
  }

  /// `tx off, tso off`.
  private static func switches(_ values: [String: Bool]) -> String {
    values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value ? "on" : "off")" }.joined(separator: ", ")
  }

  private static func way(_ gateway: String, _ dns: String) -> String {
    (gateway.isEmpty ? "" : ", gateway \(gateway)") + (dns.isEmpty ? "" : ", DNS \(dns)")
  }
}
