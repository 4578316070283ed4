import XenAPI

/// Bonds. What belongs together on different hosts is on the same network, whatever its device is called.
extension PoolCheck {
  private func bond(_ host: Int, _ network: Int) -> (interface: PoolShape.Interface, bond: PoolShape.Bond)? {
    guard let index = byNetwork[host][network] else { return nil }
    let interface = shape.hosts[host].interfaces[index]
    return interface.bond.map { (interface, $0) }
  }

  private func members(_ host: Int, _ bond: PoolShape.Bond) -> [String] {
    bond.members.map { rightName(host, shape.hosts[host].interfaces[$0].device) }.sorted(by: comesBefore)
  }

  mutating func bonds() {
    let networks = networks(of: .bond)
    for network in networks.sorted() {
      let owners = allHosts.compactMap { host in bond(host, network).map { (host: host, found: $0) } }
      let usualName = norm(owners.map { (host: $0.host, value: $0.found.interface.device) }) ?? ""
      bondNames[network] = usualName
    }
    for network in networks.sorted() { bond(on: network) }
  }

  private mutating func bond(on network: Int) {
    let there = allHosts.map { (host: $0, value: bond($0, network) != nil) }
    guard let isNorm = norm(there) else { return }
    let odd = there.filter { $0.value != isNorm }.map(\.host)
    let owners = allHosts.compactMap { host in bond(host, network).map { (host: host, found: $0) } }
    let usualMembers = norm(owners.map { (host: $0.host, value: members($0.host, $0.found.bond)) }) ?? []
    let usualMode = norm(owners.map { (host: $0.host, value: $0.found.bond.mode) }) ?? .balanceSLB
    if !odd.isEmpty {
      if isNorm {
        let model = owners.filter { $0.found.bond.mode == usualMode }.map { (host: $0.host, value: $0.found.bond.properties) }
        lack(network, odd, usualMembers, usualMode, norm(model) ?? [:])
      } else {
        haveMore(network, odd)
      }
    }
    guard isNorm, owners.count > 1 else { return }
    nameOfBond(network, owners.map { (host: $0.host, value: $0.found.interface.device) })
    mode(network, owners.map { (host: $0.host, value: $0.found.bond) }, usualMode)
    members(network, owners.map { (host: $0.host, value: members($0.host, $0.found.bond)) }, usualMembers)
    // One that is made of other NICs than elsewhere has other speeds as a matter of course.
    speeds(network, owners.filter { members($0.host, $0.found.bond) == usualMembers }.map { (host: $0.host, value: $0.found.bond) })
  }

  // MARK: Which there are

  private mutating func lack(
    _ network: Int, _ hosts: [Int], _ members: [String], _ mode: BondMode, _ properties: [String: String]
  ) {
    let row = bondNames[network] ?? "bond"
    for host in hosts {
      // The same cards in a bond of another network are a bond on the wrong network.
      let other = shape.hosts[host].interfaces.first { interface in
        interface.bond.map { self.members(host, $0) == members } ?? false && !isUsual(interface.network)
      }
      lostBonds[host, default: []].insert(network)
      settle([host], [network])
      if let other {
        settle([host], [other.network])
        tell(
          .network, .warning,
          "\(other.device) of \(shape.hosts[host].name) is on network \(name(other.network)), \(elsewhere([host])) on \(name(network))",
          means: "VMs on \(name(network)) cannot run on \(shape.hosts[host].name), and VLANs on the bond belong to other networks.",
          mend: [PoolDifference.Line("# this takes the network of \(other.device) away for a few seconds")]
            + [PoolDifference.Line("xe bond-destroy uuid=\(other.bond?.uuid ?? "")")]
            + PoolMending.createBond(nics(host, members), network: shape.networks[network], mode: mode, properties),
          hosts: [host], rows: [row], [.network])
        lostBonds[host, default: []].formUnion([other.network].compactMap { $0 })
      }
    }
    let bare = hosts.filter { host in
      !found.contains { $0.kind == .network && $0.hosts == [shape.hosts[host].name] && $0.devices == [row] }
    }
    guard !bare.isEmpty else { return }
    for host in bare {
      // Addresses and VLANs are on the NICs then.
      let loose = nics(host, members).map(\.network)
      settle([host], loose)
      lostBonds[host, default: []].formUnion(loose.compactMap { $0 })
    }
    tell(
      .missing, .warning,
      "\(names(bare)) \(bare.count == 1 ? "has" : "have") no bond of \(members.joinedWithAnd) on network \(name(network)) (\(row) \(elsewhere(bare)))",
      means: "What the others have on two cables hangs on one there, and the VLANs of \(row) are missing or elsewhere. A restart of the "
        + "host's toolstack makes it as the coordinator has it.",
      mend: [PoolDifference.Line("# this takes the network of \(members.joinedWithAnd) away for a few seconds")]
        + bare.flatMap { PoolMending.createBond(nics($0, members), network: shape.networks[network], mode: mode, properties) },
      hosts: bare, rows: [row], [.presence])
  }

  /// Most hosts have a bond there.
  private func isUsual(_ network: Int?) -> Bool {
    guard let network else { return false }
    return norm(allHosts.map { (host: $0, value: bond($0, network) != nil) }) == true
  }

  private func nics(_ host: Int, _ names: [String]) -> [PoolShape.Interface] {
    names.compactMap { name in
      let own = renamed[host]?.first { $0.value == name }?.key ?? name
      return nic(host, own)
    }
  }

  private mutating func haveMore(_ network: Int, _ hosts: [Int]) {
    let row = bondNames[network] ?? "bond"
    let odd = hosts.filter { !isSettled($0, network) }
    guard let first = odd.first, let model = bond(first, network) else { return }
    for host in odd {
      guard let own = bond(host, network) else { continue }
      let loose = own.bond.members.map { shape.hosts[host].interfaces[$0].network }
      settle([host], [network] + loose)
      lostBonds[host, default: []].formUnion((loose + [network]).compactMap { $0 })
    }
    tell(
      .extra, .warning, "only \(names(odd)) \(odd.count == 1 ? "has" : "have") \(row), a bond of \(members(first, model.bond).joinedWithAnd)",
      means: "The networks of these NICs are cut off there, and network \(name(network)) is to be had nowhere else. A bond made on one "
        + "host only is usually an oversight.",
      mend: [PoolDifference.Line("# this takes the network of \(row) away for a few seconds")]
        + odd.compactMap { bond($0, network) }.map { PoolDifference.Line("xe bond-destroy uuid=\($0.bond.uuid)") },
      hosts: odd, rows: [row], [.presence])
  }

  // MARK: How they are

  private mutating func nameOfBond(_ network: Int, _ values: [(host: Int, value: String)]) {
    let usual = bondNames[network] ?? ""
    for (device, hosts) in unlike(values, usual) {
      tell(
        .bondName, .notice, "the bond of network \(name(network)) is called \(device) on \(names(hosts)), \(usual) \(elsewhere(hosts))",
        means: "It belongs to the same network and works; people mix it up. The name comes from the order in which bonds were made.",
        hosts: hosts, rows: [usual], [.name])
    }
  }

  private mutating func mode(_ network: Int, _ values: [(host: Int, value: PoolShape.Bond)], _ usual: BondMode) {
    let row = bondNames[network] ?? ""
    for (mode, hosts) in unlike(values.map { (host: $0.host, value: $0.value.mode) }, usual) {
      let bonds = values.filter { hosts.contains($0.host) }
      tell(
        .mode, .warning, "\(row) of \(names(hosts)) has mode \(mode.rawValue), \(elsewhere(hosts)) \(usual.rawValue)",
        means: usual == .lacp || mode == .lacp
          ? "The switch ports must be set up for LACP where the bond is, and nowhere else: else links go unused or frames go astray."
          : "Traffic is spread otherwise than \(elsewhere(hosts)).",
        mend: bonds.map { PoolDifference.Line("xe bond-set-mode uuid=\($0.value.uuid) mode=\(usual.rawValue)") }, hosts: hosts, rows: [row],
        [.mode])
    }
    let alike = values.filter { $0.value.mode == usual }
    guard let properties = norm(alike.map { (host: $0.host, value: $0.value.properties) }) else { return }
    for (other, hosts) in unlike(alike.map { (host: $0.host, value: $0.value.properties) }, properties) {
      let keys = Set(properties.keys).union(other.keys).filter { properties[$0] != other[$0] }.sorted()
      let here = keys.map { "\($0) \(other[$0] ?? "not set")" }.joinedWithAnd
      let there = keys.map { "\($0) \(properties[$0] ?? "not set")" }.joinedWithAnd
      let bonds = alike.filter { hosts.contains($0.host) }
      tell(
        .properties, .warning, "\(row) of \(names(hosts)) has \(here), \(elsewhere(hosts)) \(there)",
        means: "The bond works, but not as \(elsewhere(hosts)): how traffic is spread, or how it falls back, differs.",
        mend: bonds.flatMap { bond in
          keys.map { key in
            properties[key].map {
              PoolDifference.Line("xe bond-param-set uuid=\(bond.value.uuid) \(ShellWord.quoted("properties:\(key)=\($0)"))")
            } ?? PoolDifference.Line("xe bond-param-remove uuid=\(bond.value.uuid) param-name=properties param-key=\(key)")
          }
        }, hosts: hosts, rows: [row], [.properties])
    }
  }

  private mutating func members(_ network: Int, _ values: [(host: Int, value: [String])], _ usual: [String]) {
    let row = bondNames[network] ?? ""
    for (own, hosts) in unlike(values, usual) {
      // A NIC that is not there cannot be a member: that is told already.
      let odd = hosts.filter { host in
        !Set(usual).symmetricDifference(own).isSubset(of: absentNICs[host] ?? [])
      }
      guard !odd.isEmpty else { continue }
      for host in odd {
        // Who is a member has neither bridge nor address of its own.
        let changed = Set(usual).symmetricDifference(own)
        settle([host], changed.map { nic(host, $0)?.network })
      }
      tell(
        .members, .warning,
        "\(row) of \(names(odd)) is made of \(own.joinedWithAnd.nonEmpty ?? "no NIC"), \(elsewhere(odd)) of \(usual.joinedWithAnd)",
        means: "It runs over other cables, or fewer, than \(elsewhere(odd)); the NIC left out or taken in lacks or disturbs its own network.",
        mend: odd.flatMap { host -> [PoolDifference.Line] in
          guard let own = bond(host, network) else { return [] }
          return [PoolDifference.Line("# this takes the network of \(row) on \(shape.hosts[host].name) away for a few seconds")]
            + [PoolDifference.Line("xe bond-destroy uuid=\(own.bond.uuid)")]
            + PoolMending.createBond(nics(host, usual), network: shape.networks[network], mode: own.bond.mode, own.bond.properties)
        }, hosts: odd, rows: [row], [.members])
    }
  }

  /// Within one host: a bond of unlike links is as slow as its slowest, or worse.
  private mutating func speeds(_ network: Int, _ values: [(host: Int, value: PoolShape.Bond)]) {
    let row = bondNames[network] ?? ""
    let odd = values.filter { host, bond in
      let nics = bond.members.map { shape.hosts[host].interfaces[$0] }
      return shape.hosts[host].isLive && Set(nics.compactMap(\.speed)).count > 1
        // Told as a slow or another card.
        && nics.allSatisfy { nic in nic.speed == nil || nic.speed == usualSpeed(nic.device) }
    }.map(\.host)
    guard !odd.isEmpty, let first = values.first(where: { $0.host == odd[0] }) else { return }
    let nics = first.value.members.map { shape.hosts[odd[0]].interfaces[$0] }
    let speeds = nics.compactMap { nic in nic.speed.map { "\(nic.device) \(DoctorFacts.Management.speedWords($0))" } }
    tell(
      .memberSpeed, .warning, "the links of \(row) on \(names(odd)) have different speeds: \(speeds.joinedWithAnd)",
      means: "With LACP only links of one speed are used together; otherwise some traffic is slower than other.",
      mend: [PoolDifference.Line("# bond NICs of one speed, or check the slower one's cable and switch port")], hosts: odd, rows: [row], [.members])
  }

  private func usualSpeed(_ device: String) -> Int? {
    norm(allHosts.filter { shape.hosts[$0].isLive }.compactMap { host in nic(host, device)?.speed.map { (host: host, value: $0) } })
  }
}
