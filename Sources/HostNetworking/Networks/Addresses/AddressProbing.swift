import XenAPI

/// Asks on the wire whether somebody has an address already.
struct AddressProbing: Sendable {
  private let facts: ChangeFacts
  private let probes: any NetworkProbes

  init(_ facts: ChangeFacts, _ probes: any NetworkProbes) {
    self.facts = facts
    self.probes = probes
  }

  /// - Parameter tag: of a VLAN on that interface that may not be there yet.
  func hazards(_ addresses: [InternetAddress], on name: String, tag: Int? = nil) async -> [Hazard] {
    guard !addresses.isEmpty, let link = link(name, tag) else { return [] }
    let own = Set((facts.database.hosts[facts.host]?.pifs ?? []).compactMap { facts.database.pifs[$0] }.flatMap { [$0.ip] + $0.ipv6.map { String($0.prefix { $0 != "/" }) } })
    var hazards: [Hazard] = []
    for address in addresses where !own.contains("\(address)") {
      guard case .taken(let others) = await probes.duplicate(of: address, on: link) else { continue }
      let macs = others.map(\.mac).filter { !$0.isEmpty }.joined(separator: ", ")
      hazards.append(
        Hazard(
          .blocking, "\(address) is in use: a machine on \(link) answers there" + (macs.isEmpty ? "" : " (MAC \(macs))"),
          remedy: "Choose another address, or take it from that machine first"))
    }
    return hazards
  }

  /// What is plugged is asked on its bridge, the rest on a NIC with a link.
  private func link(_ name: String, _ tag: Int?) -> ProbeLink? {
    let scene = ChangeScene(facts.database, host: facts.host)
    let node = tag.flatMap { scene.vlan($0, on: name) } ?? scene.tree[name]
    guard let node else { return nil }
    let wantsTag = tag != nil && node.kind != .vlan ? tag : node.kind == .vlan ? Int(node.pif.vlan) : nil
    if wantsTag == nil || node.kind == .vlan, node.pif.currentlyAttached, let bridge = facts.database.networks[node.pif.network]?.bridge {
      return ProbeLink(bridge)
    }
    guard let card = scene.cards(below: node).first(where: { facts.database.pifMetrics[$0.pif.metrics]?.carrier == true }) else { return nil }
    return ProbeLink(card.pif.device, tag: wantsTag.flatMap { $0 > 0 ? $0 : nil })
  }
}
