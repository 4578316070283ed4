/// NICs: what card they are, and their links.
extension PoolCheck {
  // MARK: Cards

  private struct CardDifference: Hashable {
    var kind: PoolDifference.Kind
    var hosts: [Int]
    var here: String
    var there: String
  }

  mutating func cards() {
    var groups: [(key: CardDifference, names: [String], weight: Finding.Weight)] = []
    func add(_ key: CardDifference, _ name: String, _ weight: Finding.Weight) {
      if let place = groups.firstIndex(where: { $0.key == key }) { groups[place].names.append(name) } else { groups.append((key, [name], weight)) }
    }
    for name in nicNames {
      let owners = allHosts.compactMap { host -> (host: Int, nic: PoolShape.Interface)? in
        // By the name that it has elsewhere.
        let own = renamed[host]?.first { $0.value == name }?.key ?? (renamed[host]?[name] == nil ? name : nil)
        return own.flatMap { nic(host, $0) }.map { (host, $0) }
      }
      let ids = owners.filter { !$0.nic.card.id.isEmpty }.map { (host: $0.host, value: $0.nic.card.id) }
      if let usual = norm(ids), let model = owners.first(where: { $0.nic.card.id == usual }) {
        for (id, hosts) in unlike(ids, usual) {
          guard let other = owners.first(where: { $0.nic.card.id == id && hosts.contains($0.host) }) else { continue }
          add(CardDifference(kind: .card, hosts: hosts, here: describe(other.nic), there: describe(model.nic)), name, .warning)
          for host in hosts { otherCards[host, default: []].insert(name) }
        }
      }
      let same = owners.filter { otherCards[$0.host]?.contains(name) != true }
      let drivers = same.filter { !$0.nic.card.driver.isEmpty }.map { (host: $0.host, value: $0.nic.card.driver) }
      if let usual = norm(drivers) {
        for (driver, hosts) in unlike(drivers, usual) {
          add(CardDifference(kind: .driver, hosts: hosts, here: driver, there: usual), name, .warning)
        }
      }
      let speeds = same.filter { shape.hosts[$0.host].isLive }.compactMap { owner in owner.nic.speed.map { (host: owner.host, value: $0) } }
      if let usual = norm(speeds) {
        for (speed, hosts) in unlike(speeds, usual) {
          let key = CardDifference(kind: .speed, hosts: hosts, here: DoctorFacts.Management.speedWords(speed), there: DoctorFacts.Management.speedWords(usual))
          add(key, name, speed < usual ? .warning : .notice)
          for host in hosts { otherCards[host, default: []].insert(name) }
        }
      }
      let slots = same.filter { renamed[$0.host]?[$0.nic.device] == nil && !$0.nic.card.slot.isEmpty }
        .map { (host: $0.host, value: $0.nic.card.slot) }
      if let usual = norm(slots) {
        // Cards of one host in other slots are one thing, whichever slots these are.
        let hosts = slots.filter { $0.value != usual }.map(\.host)
        for host in hosts { add(CardDifference(kind: .slot, hosts: [host], here: "", there: ""), name, .notice) }
      }
    }
    // Machines of one make are alike in this as well.
    let moved = groups.filter { $0.key.kind == .slot }
    groups.removeAll { $0.key.kind == .slot }
    for group in moved {
      if let place = groups.firstIndex(where: { $0.key.kind == .slot && $0.names == group.names }) {
        groups[place].key.hosts += group.key.hosts
      } else {
        groups.append(group)
      }
    }
    for group in groups { tellCard(group.key, group.names, group.weight) }
  }

  private func describe(_ nic: PoolShape.Interface) -> String {
    [nic.card.name, nic.card.driver, nic.speed.map { DoctorFacts.Management.speedWords($0) } ?? ""].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  private mutating func tellCard(_ key: CardDifference, _ devices: [String], _ weight: Finding.Weight) {
    let (what, who, there) = (devices.joinedWithAnd, names(key.hosts), elsewhere(key.hosts))
    let isOne = devices.count == 1 && key.hosts.count == 1
    switch key.kind {
    case .card:
      tell(
        .card, weight, "\(what) of \(who) \(isOne ? "is another card" : "are other cards"): \(key.here); \(there) \(key.there)",
        means: "Cards of different make differ in speed, offloads and troubles; VMs feel it when they move. It may be meant so.",
        mend: [PoolDifference.Line("# put a card of the same make into \(who), or leave it")], hosts: key.hosts, rows: devices, [.card])
    case .driver:
      tell(
        .driver, weight, "\(what) of \(who) \(isOne ? "has" : "have") the driver \(key.here), \(there) \(key.there)",
        means: "The same card with another driver: an update or an alternate driver package is missing on some hosts.",
        mend: [PoolDifference.Line("# bring \(who) to the same updates and driver packages as the others, then reboot")],
        hosts: key.hosts, rows: devices, [.driver])
    case .speed:
      let isSlower = weight > .notice
      tell(
        .speed, weight, "\(what) of \(who) \(isOne ? "is" : "are") \(isSlower ? "slower" : "faster"): \(key.here), \(there) \(key.there)",
        means: isSlower
          ? "The same card at a lower speed: a damaged or short-wired cable, a slower switch port, or a speed set by hand."
          : "The others may be held back by a cable, a slower switch port, or a speed set by hand.",
        mend: [PoolDifference.Line("# check cable and switch port; see the details of \(what) for a speed set by hand")],
        hosts: key.hosts, rows: devices, [.link])
    default:
      tell(
        .slot, weight, "\(what) of \(who) \(isOne ? "sits in another slot" : "sit in other slots") than \(there)",
        means: "The order is the same, so nothing is wrong; whoever looks for the port at the back finds it elsewhere.", hosts: key.hosts,
        rows: devices, [.slot])
    }
  }

  // MARK: Links

  /// Cables come and go: worth knowing, and told once for each device.
  mutating func links() {
    for name in nicNames {
      let known = allHosts.compactMap { host -> (host: Int, isUp: Bool, nic: PoolShape.Interface)? in
        guard let nic = nic(host, name), let isUp = nic.hasLink, shape.hosts[host].isLive else { return nil }
        // Whose bridge is not there has no link either.
        return nic.isAttached || nic.memberOf != nil ? (host, isUp, nic) : nil
      }
      let down = known.filter { !$0.isUp }
      guard !down.isEmpty, down.count < known.count else { continue }
      let up = known.filter(\.isUp)
      let hosts = down.map(\.host)
      let bond = down[0].nic.memberOf.map { row(down[0].host, $0) }
      tell(
        .link, .notice,
        "\(name) has no link on \(names(hosts)), but on \(up.count <= 3 ? names(up.map(\.host)) : "\(up.count) others")",
        means: (bond.map { "\($0) runs on fewer links there. " } ?? "What uses network \(self.name(down[0].nic.network)) there is cut off. ")
          + "A cable is out, or a switch port is off.",
        mend: [PoolDifference.Line("# check the cable and the switch port of \(name) on \(names(hosts))")], hosts: hosts, rows: [name],
        [.link])
    }
  }
}
