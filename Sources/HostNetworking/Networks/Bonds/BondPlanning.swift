import Dom0
import XenAPI

/// What plans about bonds have in common.
struct BondPlanning {
  let facts: ChangeFacts
  let scene: ChangeScene
  /// This host.
  let own: BondScene

  init(_ facts: ChangeFacts) {
    self.facts = facts
    scene = ChangeScene(facts.database, host: facts.host)
    own = facts.bondScene
  }

  var database: XenDatabase { facts.database }
  var pool: Pool? { database.pools.first?.record }
  var isHAOn: Bool { pool?.haEnabled == true || facts.isHAArmed }
  /// This host is a member of a pool whose coordinator is another.
  var isMember: Bool { pool?.coordinator.map { $0 != facts.host } ?? false }

  func step(_ action: ChangeAction, undo: [ChangeAction]) -> ChangeStep {
    ChangeStep(0, action.sentence, commands: ChangeCommands(scene: scene).lines(action), action: action, undo: undo)
  }

  func step(_ action: BondAction, undo: [BondAction]) -> ChangeStep {
    step(.bonds(action), undo: undo.map { .bonds($0) })
  }

  // MARK: Management

  /// Interfaces below management, this one first.
  private var way: [InterfaceTree.Node] {
    guard let management = own.tree.management else { return [] }
    return [management] + [own.tree[management.base]].compactMap { $0 }
  }

  func carriesManagement(_ names: [String]) -> Bool { way.contains { names.contains($0.name) } }

  /// The last thing on the way back: whether the interface that had management is as it was, and has it. A bond that was made anew
  /// may have another number by then: everything is found by its carrier.
  var drift: [ChangeAction] {
    guard let present = own.tree.management else { return [] }
    var actions = leaning(own, besides: []).map { ChangeAction.bonds($0) }
    guard let (members, place) = own.place(of: present) else { return actions + [.manage(present.name)] }
    let (ipv4, ipv6) = (IPv4Settings(present.pif), IPv6Settings(present.pif))
    var interface = BondLayout.Interface(place: place)
    if ipv4.mode == .static { interface.ipv4 = ipv4 }
    if ipv6.mode == .static { interface.ipv6 = ipv6 }
    if interface.ipv4 != nil || interface.ipv6 != nil {
      let carrier = place.tag == nil ? present.name : own.tree[present.base]?.name ?? present.name
      actions.append(.bonds(.settle(BondLayout(owner: own.owner, members: members, bond: carrier, interfaces: [interface]))))
    }
    return actions + [.bonds(.manage(own.owner, members: members, place))]
  }

  /// Management as it is, on another carrier.
  /// - Parameters:
  ///   - names: what carries it now: of these the name is replaced.
  func expectation(on carrier: String, insteadOf names: [String], cards: [String]) -> Expectation? {
    guard let management = own.tree.management else { return nil }
    let pif = management.pif
    let isIPv6 = pif.primaryAddressType == .ipv6
    var name = management.name
    if names.contains(name) { name = carrier }
    if let base = own.tree[management.base]?.name, names.contains(base), management.kind == .vlan {
      name = SavedInterface.vlanName(pif.vlan, on: carrier)
    }
    var wanted = Expectation(interface: name, cards: cards, isIPv6: isIPv6)
    if isIPv6, pif.ipv6ConfigurationMode == .static {
      wanted.address = pif.ipv6.first { !$0.isEmpty }?.split(separator: "/").first.map { String($0) }
      wanted.gateway = pif.ipv6Gateway.isEmpty ? nil : pif.ipv6Gateway
    } else if !isIPv6, pif.ipConfigurationMode == .static {
      wanted.address = pif.ip
      wanted.gateway = pif.gateway.isEmpty ? nil : pif.gateway
    }
    wanted.servers = isIPv6 && pif.ipv6ConfigurationMode != .static || !isIPv6 && pif.ipConfigurationMode != .static ? [] : pif.dnsServers
    if isMember, let coordinator = pool?.coordinator { wanted.coordinator = database.hosts[coordinator]?.address }
    return wanted
  }

  /// `10.0.4.11/24`, `DHCP (10.0.4.11)`, `none`.
  static func address(_ node: InterfaceTree.Node) -> String {
    node.pif.primaryAddressType == .ipv6
      ? IPv6Settings(node.pif).words : IPv4Settings(node.pif).present(node.pif.ip)
  }

  // MARK: Rules that all of them are under

  /// High availability, the redo log, clusters.
  /// - Parameter nodes: the interfaces that are interrupted, with what lies on them.
  func guards(_ host: BondScene, _ nodes: [InterfaceTree.Node], changesBond: Bool = true) -> [Hazard] {
    var hazards: [Hazard] = []
    let names = nodes.map(\.name).andList + host.owner.words
    let carries = host.carriesManagement(nodes)
    if isHAOn {
      if carries, changesBond {
        hazards.append(
          Hazard(
            .blocking, "High availability is on, and management goes over \(names): XAPI makes and unmakes no bond under it",
            remedy: "Switch it off first (xe pool-ha-disable), and on again afterwards"))
      } else {
        hazards.append(
          Hazard(
            .warning, "High availability is on: should its heartbeat go over \(names), the interruption can make hosts fence themselves",
            remedy: "Switch it off first (xe pool-ha-disable), and on again afterwards"))
      }
    } else if pool?.redoLogEnabled == true {
      hazards.append(
        Hazard(
          .warning, "The redo log is on: should its storage be reached over \(names), it is interrupted",
          remedy: "Switch it off first (xe pool-disable-redo-log), and on again afterwards"))
    }
    if let clustered = facts.clustered {
      if changesBond {
        for vlan in nodes.flatMap({ host.tree.vlans(on: $0.ref) }) where clustered.contains(vlan.ref) {
          hazards.append(
            Hazard(
              .blocking, "The cluster of this pool talks over \(vlan.name)\(host.owner.words): XAPI makes that VLAN anew, and the cluster would lose it",
              remedy: "Take this host out of the cluster first (xe cluster-host-destroy), or move the cluster's network"))
        }
      }
      let touched = nodes + (changesBond ? [] : nodes.flatMap { host.tree.vlans(on: $0.ref) })
      for node in touched where clustered.contains(node.ref) {
        hazards.append(
          Hazard(
            .warning, "The cluster of this pool talks over \(node.name)\(host.owner.words): a host that is not heard for some seconds fences itself",
            remedy: "Disable clustering on this host first (xe cluster-host-disable), and enable it again afterwards"))
      }
    }
    return hazards
  }

  /// XAPI's guard for high availability and the redo log stands before calls that the way back may need.
  /// - Parameters:
  ///   - primary: where everything is once the bond is taken apart.
  ///   - others: that have to get back what was theirs.
  func wayBack(_ host: BondScene, _ primary: InterfaceTree.Node, _ others: [InterfaceTree.Node]) -> [Hazard] {
    guard isHAOn || pool?.redoLogEnabled == true else { return [] }
    var needs = others.flatMap { host.tree.vlans(on: $0.ref).map(\.name) }
    needs += ([primary] + others).filter { !$0.pif.currentlyAttached }.map { "\($0.name), which is unplugged" }
    let addressed = ([primary] + others).flatMap { [$0] + host.tree.vlans(on: $0.ref) }.filter { $0.pif.ipv6ConfigurationMode != .none }
    needs += addressed.map { "IPv6 of \($0.name)" }
    guard !needs.isEmpty else { return [] }
    return [
      Hazard(
        .blocking,
        "\(isHAOn ? "High availability" : "The redo log") is on: XAPI refuses what is needed for \(Self.some(needs))\(host.owner.words), on the way back as well",
        remedy: isHAOn ? "Switch it off first (xe pool-ha-disable), and on again afterwards" : "Switch it off first (xe pool-disable-redo-log), and on again afterwards")
    ]
  }

  /// XAPI leaves the main address behind when it is an IPv6 one.
  func familyHazards(_ host: BondScene, _ nodes: [InterfaceTree.Node]) -> [Hazard] {
    guard let management = host.tree.management, management.pif.primaryAddressType == .ipv6, host.carriesManagement(nodes) else { return [] }
    return [
      Hazard(
        .blocking,
        "\(host.owner.label.isEmpty ? "This host" : host.owner.label) is managed over IPv6 on \(management.name), and XAPI moves no IPv6 address: nobody would reach it",
        remedy: "Move management to an interface that is not concerned first")
    ]
  }

  // MARK: What follows

  /// A person is connected through one of these, or what is on it.
  func sessionLine(_ carriers: [InterfaceTree.Node]) -> String? {
    guard let peer = facts.session.peer, let local = facts.session.local, let node = session(carriers) else { return nil }
    return "You are connected from \(peer) to \(local) on \(node.name): expect a freeze of some seconds"
  }

  /// The interface that this session comes in by, if it is one of these or on one of them.
  func session(_ carriers: [InterfaceTree.Node]) -> InterfaceTree.Node? {
    guard let local = facts.session.local else { return nil }
    return own.tree.nodes.first { node in
      guard node.pif.ip == local || node.pif.ipv6.contains(where: { $0 == local || $0.hasPrefix(local + "/") }) else { return false }
      var now: InterfaceTree.Node? = node
      while let present = now {
        if carriers.contains(where: { $0.ref == present.ref }) { return true }
        now = own.tree[present.base]
      }
      return false
    }
  }

  /// What moves from some carriers to another: management, VLANs, VIFs, tunnels, with names.
  func moves(_ host: BondScene, from carriers: [InterfaceTree.Node], to name: String, network: String) -> [String] {
    var lines: [String] = []
    let on = host.owner.words
    let froms = carriers.map(\.name)
    if let management = host.tree.management {
      if froms.contains(management.name) {
        lines.append("Management and its address \(Self.address(management)) move from \(management.name) to \(name)\(on)")
      } else if let base = host.tree[management.base]?.name, froms.contains(base) {
        lines.append("Management on \(management.name) (\(Self.address(management))) goes to \(name) with its VLAN\(on)")
      }
    }
    for node in carriers where node.pif.ipv6ConfigurationMode != .none && node.pif.primaryAddressType != .ipv6 {
      lines.append("The IPv6 address \(IPv6Settings(node.pif).words) goes from \(node.name) to \(name)\(on)")
    }
    for node in carriers where !node.pif.management && node.pif.ipConfigurationMode != .none {
      lines.append("The address \(IPv4Settings(node.pif).present(node.pif.ip)) moves from \(node.name) to \(name)\(on)")
    }
    for node in carriers {
      let vlans = host.tree.vlans(on: node.ref)
      guard !vlans.isEmpty else { continue }
      let guests = Set(vlans.flatMap { host.guests(on: $0.pif.network) }).count
      let names = vlans.map { "\($0.pif.vlan) \(host.database.networks[$0.pif.network].map { "(\($0.nameLabel))" } ?? "")" }
      let list = names.count > 4 ? "\(names.count) VLANs (\(vlans.map { "\($0.pif.vlan)" }.joined(separator: ", ")))" : "VLAN \(names.andList)"
      lines.append("\(list) with \(Self.count(guests, "VM")) \(names.count == 1 ? "moves" : "move") from \(node.name) to \(name)\(on)")
    }
    for node in carriers {
      let guests = host.guests(on: node.pif.network)
      guard !guests.isEmpty else { continue }
      let old = host.database.networks[node.pif.network]?.nameLabel ?? node.name
      lines.append("The VIFs of \(Self.some(guests)) move from network \"\(old)\" to \"\(network)\"\(on)")
    }
    for node in carriers {
      let tunnels = host.tree.nodes.filter { $0.kind == .tunnel && $0.base == node.ref }
      guard !tunnels.isEmpty else { continue }
      lines.append("\(Self.count(tunnels.count, "tunnel")) over \(node.name) \(tunnels.count == 1 ? "moves" : "move") to \(name)\(on)")
    }
    return lines
  }

  static func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }

  /// `web-01, web-02 and 3 more`.
  static func some(_ names: [String], of limit: Int = 4) -> String {
    names.count > limit ? names.prefix(limit).joined(separator: ", ") + " and \(names.count - limit) more" : names.andList
  }

  /// What keys of other-config say about an interface as a whole, and are lost on a carrier that nobody plugs any more.
  static let carriedKeys: Set<String> = ["mtu", "domain", "defaultroute", "peerdns", AddressPlanner.purposeKey]
}

extension BondScene {
  var words: String { owner.label.isEmpty ? "this host" : owner.label }

  func carrier(_ node: InterfaceTree.Node) -> Bool? { database.pifMetrics[node.pif.metrics]?.carrier }

  /// Mbit/s; nil without a link.
  func speed(_ node: InterfaceTree.Node) -> Int? {
    database.pifMetrics[node.pif.metrics].flatMap { $0.carrier && $0.speed > 0 ? Int(clamping: $0.speed) : nil }
  }

  func driver(_ node: InterfaceTree.Node) -> String { database.pcis[node.pif.pci]?.driverName ?? "" }

  func networkName(_ node: InterfaceTree.Node) -> String { database.networks[node.pif.network]?.nameLabel ?? "" }
}
