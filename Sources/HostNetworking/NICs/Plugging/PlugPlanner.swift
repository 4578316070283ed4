import XenAPI

/// Sets the bridge of an interface up.
struct PlugPlanner {
  private let name: String
  private let facts: PluggingFacts

  init(_ name: String, _ facts: PluggingFacts) {
    self.name = name
    self.facts = facts
  }

  func plan() -> ChangePlan {
    guard let node = facts.tree[name] else {
      return .refusal(.plug(name), "Plug \(name)", [InterfaceGuards.missing(name, facts)])
    }
    let target = target(of: node)
    let hazards = hazards(node, target)
    return ChangePlan(
      intent: .plug(name), title: "Plug \(name)", differences: differences(target), consequences: consequences(node, target),
      hazards: hazards, steps: hazards.contains { $0.weight == .blocking } ? [] : steps(target))
  }

  /// XAPI plugs the bond for a member that has virtual functions.
  private func target(of node: InterfaceTree.Node) -> InterfaceTree.Node {
    guard node.kind == .nic, !node.pif.sriovPhysicalPIFOf.isEmpty else { return node }
    return facts.tree.bond(ofMember: node.ref) ?? node
  }

  /// Attached, says XAPI, but its bridge is not there: it is set up once more.
  private func isHollow(_ node: InterfaceTree.Node) -> Bool {
    guard node.kind != .sriov, node.pif.currentlyAttached, let devices = facts.devices else { return false }
    let bridge = facts.bridge(of: node)
    return !bridge.isEmpty && !devices.contains { $0.name == bridge }
  }

  private func steps(_ node: InterfaceTree.Node) -> [ChangeStep] {
    if isHollow(node) { return [facts.scene.step(.replug(node.name), "Plug \(node.name) anew")] }
    if node.pif.currentlyAttached { return [] }
    let undo = [node] + below(node).filter { !$0.pif.currentlyAttached }
    return [facts.scene.step(.plug(node.name), undo: undo.map { .unplug($0.name) })]
  }

  /// What XAPI plugs first.
  private func below(_ node: InterfaceTree.Node) -> [InterfaceTree.Node] {
    guard let base = facts.tree[node.base], node.kind != .vlan || base.kind == .sriov else { return [] }
    return [base] + below(base)
  }

  private func differences(_ node: InterfaceTree.Node) -> [ChangePlan.Difference] {
    let bridge = facts.bridge(of: node)
    let plugged = bridge.isEmpty || node.kind == .sriov ? "plugged" : "plugged, bridge \(bridge)"
    let now = isHollow(node) ? "plugged, without its bridge" : node.pif.currentlyAttached ? plugged : "not plugged"
    return [.init(node.name, now: now, after: plugged)]
  }

  private func consequences(_ node: InterfaceTree.Node, _ target: InterfaceTree.Node) -> [String] {
    var lines: [String] = []
    if target.ref != node.ref { lines.append("\(node.name) is a member of \(target.name): XAPI plugs the bond") }
    guard !target.pif.currentlyAttached || isHollow(target) else { return lines }
    for base in below(target) where !base.pif.currentlyAttached { lines.append("\(base.name), on which it rests, is plugged too") }
    lines.append("VMs on \(facts.label(target.pif.network)) reach the outside over \(target.name)")
    if !target.addresses.isEmpty { lines.append("It gets its address: \(target.addresses.joined(separator: ", "))") }
    if facts.database.pifMetrics[target.pif.metrics]?.carrier == false, target.kind != .sriov {
      lines.append("It has no link as far as XAPI knows: look at the cable and the switch port")
    }
    return lines
  }

  private func hazards(_ node: InterfaceTree.Node, _ target: InterfaceTree.Node) -> [Hazard] {
    var hazards = InterfaceGuards.offline(facts)
    for part in [target] + below(target) {
      hazards += InterfaceGuards(facts: facts, node: part).unmanaged()
      if let sriov = facts.database.sriovs[part.pif.sriovLogicalPIFOf.first], sriov.requiresReboot {
        hazards.append(Hazard(.blocking, "\(part.name) works after a reboot of this host only", remedy: "Reboot the host"))
      }
      if facts.isGone(part) {
        hazards.append(
          Hazard(
            .blocking, "\(part.name) is not in this machine: there is nothing to plug",
            remedy: "Put the card in, or forget it: xcpconsole nic forget \(part.name)"))
      }
    }
    if let bond = facts.tree.bond(ofMember: target.ref) {
      hazards.append(
        Hazard(
          .blocking, "\(target.name) is a member of \(bond.name) and cannot be plugged by itself", remedy: "Plug \(bond.name) instead"))
    }
    if target.kind == .tunnel, let transport = facts.tree[target.base], transport.pif.ipConfigurationMode == .none {
      hazards.append(
        Hazard(
          .blocking, "\(target.name) runs over \(transport.name), which has no IPv4 address",
          remedy: "Give it one first: xe pif-reconfigure-ip uuid=\(transport.pif.uuid) mode=dhcp"))
    }
    return hazards
  }
}
