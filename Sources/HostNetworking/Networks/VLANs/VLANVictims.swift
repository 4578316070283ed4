import XenAPI

/// VLANs that shall go, found in the database: those of one tag on one network below belong together.
struct VLANVictims {
  /// A VLAN of one host.
  struct Victim {
    let spot: VLANSpot
    let host: Ref<Host>
    let isLive: Bool
    let row: VLAN
    /// nil: a row whose interface is gone.
    let upper: (ref: Ref<PIF>, pif: PIF)?
  }

  /// By tag, in order, this host first.
  let groups: [(tag: Int, victims: [Victim])]
  /// Tags that were asked for and are nowhere.
  let missing: [Int]
  /// What the VLANs of this host lie on, or of the first host that has them.
  let base: String

  var all: [Victim] { groups.flatMap(\.victims) }
  /// Those on hosts that can be reached.
  var within: [(tag: Int, victims: [Victim])] {
    groups.map { ($0.tag, $0.victims.filter(\.isLive)) }.filter { !$0.victims.isEmpty }
  }

  init(_ which: VLANRemoval.Which, isPoolWide: Bool, _ facts: PoolFacts) {
    var found: [Int: [Victim]] = [:]
    var missing: [Int] = []
    let finder = VictimFinder(facts)
    switch which {
    case .tags(let tags, let base):
      self.base = base
      let node = InterfaceTree(facts.database, host: facts.host)[base]
      var bases = node.map { [$0.ref] } ?? []
      if isPoolWide { bases += (facts.database.networks[node?.pif.network]?.pifs ?? []).filter { $0 != node?.ref } }
      let wanted = Set(tags.tags)
      for base in bases {
        for row in facts.database.pifs[base]?.vlanSlaveOf ?? [] {
          guard let vlan = facts.database.vlans[row], let tag = Int(exactly: vlan.tag), wanted.contains(tag) else { continue }
          if let victim = finder.victim(vlan) { found[tag, default: []].append(victim) }
        }
      }
      missing = tags.tags.filter { found[$0] == nil }
    case .network(let uuid):
      for ref in facts.network(uuid: uuid)?.record.pifs ?? [] {
        guard let pif = facts.database.pifs[ref], let vlan = facts.database.vlans[pif.vlanMasterOf], let tag = Int(exactly: vlan.tag),
          isPoolWide || pif.host == facts.host, let victim = finder.victim(vlan)
        else { continue }
        found[tag, default: []].append(victim)
      }
      let all = found.values.joined()
      base = (all.first { $0.host == facts.host } ?? all.first)?.spot.base ?? ""
    }
    self.missing = missing
    groups = found.map { tag, victims in
      let sorted = victims.sorted { left, right in
        let (a, b) = (left.host == facts.host, right.host == facts.host)
        return a != b ? a : comesBefore(left.spot.hostName, right.spot.hostName)
      }
      return (tag: tag, victims: sorted)
    }.sorted { $0.tag < $1.tag }
  }
}

private struct VictimFinder {
  let facts: PoolFacts

  init(_ facts: PoolFacts) { self.facts = facts }

  func victim(_ row: VLAN) -> VLANVictims.Victim? {
    guard let base = facts.database.pifs[row.taggedPIF], let host = base.host else { return nil }
    let spot = VLANSpot(
      host: facts.database.hosts[host]?.uuid ?? "", hostName: facts.isPool ? facts.hostName(host) : "", base: facts.database.name(of: base))
    let upper = row.untaggedPIF.flatMap { ref in facts.database.pifs[ref].map { (ref: ref, pif: $0) } }
    return VLANVictims.Victim(spot: spot, host: host, isLive: facts.isLive(host), row: row, upper: upper)
  }
}

extension VLANVictims {
  /// What stands in the way, checked as XAPI will (`VLAN.destroy`, `PIF.unplug`), with names.
  /// - Parameter withUsers: VMs that run on them as well.
  func hazards(_ facts: PoolFacts, withUsers: Bool = true) -> [Hazard] {
    var hazards: [Hazard] = []
    let reached = within.flatMap { group in group.victims.map { (group.tag, $0) } }
    let each = reached.flatMap { _, victim in
      (victim.upper?.pif).map { pif in Self.hazards(victim, pif, facts, withUsers).map { Finding(hazard: $0, name: facts.database.name(of: pif), of: facts.nameWithHost(pif), host: victim.spot.hostName) } } ?? []
    }
    hazards += Self.short(Self.joined(each))
    if reached.contains(where: { $0.1.upper?.pif.currentlyAttached == true }),
      let hazard = facts.haGuard(reached.count == 1 ? "the VLAN is plugged" : "the VLANs are plugged")
    {
      hazards.append(hazard)
    }
    let offline = groups.flatMap { $0.victims.filter { !$0.isLive } }.map(\.spot.hostName)
    let names = Set(offline).sorted(by: comesBefore)
    if !names.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(PoolWords.named("Host", names)) \(PoolWords.are(names.count)) switched off or cut off: the VLAN stays there",
          remedy: "Remove it once that host is back"))
    }
    return hazards
  }

  private struct Finding {
    var hazard: Hazard
    /// `VLAN 90 on bond0`
    let name: String
    /// The same with its host, where there are many.
    var of: String
    let host: String
  }

  /// What differs by the host only is told once, with all of them.
  private static func joined(_ each: [Finding]) -> [(hazard: Hazard, kind: String, of: String)] {
    var groups: [(key: Hazard, same: [Finding])] = []
    for finding in each {
      var key = finding.hazard
      if !finding.host.isEmpty { key.text = key.text.replacing(finding.of, with: "\(finding.name) of \u{0}") }
      if let place = groups.firstIndex(where: { $0.key == key }) { groups[place].same.append(finding) } else { groups.append((key, [finding])) }
    }
    return groups.map { key, same in
      guard same.count > 1 else { return (same[0].hazard, kind(key), same[0].of) }
      let names = PoolWords.list(same.map(\.host).reduce(into: [String]()) { list, name in if !list.contains(name) { list.append(name) } })
      return (
        Hazard(
          key.weight, key.text.replacing("\u{0}", with: names), remedy: key.remedy?.replacing("on that host", with: "on each of these hosts")),
        kind(key), "\(same[0].name) of \(names)"
      )
    }
  }

  /// The same of many hosts is told of the first ones, and of the others by their names.
  private static func short(_ each: [(hazard: Hazard, kind: String, of: String)]) -> [Hazard] {
    var shown: [Hazard] = []
    for (kind, same) in Dictionary(grouping: each, by: { $0.kind }).sorted(by: { $0.key < $1.key }) {
      guard same.count > 4, !kind.isEmpty else {
        shown += same.map(\.hazard)
        continue
      }
      shown += same.prefix(2).map(\.hazard)
      let names = Set(same.dropFirst(2).map(\.of)).sorted(by: comesBefore)
      shown.append(Hazard(same[0].hazard.weight, "The same holds for \(PoolWords.list(names, most: 3))"))
    }
    return shown
  }

  /// Its words without names and numbers.
  private static func kind(_ hazard: Hazard) -> String {
    let words = hazard.text.split(separator: " ").filter { word in word.allSatisfy { $0.isLetter && $0.isLowercase } }
    return "\(hazard.weight) \(words.joined(separator: " "))"
  }

  private static func hazards(_ victim: Victim, _ pif: PIF, _ facts: PoolFacts, _ withUsers: Bool) -> [Hazard] {
    var hazards: [Hazard] = []
    if let bond = facts.database.bonds[pif.bondSlaveOf], let master = facts.database.pifs[bond.interface] {
      hazards.append(
        Hazard(.blocking, "\(facts.nameWithHost(pif)) is a member of \(facts.nameWithHost(master))", remedy: "Remove that bond first"))
    }
    if let ref = victim.upper?.ref { hazards += facts.guards(ref, pif, withUsers: withUsers) }
    return hazards
  }

  /// Why their end can cut off who asks for it, or management of this host.
  func cuts(_ facts: PoolFacts) -> [String] { within.flatMap(\.victims).compactMap { $0.upper?.pif }.flatMap { facts.cuts($0) } }

  /// One step for each tag.
  func steps(_ commands: ChangeCommands) -> [ChangeStep] {
    within.map { tag, victims in
      let action = VLANAction.destroy(tag: tag, at: victims.map(\.spot))
      let lines = victims.map { "xe vlan-destroy uuid=\($0.row.uuid)" }
      return ChangeStep(0, action.sentence, commands: lines, action: .vlans(action), undo: Self.undo(tag, victims, commands.scene.database))
    }
  }

  /// Back on the networks they were on, and with what they had.
  private static func undo(_ tag: Int, _ victims: [Victim], _ database: XenDatabase) -> [ChangeAction] {
    let whole = victims.compactMap { victim in victim.upper.map { (victim, $0.pif) } }
    let networks = Dictionary(grouping: whole) { database.networks[$0.1.network]?.uuid ?? "" }
    let created = networks.sorted { $0.key < $1.key }.map { uuid, victims in
      ChangeAction.vlans(.create(tag: tag, at: victims.map(\.0.spot), network: .uuid(uuid), isPoolWide: false))
    }
    let settled = whole.compactMap { victim, pif -> ChangeAction? in
      let settings = VLANSettings(pif, below: database.pifs[victim.row.taggedPIF], tieConfig: victim.row.otherConfig)
      return settings.isNothing ? nil : .vlans(.settle(tag: tag, at: victim.spot, settings))
    }
    // XAPI plugs what it makes.
    let unplugged = whole.filter { !$0.1.currentlyAttached }.map(\.0.spot)
    return created + settled + (unplugged.isEmpty ? [] : [.vlans(.unplug(tag: tag, at: unplugged))])
  }
}
