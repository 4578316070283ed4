import XenAPI

extension ManagementPlanner {
  // MARK: Now and after

  func differences() -> [ChangePlan.Difference] {
    typealias Difference = ChangePlan.Difference
    let now = present?.pif
    func text(_ value: String?) -> String { value.flatMap { $0.isEmpty ? nil : $0 } ?? "-" }
    var rows = [
      Difference("Management", now: present?.name ?? "off", after: name),
      Difference("IPv4", now: now.map { IPv4Settings($0).present($0.ip) } ?? "-", after: request.ipv4.words),
    ]
    let gateway4 = if case .fixed(_, let gateway?) = request.ipv4 { "\(gateway)" } else { fromLease(request.ipv4 == .dhcp) }
    rows.append(Difference("Gateway", now: text(now?.gateway), after: gateway4))
    let hasIPv6 = request.ipv6 != .none || now.map { $0.ipv6ConfigurationMode != .none } ?? false
    if hasIPv6 {
      rows.append(
        Difference("IPv6", now: now.map { IPv6Settings($0).words } ?? "-", after: request.ipv6.words))
      let gateway6 = if case .fixed(_, let gateway?) = request.ipv6 { "\(gateway)" } else { fromLease(request.ipv6 != .none) }
      rows.append(Difference("IPv6 gateway", now: text(now?.ipv6Gateway), after: gateway6))
      rows.append(
        Difference("Main address", now: now?.primaryAddressType.rawValue ?? "-", after: request.primary.rawValue))
    }
    let isLeased = isIPv6 ? request.ipv6 == .dhcp : request.ipv4 == .dhcp
    rows.append(
      Difference(
        "DNS", now: text(facts.nameServers.joined(separator: " ")),
        after: request.dns.isEmpty ? fromLease(isLeased) : request.dns.map { "\($0)" }.joined(separator: " ")))
    let domains = (now?.searchDomains ?? [], request.searchDomains)
    if !domains.0.isEmpty || !domains.1.isEmpty {
      rows.append(
        Difference(
          "Search", now: text(domains.0.joined(separator: " ")), after: text(domains.1.joined(separator: " "))))
    }
    if let hostname = request.hostname {
      rows.append(Difference("Host name", now: text(host?.hostname), after: hostname))
    }
    if isMove, let present {
      rows.append(
        Difference(
          "On \(present.name)", now: oldAddresses(present), after: request.keepsOldAddress ? oldAddresses(present) : "no address"))
    }
    return rows
  }

  private func fromLease(_ isLeased: Bool) -> String { isLeased ? "from DHCP" : "-" }

  private func oldAddresses(_ node: InterfaceTree.Node) -> String {
    let parts = [
      node.pif.ipConfigurationMode == .none ? "" : IPv4Settings(node.pif).present(node.pif.ip),
      node.pif.ipv6ConfigurationMode == .none ? "" : IPv6Settings(node.pif).words,
    ].filter { !$0.isEmpty }
    return parts.isEmpty ? "no address" : parts.joined(separator: ", ")
  }

  // MARK: What follows

  func consequences() -> [String] {
    var lines: [String] = []
    let old = host?.address ?? ""
    let new = newAddress
    if let new, new != old {
      lines.append(
        old.isEmpty
          ? "This host answers at \(new) from then on"
          : "This host answers at \(new) instead of \(old): programs and people that manage it need the new address")
    } else if new == nil, isMove || request.ipv4.isLeased != (present?.pif.ipConfigurationMode == .dhcp) {
      lines.append("The address comes from DHCP, and may be another than \(old.isEmpty ? "before" : old)")
    }
    if isMove, present != nil, !request.keepsOldAddress {
      lines.append("The address is taken off \(present?.name ?? ""); its network and its VMs stay as they are")
    }
    if let session = sessionLine { lines.append(session) }
    lines += poolLines
    return lines
  }

  /// The address that the pool will know; nil when DHCP or a router decides.
  var newAddress: String? {
    if isIPv6 { if case .fixed(let prefix, _) = request.ipv6 { return "\(prefix.address)" } }
    else if case .fixed(let prefix, _) = request.ipv4 { return "\(prefix.address)" }
    return nil
  }

  private var sessionLine: String? {
    guard let peer = facts.session.peer, let local = facts.session.local else { return nil }
    let stays = [IPv4Settings(mode: .none).address, newAddress ?? ""].contains(local)
    if stays, !isMove { return "You are connected from \(peer): expect a short freeze" }
    let isOurs = present.map { $0.pif.ip == local || $0.pif.ipv6.contains { $0.hasPrefix(local + "/") } } ?? false
    guard isOurs else { return nil }
    return stays
      ? "You are connected from \(peer) to \(local), which moves: expect a freeze"
      : "You are connected from \(peer) to \(local): this session ends. Log in at the new address and confirm there: xcpconsole pending --keep"
  }

  private var poolLines: [String] {
    let others = facts.database.hosts.count - 1
    guard others > 0 else { return [] }
    if isMember { return ["The coordinator learns this member's new address by itself"] }
    guard newAddress == nil || newAddress != host?.address else { return [] }
    let members = facts.database.hosts.all.filter { $0.ref != facts.host }.map(\.record.nameLabel).sorted { comesBefore($0, $1) }
    let names = members.prefix(4).joined(separator: ", ") + (members.count > 4 ? " and \(members.count - 4) more" : "")
    return [
      "This is the coordinator: \(names) \(members.count == 1 ? "looks" : "look") for it at \(host?.address ?? "the old address") until told. "
        + "Once the change is kept, tell them: xe pool-recover-slaves"
    ]
  }
}

extension ResetRequest.IPv4 {
  var isLeased: Bool { self == .dhcp }
}

extension IPv4Settings {
  /// With the address that a lease has brought.
  func present(_ address: String) -> String {
    mode == .dhcp && !address.isEmpty ? "DHCP (\(address))" : words
  }
}
