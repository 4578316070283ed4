import XenAPI

/// The hosts as a whole: the switch in dom0, management, addresses; and networks that nobody has.
extension PoolCheck {
  mutating func backends() {
    let values = allHosts.map { (host: $0, value: shape.hosts[$0].backend) }.filter { !$0.value.isEmpty }
    guard let usual = norm(values) else { return }
    for (backend, hosts) in unlike(values, usual) {
      tell(
        .backend, .warning, "\(names(hosts)) \(hosts.count == 1 ? "uses" : "use") the network backend \(backend), \(elsewhere(hosts)) \(usual)",
        means: "Bonds behave otherwise, and tunnels and network rules work with openvswitch only.",
        mend: hosts.flatMap { host in
          [
            PoolDifference.Line("xe-switch-network-backend \(usual)", on: shape.hosts[host].name),
            PoolDifference.Line("reboot", on: shape.hosts[host].name),
          ]
        }, hosts: hosts, rows: ["management"], [.management])
    }
  }

  // MARK: Management

  mutating func management() {
    var values: [(host: Int, value: Int)] = []
    for host in allHosts {
      let own = shape.hosts[host].interfaces.indices.filter { shape.hosts[host].interfaces[$0].isManagement }
      if own.count != 1 {
        tell(
          .management, own.isEmpty ? .trouble : .warning,
          own.isEmpty
            ? "\(shape.hosts[host].name) has no management interface"
            : "\(shape.hosts[host].name) has \(own.count) management interfaces: \(own.map { words(host, $0) }.joinedWithAnd)",
          means: "XAPI of a host listens on one interface: the pool reaches it there.",
          mend: [PoolDifference.Line("xe host-management-reconfigure pif-uuid=...", on: shape.hosts[host].name)], hosts: [host],
          rows: ["management"], [.management])
      }
      if let index = own.first, let network = shape.hosts[host].interfaces[index].network { values.append((host, network)) }
    }
    guard let usual = norm(values) else { return }
    for (network, hosts) in unlike(values, usual) {
      // Where the bond is missing, management is on one of its NICs: told with the bond.
      let base = first { host in byNetwork[host][usual].flatMap { below(host, $0) } }
      let odd = hosts.filter { host in
        !(lostBonds[host].map { $0.contains(usual) || base.map($0.contains) ?? false } ?? false)
      }
      settle(hosts, [network, usual])
      guard !odd.isEmpty else { continue }
      tell(
        .management, .warning,
        "\(names(odd)) \(odd.count == 1 ? "is" : "are") managed on network \(name(network)), \(elsewhere(odd)) on \(name(usual))",
        means: "Traffic of the pool takes different ways; the management network of the pool cannot be changed for all at once.",
        mend: odd.map { host in
          let uuid = byNetwork[host][usual].map { shape.hosts[host].interfaces[$0].uuid } ?? "..."
          return PoolDifference.Line("xe host-management-reconfigure pif-uuid=\(uuid)", on: shape.hosts[host].name)
        }, hosts: odd, rows: ["management"], [.management])
    }
    families()
  }

  private mutating func families() {
    let values = allHosts.compactMap { host in
      let interfaces = shape.hosts[host].interfaces
      return interfaces.indices.first { interfaces[$0].isManagement }.map { (host: host, value: interfaces[$0].primaryFamily.rawValue) }
    }
    guard let usual = norm(values) else { return }
    for (family, hosts) in unlike(values, usual) {
      let interfaces = hosts.compactMap { shape.hosts[$0].interfaces.first(where: \.isManagement) }
      tell(
        .family, .warning, "\(names(hosts)) \(hosts.count == 1 ? "is" : "are") managed over \(family), \(elsewhere(hosts)) over \(usual)",
        means: "Hosts of a pool must reach each other at the address of one family.",
        mend: interfaces.map {
          PoolDifference.Line("xe pif-set-primary-address-type uuid=\($0.uuid) primary_address_type=\(usual.lowercased())")
        }, hosts: hosts, rows: ["management"], [.management])
    }
  }

  // MARK: Addresses

  mutating func addresses() {
    var owners: [String: [(host: Int, index: Int)]] = [:]
    var sharing: [(devices: [String], subnet: String, hosts: [Int])] = []
    for host in allHosts {
      var subnets: [String: [Int]] = [:]
      let interfaces = shape.hosts[host].interfaces
      for index in interfaces.indices where interfaces[index].ipv4 != .none || interfaces[index].ipv6 != .none {
        let interface = interfaces[index]
        for address in heldAddresses(host, interface) {
          owners[String(address.prefix { $0 != "/" }), default: []].append((host, index))
        }
        if let subnet = Self.subnet(interface) { subnets[subnet, default: []].append(index) }
      }
      for (subnet, places) in subnets.sorted(by: { $0.key < $1.key }) where places.count > 1 {
        let devices = places.map { row(host, $0) }
        if let place = sharing.firstIndex(where: { $0.devices == devices && $0.subnet == subnet }) {
          sharing[place].hosts.append(host)
        } else {
          sharing.append((devices, subnet, [host]))
        }
      }
    }
    for (address, places) in owners.sorted(by: { $0.key < $1.key }) where places.count > 1 {
      let words = places.map { "\(shape.hosts[$0.host].name) (\(self.words($0.host, $0.index)))" }
      let down = Set(places.map(\.host)).sorted().filter { !shape.hosts[$0].isLive }
      // Of those that run, one alone has it yet.
      let isToCome = places.count(where: { shape.hosts[$0.host].isLive }) < 2
      tell(
        .sameAddress, isToCome ? .notice : .trouble,
        "\(words.joinedWithAnd) \(isToCome ? "will have" : "have") the same address, \(address)\(isToCome ? ", once \(names(down)) \(down.count == 1 ? "runs" : "run")" : "")",
        means: "Whoever answers first gets the traffic of both: connections break at random.",
        mend: places.dropFirst().map {
          PoolMending.address(
            shape.hosts[$0.host].interfaces[$0.index], mode: .static, isIPv6: address.contains(":"),
            netmask: shape.hosts[$0.host].interfaces[$0.index].netmask)
        }, hosts: Set(places.map(\.host)).sorted(), rows: Set(places.map { row($0.host, $0.index) }).sorted(by: comesBefore), [.address])
    }
    for (devices, subnet, hosts) in sharing {
      tell(
        .sameSubnet, .warning, "\(devices.joinedWithAnd) of \(names(hosts)) have addresses in one subnet, \(subnet)",
        means: "The kernel answers for both on either cable: what is meant for one may go through the other.",
        mend: [PoolDifference.Line("# give one of them an address in a subnet of its own, or none")], hosts: hosts, rows: devices, [.address])
    }
  }

  /// Addresses that an interface has, or has again when its host runs: XAPI keeps those of an unplugged one, and of a host
  /// that is down those that DHCP has given to another since.
  private func heldAddresses(_ host: Int, _ interface: PoolShape.Interface) -> [String] {
    guard interface.isAttached else { return [] }
    let isLive = shape.hosts[host].isLive
    let v4 = isLive || interface.ipv4 == .static ? [interface.ip] : []
    let v6 = isLive || interface.ipv6 == .static ? interface.ipv6Addresses : []
    return (v4 + v6).filter { !$0.isEmpty }
  }

  /// `10.0.20.0/24`; nil without an address of IPv4.
  private static func subnet(_ interface: PoolShape.Interface) -> String? {
    guard interface.isAttached, let address = try? IPv4Address(parsing: interface.ip),
      let length = try? IPv4Prefix.length(ofNetmask: interface.netmask), length < 32
    else { return nil }
    return "\(IPv4Prefix(address, length: length).network)/\(length)"
  }

  // MARK: Networks

  /// Neither hosts nor VMs have anything to do with them.
  mutating func orphans() {
    var used: Set<Int> = []
    for host in byNetwork { used.formUnion(host.keys) }
    let orphans = shape.networks.indices.filter { index in
      let network = shape.networks[index]
      return !used.contains(index) && !network.isInternal && !network.hasVIFs
    }
    guard !orphans.isEmpty else { return }
    let list = orphans.prefix(4).map { name($0) }.joinedWithAnd + (orphans.count > 4 ? " and \(orphans.count - 4) more" : "")
    tell(
      .orphans, .notice, "no host and no VM uses \(orphans.count == 1 ? "network" : "networks") \(list)",
      means: "Left over from NICs, bonds or VLANs that are gone, or meant for VMs to come.",
      mend: orphans.map { PoolDifference.Line("xe network-destroy uuid=\(shape.networks[$0].uuid)") }, hosts: [], rows: [], [])
  }
}
