import XenAPI

/// NICs: their names, their networks, what card they are, their links.
extension PoolCheck {
  func nic(_ host: Int, _ name: String) -> PoolShape.Interface? { nics[host][name].map { shape.hosts[host].interfaces[$0] } }

  /// The name that most give to a NIC of a host.
  func rightName(_ host: Int, _ name: String) -> String { renamed[host]?[name] ?? name }

  private func values<Value>(_ name: String, _ value: (PoolShape.Interface) -> Value?) -> [(host: Int, value: Value)] {
    allHosts.compactMap { host in nic(host, name).flatMap(value).map { (host, $0) } }
  }

  private func slotNorm(_ name: String) -> String? { norm(values(name) { $0.card.slot.nonEmpty }) }
  private func cardNorm(_ name: String) -> String? { norm(values(name) { $0.card.id.nonEmpty }) }
  private func networkNorm(_ name: String) -> Int? { norm(values(name) { $0.network }) }

  // MARK: Names

  /// NICs that have each other's names: known by the slot they are in, by their network, or both.
  mutating func namesOfNICs() {
    let slots = norms(slotNorm)
    let networks = norms(networkNorm)
    let cards = norms(cardNorm)
    for host in allHosts {
      let bySlot = exchanged(host, slots) { nic, target in
        // A like slot in a machine of another make says nothing.
        nic.card.id.isEmpty || cards[target] == nil || cards[target] == nic.card.id
      } of: { $0.card.slot.nonEmpty }
      let byNetwork = exchanged(host, networks, of: \.network)
      if !bySlot.isEmpty {
        tellNames(host, bySlot, bySlot == byNetwork ? "network and PCI position" : "PCI position")
        renamed[host] = bySlot
        if bySlot == byNetwork { continue }
      }
      if !byNetwork.isEmpty { tellNetworks(host, byNetwork) }
    }
  }

  /// Of names that most hosts have.
  private func norms<Value>(_ norm: (String) -> Value?) -> [String: Value] {
    Dictionary(uniqueKeysWithValues: nicNames.filter { !isRare($0) }.compactMap { name in norm(name).map { (name, $0) } })
  }

  /// NICs of a host that have what is another name's elsewhere: with that name, when they exchange names among each other or
  /// the name is free.
  private func exchanged<Value: Hashable>(
    _ host: Int, _ norms: [String: Value], fits: (PoolShape.Interface, String) -> Bool = { _, _ in true },
    of value: (PoolShape.Interface) -> Value?
  ) -> [String: String] {
    var owners: [Value: [String]] = [:]
    for (name, value) in norms { owners[value, default: []].append(name) }
    var found: [String: String] = [:]
    for (name, index) in nics[host] {
      let nic = shape.hosts[host].interfaces[index]
      guard let value = value(nic), norms[name] != value, let owner = owners[value], owner.count == 1, fits(nic, owner[0]) else {
        continue
      }
      found[name] = owner[0]
    }
    // Whoever would take the name of one that keeps it, or of which there are two, is left out; others may fall with it.
    while true {
      let targets = Dictionary(grouping: found.values, by: { $0 }).mapValues(\.count)
      let kept = found.filter { name, target in
        targets[target] == 1 && (found[target] != nil || nics[host][target] == nil) && (targets[name] != nil || norms[name] == nil)
      }
      if kept.count == found.count { return kept }
      found = kept
    }
  }

  /// Most hosts have no such NIC.
  private func isRare(_ name: String) -> Bool {
    norm(allHosts.map { (host: $0, value: nics[$0][name] != nil) }) == false
  }

  private mutating func tellNames(_ host: Int, _ names: [String: String], _ reason: String) {
    let machine = shape.hosts[host]
    let devices = names.keys.sorted(by: comesBefore)
    let text =
      names.count == 2 && Set(names.keys) == Set(names.values)
      ? "\(devices.joinedWithAnd) of \(machine.name) are the other way round (by \(reason))"
      : "\(machine.name) counts its NICs otherwise (by \(reason)): "
        + devices.map { "its \($0) is \(names[$0] ?? $0) \(elsewhere([host]))" }.joinedWithAnd
    tell(
      .order, .warning, text,
      means: "The same name means another port of the machine: whoever plugs cables by name mixes up networks. Renamed on "
        + "\(machine.name), they are as \(elsewhere([host])). It takes a reboot.",
      mend: PoolMending.rename(names, on: machine), hosts: [host], rows: devices, [.name])
  }

  private mutating func tellNetworks(_ host: Int, _ names: [String: String]) {
    let machine = shape.hosts[host]
    let devices = names.keys.sorted(by: comesBefore)
    let places = devices.compactMap { device in nic(host, device).map { "\(device) is on \(name($0.network))" } }
    tell(
      .order, .warning, "the networks of \(devices.joinedWithAnd) of \(machine.name) are exchanged: \(places.joinedWithAnd)",
      means: "The cards are in the same slots \(elsewhere([host])), but feed other networks. If the cables follow the names, VMs on "
        + "\(machine.name) are in the wrong network. XAPI puts a NIC on the network of its number when it is introduced again.",
      mend: [PoolDifference.Line("# take \(devices.joinedWithAnd) of \(machine.name) out of use: VMs and addresses")]
        + devices.compactMap { nic(host, $0) }.map { PoolDifference.Line("xe pif-forget uuid=\($0.uuid)") }
        + [PoolDifference.Line("xe pif-scan host-uuid=\(machine.uuid)")],
      hosts: [host], rows: devices, [.network])
    settle([host], devices.map { nic(host, $0)?.network })
  }

  // MARK: Which there are

  mutating func presenceOfNICs() {
    var missing: [(hosts: [Int], names: [String])] = []
    var extra: [(hosts: [Int], names: [String])] = []
    for name in nicNames {
      // One that only has another name is there.
      let there = allHosts.map { host in
        (host: host, value: nics[host][name] != nil && renamed[host]?[name] == nil || renamed[host]?.values.contains(name) == true)
      }
      guard let isNorm = norm(there) else { continue }
      let hosts = there.filter { $0.value != isNorm }.map(\.host)
      guard !hosts.isEmpty else { continue }
      for host in hosts { absentNICs[host, default: []].insert(name) }
      func add(_ list: inout [(hosts: [Int], names: [String])]) {
        if let place = list.firstIndex(where: { $0.hosts == hosts }) { list[place].names.append(name) } else { list.append((hosts, [name])) }
      }
      if isNorm { add(&missing) } else { add(&extra) }
    }
    for (hosts, names) in missing {
      tell(
        .missing, .warning, "\(self.names(hosts)) \(hosts.count == 1 ? "has" : "have") no \(names.joinedWithAnd)",
        means: "VMs that need \(names.count == 1 ? "its network" : "their networks") cannot run there. Either there is one card less, or "
          + "XAPI does not know it yet.",
        mend: hosts.flatMap { host in
          [PoolDifference.Line("xe pif-scan host-uuid=\(shape.hosts[host].uuid)")]
        } + [PoolDifference.Line("# and plug what was found: xe pif-plug uuid=...")],
        hosts: hosts, rows: names, [.presence])
      for host in hosts { settle([host], names.map(networkNorm)) }
    }
    for (hosts, names) in extra {
      tell(
        .extra, .notice, "only \(self.names(hosts)) \(hosts.count == 1 ? "has" : "have") \(names.joinedWithAnd)",
        means: "VMs that use \(names.count == 1 ? "its network" : "their networks") can run nowhere else.", hosts: hosts, rows: names,
        [.presence])
    }
  }

  // MARK: Networks

  mutating func networksOfNICs() {
    for name in nicNames {
      let values = allHosts.compactMap { host -> (host: Int, value: Int)? in
        guard let network = nic(host, name)?.network, !isSettled(host, network), renamed[host]?[name] == nil else { return nil }
        return (host, network)
      }
      guard let usual = norm(values) else { continue }
      for (network, hosts) in unlike(values, usual) {
        let number = name.drop { !$0.isNumber }
        let follows = shape.networks[usual].bridge == "xenbr\(number)"
        tell(
          .network, .warning,
          "\(name) of \(names(hosts)) is on network \(self.name(network)), \(elsewhere(hosts)) on \(self.name(usual))",
          means: "VMs on \(self.name(usual)) cannot run on \(names(hosts)) or do not reach the others."
            + (follows ? " XAPI puts a NIC on the network of its number when it is introduced again." : ""),
          mend: [PoolDifference.Line("# take \(name) of \(names(hosts)) out of use: VMs and addresses")]
            + hosts.flatMap { host in nic(host, name).map { PoolMending.introduceAgain($0, on: shape.hosts[host]) } ?? [] },
          hosts: hosts, rows: [name], [.network])
        settle(hosts, [network, usual])
      }
    }
  }

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
