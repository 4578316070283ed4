import XenAPI

/// What the network can tell before management changes: whether somebody has the address, and whether the gateway is there.
struct ManagementProbing: Sendable {
  private let request: ManagementRequest
  private let link: ProbeLink?
  private let isUp: Bool
  private let probes: any NetworkProbes
  /// Addresses that this host has already; asking for them would find itself.
  private let own: Set<String>

  init(_ request: ManagementRequest, _ facts: ChangeFacts, _ probes: any NetworkProbes) {
    self.request = request
    self.probes = probes
    let planner = ManagementPlanner(request, facts)
    let cards = planner.cards
    isUp = cards.contains { facts.database.pifMetrics[$0.pif.metrics]?.carrier != false }
    link = Self.link(planner, facts)
    let pifs = facts.database.hosts[facts.host]?.pifs.compactMap { facts.database.pifs[$0] } ?? []
    own = Set(pifs.map(\.ip).filter { !$0.isEmpty })
  }

  /// An interface that is plugged is asked on its bridge; another one on its NIC, with the tag that the VLAN would have.
  private static func link(_ planner: ManagementPlanner, _ facts: ChangeFacts) -> ProbeLink? {
    if let target = planner.target, target.pif.currentlyAttached,
      let bridge = facts.database.networks[target.pif.network]?.bridge
    {
      return ProbeLink(bridge)
    }
    // A bond's members are the switch's; what they are asked may come back by another.
    guard let card = planner.cards.first(where: { facts.database.pifMetrics[$0.pif.metrics]?.carrier == true })
    else { return nil }
    switch planner.request.target {
    case .newVLAN(let tag, _): return ProbeLink(card.pif.device, tag: tag == 0 ? nil : tag)
    case .interface:
      guard let target = planner.target else { return nil }
      return ProbeLink(card.pif.device, tag: target.kind == .vlan && target.pif.vlan > 0 ? Int(target.pif.vlan) : nil)
    }
  }

  func hazards() async -> [Hazard] {
    guard let link, isUp else { return [] }
    return await withTaskGroup { group in
      if case .fixed(let prefix, let gateway) = request.ipv4 {
        group.addTask { await duplicate(.v4(prefix.address), link) }
        if let gateway { group.addTask { await silence(.v4(gateway), link) } }
      }
      if case .fixed(let prefix, let gateway) = request.ipv6 {
        group.addTask { await duplicate(.v6(prefix.address), link) }
        if let gateway { group.addTask { await silence(.v6(gateway), link) } }
      }
      var found: [Hazard] = []
      for await hazard in group { found += hazard.map { [$0] } ?? [] }
      return found.sorted { $0.text < $1.text }
    }
  }

  private func duplicate(_ address: InternetAddress, _ link: ProbeLink) async -> Hazard? {
    if own.contains("\(address)") { return nil }
    guard case .taken(let others) = await probes.duplicate(of: address, on: link) else { return nil }
    let macs = others.map(\.mac).filter { !$0.isEmpty }.joined(separator: ", ")
    return Hazard(
      .blocking, "\(address) is in use: a machine on \(link) answers there" + (macs.isEmpty ? "" : " (MAC \(macs))"),
      remedy: "Choose another address, or take it from that machine first")
  }

  private func silence(_ gateway: InternetAddress, _ link: ProbeLink) async -> Hazard? {
    guard case .silent = await probes.answers(gateway: gateway, on: link) else { return nil }
    return Hazard(
      .warning, "The gateway \(gateway) does not answer on \(link)",
      remedy: "Check the address, the VLAN and the switch port; the change goes back by itself if it does not work")
  }
}
