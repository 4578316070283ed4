import Dom0
import XenAPI

/// Thinks the end of a bond through, on this host or on all of the pool: everything goes to its primary member.
struct BondDestroyPlanner {
  private let name: String
  private let withNetwork: Bool
  private let isPoolWide: Bool
  private let facts: BondFacts
  private let planning: BondPlanning
  private let scope: BondScope?

  init(_ name: String, withNetwork: Bool, isPoolWide: Bool = false, _ facts: BondFacts) {
    self.name = name
    self.withNetwork = withNetwork
    self.isPoolWide = isPoolWide
    self.facts = facts
    planning = BondPlanning(facts.facts)
    scope = BondScope(name, planning, isPoolWide: isPoolWide)
  }

  func plan() -> ChangePlan {
    let intent = Intent.bonds(.destroy(name, withNetwork: withNetwork, isPoolWide: isPoolWide))
    guard let scope else {
      return ChangePlan(intent: intent, title: "\(name) taken apart", hazards: [Hazard(.blocking, "This host has no bond \(name)")], steps: [])
    }
    let parts = scope.own
    let carries = planning.carriesManagement([name])
    let isProvisional = scope.all.contains { planning.cutsOff($0.host, [$0.bond], facts) }
    let hazards = self.hazards(scope, isProvisional)
    let isBlocked = hazards.contains { $0.weight == .blocking }
    let hosts = scope.all.count > 1 ? " on \(scope.all.count) hosts" : ""
    return ChangePlan(
      intent: intent, title: "\(name) taken apart\(hosts), everything goes to \(parts.primary)", differences: differences(scope, carries, isProvisional),
      consequences: consequences(scope), hazards: hazards.sorted { $0.weight > $1.weight }, steps: isBlocked ? [] : steps(scope, carries, isProvisional),
      isProvisional: isProvisional,
      expectation: !isProvisional
        ? nil : carries ? planning.expectation(on: parts.primary, insteadOf: [name], cards: [parts.primary]) : planning.unmoved)
  }

  // MARK: Steps

  private func steps(_ scope: BondScope, _ carries: Bool, _ isProvisional: Bool) -> [ChangeStep] {
    var steps: [ChangeStep] = []
    for parts in scope.all {
      steps.append(
        planning.step(
          .destroy(parts.host.owner, members: parts.devices, BondPick(network: parts.network.map { .uuid($0.uuid) })),
          undo: parts.again + planning.drift(parts.host, members: parts.devices)))
      let after = left(parts)
      if !after.isEmpty { steps.append(planning.step(.settle(after), undo: [])) }
    }
    if removesNetwork(scope, isProvisional), let network = scope.own.network {
      steps.append(planning.step(.destroyEmptyNetwork(network.uuid), undo: []))
    }
    if carries { steps[0].undo += planning.drift }
    return steps.numbered
  }

  /// What XAPI does not bring to the primary member; another member that has the bond's IPv6 address in its record would take it as well.
  private func left(_ parts: BondParts) -> BondLayout {
    let host = parts.host
    var layout = BondCreatePlanner.carried(host, [parts.bond], to: parts.devices, bond: parts.bond.name, nic: parts.primary)
    let own = IPv6Settings(parts.bond.pif)
    for name in parts.devices where name != parts.primary {
      guard let node = host.tree[name], node.pif.ipv6ConfigurationMode != .none, own.mode != .none, IPv6Settings(node.pif).isAs(own) else { continue }
      var interface = BondLayout.Interface(place: BondLayout.Place(nic: name))
      interface.ipv6 = .some(.none)
      layout.interfaces.insert(interface, at: 0)
    }
    return layout
  }

  /// Hosts whose interfaces stay on the bond's network.
  private func others(_ scope: BondScope) -> [String] {
    let taken = Set(scope.all.map(\.host.host))
    return (scope.own.network?.pifs ?? []).compactMap { planning.database.pifs[$0] }.filter { pif in !(pif.host.map { taken.contains($0) } ?? false) }
      .map { planning.database.hosts[$0.host]?.nameLabel ?? "another host" }.sorted { comesBefore($0, $1) }
  }

  /// Machines whose VIFs XAPI leaves on the bond's network.
  private func stays(_ scope: BondScope) -> [String] {
    planning.own.staying(on: scope.own.bond.pif.network, without: Set(scope.all.map(\.host.host)))
  }

  private func removesNetwork(_ scope: BondScope, _ isProvisional: Bool) -> Bool {
    withNetwork && !isProvisional && others(scope).isEmpty && stays(scope).isEmpty
  }

  // MARK: Hazards

  private func hazards(_ scope: BondScope, _ isProvisional: Bool) -> [Hazard] {
    var hazards = BondPlanning.merged(
      scope.all.map { parts in (parts.host, self.hazards(parts, scope) + planning.storageLines(parts.host, [parts.bond], facts)) })
    hazards += planning.elsewhere(scope.all)
    let network = scope.own.network?.nameLabel ?? ""
    let stays = stays(scope)
    if !stays.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(BondPlanning.some(stays)) \(stays.count == 1 ? "runs" : "run") elsewhere or could, and XAPI leaves the VIFs on network \"\(network)\"",
          remedy: "Move them to where they shall be afterwards"))
    }
    let others = others(scope)
    if planning.isMember, let coordinator = planning.pool?.coordinator, others.contains(planning.database.hosts[coordinator]?.nameLabel ?? "") {
      hazards.append(
        Hazard(
          .warning, "The coordinator has a bond on network \"\(network)\": XAPI makes this host's anew when the toolstack starts the next time",
          remedy: "Destroy it on all hosts of the pool (--pool)"))
    }
    for left in scope.left where left.isOff && others.contains(left.host.label) {
      hazards.append(
        Hazard(.warning, "\(left.host.label) keeps its bond: \(left.reason)", remedy: "Destroy it there once it is up: XAPI does not do that by itself"))
    }
    let keeping = others.filter { name in !scope.left.contains { $0.isOff && $0.host.label == name } }
    if !keeping.isEmpty {
      hazards.append(
        Hazard(.notice, "\(BondPlanning.some(keeping)) \(keeping.count == 1 ? "keeps its interface" : "keep their interfaces") on network \"\(network)\""))
    }
    if let traits = scope.own.network.map({ BondNetworkTraits($0) }), !traits.isEmpty {
      hazards.append(
        Hazard(
          .warning, "What network \"\(network)\" has does not go with the address: \(traits.words)",
          remedy: "Set it on the network of \(scope.own.primary) as well, where it is wanted"))
    }
    return hazards + networkHazards(scope, isProvisional, network)
  }

  /// Of one host.
  private func hazards(_ parts: BondParts, _ scope: BondScope) -> [Hazard] {
    let host = parts.host
    let on = host.owner.words
    var hazards = planning.guards(host, [parts.bond]) + planning.familyHazards(host, [parts.bond]) + planning.wayBack(host, parts.bond, [])
    if parts.primaryRef == nil {
      hazards.append(Hazard(.blocking, "\(parts.bond.name) has no primary member any more\(on): nothing would be left to move to"))
    }
    if let node = host.tree[parts.primary], host.carrier(node) == false {
      hazards.append(
        Hazard(
          .warning, "\(parts.primary), which gets everything\(on), has no link: nothing would pass",
          remedy: "Look at its cable first, or take it out of \(parts.bond.name)"))
    }
    // XAPI takes it apart, but would not make it again: where management hangs on the way back, or a later step may need it.
    if host.carriesManagement([parts.bond]) || scope.all.count > 1 {
      hazards += planning.storage(host, parts.devices.compactMap { host.tree[$0] }, facts.storage, isMadeAnew: true)
    } else {
      hazards += planning.storage(host, parts.devices.compactMap { host.tree[$0] }, facts.storage, isMadeAnew: false).map { hazard in
        Hazard(.warning, hazard.text, remedy: hazard.remedy)
      }
    }
    return hazards + parts.family
  }

  private func networkHazards(_ scope: BondScope, _ isProvisional: Bool, _ network: String) -> [Hazard] {
    guard withNetwork, !removesNetwork(scope, isProvisional) else {
      return withNetwork || !others(scope).isEmpty
        ? [] : [Hazard(.notice, "Network \"\(network)\" stays, with no interface on it: it can be removed afterwards")]
    }
    if isProvisional {
      return [
        Hazard(
          .notice, "Network \"\(network)\" stays until the change is kept: the way back needs it", remedy: "Remove it then, in the list of networks")
      ]
    }
    return [Hazard(.warning, "Network \"\(network)\" stays: something is on it still")]
  }

  // MARK: Words

  private func differences(_ scope: BondScope, _ carries: Bool, _ isProvisional: Bool) -> [ChangePlan.Difference] {
    let parts = scope.own
    var rows = [ChangePlan.Difference(name, now: "\(parts.devices.andList), \(parts.row.mode.bondWords)", after: "-")]
    if let management = planning.own.tree.management, carries {
      let wanted = planning.expectation(on: parts.primary, insteadOf: [name], cards: [parts.primary])
      rows.append(
        ChangePlan.Difference(
          "Management", now: "\(management.name), \(BondPlanning.address(management))",
          after: "\(wanted?.interface ?? parts.primary), \(BondPlanning.address(management))"))
    }
    if let network = parts.network {
      rows.append(ChangePlan.Difference("Network", now: network.nameLabel, after: removesNetwork(scope, isProvisional) ? "removed" : network.nameLabel))
    }
    if isPoolWide {
      let hosts = scope.all.map(\.host.label).andList
      rows.append(ChangePlan.Difference("Hosts", now: hosts, after: hosts))
    }
    return rows
  }

  private func consequences(_ scope: BondScope) -> [String] {
    var lines: [String] = []
    for parts in scope.all {
      let host = parts.host
      let network = host.tree[parts.primary].map { host.networkName($0) } ?? ""
      lines += planning.moves(host, from: [parts.bond], to: parts.primary, network: network)
      let rest = parts.devices.filter { $0 != parts.primary }
      if !rest.isEmpty {
        lines.append(
          "\(rest.andList) \(rest.count == 1 ? "stands" : "stand") alone afterwards, with nothing on \(rest.count == 1 ? "it" : "them")\(host.owner.words)")
      }
    }
    let hosts = scope.all.count > 1 ? " on \(BondPlanning.some(scope.all.map(\.host.label))), one host after the other" : ""
    lines.append("Whatever goes over \(name) stops for some seconds\(hosts)")
    if let ports = scope.own.lacpLine { lines.append(ports) }
    if let session = planning.sessionLine([scope.own.bond]) { lines.append(session) }
    return lines
  }
}
