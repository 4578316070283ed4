import Dom0
import XenAPI

/// Thinks through how a NIC is added to a bond or taken out of it. XAPI cannot do that: the bond is taken apart and made
/// anew, with its network, mode, properties, MAC, addresses and VLANs.
struct BondMembersPlanner {
  enum Wish: Hashable {
    case add(String)
    case remove(String)
  }

  private let wish: Wish
  private let name: String
  private let facts: BondFacts
  private let planning: BondPlanning
  private let parts: BondParts?

  init(_ wish: Wish, _ bond: String, _ facts: BondFacts) {
    self.wish = wish
    name = bond
    self.facts = facts
    planning = BondPlanning(facts.facts)
    parts = BondParts(bond, planning.own)
  }

  private var own: BondScene { planning.own }

  private var nic: String { switch wish { case .add(let nic), .remove(let nic): nic } }

  private var intent: Intent {
    switch wish {
    case .add(let nic): .bonds(.addMember(nic, bond: name))
    case .remove(let nic): .bonds(.removeMember(nic, bond: name))
    }
  }

  private var title: String {
    switch wish {
    case .add(let nic): "\(nic) added to \(name)"
    case .remove(let nic): "\(nic) taken out of \(name)"
    }
  }

  func plan() -> ChangePlan {
    guard let parts else {
      return ChangePlan(intent: intent, title: title, hazards: [Hazard(.blocking, "This host has no bond \(name)")], steps: [])
    }
    let members = self.members(parts)
    var hazards = refusals(parts)
    if !hazards.contains(where: { $0.weight == .blocking }) { hazards += warnings(parts, members) }
    let isBlocked = hazards.contains { $0.weight == .blocking }
    let carries = planning.carriesManagement([name])
    return ChangePlan(
      intent: intent, title: title, differences: differences(parts, members, carries), consequences: consequences(parts, members),
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: isBlocked ? [] : steps(parts, members, carries), isProvisional: carries,
      expectation: carries ? planning.expectation(on: nextName, insteadOf: [name], cards: members) : nil)
  }

  /// What the bond will be called: the first number that is free.
  private var nextName: String { own.nextName(without: name) }

  /// Afterwards, the primary member first.
  private func members(_ parts: BondParts) -> [String] {
    switch wish {
    case .add(let nic): parts.devices + (parts.devices.contains(nic) ? [] : [nic])
    case .remove(let nic): parts.devices.filter { $0 != nic }
    }
  }

  /// The primary member goes: everything has to come to another first.
  private func losesPrimary(_ parts: BondParts) -> Bool { wish == .remove(parts.primary) }

  // MARK: Steps

  private func steps(_ parts: BondParts, _ members: [String], _ carries: Bool) -> [ChangeStep] {
    let owner = own.owner
    var more: [String] = []
    if case .add(let nic) = wish { more = [nic] }
    var steps = [planning.step(.destroy(owner, members: parts.devices, sparing: []), undo: parts.again(also: more))]
    if case .remove(let nic) = wish, let node = own.tree[nic], node.pif.ipv6ConfigurationMode != .none {
      // XAPI has left it on the member, and the bond has the same.
      steps.append(planning.step(.setIPv6(nic, .none), undo: [.setIPv6(nic, IPv6Settings(node.pif))]))
    }
    if losesPrimary(parts) { steps += handingOver(parts, to: members[0]) }
    steps.append(
      planning.step(.create(parts.spec(members: members)), undo: [.destroy(owner, members: members, sparing: parts.devices)]))
    let after = self.after(parts, members)
    // XAPI brings most of it; there is something to do when it leaves some behind.
    if hasMore(parts) { steps.append(planning.step(.settle(after), undo: [])) }
    if carries { steps[0].undo += planning.drift }
    return steps.numbered
  }

  /// When a bond is taken apart everything is on its primary member. A bond for a moment, of which another is the primary
  /// one, brings it there.
  private func handingOver(_ parts: BondParts, to next: String) -> [ChangeStep] {
    let owner = own.owner
    let (pif, old) = (parts.bond.pif, parts.primary)
    var steps: [ChangeStep] = []
    let ipv4 = IPv4Settings(pif)
    if ipv4.mode != .none {
      steps.append(planning.step(.setIPv4(next, ipv4), undo: [.setIPv4(next, .none)]))
      if pif.management { steps.append(planning.step(.manage(next), undo: [.manage(old)])) }
      steps.append(planning.step(.setIPv4(old, .none), undo: [.setIPv4(old, ipv4)]))
    }
    var spec = parts.spec(members: [next, old])
    spec.mode = .activeBackup
    spec.properties = [:]
    spec.mac = ""
    // Of two members it has the same ones as the bond that was.
    let spared = Set(parts.devices) == Set(spec.members) ? [] : parts.devices
    steps.append(planning.step(.create(spec), undo: [.destroy(owner, members: spec.members, sparing: spared)]))
    steps.append(planning.step(.destroy(owner, members: spec.members, sparing: spared), undo: []))
    return steps
  }

  /// The bond and what is on it, as it is now.
  private func after(_ parts: BondParts, _ members: [String]) -> BondLayout {
    var layout = own.layout(of: parts.devices, bond: nextName)
    layout.members = members
    layout.interfaces.removeAll { $0.place.nic != nil }
    return layout
  }

  private func hasMore(_ parts: BondParts) -> Bool {
    let layout = own.layout(of: parts.devices, bond: name)
    return losesPrimary(parts) || !(layout.bondConfig ?? [:]).isEmpty
      || layout.interfaces.contains { interface in
        interface.place.nic == nil
          && (interface.ipv6.map { $0.mode != .none } ?? false || !(interface.otherConfig ?? [:]).isEmpty
            || !(interface.vlanConfig ?? [:]).isEmpty || interface.isProtected == true || interface.isAttached == false)
      }
  }

  // MARK: Hazards

  private func refusals(_ parts: BondParts) -> [Hazard] {
    let members = self.members(parts)
    switch wish {
    case .add(let nic):
      if parts.devices.contains(nic) { return [Hazard(.blocking, "\(nic) is a member of \(name) already")] }
      if let node = own.tree[nic], own.tree.carriesManagement(node.ref) {
        return [Hazard(.blocking, "\(nic) carries management", remedy: "Move management to \(name) first; or make a bond of all of them anew")]
      }
      return BondMemberCheck(host: own, members: members, planning: planning, backend: facts.backend)
        .hazards(mode: parts.row.mode, sparing: parts.bond) + tags(parts, nic)
    case .remove(let nic):
      guard parts.devices.contains(nic) else { return [Hazard(.blocking, "\(nic) is no member of \(name)", remedy: "It has \(parts.devices.andList)")] }
      if members.isEmpty { return [Hazard(.blocking, "\(nic) is the only member of \(name)", remedy: "Destroy \(name)")] }
      var hazards = planning.guards(own, [parts.bond]) + planning.familyHazards(own, [parts.bond])
      if members.count == 1 {
        hazards.append(
          Hazard(.warning, "\(members[0]) would be alone in \(name): nothing is there to fall back on", remedy: "Destroy \(name) if it shall stay so"))
      }
      let nodes = members.compactMap { own.tree[$0] }
      if !nodes.isEmpty, nodes.allSatisfy({ own.carrier($0) == false }) {
        hazards.append(Hazard(.warning, "\(members.andList) \(members.count == 1 ? "has" : "have") no link: nothing would pass", remedy: "Look at the cables first"))
      }
      return hazards + handing(parts, to: members[0])
    }
  }

  private func handing(_ parts: BondParts, to next: String) -> [Hazard] {
    guard losesPrimary(parts) else { return [] }
    var hazards = [
      Hazard(.notice, "\(parts.primary) is the primary member: \(next) takes its place, by way of a bond for a moment")
    ]
    let pif = parts.bond.pif
    if pif.ipConfigurationMode != .none, planning.isHAOn || planning.pool?.redoLogEnabled == true {
      hazards.append(
        Hazard(
          .blocking, "\(planning.isHAOn ? "High availability" : "The redo log") is on: XAPI does not let the address of \(name) come to \(next)",
          remedy: "Switch it off first, and on again afterwards"))
    }
    if pif.ipConfigurationMode == .dhcp, parts.row.autoUpdateMAC {
      hazards.append(Hazard(.warning, "\(name) gets the MAC of \(next): DHCP may give it another address"))
    }
    if pif.ipConfigurationMode != .none, facts.facts.clustered?.contains(parts.bond.ref) == true {
      hazards.append(Hazard(.blocking, "The cluster of this pool talks over \(name): its address cannot change", remedy: "Disable clustering on this host first"))
    }
    return hazards
  }

  private func tags(_ parts: BondParts, _ nic: String) -> [Hazard] {
    guard let node = own.tree[nic] else { return [] }
    let there = Set(own.tree.vlans(on: parts.bond.ref).map(\.pif.vlan))
    return own.tree.vlans(on: node.ref).filter { there.contains($0.pif.vlan) }.map { vlan in
      Hazard(
        .blocking, "\(vlan.name) and VLAN \(vlan.pif.vlan) on \(name) have the same tag", remedy: "Remove one of them first, or move its VMs")
    }
  }

  private func warnings(_ parts: BondParts, _ members: [String]) -> [Hazard] {
    var hazards: [Hazard] = []
    if nextName != name { hazards.append(Hazard(.notice, "\(name) will be called \(nextName): XAPI takes the first number that is free")) }
    if parts.row.mode == .lacp, case .add(let nic) = wish {
      let partner = facts.lacp?.first { $0.name == name }?.members.first(where: \.hasPartner)?.partner.systemID
      hazards.append(
        Hazard(
          .warning,
          "The switch port of \(nic) must be in the group of the others" + (partner.map { ", on the switch \($0)" } ?? "")
            + "; whether it speaks LACP is seen once \(nic) is a member"))
    }
    if parts.row.mode == .lacp, case .remove(let nic) = wish {
      hazards.append(Hazard(.notice, "The switch port of \(nic) is in the group still: take it out of it"))
    }
    if facts.facts.database.hosts.count > 1 {
      hazards.append(
        Hazard(
          .warning,
          planning.isMember
            ? "The coordinator's bond has other NICs then: XAPI makes this host's like it when the toolstack starts the next time"
            : "XAPI makes the bonds of the other hosts like this one when their toolstack starts the next time",
          remedy: "Do the same on every host"))
    }
    return hazards
  }

  // MARK: Words

  private func differences(_ parts: BondParts, _ members: [String], _ carries: Bool) -> [ChangePlan.Difference] {
    var rows = [
      ChangePlan.Difference("Members", now: parts.devices.andList, after: members.andList),
      ChangePlan.Difference("Mode", now: parts.row.mode.bondWords, after: parts.row.mode.bondWords),
    ]
    if let network = parts.network { rows.append(ChangePlan.Difference("Network", now: network.nameLabel, after: network.nameLabel)) }
    if let mac = members.first.flatMap({ own.tree[$0] })?.pif.mac, parts.row.autoUpdateMAC, !parts.bond.pif.mac.isEmpty {
      rows.append(ChangePlan.Difference("MAC", now: parts.bond.pif.mac, after: mac))
    }
    if let management = own.tree.management, carries {
      let wanted = planning.expectation(on: nextName, insteadOf: [name], cards: members)
      rows.append(
        ChangePlan.Difference(
          "Management", now: "\(management.name), \(BondPlanning.address(management))",
          after: "\(wanted?.interface ?? nextName), \(BondPlanning.address(management))"))
    }
    return rows
  }

  private func consequences(_ parts: BondParts, _ members: [String]) -> [String] {
    var lines = ["XAPI cannot change the members of a bond: \(name) is taken apart and made anew, with its network, mode, properties, address and VLANs"]
    let vlans = own.tree.vlans(on: parts.bond.ref)
    let guests = Set(([parts.bond] + vlans).flatMap { own.guests(on: $0.pif.network) }).sorted { comesBefore($0, $1) }
    let users = [vlans.isEmpty ? nil : BondPlanning.count(vlans.count, "VLAN"), guests.isEmpty ? nil : BondPlanning.some(guests)].compactMap { $0 }
    lines.append("Whatever goes over \(name)\(users.isEmpty ? "" : " (\(users.joined(separator: "; ")))") stops for some seconds, twice or more")
    if case .add(let nic) = wish, let node = own.tree[nic] {
      lines += planning.moves(own, from: [node], to: name, network: parts.network?.nameLabel ?? "")
    }
    if planning.carriesManagement([name]), let session = planning.sessionLine { lines.append(session) }
    return lines
  }
}
