import XenAPI

extension RestorePlanner {
  /// The steps that give an interface its settings.
  /// - Parameters:
  ///   - saved: how it should be.
  ///   - now: how it is, or will be once it has been made.
  ///   - node: the present interface; nil when it is made by a step.
  ///   - made: the step that makes it.
  mutating func planSettings(
    of saved: SavedInterface, now: SavedInterface, _ node: InterfaceTree.Node?, made: RestoreStep.ID?
  ) {
    guard saved.managed else { return }
    let carries = node.map { tree.carriesManagement($0.ref) } ?? carriesManagement(saved.name)
    let bond = layout.bond(ofMember: saved.name)
    // Plugging again is left to the bond that is to be made.
    let isPlugged = bond.map { resolver.node($0.name) != nil } ?? true
    planConfig(
      .interface(saved), saved.name, saved.otherConfig, now: now.otherConfig, needs: [made],
      touchesManagement: carries && isPlugged)
    // A bond's member has no other settings of its own.
    if bond != nil { return }
    let bound = node.flatMap { tree.bond(ofMember: $0.ref) }.map { "\(saved.name) is a member of \($0.name) here" }
    let title = title(of: saved, node)
    let properties = saved.properties.filter { now.properties[$0.key] != $0.value }
    if !properties.isEmpty, saved.kind == .nic || saved.kind == .bond {
      add(
        "properties \(saved.name)", .setProperties(saved, properties), "Set \(properties.listed) of \(title)",
        undo: "set what was before", needs: [made], blocked: bound, touchesManagement: carries)
    }
    var family: RestoreStep.ID?
    if saved.primary != now.primary, !saved.primary.rawValue.isEmpty {
      let refusal = management == saved.name ? "management is on it" : addressGuard
      family = add(
        "family \(saved.name)", .setPrimaryAddressType(saved), "Make \(saved.primary) the main address of \(title)",
        undo: "make it \(now.primary)", needs: [made], blocked: bound ?? refusal)
    }
    planIPv4(saved, now, title, needs: [made, family], bound: bound, node)
    planIPv6(saved, now, title, needs: [made, family], bound: bound)
    if saved.plugged, !now.plugged, saved.kind != .sriov {
      add(
        "plug \(saved.name)", .plug(saved), "Plug \(title)", undo: "unplug it", needs: [made], blocked: bound)
    }
    if saved.protected, !now.protected {
      add(
        "protect \(saved.name)", .protect(saved), "Protect \(title) against unplugging",
        undo: "allow unplugging", needs: [made], blocked: bound)
    }
  }

  private func title(of saved: SavedInterface, _ node: InterfaceTree.Node?) -> String {
    if let node { return node.name }
    if let vlan = layout.vlans.first(where: { $0.name == saved.name }) {
      return SavedInterface.vlanName(vlan.tag, on: commands.plannedDevices[vlan.base] ?? vlan.base)
    }
    return commands.plannedDevices[saved.name] ?? saved.name
  }

  /// The same for interfaces that are not made yet.
  private func carriesManagement(_ name: String) -> Bool {
    management == name || layout.vlans.contains { $0.name == management && $0.base == name }
  }

  // MARK: Addresses

  private mutating func planIPv4(
    _ saved: SavedInterface, _ now: SavedInterface, _ title: String, needs: [RestoreStep.ID?], bound: String?,
    _ node: InterfaceTree.Node?
  ) {
    if saved.hasSameIPv4(as: now) { return }
    let isManagement = management == saved.name
    // XAPI takes no address from the management interface; another must be that first.
    let waits = isManagement && saved.ipv4.mode == .none && saved.primary == .ipv4
    if waits, layout.management == nil || layout.management == saved.name { return }
    let undo = now.ipv4.mode == .none ? "remove the address" : "set \(now.ipv4Words) again"
    ipv4Steps[saved.name] = add(
      "IPv4 \(saved.name)", .setIPv4(saved),
      saved.ipv4.mode == .none ? "Remove the IPv4 address of \(title)" : "Set \(saved.ipv4Words) on \(title)",
      undo: undo,
      needs: waits ? needs + [Self.managementStep] : needs, hazards: addressHazards(saved, node),
      blocked: bound ?? addressGuard, touchesManagement: isManagement && !waits, isLate: waits)
  }

  private func addressHazards(_ saved: SavedInterface, _ node: InterfaceTree.Node?) -> [Hazard] {
    guard saved.ipv4.mode == .static else { return [] }
    let members = layout.bonds.first { $0.name == saved.name }.map { resolver.members(of: $0).map(\.ref) } ?? []
    return tree.nodes.filter { other in
      other.pif.ip == saved.ipv4.address && other.ref != node?.ref && !members.contains(other.ref)
    }.map { Hazard(.notice, "\($0.name) has the address \(saved.ipv4.address) as well until it is taken from it") }
  }

  private mutating func planIPv6(
    _ saved: SavedInterface, _ now: SavedInterface, _ title: String, needs: [RestoreStep.ID?], bound: String?
  ) {
    if saved.hasSameIPv6(as: now) { return }
    let isManagement = management == saved.name
    let refusal =
      isManagement && saved.ipv6.mode == .none && saved.primary == .ipv6 ? "management is on it" : addressGuard
    var hazards: [Hazard] = []
    if saved.ipv6.mode == .static, saved.ipv6.addresses.count > 1 {
      hazards.append(Hazard(.warning, "XAPI takes one IPv6 address; \(title) had \(saved.ipv6.addresses.count)"))
    }
    add(
      "IPv6 \(saved.name)", .setIPv6(saved),
      saved.ipv6.mode == .none ? "Remove the IPv6 address of \(title)" : "Set \(saved.ipv6Words) on \(title)",
      undo: now.ipv6.mode == .none ? "remove the address" : "set \(now.ipv6Words) again", needs: needs,
      hazards: hazards,
      blocked: bound ?? refusal, touchesManagement: isManagement)
  }

  /// Keys of an other-config that are not there or are different.
  mutating func planConfig(
    _ owner: ConfigOwner, _ name: String, _ values: [String: String], now: [String: String], needs: [RestoreStep.ID?],
    touchesManagement: Bool = false
  ) {
    let values = values.filter { now[$0.key] != $0.value }
    if values.isEmpty { return }
    let (id, what) =
      switch owner {
      case .interface: ("other-config \(name)", name)
      case .bond: ("other-config of bond \(name)", "bond \(name)")
      case .vlan: ("other-config of the row of \(name)", "the row of \(name)")
      case .tunnel: ("other-config of tunnel \(name)", "tunnel \(name)")
      }
    add(
      id, .setOtherConfig(owner, values), "Set other-config \(values.listed) of \(what)", undo: "set what was before",
      needs: needs, touchesManagement: touchesManagement)
  }

  // MARK: Management

  static let managementStep = "management"

  mutating func planManagement() {
    guard let name = layout.management, let saved = layout.interface(name) else { return }
    if management == name {
      if case .there = expected[name] { present.append("management on \(name)") }
      return
    }
    var (needs, blocked): ([RestoreStep.ID?], String?) = ([ipv4Steps[name]], addressGuard)
    var title = name
    switch expected[name] ?? .lost("\(name) is not in the layout") {
    case .lost(let reason): blocked = reason
    case .there(let node): title = node.name
    case .planned(let step, _):
      needs.append(step)
      title = self.title(of: saved, nil)
    }
    if steps.contains(where: { $0.id == "IPv6 \(name)" }) { needs.append("IPv6 \(name)") }
    let now = tree.management?.name
    add(
      Self.managementStep, .moveManagement(saved),
      now.map { "Move management from \($0) to \(title)" } ?? "Make \(title) the management interface",
      undo: now.map { "move management back to \($0)" } ?? "disable management", needs: needs,
      hazards: managementHazards(saved, title), blocked: blocked, touchesManagement: true)
    doubtManagement(saved, title)
  }

  /// Management on NICs without a link would be the end of this very connection, and often is what the reset was for.
  private mutating func doubtManagement(_ saved: SavedInterface, _ title: String) {
    let nics = cards(below: saved.name)
    let isDead = { (node: InterfaceTree.Node) in
      node.pif.currentlyAttached && database.pifMetrics[node.pif.metrics]?.carrier == false
    }
    guard !nics.isEmpty, nics.allSatisfy(isDead), let index = steps.firstIndex(where: { $0.id == Self.managementStep })
    else { return }
    let names = nics.map(\.name).joined(separator: " and ")
    steps[index].isDoubtful = true
    steps[index].hazards.insert(
      Hazard(
        .warning, "\(names) \(nics.count == 1 ? "has" : "have") no link: on \(title) nobody would reach this host",
        remedy: "Left out until there is a link; it can be taken in by hand"), at: 0)
  }

  /// The present NICs that an interface of the layout rests on.
  private func cards(below name: String) -> [InterfaceTree.Node] {
    guard let saved = layout.interface(name) else { return [] }
    switch saved.kind {
    case .nic: return [resolver.node(name)].compactMap { $0 }
    case .bond: return layout.bonds.first { $0.name == name }.map { resolver.members(of: $0) } ?? []
    case .vlan: return layout.vlans.first { $0.name == name }.map { cards(below: $0.base) } ?? []
    case .tunnel: return layout.tunnels.first { $0.name == name }.map { cards(below: $0.base) } ?? []
    case .sriov: return layout.sriovs.first { $0.name == name }.map { cards(below: $0.base) } ?? []
    }
  }

  private func managementHazards(_ saved: SavedInterface, _ title: String) -> [Hazard] {
    var hazards = [Hazard(.warning, "This host answers on \(title) from then on, and on nothing else")]
    let others = database.hosts.count - 1
    if others > 0, !isMember {
      hazards.append(
        Hazard(
          .warning, "This is the coordinator: \(others == 1 ? "the member" : "\(others) members") must find it there",
          remedy: "Should they not, run xe pool-recover-slaves on this host"))
    }
    return hazards
  }
}

extension SavedInterface {
  /// Whether both say the same; what DHCP leased does not count.
  func hasSameIPv4(as other: SavedInterface) -> Bool {
    guard ipv4.mode == other.ipv4.mode else { return false }
    guard ipv4.mode == .static else { return true }
    return ipv4.address == other.ipv4.address && ipv4.netmask == other.ipv4.netmask
      && ipv4.gateway == other.ipv4.gateway
      && dns4 == other.dns4
  }

  func hasSameIPv6(as other: SavedInterface) -> Bool {
    guard ipv6.mode == other.ipv6.mode else { return false }
    guard ipv6.mode == .static else { return true }
    return ipv6.addresses.first == other.ipv6.addresses.first && ipv6.gateway == other.ipv6.gateway
      && dns6 == other.dns6
  }

  var ipv4Words: String {
    guard ipv4.mode == .static else { return ipv4.mode == .dhcp ? "DHCP" : "IPv4 \(ipv4.mode)" }
    let length = try? IPv4Prefix.length(ofNetmask: ipv4.netmask)
    var words = "\(ipv4.address)/\(length.map { String($0) } ?? ipv4.netmask)"
    if !ipv4.gateway.isEmpty { words += " gateway \(ipv4.gateway)" }
    if !dns4.isEmpty { words += " DNS \(dns4.joined(separator: " "))" }
    return words
  }

  var ipv6Words: String {
    guard ipv6.mode == .static else { return "IPv6 \(ipv6.mode)" }
    var words = ipv6.addresses.first ?? "no IPv6 address"
    if !ipv6.gateway.isEmpty { words += " gateway \(ipv6.gateway)" }
    if !dns6.isEmpty { words += " DNS \(dns6.joined(separator: " "))" }
    return words
  }
}

extension [String: String] {
  /// `a=1, b=2`
  var listed: String { sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ") }
}
