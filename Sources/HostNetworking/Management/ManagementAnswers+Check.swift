import XenAPI

extension ManagementAnswers {
  /// Checks every answer, all at once, against what XAPI tells of this host and its pool.
  public func checked(against facts: ChangeFacts) -> ManagementCheck {
    var checker = ManagementChecker(self, facts)
    let request = checker.request()
    return ManagementCheck(
      request: checker.problems.contains(where: \.isRefused) ? nil : request, problems: checker.problems)
  }
}

/// Walks over the answers and notes what is wrong with each.
struct ManagementChecker {
  private let answers: ManagementAnswers
  private let facts: ChangeFacts
  private let tree: InterfaceTree
  private(set) var problems: [ManagementProblem] = []

  init(_ answers: ManagementAnswers, _ facts: ChangeFacts) {
    self.answers = answers
    self.facts = facts
    tree = facts.tree
  }

  mutating func request() -> ManagementRequest? {
    let target = target()
    var checker = AddressChecker(answers.addresses)
    checker.modes()
    let ipv4 = checker.ipv4()
    let ipv6 = checker.ipv6()
    let dns = checker.dns(isUsed: answers.uses(.dns, facts))
    let domains = checker.searchDomains(besides: dns, isUsed: answers.uses(.searchDomains, facts))
    problems += checker.problems.map { ManagementProblem(.init($0.field), $0.text, isRefused: $0.isRefused) }
    let keeps = answers.uses(.keepsOldAddress, facts) && answers.keepsOldAddress
    if case .fixed(let prefix, let gateway) = ipv4 { neighbours(prefix, gateway, target, keeps) }
    if case .fixed(let prefix, let gateway) = ipv6 { neighbours(prefix, gateway, target, keeps) }
    let name = hostname()
    return target.map {
      ManagementRequest(
        target: $0, ipv4: ipv4, ipv6: ipv6, primary: answers.primaryInUse, dns: dns, searchDomains: domains, hostname: name,
        keepsOldAddress: keeps)
    }
  }

  private mutating func refuse(_ field: ManagementAnswers.Field, _ text: String) {
    problems.append(ManagementProblem(field, text))
  }

  private mutating func remark(_ field: ManagementAnswers.Field, _ text: String) {
    problems.append(ManagementProblem(field, text, isRefused: false))
  }

  // MARK: Where

  private mutating func target() -> ManagementRequest.Target? {
    switch answers.place {
    case .interface(let name):
      guard let node = tree[name] else { return refused(.interface, "this host has no interface \(name)") }
      if let reason = facts.refusal(node, tree) { return refused(.interface, reason) }
    case .newVLAN(let base):
      guard let node = tree[base] else { return refused(.base, "this host has no interface \(base)") }
      if let reason = facts.refusalOfVLAN(node, tree) { return refused(.base, reason) }
      return vlan(on: node)
    }
    return answers.target
  }

  private mutating func vlan(on base: InterfaceTree.Node) -> ManagementRequest.Target? {
    guard !answers.tag.stripped.isEmpty else { return refused(.tag, "the VLAN's tag is missing") }
    guard let tag = VLANTag.parse(answers.tag) else { return refused(.tag, VLANTag.rule) }
    if let taken = tree.vlans(on: base.ref).first(where: { $0.pif.vlan == tag }) {
      let network = facts.database.networks[taken.pif.network]?.nameLabel ?? ""
      let use = network.isEmpty ? "" : ", network \"\(network)\""
      return refused(.tag, "\(taken.name) is there already\(use): choose it in the list")
    }
    if tag == 0 { remark(.tag, VLANTag.priorityOnly) }
    return .newVLAN(tag: tag, on: base.name)
  }

  private mutating func refused<Value>(_ field: ManagementAnswers.Field, _ text: String) -> Value? {
    refuse(field, text)
    return nil
  }

  // MARK: Who else has it

  /// An address that XAPI's database knows.
  private struct Known {
    let interface: String
    /// nil for this host.
    let host: String?
    let address: InternetAddress
    /// It gives the address up with this change.
    let isLeaving: Bool

    var place: String { host.map { "\($0) (\(interface))" } ?? interface }
  }

  private mutating func neighbours(
    _ prefix: IPv4Prefix, _ gateway: IPv4Address?, _ target: ManagementRequest.Target?, _ keeps: Bool
  ) {
    let known = known(target, keeps)
    taken(.v4(prefix.address), .ip, known)
    if let gateway { own(.v4(gateway), .gateway, known) }
    overlaps(.ip, known) { address in if case .v4(let other) = address { prefix.contains(other) } else { false } }
  }

  private mutating func neighbours(
    _ prefix: IPv6Prefix, _ gateway: IPv6Address?, _ target: ManagementRequest.Target?, _ keeps: Bool
  ) {
    let known = known(target, keeps)
    taken(.v6(prefix.address), .ipv6, known)
    if let gateway { own(.v6(gateway), .gatewayV6, known) }
    overlaps(.ipv6, known) { address in if case .v6(let other) = address { prefix.contains(other) } else { false } }
  }

  private mutating func taken(_ address: InternetAddress, _ field: ManagementAnswers.Field, _ known: [Known]) {
    guard let other = known.first(where: { $0.address == address && !$0.isLeaving }) else { return }
    refuse(field, "\(address) belongs to \(other.place) already")
  }

  private mutating func own(_ gateway: InternetAddress, _ field: ManagementAnswers.Field, _ known: [Known]) {
    guard let mine = known.first(where: { $0.address == gateway && $0.host == nil && !$0.isLeaving }) else { return }
    refuse(field, "\(gateway) is this host's own address on \(mine.interface)")
  }

  /// Two interfaces in one network: the kernel answers through one of them, and that may be the wrong one.
  private mutating func overlaps(
    _ field: ManagementAnswers.Field, _ known: [Known], _ holds: (InternetAddress) -> Bool
  ) {
    guard let other = known.first(where: { $0.host == nil && !$0.isLeaving && holds($0.address) }) else { return }
    remark(field, "\(other.interface) has \(other.address) in the same network: answers may leave through the wrong one of the two")
  }

  private func known(_ target: ManagementRequest.Target?, _ keeps: Bool) -> [Known] {
    let management = tree.management?.ref
    return facts.database.pifs.all.flatMap { ref, pif -> [Known] in
      let isOurs = pif.host == facts.host
      let name = isOurs ? tree[ref]?.name ?? pif.device : pif.vlan >= 0 ? "VLAN \(pif.vlan) on \(pif.device)" : pif.device
      // Its own address, and the one that moves away from the present interface, are free.
      if isOurs, case .interface(name)? = target { return [] }
      let isLeaving = isOurs && ref == management && !keeps
      let host = isOurs ? nil : facts.database.hosts[pif.host]?.nameLabel ?? "another host"
      return pif.addressesWithLength.compactMap { text in
        let bare = String(text.prefix { $0 != "/" })
        guard let address = InternetAddress(bare) else { return nil }
        return Known(interface: name, host: host, address: address, isLeaving: isLeaving)
      }
    }.sorted { $0.place < $1.place }
  }

  // MARK: Names

  private mutating func hostname() -> String? {
    let name = answers.hostname.stripped
    guard !name.isEmpty, name != facts.hostname else { return nil }
    if let problem = DomainName.problem(name) { return refused(.hostname, problem) }
    // XAPI is stricter than names in general: host.set_hostname_live refuses them (`reference/xapi.md` §3.12).
    if name.contains("_") { return refused(.hostname, "\(name) has an underscore: a host's name may hold letters, digits, dots and hyphens") }
    if name.hasSuffix(".") { return refused(.hostname, "\(name) ends with a dot") }
    return name
  }
}
