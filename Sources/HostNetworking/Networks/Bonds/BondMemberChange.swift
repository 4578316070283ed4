import Dom0
import XenAPI

/// A NIC added to the bond of one host, or taken out of it.
struct BondMemberChange {
  enum Wish: Hashable {
    case add(String)
    case remove(String)

    var nic: String { switch self { case .add(let nic), .remove(let nic): nic } }
  }

  let wish: Wish
  let parts: BondParts
  let planning: BondPlanning
  let facts: BondFacts

  init(_ wish: Wish, _ parts: BondParts, _ planning: BondPlanning, _ facts: BondFacts) {
    self.wish = wish
    self.parts = parts
    self.planning = planning
    self.facts = facts
  }

  private var host: BondScene { parts.host }
  private var owner: BondOwner { host.owner }
  private var name: String { parts.bond.name }
  private var on: String { owner.words }

  /// What is interrupted.
  var carriers: [InterfaceTree.Node] {
    guard case .add(let nic) = wish, let node = host.tree[nic] else { return [parts.bond] }
    return [parts.bond, node]
  }

  /// What the bond will be called: the first number that is free.
  var nextName: String { host.nextName(without: name) }

  /// Afterwards, the primary member first.
  var members: [String] {
    switch wish {
    case .add(let nic): parts.devices + (parts.devices.contains(nic) ? [] : [nic])
    case .remove(let nic): parts.devices.filter { $0 != nic }
    }
  }

  /// The primary member goes: everything has to come to another first.
  private var losesPrimary: Bool { wish == .remove(parts.primary) }

  // MARK: Steps

  func steps() -> [ChangeStep] {
    var more: [String] = []
    if case .add(let nic) = wish { more = [nic] }
    var steps = [
      planning.step(
        .destroy(owner, members: parts.devices, BondPick(network: network)), undo: parts.again(also: more) + planning.drift(host, members: parts.devices))
    ]
    if case .remove(let nic) = wish, let node = host.tree[nic], node.pif.ipv6ConfigurationMode != .none {
      // XAPI has left it on the member, and the bond has the same.
      steps.append(planning.step(ipv6(nic, .none), undo: [ipv6(nic, IPv6Settings(node.pif))]))
    }
    if losesPrimary { steps += handingOver(to: members[0]) }
    steps.append(
      planning.step(
        .create(parts.spec(members: members)), undo: [.destroy(owner, members: members, BondPick(sparing: parts.devices, network: network))]))
    // XAPI brings most of it; there is something to do when it leaves some behind.
    if hasMore { steps.append(planning.step(.settle(after), undo: [])) }
    return steps
  }

  private func ipv6(_ nic: String, _ settings: IPv6Settings) -> BondAction {
    var interface = BondLayout.Interface(place: BondLayout.Place(nic: nic))
    interface.ipv6 = settings
    return .settle(BondLayout(owner: owner, members: parts.devices, bond: name, interfaces: [interface]))
  }

  /// When a bond is taken apart everything is on its primary member. A bond for a moment, of which another is the primary
  /// one, brings it there.
  private func handingOver(to next: String) -> [ChangeStep] {
    let (pif, old) = (parts.bond.pif, parts.primary)
    var steps: [ChangeStep] = []
    let ipv4 = IPv4Settings(pif)
    if ipv4.mode != .none {
      steps.append(planning.step(.setAddress(owner, nic: next, ipv4), undo: [.setAddress(owner, nic: next, .none)]))
      if pif.management {
        func manage(_ nic: String) -> BondAction { .manage(owner, members: parts.devices, BondLayout.Place(nic: nic)) }
        steps.append(planning.step(manage(next), undo: [manage(old)]))
      }
      steps.append(planning.step(.setAddress(owner, nic: old, .none), undo: [.setAddress(owner, nic: old, ipv4)]))
    }
    var spec = parts.spec(members: [next, old])
    spec.mode = .activeBackup
    spec.properties = [:]
    spec.mac = ""
    // Of two members it has the same ones as the bond that was, but another primary one.
    let gone = BondAction.destroy(owner, members: spec.members, BondPick(primary: next, network: network))
    steps.append(planning.step(.create(spec), undo: [gone]))
    steps.append(planning.step(gone, undo: []))
    return steps
  }

  private var network: NetworkChoice? { parts.network.map { .uuid($0.uuid) } }

  /// The bond and what is on it, as it is now.
  private var after: BondLayout {
    var layout = host.layout(of: parts.devices, bond: nextName)
    layout.members = members
    layout.interfaces.removeAll { $0.place.nic != nil }
    layout.tunnels.removeAll { $0.place.nic != nil }
    let new = coming
    layout.interfaces += new.interfaces
    layout.tunnels += new.tunnels
    // XAPI protects the bond when one of its members was protected.
    if case .add(let nic) = wish, host.tree[nic]?.pif.disallowUnplug == true {
      for index in layout.interfaces.indices where layout.interfaces[index].place == BondLayout.Place() { layout.interfaces[index].isProtected = true }
    }
    return layout
  }

  /// What is on a NIC that is added, as far as XAPI does not bring it along.
  private var coming: BondLayout {
    guard case .add(let nic) = wish, let node = host.tree[nic] else {
      return BondLayout(owner: owner, members: members, bond: nextName, interfaces: [])
    }
    var layout = BondCreatePlanner.carried(host, [node], to: members, bond: nextName)
    // What it has itself is not that of the whole.
    layout.interfaces.removeAll { $0.place.tag == nil }
    return layout
  }

  private var hasMore: Bool {
    let layout = host.layout(of: parts.devices, bond: name)
    return losesPrimary || !coming.interfaces.isEmpty || !coming.tunnels.isEmpty || !(layout.bondConfig ?? [:]).isEmpty || !layout.tunnels.isEmpty
      || layout.interfaces.contains { interface in
        interface.place.nic == nil
          && (interface.ipv6.map { $0.mode != .none } ?? false || !(interface.otherConfig ?? [:]).isEmpty
            || !(interface.vlanConfig ?? [:]).isEmpty || interface.isProtected == true || interface.isAttached == false)
      }
  }

  // MARK: Hazards

  func refusals() -> [Hazard] {
    switch wish {
    case .add(let nic):
      if parts.devices.contains(nic) { return [Hazard(.blocking, "\(nic) is a member of \(name)\(on) already")] }
      if let node = host.tree[nic], host.tree.carriesManagement(node.ref) {
        return [Hazard(.blocking, "\(nic) carries management\(on)", remedy: "Move management to \(name) first; or make a bond of all of them anew")]
      }
      if let node = host.tree[nic], node.pif.ipConfigurationMode != .none || node.pif.ipv6ConfigurationMode != .none {
        return [
          Hazard(
            .blocking, "\(nic) has an address of its own\(on) (\(node.pif.ipConfigurationMode != .none ? IPv4Settings(node.pif).present(node.pif.ip) : IPv6Settings(node.pif).words)): it would lead the bond in place of \(parts.primary)",
            remedy: "Take that address away first; \(name) can have it afterwards")
        ]
      }
      return BondMemberCheck(host: host, members: members, planning: planning, facts: facts)
        .hazards(mode: parts.row.mode, sparing: parts.bond) + tags(nic)
        + planning.wayBack(host, parts.bond, host.tree[nic].map { [$0] } ?? [])
    case .remove(let nic):
      guard parts.devices.contains(nic) else { return [Hazard(.blocking, "\(nic) is no member of \(name)\(on)", remedy: "It has \(parts.devices.andList)")] }
      if members.isEmpty { return [Hazard(.blocking, "\(nic) is the only member of \(name)\(on)", remedy: "Destroy \(name)")] }
      var hazards = planning.guards(host, [parts.bond]) + planning.familyHazards(host, [parts.bond]) + planning.wayBack(host, parts.bond, [])
      hazards += planning.storage(host, parts.devices.compactMap { host.tree[$0] }, facts.storage, isMadeAnew: true)
      if members.count == 1 {
        hazards.append(
          Hazard(.warning, "\(members[0]) would be alone in \(name)\(on): nothing is there to fall back on", remedy: "Destroy \(name) if it shall stay so"))
      }
      let nodes = members.compactMap { host.tree[$0] }
      if !nodes.isEmpty, nodes.allSatisfy({ host.carrier($0) == false }) {
        hazards.append(
          Hazard(.warning, "\(members.andList) \(members.count == 1 ? "has" : "have") no link\(on): nothing would pass", remedy: "Look at the cables first"))
      }
      return hazards + handing(to: members[0])
    }
  }

  private func handing(to next: String) -> [Hazard] {
    guard losesPrimary else { return [] }
    var hazards = [
      Hazard(.notice, "\(parts.primary) is the primary member\(on): \(next) takes its place, by way of a bond for a moment")
    ]
    let pif = parts.bond.pif
    if pif.ipConfigurationMode != .none, planning.isHAOn || planning.pool?.redoLogEnabled == true {
      hazards.append(
        Hazard(
          .blocking, "\(planning.isHAOn ? "High availability" : "The redo log") is on: XAPI does not let the address of \(name)\(on) come to \(next)",
          remedy: "Switch it off first, and on again afterwards"))
    }
    if pif.ipConfigurationMode == .dhcp, parts.row.autoUpdateMAC {
      hazards.append(Hazard(.warning, "\(name) gets the MAC of \(next)\(on): DHCP may give it another address"))
    }
    if pif.ipConfigurationMode != .none, facts.facts.clustered?.contains(parts.bond.ref) == true {
      hazards.append(Hazard(.blocking, "The cluster of this pool talks over \(name): its address cannot change", remedy: "Disable clustering on this host first"))
    }
    return hazards
  }

  private func tags(_ nic: String) -> [Hazard] {
    guard let node = host.tree[nic] else { return [] }
    let there = Set(host.tree.vlans(on: parts.bond.ref).map(\.pif.vlan))
    return host.tree.vlans(on: node.ref).filter { there.contains($0.pif.vlan) }.map { vlan in
      Hazard(
        .blocking, "\(vlan.name) and VLAN \(vlan.pif.vlan) on \(name) have the same tag\(on)", remedy: "Remove one of them first, or move its VMs")
    }
  }

  func warnings() -> [Hazard] {
    var hazards: [Hazard] = []
    if nextName != name { hazards.append(Hazard(.notice, "\(name) will be called \(nextName)\(on): XAPI takes the first number that is free")) }
    if parts.row.mode == .lacp, case .add(let nic) = wish {
      let partner = owner.label.isEmpty ? facts.lacp?.first { $0.name == name }?.members.first(where: \.hasPartner)?.partner.systemID : nil
      hazards.append(
        Hazard(
          .warning,
          "The switch port of \(nic)\(on) must be in the group of the others" + (partner.map { ", on the switch \($0)" } ?? "")
            + "; whether it speaks LACP is seen once \(nic) is a member"))
    }
    if parts.row.mode == .lacp, case .remove = wish, members.count == 1 {
      hazards.append(Hazard(.warning, "A bond of one NIC is a plain port: it speaks no LACP any more\(on)", remedy: "Take the group off the switch port of \(members[0])"))
    }
    if parts.row.mode == .lacp, case .remove(let nic) = wish {
      hazards.append(Hazard(.notice, "The switch port of \(nic)\(on) is in the group still: take it out of it"))
    }
    return hazards
  }

  // MARK: Words

  /// What stops, with names.
  var interruption: String {
    let vlans = host.tree.vlans(on: parts.bond.ref)
    let guests = Set(([parts.bond] + vlans).flatMap { host.guests(on: $0.pif.network) }).sorted { comesBefore($0, $1) }
    let users = [vlans.isEmpty ? nil : BondPlanning.count(vlans.count, "VLAN"), guests.isEmpty ? nil : BondPlanning.some(guests)].compactMap { $0 }
    return "Whatever goes over \(name)\(on)\(users.isEmpty ? "" : " (\(users.joined(separator: "; ")))") stops for some seconds, twice or more"
  }
}
