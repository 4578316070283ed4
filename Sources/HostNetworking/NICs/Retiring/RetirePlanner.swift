import XenAPI

/// Thinks one thing through that is done on the way to take a NIC out.
struct RetirePlanner {
  private let request: RetireRequest
  private let facts: PluggingFacts
  private let survey: RetireSurvey

  init(_ request: RetireRequest, _ facts: PluggingFacts) {
    self.request = request
    self.facts = facts
    survey = RetireSurvey(request.device, facts)
  }

  private var intent: Intent { .retireNIC(request) }
  private var device: String { request.device }

  func plan() -> ChangePlan {
    if let hazard = survey.wrongKind { return .refusal(intent, "Remove \(device)", [hazard]) }
    if case .destroyNetwork = request.work { return destroyNetwork() }
    guard let node = survey.node else {
      return .refusal(intent, "Remove \(device)", [InterfaceGuards.missing(device, facts)])
    }
    var plan: ChangePlan
    switch request.work {
    case .moveVLANs(let tags, let target): plan = moveVLANs(tags, from: node, to: target)
    case .destroyVLANs(let tags): plan = destroyVLANs(tags, on: node)
    case .moveVIFs(let uuid): plan = moveVIFs(of: node, to: uuid)
    case .removeAddress: plan = removeAddress(node)
    case .allowUnplug: plan = allowUnplug(node)
    case .destroyNetwork: plan = .refusal(intent, "", [])
    }
    plan.hazards += InterfaceGuards.offline(facts)
    return plan
  }

  // MARK: VLANs

  private func nodes(_ tags: [Int], on node: InterfaceTree.Node) -> (found: [InterfaceTree.Node], missing: [Hazard]) {
    let vlans = facts.tree.vlans(on: node.ref)
    let missing = tags.filter { tag in !vlans.contains { $0.pif.vlan == Int64(tag) } }
      .map { Hazard(.blocking, "There is no VLAN \($0) on \(device)") }
    return (tags.compactMap { tag in vlans.first { $0.pif.vlan == Int64(tag) } }, missing)
  }

  private func words(_ tags: [Int]) -> String {
    tags.count == 1 ? "VLAN \(tags[0])" : "VLANs \(NameList.words(tags.map(String.init), most: 8))"
  }

  /// What XAPI refuses when it destroys a VLAN, which begins with unplugging it.
  private func hazards(ofDestroying vlan: InterfaceTree.Node) -> [Hazard] {
    let guards = InterfaceGuards(facts: facts, node: vlan)
    let tunnels = facts.tree.nodes.filter { $0.kind == .tunnel && $0.base == vlan.ref }.map { tunnel in
      Hazard(
        .blocking, "\(tunnel.name) runs over \(vlan.name) and would lose its transport",
        remedy: "Destroy it first: xe tunnel-destroy uuid=\(facts.tunnelUUID(tunnel))")
    }
    let session =
      facts.carriesSession(vlan) ? [Hazard(.blocking, "You are connected through \(vlan.name)", remedy: "Come in another way first")] : []
    return guards.unplugging() + tunnels + session
  }

  private func way(backOf vlan: InterfaceTree.Node) -> [ChangeAction] {
    guard let uuid = facts.database.networks[vlan.pif.network]?.uuid else { return [] }
    return [.createVLAN(tag: Int(vlan.pif.vlan), on: device, network: .uuid(uuid))] + vlan.settings()
  }

  private func moveVLANs(_ tags: [Int], from node: InterfaceTree.Node, to name: String) -> ChangePlan {
    let (vlans, missing) = nodes(tags, on: node)
    let title = "Move \(words(tags)) from \(device) to \(name)"
    guard let target = facts.tree[name] else { return .refusal(intent, title, [InterfaceGuards.missing(name, facts)]) }
    var hazards = missing + base(target) + vlans.flatMap(hazards(ofDestroying:))
    for vlan in vlans where facts.tree.vlans(on: target.ref).contains(where: { $0.pif.vlan == vlan.pif.vlan }) {
      hazards.append(Hazard(.blocking, "\(name) has a VLAN \(vlan.pif.vlan) already"))
    }
    hazards += layout(vlans, target) + interruptions(vlans)
    var steps: [ChangeStep] = []
    for vlan in vlans {
      guard let uuid = facts.database.networks[vlan.pif.network]?.uuid else { continue }
      let tag = Int(vlan.pif.vlan)
      steps.append(facts.scene.step(.destroyVLAN(tag: tag, on: device), undo: way(backOf: vlan)))
      steps.append(
        facts.scene.step(.createVLAN(tag: tag, on: name, network: .uuid(uuid)), undo: [.destroyVLAN(tag: tag, on: name)]))
      steps += settings(of: vlan, on: SavedInterface.vlanName(vlan.pif.vlan, on: name), above: target)
    }
    let isBlocked = hazards.contains { $0.weight == .blocking }
    return ChangePlan(
      intent: intent, title: title, differences: vlans.map { .init(facts.label($0.pif.network), now: $0.name, after: SavedInterface.vlanName($0.pif.vlan, on: name)) },
      consequences: consequences(vlans, moved: true), hazards: hazards, steps: isBlocked ? [] : steps.numbered)
  }

  /// What was set up of the VLAN by hand. It is plugged as it is made, and has the primary address type of what is below.
  private func settings(of vlan: InterfaceTree.Node, on name: String, above target: InterfaceTree.Node) -> [ChangeStep] {
    vlan.settings().compactMap { action in
      switch action {
      case .setOtherConfig(_, let values): facts.scene.step(.setOtherConfig(name, values))
      case .setPrimaryAddressType(_, let family):
        family == target.pif.primaryAddressType ? nil : facts.scene.step(.setPrimaryAddressType(name, family))
      case .setIPv4(_, let settings): facts.scene.step(.setIPv4(name, settings))
      case .setIPv6(_, let settings): facts.scene.step(.setIPv6(name, settings))
      case .replug: facts.scene.step(.replug(name))
      case .unplug: facts.scene.step(.unplug(name))
      case .setDisallowUnplug(_, let isProtected): facts.scene.step(.setDisallowUnplug(name, isProtected))
      default: nil
      }
    }
  }

  /// What goes over the VLANs while they are away.
  private func interruptions(_ vlans: [InterfaceTree.Node]) -> [Hazard] {
    vlans.filter(\.pif.currentlyAttached).flatMap { vlan -> [Hazard] in
      var hazards: [Hazard] = []
      if !vlan.addresses.isEmpty {
        let addresses = NameList.words(vlan.addresses)
        hazards.append(
          Hazard(
            .warning, "\(vlan.name) has an address of its own, \(addresses): storage, migration or backups that go over it are cut for a moment"))
      }
      if vlan.pif.otherConfig["defaultroute"] == "true" {
        hazards.append(Hazard(.warning, "This host's default route goes over \(vlan.name): it is cut for a moment"))
      }
      return hazards
    }
  }

  private func base(_ target: InterfaceTree.Node) -> [Hazard] {
    if target.name == device { return [Hazard(.blocking, "\(device) is where they are")] }
    guard target.kind == .nic || target.kind == .bond else {
      return [Hazard(.blocking, "A VLAN goes on a NIC or a bond, and \(target.name) is neither")]
    }
    if facts.isGone(target) { return [Hazard(.blocking, "\(target.name) is not in this machine")] }
    let down = facts.scene.cards(below: target).filter { facts.database.pifMetrics[$0.pif.metrics]?.carrier == false }
    let hazards = ManagementPlanner.unfit(target, facts.scene)
    guard !down.isEmpty, down.count == facts.scene.cards(below: target).count else { return hazards }
    return hazards + [Hazard(.warning, "\(target.name) has no link", remedy: "Look at its cable and its switch port first")]
  }

  /// Hosts of a pool are alike: a VLAN of one network is on the same network below everywhere.
  private func layout(_ vlans: [InterfaceTree.Node], _ target: InterfaceTree.Node) -> [Hazard] {
    let others = vlans.filter { vlan in (facts.database.networks[vlan.pif.network]?.pifs ?? []).contains { facts.database.pifs[$0]?.host != facts.change.host } }
    var hazards = [
      Hazard(
        .notice, "The switch port of \(target.name) must carry \(words(vlans.map { Int($0.pif.vlan) })) as well: nothing here can see that")
    ]
    if !others.isEmpty {
      hazards.append(
        Hazard(.warning, "Other hosts of the pool have \(words(others.map { Int($0.pif.vlan) })) where it is now: this host will differ from them"))
    }
    return hazards
  }

  private func consequences(_ vlans: [InterfaceTree.Node], moved: Bool) -> [String] {
    vlans.flatMap { vlan -> [String] in
      var lines: [String] = []
      let users = facts.users(of: vlan)
      let vms = (users.idle + users.halted).vms
      let label = facts.label(vlan.pif.network)
      if moved {
        lines.append("\(vlan.name) is away for a moment; \(label) stays the same, so that VMs keep their VIFs" + (vms.isEmpty ? "" : ": \(NameList.words(vms))"))
      } else {
        lines.append("\(label.capitalizedSentence) stays, without a way out of this host")
        if !vms.isEmpty { lines.append("\(NameList.vms(vms)) \(vms.count == 1 ? "keeps a VIF" : "keep VIFs") on it and \(vms.count == 1 ? "reaches" : "reach") nothing outside from here") }
        if !vlan.addresses.isEmpty { lines.append("Its address is lost: \(vlan.addresses.joined(separator: ", "))") }
      }
      return lines
    }
  }

  private func destroyVLANs(_ tags: [Int], on node: InterfaceTree.Node) -> ChangePlan {
    let (vlans, missing) = nodes(tags, on: node)
    let hazards = missing + vlans.flatMap(hazards(ofDestroying:))
    let steps = vlans.map { facts.scene.step(.destroyVLAN(tag: Int($0.pif.vlan), on: device), undo: way(backOf: $0)) }
    return ChangePlan(
      intent: intent, title: "Destroy \(words(tags)) on \(device)",
      differences: vlans.map { .init($0.name, now: facts.label($0.pif.network), after: "gone; the network stays") },
      consequences: consequences(vlans, moved: false), hazards: hazards, steps: hazards.contains { $0.weight == .blocking } ? [] : steps.numbered)
  }

  // MARK: Its own network

  private func moveVIFs(of node: InterfaceTree.Node, to uuid: String) -> ChangePlan {
    let title = "Move VIFs away from \(facts.label(node.pif.network))"
    guard let from = facts.database.networks[node.pif.network]?.uuid, let target = facts.scene.network(uuid: uuid) else {
      return .refusal(intent, title, [Hazard(.blocking, "That network is not there any more", remedy: "r looks again")])
    }
    let moving = survey.movingVIFs(node)
    let label = facts.label(target)
    let vifs = moving.map(\.vif).sorted()
    let action = ChangeAction.moveVIFs(vifs, from: from, to: uuid)
    var hazards = attachment(target, node)
    if let interface = facts.tree.interface(on: target), facts.scene.cards(below: interface).allSatisfy({ facts.database.pifMetrics[$0.pif.metrics]?.carrier == false }) {
      hazards.append(Hazard(.warning, "\(interface.name), which feeds \(label), has no link", remedy: "Look at its cable and its switch port first"))
    }
    let stay = facts.users(of: node).elsewhere.vms + (survey.isAlone(node) ? [] : facts.users(of: node).halted.vms)
    let steps = vifs.isEmpty ? [] : [facts.scene.step(action, "Move \(vifs.count == 1 ? "one VIF" : "\(vifs.count) VIFs") to \(label)", undo: [.moveVIFs(vifs, from: uuid, to: from)])]
    return ChangePlan(
      intent: intent, title: "Move VIFs from \(facts.label(node.pif.network)) to \(label)",
      differences: moving.vms.map { .init($0, now: facts.label(node.pif.network), after: label) },
      consequences: (vifs.isEmpty ? [] : ["Running VMs are moved live; they find other machines and routers on \(label), so that their addresses may not fit"])
        + (stay.isEmpty ? [] : ["\(NameList.vms(stay)) stay\(stay.count == 1 ? "s" : "") on it: other hosts have that network"]),
      hazards: hazards, steps: hazards.contains { $0.weight == .blocking } ? [] : steps.numbered)
  }

  /// HOST_CANNOT_ATTACH_NETWORK
  private func attachment(_ target: Ref<Network>, _ node: InterfaceTree.Node) -> [Hazard] {
    let label = facts.label(target)
    if target == node.pif.network { return [Hazard(.blocking, "\(label.capitalizedSentence) is where they are")] }
    guard let interface = facts.tree.interface(on: target) else {
      return [Hazard(.blocking, "\(facts.hostName) has no interface on \(label)", remedy: "Choose a network that this host has")]
    }
    if let bond = facts.tree.bond(ofMember: interface.ref) {
      return [Hazard(.blocking, "\(interface.name) on \(label) is a member of \(bond.name)", remedy: "Choose the network of \(bond.name)")]
    }
    return InterfaceGuards(facts: facts, node: interface).unmanaged()
  }

  // MARK: Settings

  private func removeAddress(_ node: InterfaceTree.Node) -> ChangePlan {
    let guards = InterfaceGuards(facts: facts, node: node)
    var hazards = guards.unmanaged() + guards.highAvailability(.changed) + guards.clustering(.changed)
    if node.pif.management { hazards.append(Hazard(.blocking, "\(device) carries management", remedy: "Move management to another interface first")) }
    if facts.carriesSession(node) { hazards.append(Hazard(.blocking, "You are connected through \(device)", remedy: "Come in another way first")) }
    let (ipv4, ipv6) = (IPv4Settings(node.pif), IPv6Settings(node.pif))
    let again: [ChangeAction] = node.pif.currentlyAttached ? [.plug(device)] : []
    var steps: [ChangeStep] = []
    if ipv4.mode != .none { steps.append(facts.scene.step(.setIPv4(device, .none), undo: [.setIPv4(device, ipv4)] + again)) }
    if ipv6.mode != .none { steps.append(facts.scene.step(.setIPv6(device, .none), undo: [.setIPv6(device, ipv6)] + again)) }
    return ChangePlan(
      intent: intent, title: "Remove the address of \(device)",
      differences: [.init("Address", now: node.addresses.isEmpty ? "none" : node.addresses.joined(separator: ", "), after: "none")],
      consequences: steps.isEmpty ? [] : ["What goes over this address stops: storage (iSCSI, NFS), migration, backups"],
      hazards: hazards, steps: hazards.contains { $0.weight == .blocking } ? [] : steps.numbered)
  }

  private func allowUnplug(_ node: InterfaceTree.Node) -> ChangePlan {
    let hazards = InterfaceGuards(facts: facts, node: node).clustering(.unplugged)
    let steps = node.pif.disallowUnplug ? [facts.scene.step(.setDisallowUnplug(device, false), undo: [.setDisallowUnplug(device, true)])] : []
    return ChangePlan(
      intent: intent, title: "Lift the protection of \(device)",
      differences: [.init(device, now: node.pif.disallowUnplug ? "protected against unplugging" : "may be unplugged", after: "may be unplugged")],
      hazards: hazards, steps: hazards.isEmpty ? steps.numbered : [])
  }

  // MARK: The end

  private func destroyNetwork() -> ChangePlan {
    guard let network = survey.ownNetwork, let record = facts.database.networks[network] else {
      return .refusal(intent, "Remove the network of \(device)", [Hazard(.blocking, "There is no network of \(device) left")])
    }
    let label = facts.label(network)
    var hazards: [Hazard] = []
    if survey.node != nil {
      hazards.append(Hazard(.blocking, "XAPI's record of \(device) is on \(label)", remedy: "Forget \(device) first"))
    }
    if let users = survey.networkUsers(network) {
      hazards.append(Hazard(.blocking, "\(label.capitalizedSentence) is in use: \(users)", remedy: "Leave it, or move those away first"))
    }
    if record.otherConfig["is_host_internal_management_network"] == "true" {
      hazards.append(Hazard(.blocking, "\(label.capitalizedSentence) is XAPI's own"))
    }
    if hazards.isEmpty {
      hazards.append(Hazard(.notice, "This cannot be taken back: XAPI would make another network, with another uuid"))
    }
    let steps = [facts.scene.step(.destroyEmptyNetwork(record.uuid), "Remove \(label)")]
    return ChangePlan(
      intent: intent, title: "Remove \(label)", differences: [.init(label, now: "bridge \(record.bridge), empty", after: "gone")],
      consequences: [], hazards: hazards, steps: hazards.contains { $0.weight == .blocking } ? [] : steps.numbered)
  }
}
