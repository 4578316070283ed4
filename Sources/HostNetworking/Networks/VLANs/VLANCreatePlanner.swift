import XenAPI

/// Thinks new VLANs through. Pure, and its work grows with the VLANs that are there and those that are asked for, not with
/// their product: a pool may have tens of thousands.
struct VLANCreatePlanner {
  /// An interface that gets the VLANs, or would.
  struct Base {
    let ref: Ref<PIF>
    let pif: PIF
    let host: Ref<Host>
    let isLive: Bool
  }

  /// One of the VLANs that are asked for, where it is there already.
  struct Present {
    let base: Base
    let upper: PIF?
  }

  let request: VLANRequest
  let facts: PoolFacts
  let scene: ChangeScene
  /// nil when this host has no such interface.
  let node: InterfaceTree.Node?
  /// All interfaces on the network below, this host's first.
  let bases: [Base]
  /// By tag.
  let present: [Int: [Present]]
  private let mark: String

  /// - Parameter mark: tells the networks that this plan makes from others; any text of its own.
  init(_ request: VLANRequest, _ facts: PoolFacts, mark: String? = nil) {
    self.request = request
    self.facts = facts
    self.mark = mark ?? ChangeMark.new()
    scene = ChangeScene(facts.database, host: facts.host)
    node = scene.tree[request.base]
    bases = node.map { Self.bases(below: $0, facts) } ?? []
    present = Self.present(Set(request.tags.tags), bases, facts.database)
  }

  private static func bases(below node: InterfaceTree.Node, _ facts: PoolFacts) -> [Base] {
    let own = Base(ref: node.ref, pif: node.pif, host: facts.host, isLive: true)
    let others = (facts.database.networks[node.pif.network]?.pifs ?? []).compactMap { ref -> Base? in
      guard ref != node.ref, let pif = facts.database.pifs[ref], let host = pif.host, host != facts.host else { return nil }
      return Base(ref: ref, pif: pif, host: host, isLive: facts.isLive(host))
    }
    return [own] + others.sorted { comesBefore(facts.hostName($0.host), facts.hostName($1.host)) }
  }

  private static func present(_ tags: Set<Int>, _ bases: [Base], _ database: XenDatabase) -> [Int: [Present]] {
    var found: [Int: [Present]] = [:]
    for base in bases {
      for ref in base.pif.vlanSlaveOf {
        guard let vlan = database.vlans[ref], let tag = Int(exactly: vlan.tag), tags.contains(tag) else { continue }
        found[tag, default: []].append(Present(base: base, upper: database.pifs[vlan.untaggedPIF]))
      }
    }
    return found
  }

  // MARK: Where and on what

  /// Those that get the VLANs.
  var chosen: [Base] { request.isPoolWide ? bases.filter(\.isLive) : Array(bases.prefix(1)) }

  /// What one tag comes to.
  struct Part {
    let tag: Int
    /// Where it is missing, or not plugged.
    let missing: [Base]
    /// It is nowhere yet.
    let isNew: Bool
    let network: PartNetwork
  }

  enum PartNetwork {
    case new(NetworkDraft, mark: String)
    case there(Ref<Network>)
    /// It cannot be told.
    case none

    var ref: Ref<Network>? { if case .there(let ref) = self { ref } else { nil } }
  }

  func part(_ tag: Int) -> Part {
    let there = present[tag] ?? []
    let chosen = self.chosen
    let plugged = Set(there.filter { $0.upper?.currentlyAttached == true }.map(\.base.ref))
    let missing = chosen.filter { !plugged.contains($0.ref) }
    return Part(
      tag: tag, missing: missing, isNew: !chosen.contains { base in there.contains { $0.base.ref == base.ref } }, network: network(tag, there))
  }

  /// That of the hosts that have it, the one that was asked for, or a new one.
  private func network(_ tag: Int, _ there: [Present]) -> PartNetwork {
    let known = Self.networks(there)
    if case .existing(let uuid) = request.target { return facts.network(uuid: uuid).map { .there($0.ref) } ?? .none }
    if known.count == 1, let only = known.first { return .there(only) }
    guard known.isEmpty, case .new(let pattern, let description) = request.target else { return .none }
    let draft = NetworkDraft(
      name: VLANRequest.name(pattern, tag: tag), description: VLANRequest.name(description, tag: tag), mtu: request.mtu ?? 1500)
    return .new(draft, mark: "\(mark)-\(tag)")
  }

  /// What the network that was chosen gets; nil leaves it. That of other hosts, which a VLAN only joins, stays as it is.
  func newMTU(of network: Network) -> Int? {
    guard case .existing(network.uuid) = request.target, let mtu = request.mtu, Int64(mtu) != network.mtu else { return nil }
    return mtu
  }

  static func networks(_ there: [Present]) -> [Ref<Network>] {
    var seen: Set<Ref<Network>> = []
    return there.compactMap { $0.upper?.network }.filter { seen.insert($0).inserted }
  }

  // MARK: The plan

  func plan() -> ChangePlan {
    let parts = request.tags.tags.map(part)
    return ChangePlan(
      intent: .vlans(.create(request)), title: title, differences: differences(parts), consequences: consequences(parts),
      hazards: hazards(parts).sorted { $0.weight > $1.weight }, steps: steps(parts))
  }

  private var title: String {
    let count = request.tags.tags.count
    let hosts = chosen.count > 1 ? " of \(PoolWords.count(chosen.count, "host"))" : ""
    return (count == 1 ? "VLAN \(request.tags)" : "\(count) VLANs, \(request.tags),") + " on \(request.base)\(hosts)"
  }

  func spot(_ base: Base) -> VLANSpot {
    VLANSpot(
      host: facts.database.hosts[base.host]?.uuid ?? "", hostName: facts.isPool ? facts.hostName(base.host) : "",
      base: facts.database.name(of: base.pif))
  }

  private func steps(_ parts: [Part]) -> [ChangeStep] {
    guard let node, unfit(node).isEmpty else { return [] }
    let spots = Dictionary(uniqueKeysWithValues: chosen.map { ($0.ref, spot($0)) })
    let lines = VLANLines(
      scene: scene, bases: Dictionary(uniqueKeysWithValues: chosen.map { (spots[$0.ref], $0.pif.uuid) }.compactMap { spot, uuid in spot.map { ($0, uuid) } }))
    return parts.filter { !$0.missing.isEmpty }.flatMap { steps($0, spots, lines) }.numbered
  }

  private func steps(_ part: Part, _ spots: [Ref<PIF>: VLANSpot], _ lines: VLANLines) -> [ChangeStep] {
    var steps: [ChangeStep] = []
    let choice: NetworkChoice
    switch part.network {
    case .new(let draft, let mark):
      let action = ChangeAction.networks(.create(draft, mark: mark))
      steps.append(
        ChangeStep(0, action.sentence, commands: lines.commands.lines(action), action: action, undo: [.networks(.discard(mark: mark, name: draft.name))]))
      choice = .mark(mark)
    case .there(let ref):
      guard let network = facts.database.networks[ref] else { return [] }
      if let mtu = newMTU(of: network) {
        let action = ChangeAction.networks(.setMTU(network.uuid, mtu, name: network.nameLabel))
        steps.append(
          ChangeStep(
            0, action.sentence, commands: lines.commands.lines(action), action: action,
            undo: [.networks(.setMTU(network.uuid, Int(clamping: network.mtu), name: network.nameLabel))]))
      }
      choice = .uuid(network.uuid)
    case .none: return []
    }
    let at = part.missing.compactMap { spots[$0.ref] }
    let isPoolWide = request.isPoolWide && part.isNew && at.count > 1
    let action = VLANAction.create(tag: part.tag, at: at, network: choice, isPoolWide: isPoolWide)
    // Only what was not there goes again: VLANs that were unplugged stay.
    let there = Set((present[part.tag] ?? []).map(\.base.ref))
    let made = part.missing.filter { !there.contains($0.ref) }.compactMap { spots[$0.ref] }
    let unplugged = part.missing.filter { there.contains($0.ref) }.compactMap { spots[$0.ref] }
    let commands =
      part.isNew
      ? lines.creation(part.tag, at, choice, isPoolWide: isPoolWide)
      : VLANAction.create(tag: part.tag, at: at, network: choice, isPoolWide: false).commands(lines.commands)
    let undo: [ChangeAction] =
      (made.isEmpty ? [] : [.vlans(.destroy(tag: part.tag, at: made, network: choice, everywhere: isPoolWide && there.isEmpty))])
      + (unplugged.isEmpty ? [] : [.vlans(.unplug(tag: part.tag, at: unplugged))])
    steps.append(ChangeStep(0, action.sentence, commands: commands, action: .vlans(action), undo: undo))
    return steps
  }
}

/// The lines for many VLANs, with what they lie on looked up once.
struct VLANLines {
  let commands: ChangeCommands
  private let bases: [VLANSpot: String]

  /// - Parameter bases: the uuids of what the VLANs lie on.
  init(scene: ChangeScene, bases: [VLANSpot: String]) {
    commands = ChangeCommands(scene: scene)
    self.bases = bases
  }

  func creation(_ tag: Int, _ spots: [VLANSpot], _ choice: NetworkChoice, isPoolWide: Bool) -> [String] {
    // What is yet to be made need not be looked for among all that is there.
    let network = if case .mark = choice { "$NET" } else { commands.network(choice) }
    func line(_ verb: String, _ spot: VLANSpot) -> String { "xe \(verb) pif-uuid=\(bases[spot] ?? "?") vlan=\(tag) network-uuid=\(network)" }
    if isPoolWide, let first = spots.first { return [line("pool-vlan-create", first)] }
    return spots.map { line("vlan-create", $0) }
  }
}
