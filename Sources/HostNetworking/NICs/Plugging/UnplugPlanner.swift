import XenAPI

/// Takes the bridge of an interface down.
struct UnplugPlanner {
  private let name: String
  private let facts: PluggingFacts

  init(_ name: String, _ facts: PluggingFacts) {
    self.name = name
    self.facts = facts
  }

  func plan() -> ChangePlan {
    guard let node = facts.tree[name] else {
      return .refusal(.unplug(name), "Unplug \(name)", [InterfaceGuards.missing(name, facts)])
    }
    if let bond = facts.tree.bond(ofMember: node.ref) {
      return .refusal(
        .unplug(name), "Unplug \(name)",
        [Hazard(.blocking, "\(name) is a member of \(bond.name), which has the traffic", remedy: "Unplug \(bond.name) instead")])
    }
    let riders = facts.riders(on: node).filter(\.pif.currentlyAttached)
    guard node.pif.currentlyAttached || !riders.isEmpty else {
      return ChangePlan(intent: .unplug(name), title: "\(name) is not plugged", steps: [])
    }
    let hazards = InterfaceGuards.offline(facts) + ([node] + riders).flatMap { InterfaceGuards(facts: facts, node: $0).unplugging() }
      + warnings(node, riders)
    let cutsOff = facts.tree.carriesManagement(node.ref) || ([node] + riders).contains { facts.carriesSession($0) }
    return ChangePlan(
      intent: .unplug(name), title: "Unplug \(name)", differences: differences(node), consequences: consequences(node, riders),
      hazards: hazards, steps: steps(node, riders), isProvisional: cutsOff,
      expectation: cutsOff ? Expectation(interface: facts.tree.management?.name) : nil)
  }

  private func steps(_ node: InterfaceTree.Node, _ riders: [InterfaceTree.Node]) -> [ChangeStep] {
    let plugged = (node.pif.currentlyAttached ? [node] : []) + riders
    return [facts.scene.step(.unplug(name), undo: plugged.map { .plug($0.name) })].numbered
  }

  private func differences(_ node: InterfaceTree.Node) -> [ChangePlan.Difference] {
    let bridge = facts.bridge(of: node)
    var rows = [ChangePlan.Difference(name, now: "plugged" + (bridge.isEmpty ? "" : ", bridge \(bridge)"), after: "not plugged")]
    if !node.addresses.isEmpty {
      rows.append(.init("Address", now: node.addresses.joined(separator: ", "), after: "none while it is unplugged"))
    }
    return rows
  }

  private func consequences(_ node: InterfaceTree.Node, _ riders: [InterfaceTree.Node]) -> [String] {
    var lines: [String] = []
    let vlans = facts.vlansAbove(node)
    let bridge = facts.bridge(of: node)
    if vlans.isEmpty {
      if !bridge.isEmpty { lines.append("Bridge \(bridge) goes: \(facts.label(node.pif.network)) has no way out of this host") }
    } else {
      lines.append(
        "\(NameList.words(vlans.map(\.name))) \(vlans.count == 1 ? "stays" : "stay") plugged: XAPI leaves VLANs alone, and bridge \(bridge) stays for them")
    }
    for rider in riders { lines.append("\(rider.name), which rests on it, is unplugged with it") }
    if !node.addresses.isEmpty { lines.append("The settings of its address stay in XAPI") }
    for route in (node.pif.otherConfig["static-routes"] ?? "").split(separator: ",") { lines.append("The route \(route) goes with it") }
    let users = facts.users(of: node)
    if !users.halted.isEmpty {
      let vms = users.halted.vms
      lines.append("XAPI plugs \(name) again when \(vms.count == 1 ? "" : "one of ")\(NameList.vms(vms)) is started here")
    }
    if node.pif.managed, node.kind == .nic || node.kind == .bond || !node.addresses.isEmpty {
      lines.append("XAPI plugs it again by itself when it starts the next time")
    }
    return lines
  }

  private func warnings(_ node: InterfaceTree.Node, _ riders: [InterfaceTree.Node]) -> [Hazard] {
    var hazards: [Hazard] = []
    for part in [node] + riders {
      if facts.carriesSession(part), !part.pif.management {
        hazards.append(
          Hazard(.warning, "You are connected through \(part.name) (\(facts.change.session.local ?? "")): this session will hang"))
      }
      if !part.addresses.isEmpty, !part.pif.management {
        hazards.append(
          Hazard(.warning, "\(part.name) has an address of its own: storage, migration or backups may go over it"))
      }
    }
    if !node.pif.management, facts.tree.carriesManagement(node.ref), let management = facts.tree.management {
      hazards.append(Hazard(.warning, "Management is on \(management.name), which rests on \(name): it should stay, and is watched"))
    }
    return hazards
  }
}
