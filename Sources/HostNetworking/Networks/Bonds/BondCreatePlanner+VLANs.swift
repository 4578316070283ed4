import XenAPI

/// VLANs that are asked for together with a bond.
extension BondCreatePlanner {
  struct TagPlan {
    let tag: Int
    /// What the tag's network is already where it comes along with a member; nil when it is made.
    let network: (ref: Ref<Network>, row: Network)?
    /// Hosts where the VLAN has to be made.
    let targets: [Target]
    /// Why it cannot be.
    let hazards: [Hazard]
  }

  /// A tag that comes along with a member is not made anew; where another host lacks it, it gets it on the same network.
  var tagPlans: [TagPlan] {
    let database = facts.facts.database
    return Set(request.vlans).filter { (0...4094).contains($0) }.sorted().map { tag in
      var coming: [(target: Target, vlan: InterfaceTree.Node)] = []
      var lacking: [Target] = []
      for target in targets {
        let vlan = target.nodes.lazy.flatMap { target.host.tree.vlans(on: $0.ref) }.first { $0.pif.vlan == Int64(tag) }
        if let vlan { coming.append((target, vlan)) } else { lacking.append(target) }
      }
      guard let first = coming.first(where: { $0.target.host.host == facts.facts.host }) ?? coming.first, let ref = first.vlan.pif.network,
        let row = database.networks[ref]
      else { return TagPlan(tag: tag, network: nil, targets: lacking, hazards: []) }
      var hazards: [Hazard] = []
      for (target, vlan) in coming where vlan.pif.network != ref {
        hazards.append(
          Hazard(
            .blocking,
            "\(vlan.name)\(target.host.owner.words) is on network \"\(target.host.networkName(vlan))\", and \(first.vlan.name)\(first.target.host.owner.words) on \"\(row.nameLabel)\": one tag of the pool has one network",
            remedy: "Leave \(tag) out, or put both on one network first"))
      }
      for target in lacking {
        if let other = target.host.tree.interface(on: ref) {
          hazards.append(
            Hazard(
              .blocking, "Network \"\(row.nameLabel)\" of VLAN \(tag) has \(other.name) already\(target.host.owner.words)",
              remedy: "Leave \(tag) out, or remove \(other.name) first"))
        }
      }
      hazards.append(
        Hazard(
          .notice,
          "VLAN \(tag) comes along with a member\(coming.count < targets.count ? " on \(coming.map(\.target.host.label).andList)" : "")"
            + (lacking.isEmpty ? ": it is not made anew" : ": it is made on \(lacking.map(\.host.label).andList) only, on network \"\(row.nameLabel)\"")))
      return TagPlan(tag: tag, network: (ref, row), targets: lacking, hazards: hazards)
    }
  }

  func networkName(_ plan: TagPlan) -> String { plan.network?.row.nameLabel ?? vlanNetworkName(plan.tag) }

  func making(_ plan: TagPlan) -> [ChangeStep] {
    var steps: [ChangeStep] = []
    guard !plan.targets.isEmpty else { return [] }
    let choice: NetworkChoice
    if let network = plan.network {
      choice = .uuid(network.row.uuid)
    } else {
      choice = .mark(vlanMark(plan.tag))
      steps.append(
        planning.step(
          .bonds(.createNetwork(name: vlanNetworkName(plan.tag), description: "", mtu: mtu, mark: vlanMark(plan.tag))),
          undo: [.destroyNetwork(mark: vlanMark(plan.tag))]))
    }
    for target in plan.targets {
      steps.append(
        planning.step(
          .createVLAN(target.host.owner, tag: plan.tag, members: target.members, choice),
          undo: [.destroyVLAN(target.host.owner, tag: plan.tag, members: target.members)]))
    }
    return steps
  }
}
