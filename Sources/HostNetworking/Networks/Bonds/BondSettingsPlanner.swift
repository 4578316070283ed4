import Dom0
import XenAPI

/// Thinks other settings of a bond through.
struct BondSettingsPlanner {
  private let request: BondSettingsRequest
  private let facts: BondFacts
  private let planning: BondPlanning
  private let parts: BondParts?
  /// The bonds of other hosts on the same network.
  private let others: [BondParts]

  static let delayKey = "bond-updelay"

  init(_ request: BondSettingsRequest, _ facts: BondFacts) {
    self.request = request
    self.facts = facts
    let planning = BondPlanning(facts.facts)
    self.planning = planning
    let parts = BondParts(request.bond, planning.own)
    self.parts = parts
    others =
      request.isPoolWide
      ? facts.facts.otherScenes.filter(\.isLive).compactMap { host in
        (parts?.bond.pif.network).flatMap { host.tree.interface(on: $0) }.flatMap { BondParts($0.name, host) }
      } : []
  }

  private var name: String { request.bond }

  /// In the order in which they are changed: the coordinator last.
  private var all: [BondParts] {
    guard let parts else { return [] }
    guard let last = others.last, last.host.host == planning.pool?.coordinator else { return others + [parts] }
    return others.dropLast() + [parts, last]
  }

  func plan() -> ChangePlan {
    let intent = Intent.bonds(.set(request))
    guard let parts else {
      return ChangePlan(intent: intent, title: "Settings of \(name)", hazards: [Hazard(.blocking, "This host has no bond \(name)")], steps: [])
    }
    var hazards = values(parts)
    let isBlocked = hazards.contains { $0.weight == .blocking }
    let steps = isBlocked ? [] : self.steps()
    if !steps.isEmpty { hazards += hazardsOfDoing(parts) }
    let carries = planning.carriesManagement([name])
    return ChangePlan(
      intent: intent, title: title(parts), differences: differences(parts), consequences: steps.isEmpty ? [] : consequences(parts),
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps, isProvisional: carries && !steps.isEmpty,
      expectation: carries ? planning.expectation(on: name, insteadOf: [], cards: parts.devices) : nil)
  }

  private func title(_ parts: BondParts) -> String {
    var words: [String] = []
    if let mode = request.mode, mode != parts.row.mode { words.append(mode.bondWords) }
    if !request.properties.isEmpty { words.append(BondCreatePlanner.words(request.properties)) }
    if let delay = request.upDelay { words.append(delay.isEmpty ? "up delay as XAPI has it" : "up delay \(delay) ms") }
    return "\(name): \(words.isEmpty ? "as it is" : words.joined(separator: ", "))" + (others.isEmpty ? "" : ", on \(others.count + 1) hosts")
  }

  private func mode(_ parts: BondParts) -> BondMode { request.mode ?? parts.row.mode }

  /// What a bond has after its mode is changed: XAPI drops what is not of the mode, and adds what is missing.
  private func properties(_ parts: BondParts) -> [String: String] {
    guard mode(parts) == .lacp else { return [:] }
    return BondProperties.defaults.merging(parts.row.mode == .lacp ? parts.row.properties : [:]) { _, now in now }
  }

  // MARK: Steps

  private func steps() -> [ChangeStep] {
    var steps: [ChangeStep] = []
    for parts in all { steps += self.steps(parts) }
    if planning.carriesManagement([name]), !steps.isEmpty { steps[0].undo += planning.drift }
    return steps.numbered
  }

  private func steps(_ parts: BondParts) -> [ChangeStep] {
    var steps: [ChangeStep] = []
    let owner = parts.host.owner
    let old = parts.row
    // Whatever is set plugs the bond.
    let unplug: [ChangeAction] = parts.bond.pif.currentlyAttached || !owner.label.isEmpty ? [] : [.unplug(parts.bond.name)]
    func back(_ values: [String: String]) -> [ChangeAction] {
      values.isEmpty ? [] : [.bonds(.setProperties(owner, members: parts.devices, values))]
    }
    if let mode = request.mode, mode != old.mode {
      steps.append(
        planning.step(
          .bonds(.setMode(owner, members: parts.devices, mode)),
          undo: [.bonds(.setMode(owner, members: parts.devices, old.mode))] + back(old.mode == .lacp ? old.properties : [:]) + unplug))
    }
    let before = properties(parts)
    let values = request.properties.filter { before[$0.key] != $0.value }
    if !values.isEmpty {
      // XAPI has no way to remove one; a bond that turns to another mode loses them all.
      let turns: [ChangeAction] =
        old.mode == .lacp && values.keys.contains { before[$0] == nil }
        ? [BondMode.activeBackup, .lacp].map { .bonds(.setMode(owner, members: parts.devices, $0)) } : []
      steps.append(
        planning.step(
          .bonds(.setProperties(owner, members: parts.devices, values)),
          undo: turns + (old.mode == .lacp ? back(old.properties) : []) + unplug))
    }
    if let delay = request.upDelay, owner.label.isEmpty {
      let now = parts.bond.pif.otherConfig[Self.delayKey]
      if (now ?? "") != delay {
        let isPlugged = parts.bond.pif.currentlyAttached
        steps.append(
          planning.step(
            .setOtherConfig(parts.bond.name, [Self.delayKey: delay.isEmpty ? nil : delay]),
            undo: [.setOtherConfig(parts.bond.name, [Self.delayKey: now])] + (isPlugged ? [.replug(parts.bond.name)] : [])))
        if isPlugged { steps.append(planning.step(.replug(parts.bond.name), undo: [])) }
      }
    }
    return steps
  }

  // MARK: Hazards

  private func values(_ parts: BondParts) -> [Hazard] {
    var hazards: [Hazard] = []
    if let mode = request.mode, !BondProperties.modes.contains(mode) {
      return [Hazard(.blocking, "There is no mode \(mode)", remedy: "Use active-backup, balance-slb or lacp")]
    }
    for (key, value) in request.properties.sorted(by: { $0.key < $1.key }) {
      if let problem = BondProperties.problem(key, value, in: mode(parts)) {
        hazards.append(Hazard(.blocking, problem))
      }
    }
    if let problem = request.upDelay.flatMap({ BondProperties.problem(upDelay: $0) }) { hazards.append(Hazard(.blocking, problem)) }
    return hazards
  }

  private func hazardsOfDoing(_ parts: BondParts) -> [Hazard] {
    var hazards: [Hazard] = []
    for parts in all { hazards += planning.guards(parts.host, [parts.bond], changesBond: false) }
    let turns = request.mode.map { $0 != parts.row.mode } ?? false
    if turns, mode(parts) == .lacp {
      hazards.append(
        Hazard(
          .warning,
          "The switch must speak LACP on the ports of \(parts.devices.andList); whether it does is seen when the bond asks for it",
          remedy: "Set up one group for these ports on the switch first. To hear whether it does: tcpdump -c 1 -i \(parts.primary) ether proto 0x8809"))
      if facts.backend == .linuxBridge {
        hazards.append(Hazard(.warning, "The Linux bridge switches packets here: LACP is supported with Open vSwitch only"))
      }
    } else if turns, parts.row.mode == .lacp {
      hazards.append(
        Hazard(.warning, "The switch ports of \(parts.devices.andList) are a group still: a switch that insists on LACP passes nothing then", remedy: "Take the group off the switch right afterwards"))
      let lost = parts.row.properties
      if !lost.isEmpty { hazards.append(Hazard(.notice, "What only LACP has is dropped: \(BondCreatePlanner.words(lost))")) }
    }
    if request.properties[BondProperties.fallback] == "false" {
      hazards.append(Hazard(.warning, "Without fallback nothing passes while the switch does not speak LACP"))
    }
    if request.properties[BondProperties.key] != nil, parts.row.properties[BondProperties.key] == nil {
      hazards.append(Hazard(.notice, "XAPI can change an aggregation key, but not remove it again"))
    }
    for parts in all where !parts.bond.pif.currentlyAttached {
      hazards.append(Hazard(.warning, "\(parts.bond.name) is unplugged\(parts.host.owner.words): XAPI plugs it when its settings change"))
    }
    if request.isPoolWide, request.upDelay != nil, !others.isEmpty {
      hazards.append(Hazard(.notice, "The up delay is a setting of each host: only this one's is changed"))
    }
    if request.isPoolWide {
      let missing = facts.facts.otherScenes.filter { host in !others.contains { $0.host.host == host.host } }
      for host in missing { hazards.append(Hazard(.warning, "\(host.label) \(host.isLive ? "has no bond on this network" : "is off"): nothing is changed there")) }
    }
    return hazards
  }

  // MARK: Words

  private func differences(_ parts: BondParts) -> [ChangePlan.Difference] {
    var rows: [ChangePlan.Difference] = []
    let before = parts.row.mode == .lacp ? parts.row.properties : [:]
    let after = properties(parts).merging(request.properties) { _, wanted in wanted }
    rows.append(ChangePlan.Difference("Mode", now: parts.row.mode.bondWords, after: mode(parts).bondWords))
    for (key, label) in [
      (BondProperties.hashing, "Hashing"), (BondProperties.time, "LACP time"), (BondProperties.fallback, "Fallback"), (BondProperties.key, "LACP key"),
    ] where before[key] != nil || after[key] != nil {
      rows.append(ChangePlan.Difference(label, now: before[key] ?? "-", after: mode(parts) == .lacp ? after[key] ?? "-" : "-"))
    }
    if let delay = request.upDelay {
      let now = parts.bond.pif.otherConfig[Self.delayKey] ?? ""
      func words(_ delay: String) -> String { delay.isEmpty ? "31000 ms (XAPI's own)" : "\(delay) ms" }
      rows.append(ChangePlan.Difference("Up delay", now: words(now), after: words(delay)))
    }
    return rows
  }

  private func consequences(_ parts: BondParts) -> [String] {
    var lines = ["\(name) is plugged anew: whatever goes over it stops for some seconds" + (mode(parts) == .lacp ? ", until the switch has agreed" : "")]
    if let management = planning.own.tree.management, planning.carriesManagement([name]) {
      lines.append("Management on \(management.name) keeps its address \(BondPlanning.address(management))")
    }
    if request.upDelay != nil {
      lines.append("A link that comes back is used after that time: XAPI waits 31 s, for switches that pass nothing at first")
    }
    if planning.carriesManagement([name]), let session = planning.sessionLine { lines.append(session) }
    return lines
  }
}
