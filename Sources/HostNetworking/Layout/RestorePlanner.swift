import XenAPI

/// Compares a layout with the present host and puts the steps together.
struct RestorePlanner {
  /// What will stand for an interface of the layout by the time its settings are made.
  enum Expected {
    case there(InterfaceTree.Node)
    /// Made by a step, and what settings it will have then.
    case planned(RestoreStep.ID, SavedInterface)
    case lost(String)
  }

  let layout: NetworkLayout
  let resolver: LayoutResolver
  let hostRef: Ref<Host>
  let isMember: Bool
  let pool: Pool?
  var commands: RestoreCommands
  let nics: [NICMatch]

  var steps: [RestoreStep] = []
  /// Steps that wait for management to have moved.
  var late: [RestoreStep] = []
  var present: [String] = []
  var hazards: [Hazard] = []
  var expected: [String: Expected] = [:]
  /// The step that makes a network, by the network's id.
  var networkSteps: [String: RestoreStep.ID] = [:]
  var ipv4Steps: [String: RestoreStep.ID] = [:]
  /// What the layout calls the interface that will be the management interface by then; nil when the layout does not
  /// have it.
  var management: String?
  /// Devices of present bonds and of those planned so far.
  var bondDevices: Set<String>

  init(_ resolver: LayoutResolver, host: Host, hostRef: Ref<Host>, nics: [NICMatch]) {
    self.resolver = resolver
    self.hostRef = hostRef
    self.nics = nics
    layout = resolver.layout
    pool = resolver.database.pools.first?.record
    isMember = pool?.coordinator.map { $0 != hostRef } ?? false
    commands = RestoreCommands(resolver: resolver, hostUUID: host.uuid)
    management = resolver.tree.management.flatMap { resolver.savedName(of: $0.ref) }
    bondDevices = Set(resolver.tree.nodes.filter { $0.kind == .bond }.map(\.pif.device))
  }

  var database: XenDatabase { resolver.database }
  var tree: InterfaceTree { resolver.tree }

  mutating func plan() {
    tellDifferences()
    for network in layout.networks { plan(network) }
    for match in nics { plan(match) }
    for bond in layout.bonds { plan(bond) }
    for sriov in layout.sriovs { plan(sriov) }
    for vlan in layout.vlans { plan(vlan) }
    for tunnel in layout.tunnels { plan(tunnel) }
    planManagement()
    steps += late
    tellExtras()
  }

  /// The steps with those that can cut this host off, and all that needs one of them, behind the others.
  var ordered: [RestoreStep] {
    var dangerous: Set<RestoreStep.ID> = []
    for step in steps where step.touchesManagement || !dangerous.isDisjoint(with: step.needs) {
      dangerous.insert(step.id)
    }
    return steps.filter { !dangerous.contains($0.id) } + steps.filter { dangerous.contains($0.id) }
  }

  // MARK: Writing steps

  /// - Returns: the step's id.
  @discardableResult
  mutating func add(
    _ id: RestoreStep.ID, _ action: RestoreAction, _ sentence: String, undo: String, needs: [RestoreStep.ID?] = [],
    hazards: [Hazard] = [], blocked: String? = nil, touchesManagement: Bool = false, isLate: Bool = false
  ) -> RestoreStep.ID {
    var step = RestoreStep(
      id: id, action: action, sentence: sentence, commands: commands.lines(action), undo: undo)
    step.needs = needs.compactMap { $0 }
    step.hazards = hazards
    step.blocked = blocked
    step.touchesManagement = touchesManagement
    if isLate { late.append(step) } else { steps.append(step) }
    return id
  }

  /// What other changes of the pool's state forbid (`reference/xapi.md` §3.0).
  var addressGuard: String? {
    if pool?.haEnabled == true { return "high availability is on: disable it first" }
    if pool?.redoLogEnabled == true { return "the redo log is on: disable it first" }
    return nil
  }

  private mutating func tellDifferences() {
    for match in nics where match.kind != .same {
      switch match.kind {
      case .missing(let likely?):
        hazards.append(
          Hazard(.warning, match.sentence, remedy: "If it is, map \(match.saved?.device ?? "") to \(likely)"))
      case .missing(nil):
        hazards.append(Hazard(.warning, match.sentence, remedy: "What needs it is left out; map it to another NIC"))
      default: hazards.append(Hazard(.notice, match.sentence))
      }
    }
    if let reason = addressGuard {
      hazards.append(
        Hazard(.warning, "Addresses and management cannot change: \(reason)", remedy: "Then plan again"))
    }
    if !layout.host.uuid.isEmpty, let now = database.hosts[hostRef]?.uuid, now != layout.host.uuid {
      hazards.append(
        Hazard(
          .warning, "This layout was saved on another host\(layout.host.name.isEmpty ? "" : ", \(layout.host.name)")"))
    }
    for text in layout.taken.missing { hazards.append(Hazard(.notice, "The layout does not tell everything: \(text)")) }
  }

  /// What is here and was not then: left alone, but told.
  private mutating func tellExtras() {
    let known = Set(layout.interfaces.compactMap { resolver.node($0.name)?.ref })
    let taken = Set(
      layout.bonds.filter { resolver.node($0.name) == nil }.flatMap { resolver.members(of: $0) }.map(\.ref))
    let tags = Set(layout.vlans.map(\.tag))
    for node in tree.nodes where node.kind != .nic && !known.contains(node.ref) {
      // VLANs of a bond's members move to the bond.
      if let base = node.base, taken.contains(base), tags.contains(node.pif.vlan) { continue }
      hazards.append(
        Hazard(.notice, "\(node.name) is not in the layout and stays", remedy: "Destroy it when nothing needs it"))
    }
  }

  // MARK: Networks

  private mutating func plan(_ saved: SavedNetwork) {
    guard !saved.isSystem else { return }
    guard let now = database.networks[resolver.network(saved.id)] else {
      // One with interfaces is made when its first interface is.
      if !layout.interfaces.contains(where: { $0.network == saved.id }) { make(saved) }
      return
    }
    let changes = layout.taken.from == .hostFiles ? [] : saved.changes(from: now)
    if changes.isEmpty {
      present.append(saved.title)
      return
    }
    let isShared = database.hosts.count > 1
    add(
      "change \(saved.title)", .changeNetwork(saved, changes: changes),
      "Set \(changes.map(\.words).joined(separator: ", ")) of network \"\(now.nameLabel)\"",
      undo: "set it to what it was", hazards: isShared ? [Hazard(.notice, "Networks belong to the whole pool")] : [])
  }

  @discardableResult
  private mutating func make(_ saved: SavedNetwork) -> RestoreStep.ID {
    let blocked = saved.managed ? nil : "\(saved.title) is not managed by XAPI: make its bridge by hand"
    let id = add(
      "create \(saved.title)", .createNetwork(saved), "Create \(saved.title)", undo: "destroy the network",
      blocked: blocked)
    networkSteps[saved.id] = id
    return id
  }

  /// The step that must make an interface's network first; nil when it is there.
  mutating func networkStep(of saved: SavedInterface) -> RestoreStep.ID? {
    guard let network = layout.network(saved.network), resolver.network(network.id) == nil else { return nil }
    return networkSteps[network.id] ?? make(network)
  }

  /// Why an interface cannot be made on its network; nil when it can.
  func networkConflict(of saved: SavedInterface, ignoring own: Ref<PIF>? = nil) -> String? {
    guard let network = layout.network(saved.network) else { return "it is not known on which network it was" }
    guard let ref = resolver.network(network.id), let other = tree.interface(on: ref), other.ref != own else {
      return nil
    }
    return "\(network.title) is used by \(other.name) here"
  }
}

extension SavedNetwork {
  /// What makes the present network like this one.
  func changes(from now: Network) -> [NetworkChange] {
    var changes: [NetworkChange] = []
    if !name.isEmpty, name != now.nameLabel { changes.append(.name(name)) }
    if description != now.nameDescription { changes.append(.description(description)) }
    if mtu != now.mtu { changes.append(.mtu(mtu)) }
    for (key, value) in otherConfig.sorted(by: { $0.key < $1.key }) where now.otherConfig[key] != value {
      changes.append(.otherConfig(key: key, value: value))
    }
    changes += tags.filter { !now.tags.contains($0) }.map { .addTag($0) }
    changes += purpose.filter { !now.purpose.contains($0) }.map { .addPurpose($0) }
    if locking != now.defaultLockingMode, !locking.rawValue.isEmpty { changes.append(.locking(locking)) }
    return changes
  }
}

extension NetworkChange {
  fileprivate var words: String {
    switch self {
    case .name(let name): "the name \"\(name)\""
    case .description(let text): text.isEmpty ? "no description" : "the description \"\(text)\""
    case .mtu(let mtu): "MTU \(mtu)"
    case .otherConfig(let key, let value): "other-config \(key)=\(value)"
    case .addTag(let tag): "the tag \"\(tag)\""
    case .addPurpose(let purpose): "the purpose \(purpose)"
    case .locking(let mode): "default locking \(mode)"
    }
  }
}
