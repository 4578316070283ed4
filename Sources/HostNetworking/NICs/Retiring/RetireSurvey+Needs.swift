import XenAPI

extension RetireSurvey {
  /// What still has the NIC, in the order in which it is best undone.
  var needs: [RetirePath.Need] {
    guard let node else { return [] }
    let isGone = facts.isGone(node)
    return guarded(node) + management(node) + bond(node) + tunnels(node) + functions(node) + vlans(node) + vms(node, isGone: isGone)
      + clustering(node) + storage(node) + (isGone ? [] : address(node) + protection(node))
  }

  private func change(_ text: String, _ work: RetireRequest.Work) -> RetirePath.Choice {
    .init(text, .change(.retireNIC(RetireRequest(device: device, work))))
  }

  private func guarded(_ node: InterfaceTree.Node) -> [RetirePath.Need] {
    let hazards = InterfaceGuards(facts: facts, node: node).highAvailability(.unplugged)
    return hazards.map { RetirePath.Need($0.text, [.init("By hand", .byHand($0.remedy ?? ""))]) }
  }

  private func management(_ node: InterfaceTree.Node) -> [RetirePath.Need] {
    guard facts.tree.carriesManagement(node.ref), let management = facts.tree.management else { return [] }
    let text = management.ref == node.ref ? "It carries management" : "Management is on \(management.name), which rests on it"
    return [.init(text, [.init("Move management to another interface", .moveManagement)])]
  }

  /// XAPI cannot change the members of a bond.
  private func bond(_ node: InterfaceTree.Node) -> [RetirePath.Need] {
    guard let bond = facts.tree.bond(ofMember: node.ref) else { return [] }
    let others = bond.members.compactMap { facts.tree[$0]?.name }.filter { $0 != device }
    let uuid = facts.database.bonds[bond.pif.bondMasterOf.first]?.uuid ?? "?"
    return [
      .init(
        "It is a member of \(bond.name)" + (others.isEmpty ? "" : " with \(NameList.words(others))")
          + ": XAPI takes no member out of a bond, the bond has to be destroyed and made anew without it",
        [.init("By hand: address and VLANs of \(bond.name) go to its first member", .byHand("xe bond-destroy uuid=\(uuid)"))])
    ]
  }

  private func tunnels(_ node: InterfaceTree.Node) -> [RetirePath.Need] {
    let bases = [node] + facts.tree.vlans(on: node.ref)
    return facts.tree.nodes.filter { tunnel in tunnel.kind == .tunnel && bases.contains { $0.ref == tunnel.base } }.map { tunnel in
      .init(
        "\(tunnel.name) runs over \(facts.tree[tunnel.base]?.name ?? device)",
        [.init("By hand", .byHand("xe tunnel-destroy uuid=\(facts.tunnelUUID(tunnel))"))])
    }
  }

  private func functions(_ node: InterfaceTree.Node) -> [RetirePath.Need] {
    facts.tree.nodes.filter { $0.kind == .sriov && $0.base == node.ref }.map { sriov in
      let vms = facts.users(of: sriov).here.vms
      return .init(
        "SR-IOV is enabled on it" + (vms.isEmpty ? "" : ", and \(NameList.vms(vms)) \(vms.count == 1 ? "uses" : "use") it"),
        [.init("By hand", .byHand("xe network-sriov-destroy uuid=\(facts.sriovUUID(sriov))"))])
    }
  }

  // MARK: VLANs

  /// Where VLANs of these tags can go.
  func targets(_ vlans: [InterfaceTree.Node]) -> [InterfaceTree.Node] {
    facts.tree.nodes.filter { other in
      (other.kind == .nic || other.kind == .bond) && other.name != device && other.pif.managed && !facts.isGone(other)
        && facts.tree.bond(ofMember: other.ref) == nil
        && !facts.tree.vlans(on: other.ref).contains { taken in vlans.contains { $0.pif.vlan == taken.pif.vlan } }
    }
  }

  private func vlans(_ node: InterfaceTree.Node) -> [RetirePath.Need] {
    let vlans = facts.tree.vlans(on: node.ref).sorted { $0.pif.vlan < $1.pif.vlan }
    guard !vlans.isEmpty else { return [] }
    let tags = vlans.map { Int($0.pif.vlan) }
    let names = tags.count == 1 ? "VLAN \(tags[0])" : "VLANs \(NameList.words(tags.map(String.init), most: 8))"
    let busy = vlans.filter { !facts.users(of: $0).holding.isEmpty }
    let vms = busy.flatMap { facts.users(of: $0).holding }.vms
    let remark = vms.isEmpty ? "" : "; \(NameList.vms(vms)) \(vms.count == 1 ? "runs" : "run") on \(vlans.count == 1 ? "it" : "them")"
    var choices = targets(vlans).map { change("Move \(names) to \($0.name), on the same \(tags.count == 1 ? "network" : "networks")", .moveVLANs(tags, to: $0.name)) }
    choices.append(change("Destroy \(names)", .destroyVLANs(tags)))
    // One by one, for those that cannot all go the same way.
    if tags.count > 1 {
      for tag in tags { choices.append(change("Destroy VLAN \(tag) only", .destroyVLANs([tag]))) }
    }
    return [.init("It carries \(names) (\(NameList.words(vlans.map { facts.label($0.pif.network) }, most: 3)))\(remark)", choices, summary: "Move or destroy \(names)")]
  }

  // MARK: Its own network

  /// Networks that the VIFs can go to: with an interface of this host.
  var otherNetworks: [(label: String, uuid: String)] {
    facts.tree.nodes.filter { other in
      other.name != device && other.pif.managed && other.kind != .sriov && facts.tree.bond(ofMember: other.ref) == nil
        && other.base != node?.ref && !facts.isGone(other)
    }.compactMap { other in
      facts.database.networks[other.pif.network].map { ("\(facts.label(other.pif.network)) (\(other.name))", $0.uuid) }
    }
  }

  private func vms(_ node: InterfaceTree.Node, isGone: Bool) -> [RetirePath.Need] {
    let users = facts.users(of: node)
    let moving = movingVIFs(node)
    guard !moving.isEmpty else { return [] }
    let holding = users.holding.vms
    let idle = users.idle.vms.filter { !holding.contains($0) }
    let halted = isAlone(node) ? users.halted.vms : []
    var words: [String] = []
    if !holding.isEmpty { words.append("\(NameList.vms(holding)) \(holding.count == 1 ? "runs" : "run") on its network") }
    for (vms, how) in [(idle, "not attached"), (halted, "not running")] where !vms.isEmpty {
      words.append("\(NameList.vms(vms)) \(vms.count == 1 ? "has a VIF" : "have VIFs") on its network, \(how)")
    }
    let choices = otherNetworks.map { change("Move the VIFs to \($0.label)", .moveVIFs(toNetwork: $0.uuid)) }
    return [.init(words.joined(separator: "; "), isRequired: !holding.isEmpty && !isGone, choices, summary: "Move the VIFs to another network")]
  }

  /// No other host has an interface on its network: VMs that do not run have nowhere else to go.
  func isAlone(_ node: InterfaceTree.Node) -> Bool {
    (facts.database.networks[node.pif.network]?.pifs ?? []).allSatisfy { $0 == node.ref }
  }

  /// Those of VMs that run here; those of others only when no other host serves the network.
  func movingVIFs(_ node: InterfaceTree.Node) -> [NetworkUsers.User] {
    let users = facts.users(of: node)
    return isAlone(node) ? users.here + users.halted : users.here
  }

  // MARK: The rest

  private func clustering(_ node: InterfaceTree.Node) -> [RetirePath.Need] {
    InterfaceGuards(facts: facts, node: node).clustering(.unplugged).map {
      RetirePath.Need($0.text, [.init("By hand, on this host", .byHand("xe cluster-host-list, then xe cluster-host-disable uuid=…"))])
    }
  }

  private func storage(_ node: InterfaceTree.Node) -> [RetirePath.Need] {
    InterfaceGuards(facts: facts, node: node).storage().map {
      RetirePath.Need($0.text, isRequired: $0.weight == .blocking, [.init("By hand: \(facts.fcoeStorage == nil ? "look, and detach what there is" : "detach the storage")", .byHand("xe pbd-list host-uuid=\(facts.database.hosts[facts.change.host]?.uuid ?? "?"), then xe pbd-unplug uuid=…"))])
    }
  }

  private func address(_ node: InterfaceTree.Node) -> [RetirePath.Need] {
    guard !node.addresses.isEmpty, !node.pif.management else { return [] }
    return [
      .init(
        "It has an address of its own, \(node.addresses.joined(separator: ", ")): storage, migration or backups may go over it",
        isRequired: false, [change("Remove the address", .removeAddress)])
    ]
  }

  private func protection(_ node: InterfaceTree.Node) -> [RetirePath.Need] {
    guard node.pif.disallowUnplug else { return [] }
    return [.init("It is protected against unplugging", [change("Lift the protection", .allowUnplug)])]
  }
}
