import XenAPI

/// Plans a path to storage: the VLAN and its network when there shall be one, the MTU from the bottom up, the address, what
/// it is for, and the protection against unplugging.
struct StoragePlanner {
  let request: StorageRequest
  let facts: ChangeFacts
  let scene: ChangeScene
  let base: InterfaceTree.Node
  /// What gets the address, when it is there already.
  let node: InterfaceTree.Node?
  let mark: String

  init(_ request: StorageRequest, _ facts: ChangeFacts, mark: String = ChangeMark.new()) throws(ChangeProblem) {
    let scene = ChangeScene(facts.database, host: facts.host)
    guard let base = scene.tree[request.base] else { throw ChangeProblem("this host has no interface \(request.base)") }
    (self.request, self.facts, self.scene, self.base, self.mark) = (request, facts, scene, base, mark)
    node = request.tag.map { scene.vlan($0, on: base.name) } ?? base
  }

  var name: String { request.interface }

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
  var replugged: [InterfaceTree.Node] {
    var nodes: [InterfaceTree.Node] = []
    if raisesBase, base.pif.currentlyAttached { nodes.append(base) }
    if let node, node.pif.currentlyAttached, mtu(node) != request.mtu || !IPv4Settings(node.pif).isAs(wanted) { nodes.append(node) }
    return nodes
  }

  var interrupts: Bool {
    replugged.contains { scene.tree.carriesManagement($0.ref) || facts.sessionAddress(over: $0.ref, scene.tree) != nil }
  }

  /// Those whom this host would reach by the new network instead.
  var captured: [String] {
    let bridge = node.flatMap { facts.database.networks[$0.pif.network]?.bridge } ?? ""
    return node.map { !IPv4Settings($0.pif).isAs(wanted) } ?? true ? scene.captured(request.address, on: bridge, facts) : []
  }

  /// Storage in the network of the address that is replaced.
  var lostStorage: [String] {
    guard let before = node?.pif.ipv4Prefix, before.network != request.address.network || request.address.length > before.length else { return [] }
    return facts.storage.filter { before.contains($0.address) && !request.address.contains($0.address) }.map { "\"\($0.name)\" (\($0.address))" }.sorted(by: comesBefore)
  }

  // MARK: What is told

  /// The network's, or this host's own for it.
  func mtu(_ node: InterfaceTree.Node) -> Int {
    KeptSettings(config: node.pif.otherConfig).mtu.meaning ?? Int(facts.database.networks[node.pif.network]?.mtu ?? 1500)
  }

  /// The network that the address will be on; nil when it is made.
  var network: Network? {
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

  var raisesBase: Bool { request.tag != nil && mtu(base) < request.mtu }

  // MARK: Steps

  var wanted: IPv4Settings {
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
  func sharedNetwork(_ tag: Int) -> Network? {
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
