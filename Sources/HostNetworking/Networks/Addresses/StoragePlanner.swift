import XenAPI

/// Plans a path to storage: the VLAN and its network when there shall be one, the MTU from the bottom up, the address, what
/// it is for, and the protection against unplugging.
struct StoragePlanner {
  private let request: StorageRequest
  private let facts: ChangeFacts
  private let scene: ChangeScene
  private let base: InterfaceTree.Node
  /// What gets the address, when it is there already.
  private let node: InterfaceTree.Node?
  private let mark: String

  init(_ request: StorageRequest, _ facts: ChangeFacts, mark: String = ChangeMark.new()) throws(ChangeProblem) {
    let scene = ChangeScene(facts.database, host: facts.host)
    guard let base = scene.tree[request.base] else { throw ChangeProblem("this host has no interface \(request.base)") }
    (self.request, self.facts, self.scene, self.base, self.mark) = (request, facts, scene, base, mark)
    node = request.tag.map { scene.vlan($0, on: base.name) } ?? base
  }

  private var name: String { request.interface }

  func plan() -> ChangePlan {
    let steps = self.steps
    var plan = ChangePlan(
      intent: .addresses(.storage(request)), title: "Storage network on \(name), \(request.address), MTU \(request.mtu)", differences: differences,
      consequences: steps.isEmpty ? [] : consequences, hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps)
    if !steps.isEmpty, interrupts || !captured.isEmpty || !lostStorage.isEmpty {
      plan.isProvisional = true
      plan.expectation = .asNow(scene)
    }
    return plan
  }

  // MARK: What it can cut off

  /// Interfaces that are set up anew although they are in use.
  private var replugged: [InterfaceTree.Node] {
    var nodes: [InterfaceTree.Node] = []
    if raisesBase, base.pif.currentlyAttached { nodes.append(base) }
    if let node, node.pif.currentlyAttached, mtu(node) != request.mtu || !IPv4Settings(node.pif).isAs(wanted) { nodes.append(node) }
    return nodes
  }

  private var interrupts: Bool {
    replugged.contains { scene.tree.carriesManagement($0.ref) || facts.sessionAddress(over: $0.ref, scene.tree) != nil }
  }

  /// Those whom this host would reach by the new network instead.
  private var captured: [String] {
    let bridge = node.flatMap { facts.database.networks[$0.pif.network]?.bridge } ?? ""
    return node.map { !IPv4Settings($0.pif).isAs(wanted) } ?? true ? scene.captured(request.address, on: bridge, facts) : []
  }

  /// Storage in the network of the address that is replaced.
  private var lostStorage: [String] {
    guard let before = node?.pif.ipv4Prefix, before.network != request.address.network || request.address.length > before.length else { return [] }
    return facts.storage.filter { before.contains($0.address) && !request.address.contains($0.address) }.map { "\"\($0.name)\" (\($0.address))" }.sorted(by: comesBefore)
  }

  // MARK: What is told

  /// The network's, or this host's own for it.
  private func mtu(_ node: InterfaceTree.Node) -> Int {
    KeptSettings(config: node.pif.otherConfig).mtu.meaning ?? Int(facts.database.networks[node.pif.network]?.mtu ?? 1500)
  }

  /// The network that the address will be on; nil when it is made.
  private var network: Network? {
    if let node { return facts.database.networks[node.pif.network] }
    return request.tag.flatMap { sharedNetwork($0) }
  }

  private var differences: [ChangePlan.Difference] {
    var lines = [ChangePlan.Difference("Interface", now: node.map { _ in name } ?? "none", after: name)]
    lines.append(.init("Address", now: node?.pif.ipv4Prefix.map { "\($0)" } ?? "none", after: "\(request.address)"))
    if raisesBase { lines.append(.init("MTU \(base.name)", now: "\(mtu(base))", after: "\(request.mtu)")) }
    lines.append(.init("MTU", now: network.map { "\($0.mtu)" } ?? "none", after: "\(request.mtu)"))
    lines.append(.init("Unplugging", now: node?.pif.disallowUnplug == true ? "forbidden" : "allowed", after: request.isProtected ? "forbidden" : "allowed"))
    return lines
  }

  private var consequences: [String] {
    var lines: [String] = []
    let names = replugged.map(\.name)
    if !names.isEmpty { lines.append("\(PoolWords.list(names)) \(PoolWords.are(names.count)) set up anew: a pause of a second or so") }
    lines.append("no gateway: storage is reached on the link itself")
    if facts.database.hosts.count > 1 { lines.append("only this host gets an address: do the same on the others") }
    if let target = request.target { lines.append("afterwards \(target) is tried with packets of \(request.mtu) bytes that may not be cut") }
    return lines
  }

  private var raisesBase: Bool { request.tag != nil && mtu(base) < request.mtu }

  private var hazards: [Hazard] {
    var hazards = ManagementPlanner.unfit(base, scene)
    if request.tag != nil, base.kind != .nic && base.kind != .bond { hazards.append(Hazard(.blocking, "A VLAN goes on a NIC or a bond, and \(base.name) is neither")) }
    if let tag = request.tag, !(0...4094).contains(tag) { hazards.append(Hazard(.blocking, "VLAN \(tag): a tag is a number from 0 to 4094")) }
    if !(68...9216).contains(request.mtu) { hazards.append(Hazard(.blocking, "MTU \(request.mtu): 68 to 9216 bytes are possible")) }
    if node?.pif.management == true { hazards.append(Hazard(.blocking, "\(name) carries management", remedy: "Storage wants an interface of its own")) }
    if interrupts {
      hazards.append(
        Hazard(
          .warning, "\(PoolWords.list(replugged.map(\.name))) \(PoolWords.have(replugged.count) == "has" ? "carries" : "carry") management or this session, and \(PoolWords.are(replugged.count)) set up anew",
          remedy: "It is put back by itself unless you keep it in time"))
    }
    hazards += sizes + replaced
    if request.tag == nil, scene.tree.carriesManagement(base.ref) { hazards.append(Hazard(.notice, "Management goes through \(base.name) as well: storage and management share its bandwidth")) }
    let pool = facts.database.pools.first?.record
    if pool?.haEnabled == true || facts.isHAArmed {
      hazards.append(Hazard(.blocking, "High availability is on: XAPI changes no address of a plugged interface", remedy: "Switch it off first, and on again afterwards"))
    } else if pool?.redoLogEnabled == true {
      hazards.append(Hazard(.blocking, "The redo log is on: XAPI changes no address of a plugged interface", remedy: "Switch it off first (xe pool-disable-redo-log)"))
    }
    if let node, facts.clustered?.contains(node.ref) == true { hazards.append(Hazard(.blocking, "The cluster of this pool talks over \(name): its address cannot change")) }
    if request.mtu > 1500 { hazards.append(Hazard(.notice, "The switch must take \(request.mtu) bytes on every port of the way; the test afterwards tells")) }
    hazards += AddressPlanner.shape(request.address, nil) + scene.addressHazards(request.address, on: node?.ref, facts) + scene.linkHazards(base, facts)
    if request.tag == nil {
      hazards += base.members.compactMap { scene.tree[$0] }.filter { !$0.addresses.isEmpty }.map { member in
        Hazard(.warning, "\(member.name), a member of \(name), has \(PoolWords.list(member.addresses)) on record: it would be in force again without the bond", remedy: "Remove it first")
      }
    }
    if let target = request.target, case .v4(let address) = target, !request.address.contains(address) {
      hazards.append(Hazard(.warning, "\(target) is not in \(request.address.network)/\(request.address.length): it would be reached through the default gateway", remedy: "Add a static route, or check the address"))
    }
    if let target = request.target, target == .v4(request.address.address) { hazards.append(Hazard(.blocking, "\(target) is the address that this host would get")) }
    return hazards
  }

  // MARK: Packet sizes

  /// Networks whose MTU changes.
  private var resized: [Network] {
    var networks: [Network] = []
    if raisesBase, let own = facts.database.networks[base.pif.network] { networks.append(own) }
    if let network, network.mtu != Int64(request.mtu) { networks.append(network) }
    return networks
  }

  private var sizes: [Hazard] {
    var hazards: [Hazard] = []
    for own in [raisesBase ? base : nil, node].compactMap({ $0 }) {
      guard let kept = KeptSettings(config: own.pif.otherConfig).mtu.meaning, kept != request.mtu else { continue }
      hazards.append(
        Hazard(.blocking, "\(own.name) keeps an MTU of \(kept): other-config:mtu says so for this host alone", remedy: "Drop that in the settings of the NIC, or choose MTU \(kept)"))
    }
    if let node, node.kind == .vlan, request.tag == nil, let below = scene.tree[node.base], mtu(below) < request.mtu {
      hazards.append(Hazard(.blocking, "\(node.name) lies on \(below.name), which has an MTU of \(mtu(below))", remedy: "Raise that first, or choose MTU \(mtu(below))"))
    }
    for network in resized { hazards += sizes(of: network) }
    return hazards
  }

  private func sizes(of network: Network) -> [Hazard] {
    var hazards: [Hazard] = []
    let pifs = network.pifs.compactMap { facts.database.pifs[$0] }
    let managed = pifs.filter(\.management).compactMap { facts.database.hosts[$0.host]?.nameLabel }.sorted(by: comesBefore)
    if !managed.isEmpty, request.mtu != 1500 {
      hazards.append(
        Hazard(
          .blocking, "Management of \(PoolWords.list(managed)) is on \"\(network.nameLabel)\": another MTU than 1500 is not supported there",
          remedy: "Use another NIC for storage, or MTU \(network.mtu)"))
    }
    let others = pifs.filter { $0.host != facts.host }.compactMap { facts.database.hosts[$0.host]?.nameLabel }.sorted(by: comesBefore)
    if network.mtu > Int64(request.mtu) {
      let uppers = pifs.filter { $0.host == facts.host }.flatMap { pif in
        scene.tree.nodes.first { $0.pif.uuid == pif.uuid }.map { scene.tree.vlans(on: $0.ref) } ?? []
      }.filter { mtu($0) > request.mtu }.map(\.name)
      let users = others + uppers + (network.vifs.isEmpty ? [] : [PoolWords.count(network.vifs.count, "VIF")])
      if !users.isEmpty {
        hazards.append(
          Hazard(
            .blocking, "\"\(network.nameLabel)\" has an MTU of \(network.mtu), and \(PoolWords.list(users)) \(PoolWords.are(users.count)) on it: it is not lowered for them",
            remedy: "Choose MTU \(network.mtu)"))
      }
    } else if !others.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(PoolWords.list(others)) \(others.count == 1 ? "takes" : "take") the MTU \(request.mtu) of \"\(network.nameLabel)\" over at the next plug or start",
          remedy: "See that their switch ports take packets of that size"))
    }
    return hazards
  }

  /// The address that it has already.
  private var replaced: [Hazard] {
    var hazards: [Hazard] = []
    if let tag = request.tag, let network {
      let vms = Set(network.vifs.compactMap { facts.database.vms[facts.database.vifs[$0]?.vm]?.nameLabel }).sorted(by: comesBefore)
      let users = vms.isEmpty ? "" : ", with \(NameList.vms(vms))"
      hazards.append(
        Hazard(
          vms.isEmpty ? .notice : .warning, "VLAN \(tag) is there already\(node == nil ? " on other hosts" : ""): network \"\(network.nameLabel)\"\(users)",
          remedy: vms.isEmpty ? nil : "Storage wants a VLAN of its own"))
      if !request.networkName.isEmpty, request.networkName != network.nameLabel {
        hazards.append(Hazard(.notice, "The network keeps its name, \"\(network.nameLabel)\""))
      }
    }
    if let node, node.pif.ipConfigurationMode != .none, !IPv4Settings(node.pif).isAs(wanted), !node.pif.management {
      let now = node.addresses.first ?? "an address"
      hazards.append(Hazard(.warning, "\(name) has \(now) already, which is replaced: what uses it is cut off", remedy: "Be sure that nothing does"))
    }
    if !lostStorage.isEmpty {
      hazards.append(
        Hazard(
          .warning, "Storage \(PoolWords.list(lostStorage)) is reached over \(node?.pif.ip ?? "it"): its disks hang without it",
          remedy: "Move its VMs away first; it is put back by itself unless you keep it in time"))
    }
    if !captured.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(PoolWords.list(captured)) would be reached by \(name) from then on: the new network has \(captured.count == 1 ? "that address" : "those addresses") in it",
          remedy: "It is put back by itself unless you keep it in time"))
    }
    return hazards
  }

  // MARK: Steps

  private var wanted: IPv4Settings {
    IPv4Settings(mode: .static, address: "\(request.address.address)", netmask: "\(request.address.netmask)", dns: node.map { IPv4Settings($0.pif).dns } ?? "")
  }

  private var steps: [ChangeStep] {
    var steps: [ChangeStep] = []
    if raisesBase, let network = facts.database.networks[base.pif.network] { steps += raising(network, base) }
    if let tag = request.tag, node == nil {
      let shared = sharedNetwork(tag)
      if let shared {
        steps += mtuOnly(shared)
        steps.append(step(.createVLAN(tag: tag, on: base.name, network: .uuid(shared.uuid)), undo: [.destroyVLAN(tag: tag, on: base.name)]))
      } else {
        steps.append(step(.createNetwork(name: newName(tag), mark: mark), undo: [.destroyNetwork(mark: mark)]))
        if request.mtu != 1500 { steps.append(step(.addresses(.mtu(mark: mark, request.mtu)), undo: [])) }
        steps.append(step(.createVLAN(tag: tag, on: base.name, network: .mark(mark)), undo: [.destroyVLAN(tag: tag, on: base.name)]))
      }
    } else if let node, facts.database.networks[node.pif.network]?.mtu != Int64(request.mtu), let network = facts.database.networks[node.pif.network] {
      steps += raising(network, node)
    }
    steps += addressing
    return steps.numbered
  }

  private var addressing: [ChangeStep] {
    var steps: [ChangeStep] = []
    let isAttached = node?.pif.currentlyAttached ?? false
    if node.map({ !IPv4Settings($0.pif).isAs(wanted) }) ?? true {
      steps.append(step(.setIPv4(name, wanted), undo: node.map { [.setIPv4(name, IPv4Settings($0.pif))] + (isAttached ? [.plug(name)] : []) } ?? []))
    }
    let purpose = node?.pif.otherConfig[AddressPlanner.purposeKey]
    if (purpose ?? "") != request.purpose {
      let value: String? = request.purpose.isEmpty ? nil : request.purpose
      steps.append(
        step(
          .setOtherConfig(name, [AddressPlanner.purposeKey: value]), undo: node == nil ? [] : [.setOtherConfig(name, [AddressPlanner.purposeKey: purpose])]))
    }
    if !isAttached { steps.append(step(.plug(name), undo: node == nil ? [] : [.unplug(name)])) }
    if (node?.pif.disallowUnplug ?? false) != request.isProtected {
      steps.append(step(.addresses(.protect(name, request.isProtected)), undo: [.addresses(.protect(name, !request.isProtected))]))
    }
    return steps
  }

  /// The MTU of a network, and the interface plugged anew when it is plugged.
  private func raising(_ network: Network, _ node: InterfaceTree.Node) -> [ChangeStep] {
    let back = ChangeAction.setNetworkMTU(network.uuid, Int(network.mtu))
    var set = step(.setNetworkMTU(network.uuid, request.mtu), undo: [back])
    set.sentence = "Set the MTU of network \"\(network.nameLabel)\" to \(request.mtu)"
    let steps = [set]
    guard node.pif.currentlyAttached else { return steps }
    return steps + [step(.replug(node.name), undo: [back, .replug(node.name)])]
  }

  private func mtuOnly(_ network: Network) -> [ChangeStep] {
    guard network.mtu != Int64(request.mtu) else { return [] }
    var set = step(.setNetworkMTU(network.uuid, request.mtu), undo: [.setNetworkMTU(network.uuid, Int(network.mtu))])
    set.sentence = "Set the MTU of network \"\(network.nameLabel)\" to \(request.mtu)"
    return [set]
  }

  /// Another host of the pool may have this VLAN: then both belong on one network.
  private func sharedNetwork(_ tag: Int) -> Network? {
    let match = facts.database.vlans.all.first { row in
      row.record.tag == Int64(tag) && facts.database.pifs[row.record.taggedPIF]?.network == base.pif.network
    }
    return match.flatMap { facts.database.pifs[$0.record.untaggedPIF] }.flatMap { facts.database.networks[$0.network] }
  }

  private func newName(_ tag: Int) -> String {
    let wanted = request.networkName.isEmpty ? "\(request.purpose.isEmpty ? "Storage" : request.purpose) \(tag)" : request.networkName
    let taken = Set(facts.database.networks.all.map(\.record.nameLabel))
    if !taken.contains(wanted) { return wanted }
    return (2...).lazy.map { "\(wanted) (\($0))" }.first { !taken.contains($0) } ?? wanted
  }

  private func step(_ action: ChangeAction, undo: [ChangeAction]) -> ChangeStep {
    ChangeStep(0, action.sentence, commands: ChangeCommands(scene: scene).lines(action), action: action, undo: undo)
  }
}
