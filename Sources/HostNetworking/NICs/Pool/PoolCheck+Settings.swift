import XenAPI

/// What interfaces of one network are set to: MTU, plugged, addresses.
extension PoolCheck {
  /// The same of several networks is told once.
  private struct Group: Hashable {
    var kind: PoolDifference.Kind
    var hosts: [Int]
    var here: String
    var there: String
    var weight: Finding.Weight
  }

  private struct Groups {
    var list: [(key: Group, networks: [Int])] = []
    private var places: [Group: Int] = [:]

    mutating func add(_ key: Group, _ network: Int) {
      if let place = places[key] {
        list[place].networks.append(network)
      } else {
        places[key] = list.count
        list.append((key, [network]))
      }
    }
  }

  private typealias Place = (host: Int, interface: PoolShape.Interface)

  mutating func settings() {
    var groups = Groups()
    for network in shape.networks.indices where !isEven(network) {
      let places = allHosts.compactMap { host -> Place? in
        guard let index = byNetwork[host][network], !isSettled(host, network) else { return nil }
        let interface = shape.hosts[host].interfaces[index]
        return interface.memberOf == nil ? (host, interface) : nil
      }
      guard places.count > 1 else { continue }
      mtu(network, places, &groups)
      plugged(network, places, &groups)
      addressing(network, places, &groups)
    }
    for (key, networks) in groups.list { tell(key, networks) }
  }

  /// Nothing that is looked at here differs: so it is with nearly all of hundreds of networks, and it is found without
  /// taking interfaces in hand.
  private func isEven(_ network: Int) -> Bool {
    guard let first = allHosts.first(where: { byNetwork[$0][network] != nil }), let model = byNetwork[first][network] else { return true }
    for host in (first + 1)..<shape.hosts.count {
      guard let index = byNetwork[host][network] else { continue }
      if shape.hosts[host].interfaces[index].isAttached != shape.hosts[first].interfaces[model].isAttached
        || shape.hosts[host].interfaces[index].mtu != shape.hosts[first].interfaces[model].mtu
        || shape.hosts[host].interfaces[index].ipv4 != shape.hosts[first].interfaces[model].ipv4
        || shape.hosts[host].interfaces[index].ipv6 != shape.hosts[first].interfaces[model].ipv6
        || shape.hosts[host].interfaces[index].netmask != shape.hosts[first].interfaces[model].netmask
        || shape.hosts[host].interfaces[index].gateway != shape.hosts[first].interfaces[model].gateway
        || shape.hosts[host].interfaces[index].isManagement != shape.hosts[first].interfaces[model].isManagement
        || shape.hosts[host].interfaces[index].disallowsUnplug != shape.hosts[first].interfaces[model].disallowsUnplug
      { return false }
    }
    return true
  }

  private func mtu(_ network: Int, _ places: [Place], _ groups: inout Groups) {
    // What is not plugged keeps an old number.
    let values = places.filter(\.interface.isAttached).compactMap { place in place.interface.mtu.map { (host: place.host, value: $0) } }
    guard let usual = norm(values) else { return }
    for (mtu, hosts) in unlike(values, usual) {
      groups.add(Group(kind: .mtu, hosts: hosts, here: "\(mtu)", there: "\(usual)", weight: .warning), network)
    }
  }

  private func plugged(_ network: Int, _ places: [Place], _ groups: inout Groups) {
    let live = places.filter { shape.hosts[$0.host].isLive }
    let out = live.filter { !$0.interface.isAttached }
    guard !out.isEmpty, out.count < live.count else { return }
    // VLANs are plugged when a VM starts: one that is not is as it should be, unless it has an address.
    let usesAddress = out.contains { $0.interface.ipv4 != .none || $0.interface.ipv6 != .none }
    let isOnDemand = out[0].interface.kind != .nic && out[0].interface.kind != .bond && !usesAddress
    if isOnDemand, norm(live.map { (host: $0.host, value: $0.interface.isAttached) }) != true { return }
    groups.add(
      Group(kind: .unplugged, hosts: out.map(\.host), here: "", there: "", weight: isOnDemand ? .notice : .warning), network)
  }

  private func addressing(_ network: Int, _ places: [Place], _ groups: inout Groups) {
    modes(network, places.map { (host: $0.host, value: $0.interface.ipv4) }, "", &groups)
    modes(network, places.map { (host: $0.host, value: $0.interface.ipv6) }, "IPv6 ", &groups)
    let fixed = places.filter { $0.interface.ipv4 == .static }
    func compare(_ kind: PoolDifference.Kind, _ value: (PoolShape.Interface) -> String) {
      let values = fixed.map { (host: $0.host, value: value($0.interface)) }
      guard let usual = norm(values) else { return }
      for (own, hosts) in unlike(values, usual) {
        groups.add(
          Group(kind: kind, hosts: hosts, here: own.nonEmpty ?? "none", there: usual.nonEmpty ?? "none", weight: .warning), network)
      }
    }
    compare(.netmask, \.netmask)
    compare(.gateway, \.gateway)
    let withAddress = places.filter { !$0.interface.isManagement && ($0.interface.ipv4 != .none || $0.interface.ipv6 != .none) }
    let free = withAddress.filter { !$0.interface.disallowsUnplug }
    if !free.isEmpty, free.count < withAddress.count {
      groups.add(Group(kind: .unplugAllowed, hosts: free.map(\.host), here: "", there: "", weight: .warning), network)
    }
  }

  private func modes(_ network: Int, _ values: [(host: Int, value: IPConfigurationMode)], _ family: String, _ groups: inout Groups) {
    guard let usual = norm(values) else { return }
    for (mode, hosts) in unlike(values, usual) {
      groups.add(
        Group(
          kind: .address, hosts: hosts, here: family + mode.rawValue, there: family + usual.rawValue,
          weight: usual == .none ? .notice : .warning), network)
    }
  }

  // MARK: Telling

  private mutating func tell(_ key: Group, _ networks: [Int]) {
    let places = networks.compactMap { network in byNetwork[key.hosts[0]][network].map { (network: network, index: $0) } }
    let subject = subjects(key.hosts[0], places.map(\.index))
    let rows = places.map { row(key.hosts[0], $0.index) }
    let who = names(key.hosts)
    let isOne = networks.count == 1 && key.hosts.count == 1
    let there = elsewhere(key.hosts)
    let interfaces = key.hosts.flatMap { host in
      networks.compactMap { network in byNetwork[host][network].map { shape.hosts[host].interfaces[$0] } }
    }
    switch key.kind {
    case .mtu:
      tell(
        .mtu, key.weight, "\(subject) of \(who) \(isOne ? "has" : "have") MTU \(key.here), \(key.there) \(there)",
        means: "Longer packets are lost on the way between hosts of one network, without a word: small ones pass, transfers hang.",
        mend: interfaces.flatMap { interface in
          (interface.ownMTU == nil
            ? [] : [PoolDifference.Line("xe pif-param-remove uuid=\(interface.uuid) param-name=other-config param-key=mtu")])
            + [PoolDifference.Line("xe pif-plug uuid=\(interface.uuid)")]
        }, hosts: key.hosts, rows: rows, [.mtu])
    case .unplugged:
      tell(
        .unplugged, key.weight, "\(subject) of \(who) \(isOne ? "is" : "are") not plugged, \(there) plugged",
        means: key.weight == .notice
          ? "XAPI plugs a VLAN when a VM needs it; until then nothing is wrong."
          : "There is no bridge for it: neither VMs nor addresses work there until it is plugged.",
        mend: interfaces.map { PoolDifference.Line("xe pif-plug uuid=\($0.uuid)") }, hosts: key.hosts, rows: rows, [.plugged])
    case .address: tellAddress(key, subject, interfaces, rows, networks)
    case .netmask, .gateway:
      tell(
        key.kind, key.weight, "\(subject) of \(who) \(isOne ? "has" : "have") \(key.kind.rawValue) \(key.here), \(there) \(key.there)",
        means: "Hosts of one network take different ways, or believe different machines to be near.",
        mend: interfaces.map { interface in
          PoolDifference.Line(
            "xe pif-reconfigure-ip uuid=\(interface.uuid) mode=static IP=\(interface.ip) netmask="
              + (key.kind == .netmask ? key.there : interface.netmask) + " gateway="
              + (key.kind == .gateway ? (key.there == "none" ? "" : key.there) : interface.gateway))
        }, hosts: key.hosts, rows: rows, [.address])
    default:
      tell(
        .unplugAllowed, key.weight, "\(subject) of \(who) may be unplugged, \(there) that is forbidden",
        means: "XAPI would take the address away without asking, and storage that hangs on it.",
        mend: interfaces.map { PoolDifference.Line("xe pif-param-set uuid=\($0.uuid) disallow-unplug=true") }, hosts: key.hosts,
        rows: rows, [.address])
    }
  }

  private mutating func tellAddress(
    _ key: Group, _ subject: String, _ interfaces: [PoolShape.Interface], _ rows: [String], _ networks: [Int]
  ) {
    let isIPv6 = key.here.hasPrefix("IPv6 ")
    func mode(_ text: String) -> IPConfigurationMode { IPConfigurationMode(rawValue: isIPv6 ? String(text.dropFirst(5)) : text) }
    func words(_ text: String) -> String {
      let family = isIPv6 ? "IPv6 " : ""
      switch mode(text) {
      case .none: return "no \(family)address"
      case .static: return "a fixed \(family)address"
      case .dhcp: return "\(family)addresses by DHCP"
      case let other: return "\(family)\(other.rawValue)"
      }
    }
    let who = names(key.hosts)
    let netmask = first { host in byNetwork[host][networks[0]].flatMap { shape.hosts[host].interfaces[$0].netmask.nonEmpty } } ?? ""
    tell(
      .address, key.weight,
      "\(subject) of \(who) \(networks.count * key.hosts.count == 1 ? "has" : "have") \(words(key.here)), \(elsewhere(key.hosts)) \(words(key.there))",
      means: mode(key.here) == .none
        ? "\(who) cannot reach what the others reach over this network: storage, backup, each other."
        : "It may be meant so. If not, give it what the others have.",
      mend: interfaces.map { PoolMending.address($0, mode: mode(key.there), isIPv6: isIPv6, netmask: netmask) }, hosts: key.hosts, rows: rows,
      [.address])
  }

  /// `eth2`, `eth2 and bond0`, `VLANs 10-40 on bond0`.
  private func subjects(_ host: Int, _ places: [Int]) -> String {
    let interfaces = places.map { (place: $0, interface: shape.hosts[host].interfaces[$0]) }
    let tagged = interfaces.filter { $0.interface.kind == .vlan }
    guard tagged.count > 1 else { return places.map { words(host, $0) }.joinedWithAnd }
    let plain = interfaces.filter { $0.interface.kind != .vlan }.map { words(host, $0.place) }
    let byBase = Dictionary(grouping: tagged) { $0.interface.base.map { row(host, $0) } ?? "?" }
    let lists = byBase.sorted { comesBefore($0.key, $1.key) }.map { base, list in
      let tags = list.map { $0.interface.tag ?? 0 }
      return tags.count == 1 ? "VLAN \(tags[0]) on \(base)" : "VLANs \(tags.inRanges) on \(base)"
    }
    return (plain + lists).joinedWithAnd
  }
}
