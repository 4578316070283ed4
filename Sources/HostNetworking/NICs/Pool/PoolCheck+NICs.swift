import XenAPI

/// NICs: their names, which there are, and their networks.
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
}
