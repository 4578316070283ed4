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

  /// Of these bonds those that carry their host's management.
  func carrying(_ bonds: [BondParts]) -> [BondParts] { bonds.filter { $0.host.carriesManagement([$0.bond]) } }
}

extension BondPlanning {
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

  /// Where management of another host moves, XAPI notes its name servers down on whichever interface it takes for the leading
  /// one: what the others have is written down for the way back.
  func leaning(_ host: BondScene, besides members: [String]) -> [BondAction] {
    let carriers = members.compactMap { host.tree[$0] } + [host.bond(of: members)].compactMap { $0 }
    guard host.host != facts.host, host.carriesManagement(carriers) else { return [] }
    var layouts: [BondLayout] = []
    for node in host.tree.nodes where node.pif.currentlyAttached && node.pif.ipConfigurationMode == .static {
      guard let carrier = node.kind == .vlan ? host.tree[node.base] : node, carrier.kind == .nic || carrier.kind == .bond,
        !carriers.contains(where: { $0.ref == carrier.ref })
      else { continue }
      let devices = carrier.kind == .bond ? host.devices(carrier) : []
      var interface = BondLayout.Interface(
        place: BondLayout.Place(nic: carrier.kind == .bond ? nil : carrier.name, tag: node.kind == .vlan ? Int(node.pif.vlan) : nil))
      interface.ipv4 = IPv4Settings(node.pif)
      if let place = layouts.firstIndex(where: { $0.members == devices }) {
        layouts[place].interfaces.append(interface)
      } else {
        layouts.append(BondLayout(owner: host.owner, members: devices, bond: carrier.name, interfaces: [interface]))
      }
    }
    return layouts.map { .settle($0) }
  }

  // MARK: Storage

  /// PIF_HAS_FCOE_SR_IN_USE: through which of several NICs the storage is reached, only XAPI finds out.
  /// - Parameter isMadeAnew: a bond of these is taken apart first: were it refused then, nobody could make it again.
  func storage(_ host: BondScene, _ nodes: [InterfaceTree.Node], _ fcoe: [Ref<Host>: [String]]?, isMadeAnew: Bool) -> [Hazard] {
    let capable = nodes.filter { $0.pif.capabilities.contains("fcoe") }
    guard !capable.isEmpty else { return [] }
    let names = capable.map(\.name).andList + host.owner.words
    guard let fcoe else {
      return [
        Hazard(
          .warning, "\(names) can carry storage over FCoE, and XAPI did not tell whether any is attached: it makes no bond of them then",
          remedy: "Look first: xe sr-list type=lvmofcoe, then xe pbd-list sr-uuid=…")
      ]
    }
    let storage = fcoe[host.host] ?? []
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
