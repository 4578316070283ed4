import XenAPI

/// The bond that somebody means, and those of the other hosts that belong to it: they are on the same network.
struct BondScope {
  let own: BondParts
  /// In the order in which something is done to them: members of the pool first, the coordinator last.
  let all: [BondParts]
  /// Hosts without such a bond, and those that nobody reaches.
  let left: [Left]

  struct Left {
    let host: BondScene
    let isOff: Bool
    /// What is to be said of it: `it is off`.
    let reason: String
  }

  var others: [BondParts] { all.filter { $0.host.host != own.host.host } }

  /// nil when this host has no such bond.
  init?(_ name: String, _ planning: BondPlanning, isPoolWide: Bool) {
    guard let own = BondParts(name, planning.own) else { return nil }
    self.own = own
    var all: [BondParts] = []
    var left: [Left] = []
    for host in isPoolWide ? planning.facts.otherScenes : [] {
      guard host.isLive else {
        left.append(Left(host: host, isOff: true, reason: "it is off"))
        continue
      }
      guard let parts = own.bond.pif.network.flatMap({ host.tree.interface(on: $0) }).flatMap({ BondParts($0.name, host) }) else {
        left.append(Left(host: host, isOff: false, reason: "it has no bond on this network"))
        continue
      }
      all.append(parts)
    }
    let isLast = all.last.map { $0.host.host != planning.pool?.coordinator } ?? true
    all.insert(own, at: isLast ? all.count : all.count - 1)
    (self.all, self.left) = (all, left)
  }

}

extension [BondScope.Left] {
  /// Hosts with one reason are named together.
  var grouped: [(hosts: [String], isOff: Bool, reason: String)] {
    var groups: [(key: String, hosts: [String], isOff: Bool, reason: String)] = []
    for left in self {
      let key = left.reason.replacing(" on \(left.host.label)", with: "")
      if let place = groups.firstIndex(where: { $0.key == key && $0.isOff == left.isOff }) {
        groups[place].hosts.append(left.host.label)
        groups[place].reason = key
      } else {
        groups.append((key, [left.host.label], left.isOff, left.reason))
      }
    }
    return groups.map { ($0.hosts, $0.isOff, $0.reason) }
  }
}

extension BondPlanning {
  /// What may cut somebody off although management is not concerned: the session's own way in, storage that is in use.
  func cutsOff(_ host: BondScene, _ carriers: [InterfaceTree.Node], _ facts: BondFacts) -> Bool {
    host.carriesManagement(carriers) || host.host == self.facts.host && session(carriers) != nil || !reached(host, carriers, facts).isEmpty
  }

  /// Storage in use whose server is on the subnet of one of these, or of a VLAN on them.
  func reached(_ host: BondScene, _ carriers: [InterfaceTree.Node], _ facts: BondFacts) -> [(storage: BondFacts.Storage, interface: String)] {
    let nodes = carriers.flatMap { [$0] + host.tree.vlans(on: $0.ref) }
    return (facts.storage?[host.host] ?? []).compactMap { storage in
      for server in storage.servers {
        guard let address = try? IPv4Address(parsing: server) else { continue }
        for node in nodes {
          guard let own = try? IPv4Address(parsing: node.pif.ip), let length = try? IPv4Prefix.length(ofNetmask: node.pif.netmask),
            IPv4Prefix(own, length: length).contains(address)
          else { continue }
          return (storage, node.name)
        }
      }
      return nil
    }
  }

  /// What stops with the interfaces that go away for a moment.
  func storageLines(_ host: BondScene, _ carriers: [InterfaceTree.Node], _ facts: BondFacts) -> [Hazard] {
    let found = reached(host, carriers, facts)
    guard !found.isEmpty else { return [] }
    let names = Self.some(found.map { "\"\($0.storage.name)\" (over \($0.interface))" })
    return [
      Hazard(
        .warning, "Storage \(names) is in use\(host.owner.words): disks on it stop for some seconds, and should it not come back, VMs fail",
        remedy: "Best done while no VM uses it")
    ]
  }

  /// Where management of other hosts is interrupted by what is done from here.
  func elsewhere(_ bonds: [BondParts]) -> [Hazard] {
    let carrying = bonds.filter { $0.host.host != facts.host && $0.host.carriesManagement([$0.bond]) }
    guard !carrying.isEmpty else { return [] }
    return [
      Hazard(
        .warning,
        "Management of \(Self.some(carrying.map(\.host.label))) goes over \(carrying.count == 1 ? "its bond" : "their bonds") too: members first, the coordinator last",
        remedy: "Should one of them not come back, its own console puts it right")
    ]
  }

  /// Management that stays where it is.
  var unmoved: Expectation? {
    expectation(on: "", insteadOf: [], cards: own.tree.management.map { scene.cards(below: $0).map(\.pif.device) } ?? [])
  }

  /// The same for another host, at the end of the way back of its bond.
  func drift(_ host: BondScene, members: [String]) -> [BondAction] {
    let carriers = members.compactMap { host.tree[$0] } + [host.bond(of: members)].compactMap { $0 }
    guard host.host != facts.host, host.carriesManagement(carriers) else { return [] }
    return leaning(host, besides: carriers)
  }

  /// Whenever management moves, XAPI notes the host's name servers down on whichever interface it takes for the leading one: what
  /// the other interfaces have is written down for the way back.
  func leaning(_ host: BondScene, besides carriers: [InterfaceTree.Node]) -> [BondAction] {
    var layouts: [BondLayout] = []
    for node in host.tree.nodes
    where node.pif.currentlyAttached && node.pif.ipConfigurationMode == .static && !node.pif.management && facts.clustered?.contains(node.ref) != true {
      guard let (members, place) = host.place(of: node), let carrier = node.kind == .vlan ? host.tree[node.base] : node,
        !carriers.contains(where: { $0.ref == carrier.ref })
      else { continue }
      var interface = BondLayout.Interface(place: place)
      interface.ipv4 = IPv4Settings(node.pif)
      if let index = layouts.firstIndex(where: { $0.members == members }) {
        layouts[index].interfaces.append(interface)
      } else {
        layouts.append(BondLayout(owner: host.owner, members: members, bond: carrier.name, interfaces: [interface]))
      }
    }
    return layouts.map { .settle($0) }
  }

  /// What is to be said of several hosts alike is said once, with their names.
  static func merged(_ all: [(host: BondScene, hazards: [Hazard])]) -> [Hazard] {
    let gap = "\u{1}"
    var order: [Hazard] = []
    var hosts: [Hazard: [BondScene]] = [:]
    for (host, hazards) in all {
      for var hazard in hazards {
        if !host.owner.label.isEmpty { hazard.text = hazard.text.replacing(host.owner.words, with: gap) }
        if hosts[hazard] == nil { order.append(hazard) }
        hosts[hazard, default: []].append(host)
      }
    }
    // This host needs no name: it says the same when what is said of others is said without theirs.
    for hazard in order where !hazard.text.contains(gap) {
      guard let alike = order.first(where: { $0 != hazard && $0.weight == hazard.weight && $0.remedy == hazard.remedy && $0.text.replacing(gap, with: "") == hazard.text }),
        let own = hosts.removeValue(forKey: hazard)
      else { continue }
      hosts[alike]?.append(contentsOf: own)
    }
    return order.compactMap { hazard in
      guard let named = hosts[hazard] else { return nil }
      let labels = named.filter { !$0.owner.label.isEmpty }.map(\.label) + (named.contains { $0.owner.label.isEmpty } ? ["this host"] : [])
      var hazard = hazard
      hazard.text = hazard.text.replacing(gap, with: " on \(some(labels))")
      return hazard
    }
  }

  // MARK: Storage

  /// PIF_HAS_FCOE_SR_IN_USE: through which of several NICs the storage is reached, only XAPI finds out.
  /// - Parameter isMadeAnew: a bond of these is taken apart first: were it refused then, nobody could make it again.
  func storage(_ host: BondScene, _ nodes: [InterfaceTree.Node], _ all: [Ref<Host>: [BondFacts.Storage]]?, isMadeAnew: Bool) -> [Hazard] {
    let capable = nodes.filter { $0.pif.capabilities.contains("fcoe") }
    guard !capable.isEmpty else { return [] }
    let names = capable.map(\.name).andList + host.owner.words
    guard let all else {
      return [
        Hazard(
          .warning, "\(names) can carry storage over FCoE, and XAPI did not tell whether any is attached: it makes no bond of them then",
          remedy: "Look first: xe sr-list type=lvmofcoe, then xe pbd-list sr-uuid=…")
      ]
    }
    let storage = (all[host.host] ?? []).filter(\.isFCoE).map(\.name)
    guard !storage.isEmpty else { return [] }
    let list = storage.map { "\"\($0)\"" }.andList
    let isSure = host.tree.nodes.allSatisfy { node in
      !node.pif.capabilities.contains("fcoe") || node.kind != .nic || capable.contains { $0.ref == node.ref }
    }
    let why = isMadeAnew ? "XAPI would take the bond apart and refuse to make it again" : "XAPI makes no bond of NICs that storage is reached by"
    return [
      Hazard(
        isSure || isMadeAnew ? .blocking : .warning,
        "Storage \(list) is attached over FCoE, and \(names) \(isSure ? capable.count == 1 ? "is its NIC" : "are its NICs" : capable.count == 1 ? "may be its NIC" : "may be its NICs"): \(why)",
        remedy: "Detach the storage first (xe pbd-unplug)")
    ]
  }
}
