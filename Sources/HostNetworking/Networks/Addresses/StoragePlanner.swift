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
    return ChangePlan(
      intent: .addresses(.storage(request)), title: "Storage network on \(name), \(request.address), MTU \(request.mtu)", differences: differences,
      consequences: steps.isEmpty ? [] : consequences, hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps)
  }

  // MARK: What is told

  private func mtu(_ node: InterfaceTree.Node) -> Int { Int(facts.database.networks[node.pif.network]?.mtu ?? 1500) }

  private var differences: [ChangePlan.Difference] {
    var lines = [ChangePlan.Difference("Interface", now: node.map { _ in name } ?? "none", after: name)]
    lines.append(.init("Address", now: node?.pif.ipv4Prefix.map { "\($0)" } ?? "none", after: "\(request.address)"))
    if raisesBase { lines.append(.init("MTU \(base.name)", now: "\(mtu(base))", after: "\(request.mtu)")) }
    lines.append(.init("MTU", now: node.map { "\(mtu($0))" } ?? "none", after: "\(request.mtu)"))
    lines.append(.init("Unplugging", now: node?.pif.disallowUnplug == true ? "forbidden" : "allowed", after: request.isProtected ? "forbidden" : "allowed"))
    return lines
  }

  private var consequences: [String] {
    var lines: [String] = []
    let shares = [base] + (raisesBase ? scene.tree.vlans(on: base.ref) : [])
    if raisesBase || (node != nil && node.map { mtu($0) } != request.mtu) {
      lines.append("\(shares.map(\.name).prefix(4).joined(separator: ", ")) \(shares.count == 1 ? "is" : "are") plugged anew for the MTU: a pause of a second or so")
      if facts.database.hosts.count > 1 { lines.append("a network's MTU is the pool's: other hosts take it over at their next plug") }
    }
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
    if request.tag != nil, raisesBase, scene.tree.carriesManagement(base.ref) {
      hazards.append(Hazard(.warning, "\(base.name) carries management, and its MTU would grow to \(request.mtu): a switch port that does not take it cuts long packets off", remedy: "Use another NIC, or MTU \(mtu(base))"))
    }
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
    if let target = request.target, case .v4(let address) = target, !request.address.contains(address) {
      hazards.append(Hazard(.warning, "\(target) is not in \(request.address.network)/\(request.address.length): it would be reached through the default gateway", remedy: "Add a static route, or check the address"))
    }
    if let target = request.target, target == .v4(request.address.address) { hazards.append(Hazard(.blocking, "\(target) is the address that this host would get")) }
    return hazards
  }

  // MARK: Steps

  private var steps: [ChangeStep] {
    var steps: [ChangeStep] = []
    if raisesBase, let network = facts.database.networks[base.pif.network] { steps += raising(network, base) }
    var isNewNetwork = false
    if let tag = request.tag, node == nil {
      let shared = sharedNetwork(tag)
      isNewNetwork = shared == nil
      if let shared {
        steps += mtuOnly(shared)
        steps.append(step(.createVLAN(tag: tag, on: base.name, network: .uuid(shared.uuid)), undo: [.destroyVLAN(tag: tag, on: base.name)]))
      } else {
        steps.append(step(.createNetwork(name: newName(tag), mark: mark), undo: [.destroyNetwork(mark: mark)]))
        if request.mtu != 1500 { steps.append(step(.addresses(.mtu(mark: mark, request.mtu)), undo: [])) }
        steps.append(step(.createVLAN(tag: tag, on: base.name, network: .mark(mark)), undo: [.destroyVLAN(tag: tag, on: base.name)]))
      }
    } else if let node, mtu(node) != request.mtu, let network = facts.database.networks[node.pif.network] {
      steps += raising(network, node)
    }
    steps += addressing
    if isNewNetwork { steps.append(step(.addresses(.settle(mark: mark)), undo: [])) }
    return steps.numbered
  }

  private var addressing: [ChangeStep] {
    let wanted = IPv4Settings(mode: .static, address: "\(request.address.address)", netmask: "\(request.address.netmask)", dns: node.map { IPv4Settings($0.pif).dns } ?? "")
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
    let steps = [step(.setNetworkMTU(network.uuid, request.mtu), undo: [back])]
    guard node.pif.currentlyAttached else { return steps }
    return steps + [step(.replug(node.name), undo: [back, .replug(node.name)])]
  }

  private func mtuOnly(_ network: Network) -> [ChangeStep] {
    guard network.mtu != Int64(request.mtu) else { return [] }
    return [step(.setNetworkMTU(network.uuid, request.mtu), undo: [.setNetworkMTU(network.uuid, Int(network.mtu))])]
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
