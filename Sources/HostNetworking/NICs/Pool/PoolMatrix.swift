import XenAPI

/// The table of devices and hosts.
struct PoolMatrix {
  private struct Cell: Hashable {
    var host: Int
    var row: String
  }

  private let check: PoolCheck
  /// What is marked of each cell, in the order of words.
  private let marks: [Cell: [PoolComparison.Aspect]]

  private typealias Part = PoolComparison.Part
  private typealias Row = PoolComparison.Row

  init(_ check: PoolCheck) {
    self.check = check
    marks = Dictionary(grouping: check.marks) { Cell(host: $0.host, row: $0.row) }
      .mapValues { $0.map(\.aspect).sorted { "\($0)" < "\($1)" } }
  }

  var rows: [PoolComparison.Row] {
    let nics = check.nicNames.compactMap { name in row(name) { host in check.nic(host, name).map { nic(host, $0) } ?? [] } }
    let bonds = check.bondNames.sorted { comesBefore($0.value, $1.value) }.compactMap { network, name in
      row(name) { host in check.byNetwork[host][network].map { bond(host, network, $0) } ?? [] }
    }
    return nics + bonds + vlans + others + [management].compactMap { $0 }
  }

  private var others: [Row] {
    check.shape.networks.indices.filter { kind($0) == .tunnel || kind($0) == .sriov }.compactMap { network in
      row(check.shape.networks[network].name) { host in
        guard let index = check.byNetwork[host][network] else { return [] }
        let interface = check.shape.hosts[host].interfaces[index]
        return [Part(aspect: .presence, text: interface.kind == .tunnel ? "tunnel" : "SR-IOV")] + state(interface)
      }
    }
  }

  private var management: Row? {
    row("management") { host in
      let machine = check.shape.hosts[host]
      guard let index = machine.interfaces.indices.first(where: { machine.interfaces[$0].isManagement }) else { return [] }
      let address = machine.interfaces[index].ip.nonEmpty ?? machine.interfaces[index].ipv6Addresses.first ?? "no address"
      return [Part(aspect: .management, text: check.words(host, index)), Part(aspect: .address, text: address)]
        + (machine.backend.isEmpty ? [] : [Part(aspect: .slot, text: machine.backend)])
    }
  }

  private func kind(_ network: Int) -> PoolShape.Kind? {
    check.first { host in check.byNetwork[host][network].map { check.shape.hosts[host].interfaces[$0].kind } }
  }

  /// - Parameter parts: of a host's cell; none where the host has no such device.
  private func row(_ name: String, _ parts: (Int) -> [Part]) -> Row? {
    let cells = check.allHosts.map { host -> [Part] in
      var parts = parts(host)
      for index in parts.indices { parts[index].differs = isMarked(host, name, parts[index].aspect) }
      // What is marked and has no words of its own.
      for aspect in [PoolComparison.Aspect.presence, .name, .management] where isMarked(host, name, aspect) {
        guard !parts.contains(where: { $0.aspect == aspect }) else { continue }
        let text = parts.isEmpty ? "none" : aspect == .name ? nameThere(host, name) : "only here"
        parts.insert(Part(aspect: aspect, text: text, differs: true), at: 0)
      }
      // A mark is never lost for want of a part that shows it.
      let shown = Set(parts.map(\.aspect))
      for aspect in marks[Cell(host: host, row: name)] ?? [] where !shown.contains(aspect) {
        parts.insert(Part(aspect: aspect, text: "\(aspect)", differs: true), at: 0)
      }
      return parts
    }
    return cells.contains { !$0.isEmpty } ? Row(name: name, cells: cells) : nil
  }

  private func isMarked(_ host: Int, _ row: String, _ aspect: PoolComparison.Aspect) -> Bool {
    check.marks.contains(PoolCheck.Mark(host: host, row: row, aspect: aspect))
  }

  private func nameThere(_ host: Int, _ row: String) -> String {
    if let name = check.renamed[host]?[row] { return "is \(name)" }
    let network = check.bondNames.first { $0.value == row }?.key
    return network.flatMap { check.byNetwork[host][$0] }.map { "is \(check.shape.hosts[host].interfaces[$0].device)" } ?? "other name"
  }

  // MARK: Cells

  private func nic(_ host: Int, _ nic: PoolShape.Interface) -> [Part] {
    var parts: [Part] = []
    if let link = nic.hasLink {
      let isOut = !nic.isAttached && nic.memberOf == nil
      let text = link ? nic.speed.map { DoctorFacts.Management.speedWords($0) } ?? "link" : isOut ? "-" : "no link"
      parts.append(Part(aspect: .link, text: text))
    }
    if let bond = nic.memberOf {
      parts.append(Part(aspect: .members, text: "in \(check.row(host, bond))"))
    } else {
      parts.append(Part(aspect: .network, text: network(nic.network)))
      parts += state(nic)
    }
    if !nic.card.driver.isEmpty || !nic.card.name.isEmpty {
      parts.append(Part(aspect: .driver, text: nic.card.driver))
      parts.append(Part(aspect: .card, text: nic.card.name))
    }
    if !nic.card.slot.isEmpty { parts.append(Part(aspect: .slot, text: nic.card.slot)) }
    return parts.filter { !$0.text.isEmpty }
  }

  private func bond(_ host: Int, _ network: Int, _ index: Int) -> [Part] {
    let interface = check.shape.hosts[host].interfaces[index]
    guard let bond = interface.bond else { return [] }
    let members = bond.members.map { check.shape.hosts[host].interfaces[$0] }
    let up = members.count { $0.hasLink == true }
    let isKnown = members.contains { $0.hasLink != nil }
    var parts = [Part(aspect: .mode, text: bond.mode.rawValue)]
    if isKnown { parts.append(Part(aspect: .link, text: "\(up)/\(members.count)")) }
    parts.append(Part(aspect: .members, text: members.map(\.device).joined(separator: "+")))
    parts.append(Part(aspect: .network, text: self.network(network)))
    parts += state(interface)
    if !bond.properties.isEmpty {
      let words = bond.properties.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      parts.append(Part(aspect: .properties, text: words.joined(separator: " ")))
    }
    return parts
  }

  /// Plugged, MTU, address.
  private func state(_ interface: PoolShape.Interface) -> [Part] {
    var parts: [Part] = []
    if !interface.isAttached { parts.append(Part(aspect: .plugged, text: "unplugged")) }
    if let mtu = interface.mtu, interface.isAttached { parts.append(Part(aspect: .mtu, text: "MTU \(mtu)")) }
    switch interface.ipv4 {
    case .none: parts.append(Part(aspect: .address, text: interface.ipv6 == .none ? "no IP" : interface.ipv6Addresses.first ?? "IPv6"))
    case .dhcp: parts.append(Part(aspect: .address, text: "DHCP \(interface.ip)".trimmed))
    default: parts.append(Part(aspect: .address, text: interface.ip))
    }
    return parts
  }

  private func network(_ network: Int?) -> String { network.map { check.shape.networks[$0].name } ?? "" }

  // MARK: VLANs

  /// One row for all VLANs on a device, and one for each that has an address or differs by itself.
  private var vlans: [Row] {
    var tags: [String: [Int: [Int]]] = [:]
    var single: [String: Int] = [:]
    // Names of VLANs are made only where one may be among the marked: there may be tens of thousands.
    let marked = Set(check.marks.map(\.row).filter { $0.contains(".") })
    for host in check.allHosts {
      let interfaces = check.shape.hosts[host].interfaces
      var byBase: [Int: [Int]] = [:]
      defer { for (base, own) in byBase { tags[check.rowOfVLANs(base), default: [:]][host] = own } }
      for index in interfaces.indices where interfaces[index].kind == .vlan {
        if let base = interfaces[index].base, let below = interfaces[base].network {
          byBase[below, default: []].append(interfaces[index].tag ?? -1)
        }
        guard let network = interfaces[index].network else { continue }
        let hasAddress = interfaces[index].ipv4 != .none || interfaces[index].ipv6 != .none
        guard hasAddress || !marked.isEmpty else { continue }
        let name = check.row(host, index)
        if hasAddress || marked.contains(name) { single[name] = network }
      }
    }
    let all = tags.sorted { comesBefore($0.key, $1.key) }.compactMap { name, byHost in
      let usual = check.norm(check.allHosts.compactMap { host in byHost[host].map { (host: host, value: $0) } }) ?? []
      return row(name) { host in byHost[host].map { cell($0, usual) } ?? [] }
    }
    return all + single.sorted { comesBefore($0.key, $1.key) }.compactMap { name, network in
      row(name) { host in
        guard let index = check.byNetwork[host][network] else { return [] }
        return [Part(aspect: .network, text: self.network(network))] + state(check.shape.hosts[host].interfaces[index])
      }
    }
  }

  private func cell(_ own: [Int], _ usual: [Int]) -> [Part] {
    let lacking = Set(usual).subtracting(own).sorted()
    let more = Set(own).subtracting(usual).sorted()
    let words = (lacking.isEmpty ? [] : ["not \(lacking.inRanges)"]) + (more.isEmpty ? [] : ["also \(more.inRanges)"])
    let count = own.count == 1 ? "1 VLAN" : "\(own.count) VLANs"
    // The whole list is for screens that have the room.
    return words.isEmpty
      ? [Part(aspect: .vlans, text: count), Part(aspect: .members, text: own.inRanges)]
      : [Part(aspect: .vlans, text: "\(count), \(words.joined(separator: ", "))")]
  }
}
