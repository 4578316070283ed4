import XenAPI

/// Thinks the end of VLANs through: of one host or of all, with the network when nothing is left on it.
struct VLANDestroyPlanner {
  private let removal: VLANRemoval
  private let facts: PoolFacts
  private let victims: VLANVictims
  private let commands: ChangeCommands

  init(_ removal: VLANRemoval, _ facts: PoolFacts) {
    self.removal = removal
    self.facts = facts
    victims = VLANVictims(removal.which, isPoolWide: removal.isPoolWide, facts)
    commands = ChangeCommands(scene: ChangeScene(facts.database, host: facts.host))
  }

  func plan() -> ChangePlan {
    let (gone, staying) = networks
    let steps = victims.steps(commands) + (removesNetworks ? gone.map { NetworkEnd($0, facts, commands).step } : [])
    let hazards = missing + victims.hazards(facts) + trial(gone)
    return ChangePlan(
      intent: .vlans(.destroy(removal)), title: title, differences: differences(gone), consequences: consequences(gone, staying),
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps.numbered, isProvisional: isProvisional,
      expectation: isProvisional ? .asNow(commands.scene) : nil)
  }

  private var isProvisional: Bool { !victims.cuts(facts).isEmpty }
  /// The way back of a change on trial needs them.
  private var removesNetworks: Bool { removal.withNetwork && !isProvisional }

  private func trial(_ gone: [Network]) -> [Hazard] {
    let cuts = victims.cuts(facts).map { Hazard(.warning, $0, remedy: "The VLAN comes back by itself unless the change is kept, from wherever this host is reached then") }
    guard !cuts.isEmpty, removal.withNetwork, !gone.isEmpty else { return cuts }
    let names = gone.map { "\"\($0.nameLabel)\"" }
    let (they, need) = names.count == 1 ? ("it", "stays") : ("them", "stay")
    return cuts + [
      Hazard(
        .notice, "\(PoolWords.named("Network", names)) \(need) until the change is kept: the way back needs \(they)",
        remedy: "Remove \(they) then, in the list of networks")
    ]
  }

  private var tags: TagList { TagList(victims.groups.map(\.tag)) }

  private var title: String {
    guard !victims.groups.isEmpty else { return "Remove VLANs" }
    let hosts = Set(victims.within.flatMap(\.victims).map(\.host)).count
    let place = hosts > 1 ? " from \(PoolWords.count(hosts, "host"))" : ""
    return victims.groups.count == 1 ? "Remove VLAN \(tags) on \(victims.base)\(place)" : "Remove \(tags.tags.count) VLANs, \(tags), on \(victims.base)\(place)"
  }

  private var missing: [Hazard] {
    if case .tags(let tags, let base) = removal.which {
      guard facts.database.hosts[facts.host]?.pifs.contains(where: { facts.database.pifs[$0].map { facts.database.name(of: $0) } == base }) == true
      else { return [Hazard(.blocking, "This host has no interface \(base)", remedy: "xcpconsole nic list shows them")] }
      if tags.tags.isEmpty { return [Hazard(.blocking, "No tag was given")] }
      guard !victims.missing.isEmpty else { return [] }
      return [
        Hazard(
          victims.groups.isEmpty ? .blocking : .warning, "\(base) has no VLAN \(TagList(victims.missing))" + (removal.isPoolWide ? ", on no host" : ""),
          remedy: "xcpconsole vlan list shows those that are there")
      ]
    }
    if victims.groups.isEmpty {
      return [
        Hazard(
          .blocking, removal.isPoolWide ? "No VLAN feeds this network" : "This host has no VLAN on this network",
          remedy: removal.isPoolWide ? nil : "Remove it on all hosts")
      ]
    }
    return []
  }

  /// Those that are left without anything, and those that stay, with the reason.
  private var networks: (gone: [Network], staying: [(Network, String)]) {
    var gone: [Network] = []
    var staying: [(Network, String)] = []
    let removed = Set(victims.within.flatMap(\.victims).compactMap { $0.upper?.ref })
    var seen: Set<Ref<Network>> = []
    for victim in victims.all {
      guard let ref = victim.upper?.pif.network, seen.insert(ref).inserted, let network = facts.database.networks[ref] else { continue }
      let left = network.pifs.filter { !removed.contains($0) }.compactMap { facts.database.pifs[$0] }
      let users = facts.users(of: network)
      if !left.isEmpty {
        staying.append((network, "\(PoolWords.list(left.map { facts.nameWithHost($0) }, most: 3)) \(PoolWords.are(left.count)) on it"))
      } else if !users.isEmpty {
        staying.append((network, "\(PoolWords.list(PoolFacts.names(users), most: 3)) \(PoolWords.have(PoolFacts.names(users).count)) VIFs on it"))
      } else {
        gone.append(network)
      }
    }
    return (gone.sorted { comesBefore($0.nameLabel, $1.nameLabel) }, staying)
  }

  private func differences(_ gone: [Network]) -> [ChangePlan.Difference] {
    var rows: [ChangePlan.Difference] = []
    for (tag, victims) in victims.groups.prefix(8) {
      let left = victims.filter { !$0.isLive }.map(\.spot)
      rows.append(.init("VLAN \(tag)", now: "on \(victims.map(\.spot).words)", after: left.isEmpty ? "gone" : "on \(left.words)"))
    }
    if victims.groups.count > 8 { rows.append(.init("and", now: "\(victims.groups.count - 8) more", after: "gone")) }
    if removesNetworks, !gone.isEmpty {
      rows.append(.init("Network", now: PoolWords.list(gone.map { "\"\($0.nameLabel)\"" }, most: 3), after: "gone"))
    }
    return rows
  }

  private func consequences(_ gone: [Network], _ staying: [(Network, String)]) -> [String] {
    var lines: [String] = []
    if removal.withNetwork {
      lines += staying.map { "network \"\($0.0.nameLabel)\" stays: \($0.1)" }
    } else {
      lines += gone.map { "network \"\($0.nameLabel)\" stays, as a private one" }
    }
    for network in gone + staying.map(\.0) where network.otherConfig["static-routes"]?.isEmpty == false {
      let routes = RouteSurvey.record(of: network).routes.map { "\($0.destination)" }
      lines.append("the static routes of network \"\(network.nameLabel)\" are in force no more" + (routes.isEmpty ? "" : ": \(PoolWords.list(routes))"))
    }
    let removed = Set(victims.within.flatMap(\.victims).compactMap { $0.upper?.ref })
    for (network, _) in staying where network.pifs.allSatisfy({ removed.contains($0) }) {
      let names = PoolFacts.names(facts.users(of: network))
      if !names.isEmpty { lines.append("VIFs of \(PoolWords.list(names)) lead nowhere outside from then on: \"\(network.nameLabel)\" becomes a private network") }
    }
    if facts.isPool, !removal.isPoolWide { lines += elsewhere }
    return lines
  }
}

extension VLANDestroyPlanner {
  /// What other hosts have of the same VLANs, and which VMs this one cannot run any more.
  private var elsewhere: [String] {
    var lines: [String] = []
    for (tag, victims) in victims.within {
      for network in Set(victims.compactMap { $0.upper?.pif.network }) {
        let record = facts.database.networks[network]
        let others = (record?.pifs ?? []).compactMap { facts.database.pifs[$0] }.filter { $0.host != facts.host }
        let hosts = others.compactMap(\.host)
        guard !hosts.isEmpty else { continue }
        let names = Set(hosts.map { facts.hostName($0) }).sorted(by: comesBefore)
        lines.append("\(PoolWords.list(names)) \(names.count == 1 ? "keeps" : "keep") VLAN \(tag)")
        if !facts.isCoordinator, hosts.contains(where: { $0 == facts.pool?.coordinator }) {
          lines.append("the coordinator has it, so this host gets it anew when its toolstack starts")
        }
        let users = PoolFacts.names(record.map { facts.users(of: $0) } ?? [])
        if !users.isEmpty { lines.append("\(PoolWords.list(users)), with VIFs on \(facts.networkName(network)), cannot run on \(facts.hostName(facts.host)) any more") }
      }
    }
    return lines
  }
}

/// The last step of a network.
struct NetworkEnd {
  let step: ChangeStep

  init(_ network: Network, _ facts: PoolFacts, _ commands: ChangeCommands) {
    let losing = facts.users(of: network).map(\.vif.uuid)
    let action = ChangeAction.networks(.destroy(network.uuid, name: network.nameLabel, losing: losing))
    step = ChangeStep(
      0, action.sentence, commands: commands.lines(action), action: action,
      undo: [.networks(.restore(NetworkDraft(network), formerly: network.uuid))])
  }
}
