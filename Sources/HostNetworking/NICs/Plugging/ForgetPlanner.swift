import XenAPI

/// Drops XAPI's record of a NIC. XAPI looks at few things before it does so; the others are told here.
struct ForgetPlanner {
  private let device: String
  private let facts: PluggingFacts

  init(_ device: String, _ facts: PluggingFacts) {
    self.device = device
    self.facts = facts
  }

  private var intent: Intent { .forgetNIC(device) }
  private var title: String { "Forget \(device)" }

  func plan() -> ChangePlan {
    guard let node = facts.tree[device] else {
      let hazard =
        facts.nic(device) == nil
        ? InterfaceGuards.missing(device, facts) : Hazard(.blocking, "XAPI does not know \(device): there is nothing to forget")
      return .refusal(intent, title, [hazard])
    }
    if let hazard = wrongKind(node) { return .refusal(intent, title, [hazard]) }
    let isGone = facts.isGone(node)
    let cutsOff = !isGone && facts.carriesSession(node)
    let undo = isGone ? [] : [.introduceNIC(device, mac: node.pif.mac, managed: node.pif.managed)] + node.settings()
    return ChangePlan(
      intent: intent, title: title + (isGone ? ", which is not in the machine" : ""), differences: differences(node),
      consequences: consequences(node, isGone: isGone), hazards: hazards(node, isGone: isGone),
      steps: [facts.scene.step(.forgetNIC(device), undo: undo)].numbered, isProvisional: cutsOff,
      expectation: cutsOff ? Expectation(interface: facts.tree.management?.name) : nil)
  }

  private func wrongKind(_ node: InterfaceTree.Node) -> Hazard? {
    switch node.kind {
    case .nic: nil
    case .bond: Hazard(.blocking, "\(device) is a bond: it is destroyed, not forgotten", remedy: "xe bond-destroy uuid=\(bondUUID(node))")
    case .vlan: Hazard(.blocking, "\(device) is a VLAN: it is destroyed, not forgotten", remedy: "xe vlan-destroy uuid=\(node.pif.uuid)")
    case .tunnel:
      Hazard(.blocking, "\(device) is a tunnel end: it is destroyed, not forgotten", remedy: "xe tunnel-destroy uuid=\(facts.tunnelUUID(node))")
    case .sriov:
      Hazard(
        .blocking, "\(device) belongs to an SR-IOV network: that is destroyed, it is not forgotten",
        remedy: "xe network-sriov-destroy uuid=\(facts.sriovUUID(node))")
    }
  }

  private func bondUUID(_ node: InterfaceTree.Node) -> String { facts.database.bonds[node.pif.bondMasterOf.first]?.uuid ?? "?" }

  private func differences(_ node: InterfaceTree.Node) -> [ChangePlan.Difference] {
    var rows = [ChangePlan.Difference(device, now: "known" + (node.pif.currentlyAttached ? " and plugged" : ", not plugged"), after: "not known to XAPI")]
    if !node.addresses.isEmpty { rows.append(.init("Address", now: node.addresses.joined(separator: ", "), after: "none")) }
    let kept = node.pif.otherConfig.keys.sorted()
    if !kept.isEmpty { rows.append(.init("Settings", now: kept.joined(separator: ", "), after: "lost")) }
    if node.pif.disallowUnplug { rows.append(.init("Protected", now: "against unplugging", after: "lost")) }
    return rows
  }

  private func consequences(_ node: InterfaceTree.Node, isGone: Bool) -> [String] {
    var lines: [String] = []
    if node.pif.currentlyAttached, node.pif.managed { lines.append("It is unplugged: bridge \(facts.bridge(of: node)) goes") }
    lines.append("\(facts.label(node.pif.network).capitalizedSentence) stays, without an interface of this host")
    lines.append(
      isGone
        ? "Put the card in again and scan, and XAPI makes a fresh record of it"
        : "The NIC is in the machine: the next scan and the next boot bring a fresh record of it")
    return lines
  }

  private func hazards(_ node: InterfaceTree.Node, isGone: Bool) -> [Hazard] {
    let guards = InterfaceGuards(facts: facts, node: node)
    var hazards = InterfaceGuards.offline(facts) + guards.management(.forgotten)
    if let bond = facts.tree.bond(ofMember: node.ref) {
      hazards.append(
        Hazard(.blocking, "\(device) is a member of \(bond.name): it cannot be forgotten", remedy: "Destroy the bond first: xe bond-destroy uuid=\(bondUUID(bond))"))
    }
    let vlans = facts.tree.vlans(on: node.ref)
    if !vlans.isEmpty {
      hazards.append(
        Hazard(
          .blocking, "\(NameList.words(vlans.map(\.name))) \(vlans.count == 1 ? "is" : "are") still there",
          remedy: "Move or destroy \(vlans.count == 1 ? "it" : "them") first: a in the list of interfaces, Remove \(device), or xcpconsole nic remove \(device)"))
    }
    let tunnels = facts.tree.nodes.filter { $0.kind == .tunnel && $0.base == node.ref }
    for tunnel in tunnels {
      hazards.append(
        Hazard(.blocking, "\(tunnel.name) runs over \(device)", remedy: "Destroy it first: xe tunnel-destroy uuid=\(facts.tunnelUUID(tunnel))"))
    }
    hazards += guards.highAvailability(.forgotten)
    if let sriov = facts.database.sriovs[node.pif.sriovPhysicalPIFOf.first] {
      hazards.append(
        Hazard(.blocking, "SR-IOV is enabled on \(device)", remedy: "Destroy its SR-IOV network first: xe network-sriov-destroy uuid=\(sriov.uuid)"))
    }
    return hazards + guards.clustering(.forgotten) + unasked(node, isGone: isGone)
  }

  /// What XAPI does not look at.
  private func unasked(_ node: InterfaceTree.Node, isGone: Bool) -> [Hazard] {
    var hazards: [Hazard] = []
    let vms = facts.users(of: node).holding.vms
    if !vms.isEmpty {
      let verb = vms.count == 1 ? "runs" : "run"
      hazards.append(
        Hazard(
          .warning,
          isGone
            ? "\(NameList.vms(vms)) \(verb) here on its network, which has had no way out since the card is gone"
            : "\(NameList.vms(vms)) \(verb) here on its network and \(vms.count == 1 ? "loses" : "lose") it: XAPI does not look at that"))
    }
    if node.pif.disallowUnplug { hazards.append(Hazard(.warning, "\(device) is protected against unplugging, but XAPI forgets it all the same")) }
    hazards += guardsStorage(node)
    if !isGone, facts.carriesSession(node) { hazards.append(Hazard(.warning, "You are connected through \(device): this session will hang")) }
    if isGone {
      hazards.append(Hazard(.notice, "The card is not there: this cannot be taken back"))
    } else if facts.bridge(of: node) != Newcomer.bridge(for: device), node.pif.managed {
      hazards.append(
        Hazard(.warning, "When \(device) comes back it is put on the network of bridge \(Newcomer.bridge(for: device)), not on \(facts.label(node.pif.network))"))
    }
    return hazards
  }

  private func guardsStorage(_ node: InterfaceTree.Node) -> [Hazard] {
    InterfaceGuards(facts: facts, node: node).storage().map { Hazard(.warning, $0.text, remedy: $0.remedy) }
  }
}

extension PluggingFacts {
  func tunnelUUID(_ node: InterfaceTree.Node) -> String { database.tunnels[node.pif.tunnelAccessPIFOf.first]?.uuid ?? "?" }
  func sriovUUID(_ node: InterfaceTree.Node) -> String { database.sriovs[node.pif.sriovLogicalPIFOf.first]?.uuid ?? "?" }
}

extension String {
  /// With a capital letter at its beginning.
  var capitalizedSentence: String { (first?.uppercased() ?? "") + dropFirst() }
}
