import Dom0
import XenAPI

/// Thinks a new bond through, on this host or on all of the pool. Pure: the same facts and the same wish make the same plan.
struct BondCreatePlanner {
  /// A host that gets the bond.
  struct Target {
    let host: BondScene
    /// The primary member first.
    let members: [String]
    let name: String

    var nodes: [InterfaceTree.Node] { members.compactMap { host.tree[$0] } }
  }

  let request: BondRequest
  let facts: BondFacts
  let planning: BondPlanning
  let mark: String
  /// This host's, the primary first.
  let members: [String]
  /// In the order in which they get it: members of the pool, the coordinator last.
  let targets: [Target]
  /// Hosts that do not get it, and why.
  let left: [(host: BondScene, reason: String)]

  /// - Parameter mark: tells the networks that this plan makes from others; any text of its own.
  init(_ request: BondRequest, _ facts: BondFacts, mark: String? = nil) {
    self.request = request
    self.facts = facts
    let planning = BondPlanning(facts.facts)
    self.planning = planning
    self.mark = mark ?? ChangeMark.new()
    // Of a NIC named twice one counts.
    let members = planning.own.ordered(
      request.members.reduce(into: [String]()) { list, name in if !list.contains(name) { list.append(name) } })
    self.members = members
    var targets: [Target] = []
    var left: [(host: BondScene, reason: String)] = []
    for host in request.isPoolWide ? facts.facts.otherScenes : [] {
      switch Self.matched(members, planning.own, host) {
      case .success(let names): targets.append(Target(host: host, members: host.ordered(names), name: host.nextName()))
      case .failure(let reason): left.append((host, reason.text))
      }
    }
    let own = Target(host: planning.own, members: members, name: planning.own.nextName())
    let coordinator = planning.pool?.coordinator
    let place = targets.last.map { $0.host.host == coordinator } == true ? targets.count - 1 : targets.count
    targets.insert(own, at: place)
    self.targets = targets
    self.left = left
  }

  struct Reason: Error { let text: String }

  /// The NICs of another host that belong to these: on the same networks, or else of the same names.
  static func matched(_ members: [String], _ own: BondScene, _ host: BondScene) -> Result<[String], Reason> {
    guard host.isLive else { return .failure(Reason(text: "it is off; XAPI gives it the coordinator's bonds when it starts")) }
    var names: [String] = []
    for name in members {
      guard let partner = partner(of: name, own, host) else { return .failure(Reason(text: "it has no NIC that belongs to \(name)")) }
      if let refusal = BondMemberCheck.refusal(partner, host) { return .failure(Reason(text: refusal.text)) }
      names.append(partner.name)
    }
    guard Set(names).count == names.count else { return .failure(Reason(text: "one NIC of it would stand for two of this host's")) }
    return .success(names)
  }

  /// The NIC of another host that belongs to one of this host's: it is on the same network, or else has the same name.
  static func partner(of name: String, _ own: BondScene, _ host: BondScene) -> InterfaceTree.Node? {
    let network = own.tree[name]?.pif.network
    return network.flatMap { host.tree.interface(on: $0) }.flatMap { $0.kind == .nic ? $0 : nil } ?? host.tree[name]
  }

  var own: Target { targets.first { $0.host.host == facts.facts.host } ?? targets[targets.count - 1] }

  func plan() -> ChangePlan {
    let hazards = self.hazards()
    let isBlocked = hazards.contains { $0.weight == .blocking }
    let steps = isBlocked ? [] : self.steps()
    let carries = targets.contains { planning.cutsOff($0.host, $0.nodes, facts) }
    let isOwn = own.host.carriesManagement(own.nodes)
    return ChangePlan(
      intent: .bonds(.create(request)), title: title, differences: differences, consequences: consequences,
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps, isProvisional: carries,
      expectation: carries
        ? isOwn ? planning.expectation(on: own.name, insteadOf: own.members, cards: own.members) : planning.unmoved : nil)
  }

  private var title: String {
    let hosts = targets.count > 1 ? " on \(targets.count) hosts" : ""
    return "\(own.name) from \(members.andList), \(request.mode.bondWords), network \"\(networkName)\"\(hosts)"
  }

  // MARK: Networks

  private var existing: (ref: Ref<Network>, row: Network)? {
    guard case .existing(let uuid) = request.network else { return nil }
    return facts.facts.database.networks.all.first { $0.record.uuid == uuid }.map { ($0.ref, $0.record) }
  }

  var networkName: String {
    switch request.network {
    case .existing: existing?.row.nameLabel ?? ""
    case .new(let name): name.isEmpty ? free("Bond \(members.map { $0.hasPrefix("eth") ? String($0.dropFirst(3)) : $0 }.joined(separator: "+"))") : name
    }
  }

  private func free(_ wanted: String) -> String {
    let taken = Set(facts.facts.database.networks.all.map(\.record.nameLabel))
    if !taken.contains(wanted) { return wanted }
    return (2...).lazy.map { "\(wanted) (\($0))" }.first { !taken.contains($0) } ?? wanted
  }

  var choice: NetworkChoice {
    if case .existing(let uuid) = request.network { return .uuid(uuid) }
    return .mark(mark)
  }

  /// As its members have it: a bond of storage NICs must not make packets smaller.
  var mtu: Int {
    let networks = own.nodes.compactMap { facts.facts.database.networks[$0.pif.network] }
    return networks.first.map { Int(clamping: $0.mtu) } ?? 1500
  }

  /// What the network of the primary member has, and the bond's would not have.
  var traits: BondNetworkTraits? {
    own.nodes.first.flatMap { facts.facts.database.networks[$0.pif.network] }.map { BondNetworkTraits($0) }
  }

  // MARK: VLANs

  func vlanNetworkName(_ tag: Int) -> String { free("VLAN \(tag) on \(own.name)") }

  func vlanMark(_ tag: Int) -> String { "\(mark)-\(tag)" }

  // MARK: Steps

  private func steps() -> [ChangeStep] {
    var steps: [ChangeStep] = []
    if case .new = request.network {
      let hosts = targets.count > 1 ? ", on \(targets.count) hosts" : ""
      steps.append(
        planning.step(
          .bonds(
            .createNetwork(name: networkName, description: "Bond of \(members.andList)\(hosts)", mtu: mtu, mark: mark)),
          undo: [.destroyNetwork(mark: mark)]))
      if let traits, !traits.isEmpty { steps.append(planning.step(.dress(choice, traits), undo: [])) }
    }
    for target in targets { steps += making(target) }
    for plan in tagPlans { steps += making(plan) }
    if request.mode == .lacp, own.members.count > 1, facts.backend?.usesOpenVSwitch != false {
      steps.append(planning.step(.hear(own.host.owner, members: own.members), undo: []))
    }
    if targets.contains(where: { $0.host.carriesManagement($0.nodes) }), !steps.isEmpty { steps[0].undo += planning.drift }
    return steps.numbered
  }

  private func making(_ target: Target) -> [ChangeStep] {
    let spec = BondSpec(
      owner: target.host.owner, name: target.name, members: target.members, mode: request.mode,
      properties: request.mode == .lacp ? request.properties : [:], mac: request.mac, network: choice)
    let before = target.host.layout(of: target.members, bond: target.name)
    var steps = [
      planning.step(
        .create(spec),
        undo: [.destroy(target.host.owner, members: target.members, BondPick(network: choice)), .settle(before)]
          + planning.drift(target.host, members: target.members))
    ]
    var after = Self.carried(target.host, target.nodes, to: target.members, bond: target.name)
    // XAPI leaves them in the records: each would come up with its own again, besides the one that the bond has handed on.
    for node in target.nodes where node.pif.ipv6ConfigurationMode != .none {
      var interface = BondLayout.Interface(place: BondLayout.Place(nic: node.name))
      interface.ipv6 = .some(.none)
      after.interfaces.append(interface)
    }
    if !after.isEmpty { steps.append(planning.step(.settle(after), undo: [])) }
    return steps
  }

  /// What XAPI does not move to a bond, or from one to its primary member.
  /// - Parameters:
  ///   - carriers: that it moves from.
  ///   - nic: that it moves to; nil for the bond.
  static func carried(
    _ host: BondScene, _ carriers: [InterfaceTree.Node], to members: [String], bond: String, nic: String? = nil
  ) -> BondLayout {
    var layout = BondLayout(owner: host.owner, members: members, bond: bond, interfaces: [])
    var isFirst = true
    for carrier in carriers {
      var own = BondLayout.Interface(place: BondLayout.Place(nic: nic))
      // Only the primary member's address and settings are those of the whole.
      if isFirst || carrier.pif.ipv6ConfigurationMode != .none {
        if carrier.pif.ipv6ConfigurationMode != .none, !layout.interfaces.contains(where: { $0.place == own.place && $0.ipv6 != nil }) {
          own.ipv6 = IPv6Settings(carrier.pif)
        }
        if isFirst { own.addedConfig = carrier.pif.otherConfig.filter { BondPlanning.carriedKeys.contains($0.key) } }
      }
      if own.ipv6 != nil || !own.addedConfig.isEmpty { layout.interfaces.append(own) }
      isFirst = false
      for vlan in host.tree.vlans(on: carrier.ref) {
        var upper = BondLayout.Interface(place: BondLayout.Place(nic: nic, tag: Int(vlan.pif.vlan)))
        guard !layout.interfaces.contains(where: { $0.place == upper.place }) else { continue }
        if vlan.pif.ipv6ConfigurationMode != .none { upper.ipv6 = IPv6Settings(vlan.pif) }
        upper.addedConfig = vlan.pif.otherConfig
        if let row = host.database.vlans[vlan.pif.vlanMasterOf], !row.otherConfig.isEmpty { upper.vlanConfig = row.otherConfig }
        if vlan.pif.disallowUnplug { upper.isProtected = true }
        if upper.ipv6 != nil || !upper.addedConfig.isEmpty || upper.vlanConfig != nil || upper.isProtected != nil {
          layout.interfaces.append(upper)
        }
        // XAPI leaves them without a transport, and clears them away at some time.
        layout.tunnels += host.tunnels(over: vlan, at: upper.place)
      }
      layout.tunnels += host.tunnels(over: carrier, at: BondLayout.Place(nic: nic)).filter(\.hasMore)
    }
    return layout
  }

  // MARK: Words

  private var differences: [ChangePlan.Difference] {
    var rows = [ChangePlan.Difference(own.name, now: "-", after: "\(members.andList), \(request.mode.bondWords)")]
    if request.mode == .lacp {
      let values = BondProperties.defaults.merging(request.properties) { _, wanted in wanted }
      rows.append(ChangePlan.Difference("LACP", now: "-", after: Self.words(values)))
    }
    rows.append(ChangePlan.Difference("Network", now: existing == nil ? "-" : networkName, after: networkName + (existing == nil ? " (new)" : "")))
    rows.append(
      ChangePlan.Difference("MAC", now: "-", after: request.mac.isEmpty ? "\(own.nodes.first?.pif.mac ?? "") (\(own.members.first ?? ""))" : request.mac))
    if let management = planning.own.tree.management, own.host.carriesManagement(own.nodes) {
      let wanted = planning.expectation(on: own.name, insteadOf: own.members, cards: own.members)
      rows.append(
        ChangePlan.Difference(
          "Management", now: "\(management.name), \(BondPlanning.address(management))",
          after: "\(wanted?.interface ?? own.name), \(BondPlanning.address(management))"))
    }
    if targets.count > 1 || request.isPoolWide {
      rows.append(ChangePlan.Difference("Hosts", now: "-", after: targets.map(\.host.label).andList))
    }
    return rows
  }

  /// `hashing tcpudp_ports, time slow, fallback on`.
  static func words(_ values: [String: String]) -> String {
    var words: [String] = []
    if let hashing = values[BondProperties.hashing] { words.append("hashing \(hashing)") }
    if let time = values[BondProperties.time] { words.append("time \(time)") }
    if let fallback = values[BondProperties.fallback] { words.append("fallback \(fallback == "true" ? "on" : "off")") }
    if let key = values[BondProperties.key] { words.append("key \(key)") }
    return words.joined(separator: ", ")
  }

  private var consequences: [String] {
    var lines: [String] = []
    for target in targets {
      lines += planning.moves(target.host, from: target.nodes, to: target.name, network: networkName)
    }
    for plan in tagPlans where !plan.targets.isEmpty {
      lines.append("VLAN \(plan.tag) is made on \(own.name), network \"\(networkName(plan))\"")
    }
    let others = Set(targets.flatMap { $0.nodes.map { $0.pif.network } }).compactMap { $0 }.compactMap { facts.facts.database.networks[$0]?.nameLabel }
    if !others.isEmpty {
      lines.append("Network\(others.count == 1 ? "" : "s") \(others.sorted { comesBefore($0, $1) }.map { "\"\($0)\"" }.andList) cannot be used there any more: the bond has the NICs")
    }
    lines.append("Whatever goes over \(members.andList) stops for some seconds" + (request.mode == .lacp ? ", until the switch has agreed" : ""))
    if let session = planning.sessionLine(own.nodes) { lines.append(session) }
    return lines
  }
}
