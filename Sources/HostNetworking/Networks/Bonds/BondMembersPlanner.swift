import Dom0
import XenAPI

/// Thinks through how a NIC is added to a bond or taken out of it, on this host or on all of the pool. XAPI cannot do that: the
/// bond is taken apart and made anew, with its network, mode, properties, MAC, addresses and VLANs.
struct BondMembersPlanner {
  private let wish: BondMemberChange.Wish
  private let name: String
  private let isPoolWide: Bool
  private let facts: BondFacts
  private let planning: BondPlanning
  private let scope: BondScope?
  /// One for each host that gets it, in the order in which it is done.
  private let changes: [BondMemberChange]
  /// Hosts that keep what they have, and why.
  private let left: [BondScope.Left]

  init(_ wish: BondMemberChange.Wish, _ bond: String, isPoolWide: Bool = false, _ facts: BondFacts) {
    self.wish = wish
    name = bond
    self.isPoolWide = isPoolWide
    self.facts = facts
    let planning = BondPlanning(facts.facts)
    self.planning = planning
    let scope = BondScope(bond, planning, isPoolWide: isPoolWide)
    self.scope = scope
    var changes: [BondMemberChange] = []
    var left = scope?.left ?? []
    for parts in scope?.all ?? [] {
      guard parts.host.host != facts.facts.host else {
        changes.append(BondMemberChange(wish, parts, planning, facts))
        continue
      }
      switch Self.matched(wish, planning.own, parts) {
      case .success(let wish): changes.append(BondMemberChange(wish, parts, planning, facts))
      case .failure(let reason): left.append(BondScope.Left(host: parts.host, isOff: false, reason: reason.text))
      }
    }
    (self.changes, self.left) = (changes, left)
  }

  /// The same with the NIC of another host that belongs to this one's.
  private static func matched(
    _ wish: BondMemberChange.Wish, _ own: BondScene, _ parts: BondParts
  ) -> Result<BondMemberChange.Wish, BondCreatePlanner.Reason> {
    guard let partner = BondCreatePlanner.partner(of: wish.nic, own, parts.host) else {
      return .failure(.init(text: "it has no NIC that belongs to \(wish.nic)"))
    }
    switch wish {
    case .add:
      if parts.devices.contains(partner.name) { return .failure(.init(text: "\(partner.name) is a member of its \(parts.bond.name) already")) }
      if let refusal = BondMemberCheck.refusal(partner, parts.host) { return .failure(.init(text: refusal.text)) }
      return .success(.add(partner.name))
    case .remove:
      guard parts.devices.contains(partner.name) else { return .failure(.init(text: "\(partner.name) is no member of its \(parts.bond.name)")) }
      if parts.devices.count == 1 { return .failure(.init(text: "\(partner.name) is the only member of its \(parts.bond.name)")) }
      return .success(.remove(partner.name))
    }
  }

  private var intent: Intent {
    switch wish {
    case .add(let nic): .bonds(.addMember(nic, bond: name, isPoolWide: isPoolWide))
    case .remove(let nic): .bonds(.removeMember(nic, bond: name, isPoolWide: isPoolWide))
    }
  }

  private var title: String {
    let hosts = changes.count > 1 ? ", on \(changes.count) hosts" : ""
    return switch wish {
    case .add(let nic): "\(nic) added to \(name)\(hosts)"
    case .remove(let nic): "\(nic) taken out of \(name)\(hosts)"
    }
  }

  func plan() -> ChangePlan {
    guard let own = changes.first(where: { $0.parts.host.host == facts.facts.host }) else {
      return ChangePlan(intent: intent, title: title, hazards: [Hazard(.blocking, "This host has no bond \(name)")], steps: [])
    }
    var hazards = BondPlanning.merged(changes.map { ($0.parts.host, $0.refusals()) })
    let isBlocked = hazards.contains { $0.weight == .blocking }
    if !isBlocked {
      hazards += BondPlanning.merged(changes.map { ($0.parts.host, $0.warnings() + planning.storageLines($0.parts.host, $0.carriers, facts)) }) + poolWide()
    }
    let carries = planning.carriesManagement([name])
    let isProvisional = changes.contains { planning.cutsOff($0.parts.host, $0.carriers, facts) }
    var steps = isBlocked ? [] : changes.flatMap { $0.steps() }
    if carries, !steps.isEmpty { steps[0].undo += planning.drift }
    return ChangePlan(
      intent: intent, title: title, differences: differences(own, carries), consequences: consequences(own),
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps.numbered, isProvisional: isProvisional,
      expectation: !isProvisional
        ? nil : carries ? planning.expectation(on: own.nextName, insteadOf: [name], cards: own.members) : planning.unmoved)
  }

  // MARK: The pool

  private func poolWide() -> [Hazard] {
    guard facts.facts.database.hosts.count > 1 else { return [] }
    if !isPoolWide {
      return [
        Hazard(
          .warning,
          planning.isMember
            ? "The coordinator's bond has other NICs then: XAPI makes this host's like it when the toolstack starts the next time"
            : "XAPI makes the bonds of the other hosts like this one when their toolstack starts the next time",
          remedy: "Do the same on every host: choose all hosts of the pool (--pool)")
      ]
    }
    return planning.elsewhere(changes.map(\.parts))
      + left.grouped.map { left in
        Hazard(
          .warning, "Nothing is changed on \(BondPlanning.some(left.hosts)): \(left.reason)",
          remedy: left.isOff ? "XAPI makes its bond like the coordinator's when it starts" : nil)
      }
  }

  // MARK: Words

  private func differences(_ own: BondMemberChange, _ carries: Bool) -> [ChangePlan.Difference] {
    let parts = own.parts
    var rows = [
      ChangePlan.Difference("Members", now: parts.devices.andList, after: own.members.andList),
      ChangePlan.Difference("Mode", now: parts.row.mode.bondWords, after: parts.row.mode.bondWords),
    ]
    if let network = parts.network { rows.append(ChangePlan.Difference("Network", now: network.nameLabel, after: network.nameLabel)) }
    if let mac = own.members.first.flatMap({ parts.host.tree[$0] })?.pif.mac, parts.row.autoUpdateMAC, !parts.bond.pif.mac.isEmpty {
      rows.append(ChangePlan.Difference("MAC", now: parts.bond.pif.mac, after: mac))
    }
    if let management = planning.own.tree.management, carries {
      let wanted = planning.expectation(on: own.nextName, insteadOf: [name], cards: own.members)
      rows.append(
        ChangePlan.Difference(
          "Management", now: "\(management.name), \(BondPlanning.address(management))",
          after: "\(wanted?.interface ?? own.nextName), \(BondPlanning.address(management))"))
    }
    if isPoolWide {
      let hosts = changes.map(\.parts.host.label).andList
      rows.append(ChangePlan.Difference("Hosts", now: hosts, after: hosts))
    }
    return rows
  }

  private func consequences(_ own: BondMemberChange) -> [String] {
    var lines = ["XAPI cannot change the members of a bond: \(name) is taken apart and made anew, with its network, mode, properties, address and VLANs"]
    lines += changes.prefix(5).map(\.interruption)
    if changes.count > 5 { lines.append("The same on \(changes.count - 5) more hosts") }
    for change in changes {
      if case .add(let nic) = change.wish, let node = change.parts.host.tree[nic] {
        lines += planning.moves(change.parts.host, from: [node], to: change.parts.bond.name, network: change.parts.network?.nameLabel ?? "")
      }
    }
    if let session = planning.sessionLine(own.carriers) { lines.append(session) }
    return lines
  }
}
