import XenAPI

/// VLANs, tunnels and SR-IOV: which networks hosts have, and on what.
extension PoolCheck {
  private struct VLAN: Hashable {
    var tag: Int
    /// The network of the interface below.
    var base: Int?
  }

  /// VLANs that are told together: those that the same hosts lack, or have more.
  private struct Group {
    var hosts: [Int]
    var base: Int?
    var vlans: [(tag: Int, network: Int)] = []
  }

  private func upper(_ host: Int, _ network: Int, _ kind: PoolShape.Kind) -> PoolShape.Interface? {
    byNetwork[host][network].map { shape.hosts[host].interfaces[$0] }.flatMap { $0.kind == kind ? $0 : nil }
  }

  private func vlan(_ host: Int, _ network: Int) -> VLAN? {
    guard let index = byNetwork[host][network], shape.hosts[host].interfaces[index].kind == .vlan else { return nil }
    return VLAN(tag: shape.hosts[host].interfaces[index].tag ?? -1, base: below(host, index))
  }

  private func base(_ host: Int, _ interface: PoolShape.Interface) -> Int? {
    interface.base.flatMap { shape.hosts[host].interfaces[$0].network }
  }

  mutating func vlans() {
    var missing: [Group] = []
    var extra: [Group] = []
    for network in networks(of: .vlan).sorted() { look(network, &missing, &extra) }
    for group in missing { tellMissing(group) }
    for group in extra { tellExtra(group) }
  }

  private mutating func look(_ network: Int, _ missing: inout [Group], _ extra: inout [Group]) {
    let all = allHosts.map { (host: $0, value: vlan($0, network)) }
    guard let usual = norm(all.compactMap { host, value in value.map { (host: host, value: $0) } }) else { return }
    // Where the bond below is missing, its VLANs are missing or lie elsewhere as a matter of course.
    let values = all.filter { host, value in
      !isSettled(host, network) && !(lostBonds[host].map { lost in
        usual.base.map(lost.contains) ?? false || value?.base.map(lost.contains) ?? false
      } ?? false)
    }
    let isNorm = norm(values.map { (host: $0.host, value: $0.value != nil) }) ?? true
    let odd = values.filter { ($0.value != nil) != isNorm }.map(\.host)
    if isNorm {
      let lacking = odd.filter { !isOnWrongNetwork($0, network, usual) }
      if !lacking.isEmpty { add(&missing, lacking, usual, network) }
      unlikeVLANs(network, values.compactMap { host, value in value.map { (host: host, value: $0) } }, usual)
    } else {
      let more = odd.filter { host in
        guard let own = vlan(host, network) else { return false }
        return !hasElsewhere(own, than: network, host)
      }
      if !more.isEmpty { add(&extra, more, usual, network) }
    }
    if !odd.isEmpty { settle(odd, [network]) }
  }

  private func add(_ groups: inout [Group], _ hosts: [Int], _ vlan: VLAN, _ network: Int) {
    if let place = groups.firstIndex(where: { $0.hosts == hosts && $0.base == vlan.base }) {
      groups[place].vlans.append((vlan.tag, network))
    } else {
      groups.append(Group(hosts: hosts, base: vlan.base, vlans: [(vlan.tag, network)]))
    }
  }

  /// The same tag on the same cables, but another network above.
  private mutating func isOnWrongNetwork(_ host: Int, _ network: Int, _ usual: VLAN) -> Bool {
    let machine = shape.hosts[host]
    guard let other = machine.interfaces.first(where: { interface in
      interface.kind == .vlan && interface.tag == usual.tag && interface.network != network && base(host, interface) == usual.base
    }) else { return false }
    settle([host], [network, other.network])
    let row = rowOfVLANs(usual.base)
    tell(
      .network, .warning,
      "VLAN \(usual.tag) of \(machine.name) is on network \(name(other.network)), \(elsewhere([host])) on \(name(network))",
      means: "The frames carry the same tag, but VMs on \(name(network)) cannot run on \(machine.name).",
      mend: [
        PoolDifference.Line("# move its VMs' interfaces away first"),
        PoolDifference.Line("xe vlan-destroy uuid=\(other.vlanUUID)"),
        PoolDifference.Line(
          "xe vlan-create pif-uuid=\(other.base.map { machine.interfaces[$0].uuid } ?? "") vlan=\(usual.tag) network-uuid=\(shape.networks[network].uuid)"),
      ], hosts: [host], rows: [row], [.vlans])
    return true
  }

  /// Others have that tag on a network that this host lacks: told as the wrong network.
  private func hasElsewhere(_ own: VLAN, than network: Int, _ host: Int) -> Bool {
    if isSettled(host, network) { return true }
    let peer = allHosts.first { $0 != host && byNetwork[$0][network] == nil }
    guard let peer else { return false }
    return shape.hosts[peer].interfaces.contains { other in
      guard other.kind == .vlan, other.tag == own.tag, base(peer, other) == own.base, let place = other.network else { return false }
      return byNetwork[host][place] == nil
    }
  }

  func networks(of kind: PoolShape.Kind) -> Set<Int> {
    var networks: Set<Int> = []
    for host in shape.hosts {
      for index in host.interfaces.indices where host.interfaces[index].kind == kind {
        if let network = host.interfaces[index].network { networks.insert(network) }
      }
    }
    return networks
  }

  func rowOfVLANs(_ base: Int?) -> String { "\(nameOfBase(base)) VLANs" }

  /// The device that most have on a network.
  func nameOfBase(_ network: Int?) -> String {
    guard let network else { return "?" }
    if let bond = bondNames[network] { return bond }
    return first { host in byNetwork[host][network].map { row(host, $0) } } ?? "?"
  }

  private func baseInterface(_ host: Int, _ network: Int?) -> PoolShape.Interface? {
    network.flatMap { byNetwork[host][$0] }.map { shape.hosts[host].interfaces[$0] }
  }

  private func list(_ group: Group) -> String {
    let tags = group.vlans.map(\.tag)
    let words = tags.count == 1 ? "VLAN \(tags[0])" : "VLANs \(tags.inRanges)"
    return "\(words) of \(nameOfBase(group.base))" + (tags.count == 1 ? " (network \(name(group.vlans[0].network)))" : "")
  }

  private func create(_ group: Group, on hosts: [Int]) -> [PoolDifference.Line] {
    hosts.flatMap { host in
      group.vlans.compactMap { vlan in
        baseInterface(host, group.base).map {
          PoolDifference.Line("xe vlan-create pif-uuid=\($0.uuid) vlan=\(vlan.tag) network-uuid=\(shape.networks[vlan.network].uuid)")
        }
      }
    }
  }

  private mutating func tellMissing(_ group: Group) {
    let isOne = group.vlans.count == 1
    tell(
      .vlans, .warning, "\(names(group.hosts)) \(group.hosts.count == 1 ? "lacks" : "lack") \(list(group))",
      means: "VMs on \(isOne ? "this network" : "these \(group.vlans.count) networks") cannot start on or move to \(names(group.hosts)). A restart of the "
        + "host's toolstack makes what the coordinator has.",
      mend: create(group, on: group.hosts), hosts: group.hosts, rows: [rowOfVLANs(group.base)], [.vlans])
  }

  private mutating func tellExtra(_ group: Group) {
    let others = allHosts.filter { !group.hosts.contains($0) }
    let own = group.hosts.flatMap { host in
      group.vlans.compactMap { vlan in upper(host, vlan.network, .vlan).map { PoolDifference.Line("xe vlan-destroy uuid=\($0.vlanUUID)") } }
    }
    tell(
      .vlans, .warning, "only \(names(group.hosts)) \(group.hosts.count == 1 ? "has" : "have") \(list(group))",
      means: "VMs on \(group.vlans.count == 1 ? "this network" : "these networks") can run nowhere else.",
      mend: [PoolDifference.Line("# on the other hosts as well:")] + create(group, on: others)
        + [PoolDifference.Line("# or nowhere:")] + own,
      hosts: group.hosts, rows: [rowOfVLANs(group.base)], [.vlans])
  }

  private mutating func unlikeVLANs(_ network: Int, _ values: [(host: Int, value: VLAN)], _ usual: VLAN) {
    for (own, hosts) in unlike(values, usual) {
      let isTag = own.tag != usual.tag
      settle(hosts, [network])
      let lines = hosts.flatMap { host -> [PoolDifference.Line] in
        guard let interface = upper(host, network, .vlan) else { return [] }
        let below = baseInterface(host, usual.base)?.uuid ?? ""
        return [
          PoolDifference.Line("xe vlan-destroy uuid=\(interface.vlanUUID)"),
          PoolDifference.Line("xe vlan-create pif-uuid=\(below) vlan=\(usual.tag) network-uuid=\(shape.networks[network].uuid)"),
        ]
      }
      tell(
        isTag ? .tag : .base, .warning,
        isTag
          ? "network \(name(network)) is VLAN \(own.tag) on \(names(hosts)), \(elsewhere(hosts)) VLAN \(usual.tag)"
          : "VLAN \(own.tag) of \(names(hosts)) lies on \(nameOfBase(own.base)), \(elsewhere(hosts)) on \(nameOfBase(usual.base))",
        means: isTag
          ? "VMs of one network are in different VLANs: they do not reach each other once they run on different hosts."
          : "The network goes through other cables there; the switch must carry the tag on those as well.",
        mend: [PoolDifference.Line("# this takes the network away for a moment: move its VMs' interfaces first")] + lines,
        hosts: hosts, rows: [rowOfVLANs(usual.base)], [.vlans])
    }
  }

  // MARK: Tunnels and SR-IOV

  mutating func others() {
    for (kind, word) in [(PoolShape.Kind.tunnel, "tunnel"), (.sriov, "SR-IOV")] {
      let networks = self.networks(of: kind)
      for network in networks.sorted() {
        let there = allHosts.filter { !isSettled($0, network) }.map { (host: $0, value: upper($0, network, kind) != nil) }
        guard let isNorm = norm(there) else { continue }
        let odd = there.filter { $0.value != isNorm }.map(\.host)
        guard !odd.isEmpty else { continue }
        settle(odd, [network])
        let model = first { host in upper(host, network, kind).flatMap { base(host, $0) } }
        let call = kind == .tunnel ? "tunnel-create" : "network-sriov-create"
        tell(
          isNorm ? .missing : .extra, .warning,
          isNorm
            ? "\(names(odd)) \(odd.count == 1 ? "has" : "have") no \(word) for network \(name(network))"
            : "only \(names(odd)) \(odd.count == 1 ? "has" : "have") a \(word) for network \(name(network))",
          means: "VMs on \(name(network)) can run only where it is.",
          mend: (isNorm ? odd : allHosts.filter { !odd.contains($0) }).compactMap { host in
            baseInterface(host, model).map { PoolDifference.Line("xe \(call) pif-uuid=\($0.uuid) network-uuid=\(shape.networks[network].uuid)") }
          }, hosts: odd, rows: [shape.networks[network].name], [.presence])
      }
    }
  }
}
