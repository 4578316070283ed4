import Dom0
import XenAPI

/// Thinks other settings of a bond through.
struct BondSettingsPlanner {
  private let request: BondSettingsRequest
  private let facts: BondFacts
  private let planning: BondPlanning
  private let scope: BondScope?

  static let delayKey = "bond-updelay"

  init(_ request: BondSettingsRequest, _ facts: BondFacts) {
    self.request = request
    self.facts = facts
    let planning = BondPlanning(facts.facts)
    self.planning = planning
    scope = BondScope(request.bond, planning, isPoolWide: request.isPoolWide)
  }

  private var name: String { request.bond }

  func plan() -> ChangePlan {
    let intent = Intent.bonds(.set(request))
    guard let scope else {
      return ChangePlan(intent: intent, title: "Settings of \(name)", hazards: [Hazard(.blocking, "This host has no bond \(name)")], steps: [])
    }
    let parts = scope.own
    var hazards = scope.all.flatMap { values($0) }.reduce(into: [Hazard]()) { list, hazard in if !list.contains(hazard) { list.append(hazard) } }
    let isBlocked = hazards.contains { $0.weight == .blocking }
    let done: [(parts: BondParts, steps: [ChangeStep])] = isBlocked ? [] : scope.all.map { ($0, self.steps($0)) }.filter { !$0.1.isEmpty }
    let changed = done.map(\.parts)
    var steps = done.flatMap(\.steps)
    if !steps.isEmpty { hazards += hazardsOfDoing(scope, changed) }
    let carries = changed.contains { $0.host.host == facts.facts.host } && planning.carriesManagement([name])
    if carries { steps[0].undo += planning.drift }
    let isProvisional = changed.contains { planning.cutsOff($0.host, [$0.bond], facts) }
    return ChangePlan(
      intent: intent, title: title(scope), differences: differences(scope), consequences: steps.isEmpty ? [] : consequences(parts, changed),
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps.numbered, isProvisional: isProvisional,
      expectation: !isProvisional ? nil : carries ? planning.expectation(on: name, insteadOf: [], cards: parts.devices) : planning.unmoved)
  }

  private func title(_ scope: BondScope) -> String {
    var words: [String] = []
    if let mode = request.mode, scope.all.contains(where: { $0.row.mode != mode }) { words.append(mode.bondWords) }
    if !request.properties.isEmpty { words.append(BondCreatePlanner.words(request.properties)) }
    if let delay = request.upDelay { words.append(delay.isEmpty ? "up delay as XAPI has it" : "up delay \(delay) ms") }
    return "\(name): \(words.isEmpty ? "as it is" : words.joined(separator: ", "))" + (scope.all.count == 1 ? "" : ", on \(scope.all.count) hosts")
  }

  private func mode(_ parts: BondParts) -> BondMode { request.mode ?? parts.row.mode }

  /// What a bond has after its mode is changed: XAPI drops what is not of the mode, and adds what is missing.
  private func properties(_ parts: BondParts) -> [String: String] {
    guard mode(parts) == .lacp else { return [:] }
    return BondProperties.defaults.merging(parts.row.mode == .lacp ? parts.row.properties : [:]) { _, now in now }
  }

  // MARK: Steps

  private func steps(_ parts: BondParts) -> [ChangeStep] {
    var steps: [ChangeStep] = []
    let owner = parts.host.owner
    let old = parts.row
    // Whatever is set plugs the bond.
    let unplug: [BondAction] = parts.bond.pif.currentlyAttached ? [] : [.unplug(owner, members: parts.devices)]
    func back(_ values: [String: String]) -> [BondAction] {
      values.isEmpty ? [] : [.setProperties(owner, members: parts.devices, values)]
    }
    if let mode = request.mode, mode != old.mode {
      steps.append(
        planning.step(
          .setMode(owner, members: parts.devices, mode),
          undo: [.setMode(owner, members: parts.devices, old.mode)] + back(old.mode == .lacp ? old.properties : [:]) + unplug))
    }
    let before = properties(parts)
    let values = request.properties.filter { before[$0.key] != $0.value }
    if !values.isEmpty {
      // XAPI has no way to remove one; a bond that turns to another mode loses them all.
      let turns: [BondAction] =
        old.mode == .lacp && values.keys.contains { before[$0] == nil }
        ? [BondMode.activeBackup, .lacp].map { .setMode(owner, members: parts.devices, $0) } : []
      steps.append(
        planning.step(
          .setProperties(owner, members: parts.devices, values), undo: turns + (old.mode == .lacp ? back(old.properties) : []) + unplug))
    }
    if let delay = request.upDelay {
      let now = parts.bond.pif.otherConfig[Self.delayKey] ?? ""
      if now != delay {
        steps.append(
          planning.step(.setDelay(owner, members: parts.devices, delay), undo: [.setDelay(owner, members: parts.devices, now)]))
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
      if key == BondProperties.key, value.isEmpty, parts.row.properties[key] != nil {
        hazards.append(
          Hazard(
            .blocking, "XAPI cannot remove the aggregation key of \(parts.bond.name)\(parts.host.owner.words)",
            remedy: "Set it to active-backup, and to LACP again: it has none then"))
        continue
      }
      if let problem = BondProperties.problem(key, value, in: mode(parts)) {
        hazards.append(Hazard(.blocking, problem + parts.host.owner.words))
      }
    }
    if let problem = request.upDelay.flatMap({ BondProperties.problem(upDelay: $0) }) { hazards.append(Hazard(.blocking, problem)) }
    return hazards
  }

  private func hazardsOfDoing(_ scope: BondScope, _ changed: [BondParts]) -> [Hazard] {
    var hazards: [Hazard] = []
    hazards += BondPlanning.merged(
      changed.map { parts in
        (
          parts.host,
          planning.guards(parts.host, [parts.bond], changesBond: false) + planning.storageLines(parts.host, [parts.bond], facts) + overridden(parts)
        )
      })
    hazards += planning.elsewhere(changed)
    let turning = changed.filter { request.mode != nil && request.mode != $0.row.mode }
    if let mode = request.mode, !turning.isEmpty {
      let ports = turning.map { $0.devices.andList + $0.host.owner.words }
      if mode == .lacp {
        hazards.append(
          Hazard(
            .warning, "The switch must speak LACP on the ports of \(BondPlanning.some(ports)); whether it does is seen when the bond asks for it",
            remedy: "Set up one group for these ports on the switch first. To hear whether it does: tcpdump -c 1 -i \(scope.own.primary) ether proto 0x8809"))
        if facts.backend == .linuxBridge {
          hazards.append(Hazard(.warning, "The Linux bridge switches packets here: LACP is supported with Open vSwitch only"))
        }
      } else {
        let grouped = turning.filter { $0.row.mode == .lacp }
        if !grouped.isEmpty {
          hazards.append(
            Hazard(
              .warning,
              "The switch ports of \(BondPlanning.some(grouped.map { $0.devices.andList + $0.host.owner.words })) are a group still: a switch that insists on LACP passes nothing then",
              remedy: "Take the group off the switch right afterwards"))
        }
        for parts in grouped where !parts.row.properties.isEmpty {
          hazards.append(Hazard(.notice, "What only LACP has is dropped\(parts.host.owner.words): \(BondCreatePlanner.words(parts.row.properties))"))
        }
      }
    }
    if request.properties[BondProperties.fallback] == "false" {
      hazards.append(Hazard(.warning, "Without fallback nothing passes while the switch does not speak LACP"))
    }
    if request.properties[BondProperties.key] != nil, changed.contains(where: { $0.row.properties[BondProperties.key] == nil }) {
      hazards.append(Hazard(.notice, "XAPI can change an aggregation key, but not remove it again"))
    }
    for parts in changed where !parts.bond.pif.currentlyAttached {
      let plugs = request.mode.map { $0 != parts.row.mode } ?? false || !request.properties.isEmpty
      if plugs { hazards.append(Hazard(.warning, "\(parts.bond.name) is unplugged\(parts.host.owner.words): XAPI plugs it when its settings change")) }
    }
    for left in scope.left.grouped {
      hazards.append(
        Hazard(
          .warning, "Nothing is changed on \(BondPlanning.some(left.hosts)): \(left.reason)",
          remedy: left.isOff ? "Do it there once it is up: XAPI does not copy the settings of bonds" : nil))
    }
    return hazards
  }

  /// Keys of the bond's other-config that beat what XAPI has of it (`reference/xapi.md` §3.6).
  private static let overrides = [
    "bond-hashing-algorithm": BondProperties.hashing, "bond-lacp-time": BondProperties.time, "bond-lacp-fallback-ab": BondProperties.fallback,
    "bond-lacp-aggregation-key": BondProperties.key,
  ]

  private func overridden(_ parts: BondParts) -> [Hazard] {
    let config = parts.bond.pif.otherConfig
    var keys = Self.overrides.filter { config[$0.key] != nil && request.properties[$0.value] != nil }.map(\.key)
    if request.mode != nil, config["bond-mode"] != nil { keys.append("bond-mode") }
    return keys.sorted().map { key in
      Hazard(
        .warning, "\(parts.bond.name)\(parts.host.owner.words) has \(key)=\(config[key] ?? "") in its other-config, which overrides this: the switch will not change",
        remedy: "Take it away: xe pif-param-remove uuid=\(parts.bond.pif.uuid) param-name=other-config param-key=\(key)")
    }
  }

  // MARK: Words

  private func differences(_ scope: BondScope) -> [ChangePlan.Difference] {
    let parts = scope.own
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
    if request.isPoolWide {
      let hosts = scope.all.map(\.host.label).andList
      rows.append(ChangePlan.Difference("Hosts", now: hosts, after: hosts))
    }
    return rows
  }

  private func consequences(_ parts: BondParts, _ changed: [BondParts]) -> [String] {
    let hosts = changed.count == 1 ? changed[0].host.owner.words : " on \(BondPlanning.some(changed.map(\.host.label))), one host after the other"
    var lines = [
      "\(name) is plugged anew\(hosts): whatever goes over it stops for some seconds" + (mode(parts) == .lacp ? ", until the switch has agreed" : "")
    ]
    if let management = planning.own.tree.management, planning.carriesManagement([name]) {
      lines.append("Management on \(management.name) keeps its address \(BondPlanning.address(management))")
    }
    if request.upDelay != nil {
      lines.append("A link that comes back is used after that time: XAPI waits 31 s, for switches that pass nothing at first")
    }
    if let session = planning.sessionLine([parts.bond]) { lines.append(session) }
    return lines
  }
}
