import Dom0
import XenAPI

/// Thinks the end of a bond through: everything goes to its primary member.
struct BondDestroyPlanner {
  private let name: String
  private let withNetwork: Bool
  private let facts: BondFacts
  private let planning: BondPlanning
  private let parts: BondParts?

  init(_ name: String, withNetwork: Bool, _ facts: BondFacts) {
    self.name = name
    self.withNetwork = withNetwork
    self.facts = facts
    planning = BondPlanning(facts.facts)
    parts = BondParts(name, planning.own)
  }

  func plan() -> ChangePlan {
    let intent = Intent.bonds(.destroy(name, withNetwork: withNetwork))
    guard let parts else {
      return ChangePlan(intent: intent, title: "\(name) taken apart", hazards: [Hazard(.blocking, "This host has no bond \(name)")], steps: [])
    }
    let carries = planning.carriesManagement([name])
    let hazards = self.hazards(parts, carries)
    let isBlocked = hazards.contains { $0.weight == .blocking }
    return ChangePlan(
      intent: intent, title: "\(name) taken apart, everything goes to \(parts.primary)", differences: differences(parts, carries),
      consequences: consequences(parts), hazards: hazards.sorted { $0.weight > $1.weight }, steps: isBlocked ? [] : steps(parts, carries),
      isProvisional: carries,
      expectation: carries ? planning.expectation(on: parts.primary, insteadOf: [name], cards: [parts.primary]) : nil)
  }

  // MARK: Steps

  private func steps(_ parts: BondParts, _ carries: Bool) -> [ChangeStep] {
    var steps = [planning.step(.destroy(planning.own.owner, members: parts.devices, sparing: []), undo: parts.again)]
    let after = BondCreatePlanner.carried(planning.own, [parts.bond], to: parts.devices, bond: name, nic: parts.primary)
    if !after.isEmpty { steps.append(planning.step(.settle(after), undo: [])) }
    if removesNetwork(parts, carries), let network = parts.network {
      steps.append(planning.step(.destroyEmptyNetwork(network.uuid), undo: []))
    }
    if carries { steps[0].undo += planning.drift }
    return steps.numbered
  }

  /// Interfaces of other hosts on the bond's network.
  private func others(_ parts: BondParts) -> [String] {
    (parts.network?.pifs ?? []).compactMap { planning.database.pifs[$0] }.filter { $0.host != facts.facts.host }
      .compactMap { planning.database.hosts[$0.host]?.nameLabel }.sorted { comesBefore($0, $1) }
  }

  /// VMs whose VIFs XAPI leaves on the bond's network.
  private func stays(_ parts: BondParts) -> [String] { planning.own.strangers(on: parts.bond.pif.network) }

  private func removesNetwork(_ parts: BondParts, _ carries: Bool) -> Bool {
    withNetwork && !carries && others(parts).isEmpty && stays(parts).isEmpty
  }

  // MARK: Hazards

  private func hazards(_ parts: BondParts, _ carries: Bool) -> [Hazard] {
    let own = planning.own
    var hazards = planning.guards(own, [parts.bond]) + planning.familyHazards(own, [parts.bond])
    if parts.primaryRef == nil {
      hazards.append(Hazard(.blocking, "\(name) has no primary member any more: nothing would be left to move to"))
    }
    if let node = own.tree[parts.primary], own.carrier(node) == false {
      hazards.append(
        Hazard(
          .warning, "\(parts.primary), which gets everything, has no link: nothing would pass", remedy: "Look at its cable first, or take it out of \(name)"))
    }
    hazards += parts.family
    let network = parts.network?.nameLabel ?? ""
    let strangers = stays(parts)
    if !strangers.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(BondPlanning.some(strangers)) \(strangers.count == 1 ? "is" : "are") halted and could start elsewhere: the VIFs stay on network \"\(network)\"",
          remedy: "Move them to where they shall be afterwards"))
    }
    let others = others(parts)
    if planning.isMember, let coordinator = planning.pool?.coordinator, others.contains(planning.database.hosts[coordinator]?.nameLabel ?? "") {
      hazards.append(
        Hazard(
          .warning, "The coordinator has a bond on network \"\(network)\": XAPI makes this host's anew when the toolstack starts the next time",
          remedy: "Destroy it on the coordinator as well"))
    }
    if !others.isEmpty {
      hazards.append(Hazard(.notice, "\(BondPlanning.some(others)) \(others.count == 1 ? "keeps its bond" : "keep their bonds") on network \"\(network)\""))
    }
    hazards += networkHazards(parts, carries, network)
    return hazards
  }

  private func networkHazards(_ parts: BondParts, _ carries: Bool, _ network: String) -> [Hazard] {
    guard withNetwork, !removesNetwork(parts, carries) else {
      return withNetwork ? [] : [Hazard(.notice, "Network \"\(network)\" stays, with nothing on it: it can be removed afterwards")]
    }
    if carries {
      return [
        Hazard(
          .notice, "Network \"\(network)\" stays until the change is kept: the way back needs it", remedy: "Remove it then, in the list of networks")
      ]
    }
    return [Hazard(.warning, "Network \"\(network)\" stays: something is on it still")]
  }

  // MARK: Words

  private func differences(_ parts: BondParts, _ carries: Bool) -> [ChangePlan.Difference] {
    var rows = [ChangePlan.Difference(name, now: "\(parts.devices.andList), \(parts.row.mode.bondWords)", after: "-")]
    if let management = planning.own.tree.management, carries {
      let wanted = planning.expectation(on: parts.primary, insteadOf: [name], cards: [parts.primary])
      rows.append(
        ChangePlan.Difference(
          "Management", now: "\(management.name), \(BondPlanning.address(management))",
          after: "\(wanted?.interface ?? parts.primary), \(BondPlanning.address(management))"))
    }
    if let network = parts.network {
      rows.append(ChangePlan.Difference("Network", now: network.nameLabel, after: removesNetwork(parts, carries) ? "removed" : network.nameLabel))
    }
    return rows
  }

  private func consequences(_ parts: BondParts) -> [String] {
    let own = planning.own
    let network = own.tree[parts.primary].map { own.networkName($0) } ?? ""
    var lines = planning.moves(own, from: [parts.bond], to: parts.primary, network: network)
    let rest = parts.devices.filter { $0 != parts.primary }
    if !rest.isEmpty { lines.append("\(rest.andList) \(rest.count == 1 ? "stands" : "stand") alone afterwards, with nothing on \(rest.count == 1 ? "it" : "them")") }
    lines.append("Whatever goes over \(name) stops for some seconds")
    if let ports = parts.lacpLine { lines.append(ports) }
    if planning.carriesManagement([name]), let session = planning.sessionLine { lines.append(session) }
    return lines
  }
}

/// A bond that is there, with what it takes to make it again.
struct BondParts {
  let host: BondScene
  let bond: InterfaceTree.Node
  let row: Bond
  /// The primary member first.
  let devices: [String]
  let primaryRef: Ref<PIF>?

  /// nil when the host has no such bond.
  init?(_ name: String, _ host: BondScene) {
    guard let bond = host.tree[name], bond.kind == .bond, let row = host.row(bond) else { return nil }
    self.host = host
    self.bond = bond
    self.row = row
    primaryRef = row.primaryMember.flatMap { bond.members.contains($0) ? $0 : nil }
    let all = host.devices(bond)
    let first = host.database.pifs[primaryRef]?.device
    devices = all.filter { $0 == first } + all.filter { $0 != first }
  }

  var primary: String { devices.first ?? "" }
  var network: Network? { host.database.networks[bond.pif.network] }

  func spec(members: [String]) -> BondSpec {
    BondSpec(
      owner: host.owner, name: bond.name, members: members, mode: row.mode, properties: row.mode == .lacp ? row.properties : [:],
      mac: row.autoUpdateMAC ? "" : bond.pif.mac, network: .uuid(network?.uuid ?? ""))
  }

  /// Makes it again as it is now, with all that is on it.
  var again: [BondAction] { again(also: []) }

  /// - Parameter more: NICs that are concerned as well.
  func again(also more: [String]) -> [BondAction] {
    [.create(spec(members: devices)), .settle(host.layout(of: devices, bond: bond.name, also: more))]
  }

  /// XAPI leaves IPv6 behind; steps of the plan do not.
  var family: [Hazard] {
    let carried = BondCreatePlanner.carried(host, [bond], to: devices, bond: bond.name, nic: primary)
    let names = carried.interfaces.filter { $0.ipv6 != nil }.map { carried.name($0.place) }
    return names.isEmpty ? [] : [Hazard(.notice, "XAPI does not move IPv6 addresses: \(names.andList) gets its own by a step of its own")]
  }

  var lacpLine: String? {
    row.mode == .lacp ? "The switch ports of \(devices.andList) are a group still: a switch that insists on LACP passes nothing then" : nil
  }
}
