import XenAPI

@testable import HostNetworking

/// A pool made for tests: each host by what it has, so that a difference is one line.
struct PoolModel {
  struct NIC {
    var name: String
    var network: String
    var slot: String
    var model = "15b3:1017"
    var driver = "mlx5_core"
    var speed = 25_000
    var hasLink = true
    var isAttached = true
    var mtu = 1500
    var address: String?
    var mode = IPConfigurationMode.static
    var netmask = "255.255.255.0"
    var gateway = ""
    var disallowsUnplug = false
    var ipv6 = IPConfigurationMode.none
    var isManagement = false
    var family = AddressFamily.ipv4
  }

  struct Bond {
    var base: NIC
    var members: [String]
    var mode = BondMode.lacp
    var properties = ["hashing_algorithm": "tcpudp_ports", "lacp-time": "slow"]
  }

  struct VLAN {
    var tag: Int
    var network: String
    var on = "bond0"
    var isAttached = true
    var mtu = 1500
    var address: String?
  }

  struct Host {
    var name: String
    var nics: [NIC]
    var bonds: [Bond]
    var vlans: [VLAN]
    var tunnels: [(network: String, on: String)] = []
    var backend = "openvswitch"
    var isLive = true

    mutating func nic(_ name: String, _ change: (inout NIC) -> Void) {
      if let place = nics.firstIndex(where: { $0.name == name }) { change(&nics[place]) }
    }

    mutating func vlan(_ tag: Int, _ change: (inout VLAN) -> Void) {
      if let place = vlans.firstIndex(where: { $0.tag == tag }) { change(&vlans[place]) }
    }
  }

  var hosts: [Host]
  var coordinator = 0
  /// Networks that nobody has to do with.
  var orphans: [String] = []

  /// Hosts that are alike in everything but their addresses, MACs and uuids.
  init(_ count: Int) {
    hosts = (1...count).map { number in
      func nic(_ place: Int, _ network: String) -> NIC {
        NIC(name: "eth\(place)", network: network, slot: "0000:\(["19", "5e", "86"][place / 2]):00.\(place % 2)")
      }
      var nics = [nic(0, "xenbr0"), nic(1, "xenbr1"), nic(2, "Storage A"), nic(3, "Storage B"), nic(4, "Guests")]
      for place in 0..<2 { (nics[place].isAttached, nics[place].model, nics[place].driver, nics[place].speed) = (false, "8086:1563", "ixgbe", 10_000) }
      (nics[2].address, nics[2].mtu, nics[2].disallowsUnplug) = ("10.0.20.\(10 + number)", 9000, true)
      nics[3].mtu = 9000
      var base = NIC(name: "bond0", network: "Management", slot: "")
      (base.address, base.gateway, base.isManagement) = ("10.0.4.\(10 + number)", "10.0.4.1", true)
      let vlans = [10, 20, 60, 90].map { VLAN(tag: $0, network: "Tenant \($0)", address: $0 == 90 ? "10.0.90.\(10 + number)" : nil) }
      return Host(name: "xcp\(number)", nics: nics, bonds: [Bond(base: base, members: ["eth0", "eth1"])], vlans: vlans)
    }
  }

  // MARK: What the program sees

  /// - Parameter shuffled: the order in which rows come.
  func shape(shuffled: (inout [Int]) -> Void = { _ in }) -> PoolShape {
    var names: Set<String> = Set(orphans)
    for host in hosts {
      names.formUnion(host.nics.map(\.network) + host.bonds.map(\.base.network) + host.vlans.map(\.network) + host.tunnels.map(\.network))
    }
    let sorted = names.sorted()
    var shape = PoolShape()
    let bridges = ["Storage A": "xenbr2", "Storage B": "xenbr3", "Guests": "xenbr4"]
    shape.networks = sorted.map { PoolShape.Network(uuid: "net-\($0)", name: $0, bridge: bridges[$0] ?? $0) }
    let places = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($0.element, $0.offset) })
    shape.hosts = hosts.enumerated().map { index, host in
      var made = PoolShape.Host(uuid: "host-\(host.name)", name: host.name)
      (made.isCoordinator, made.isHere, made.backend, made.isLive) = (index == coordinator, index == 0, host.backend, host.isLive)
      made.interfaces = PoolShape.arranged(Self.interfaces(host, index, places, shuffled))
      return made
    }
    return shape
  }

  private static func interfaces(
    _ host: Host, _ number: Int, _ networks: [String: Int], _ shuffled: (inout [Int]) -> Void
  ) -> [PoolShape.Interface] {
    var made: [PoolShape.Interface] = []
    var bases: [String: Int] = [:]
    for (place, nic) in host.nics.enumerated() {
      bases[nic.name] = made.count
      var interface = self.interface(.nic, nic, host, networks)
      interface.mac = "02:00:00:00:0\(number % 10):0\(place)"
      made.append(interface)
    }
    for bond in host.bonds {
      var interface = self.interface(.bond, bond.base, host, networks)
      (interface.hasLink, interface.speed, interface.card) = (nil, nil, PoolShape.Card())
      let members = bond.members.compactMap { bases[$0] }
      interface.bond = PoolShape.Bond(
        uuid: "bond-\(host.name)-\(bond.base.name)", mode: bond.mode, properties: bond.properties, members: members)
      for member in members { (made[member].memberOf, made[member].isAttached) = (made.count, false) }
      bases[bond.base.name] = made.count
      made.append(interface)
    }
    for vlan in host.vlans {
      var interface = PoolShape.Interface(
        kind: .vlan, uuid: "pif-\(host.name)-\(vlan.tag)", device: vlan.on, network: networks[vlan.network], tag: vlan.tag,
        base: bases[vlan.on])
      (interface.isAttached, interface.mtu) = (vlan.isAttached, vlan.mtu)
      interface.vlanUUID = "vlan-\(host.name)-\(vlan.tag)"
      if let address = vlan.address { (interface.ipv4, interface.ip, interface.netmask) = (.static, address, "255.255.255.0") }
      made.append(interface)
    }
    for tunnel in host.tunnels {
      var interface = PoolShape.Interface(
        kind: .tunnel, uuid: "pif-\(host.name)-\(tunnel.network)", device: "tunnel0", network: networks[tunnel.network], base: bases[tunnel.on])
      interface.isAttached = true
      made.append(interface)
    }
    return reordered(made, shuffled)
  }

  private static func interface(_ kind: PoolShape.Kind, _ nic: NIC, _ host: Host, _ networks: [String: Int]) -> PoolShape.Interface {
    var interface = PoolShape.Interface(
      kind: kind, uuid: "pif-\(host.name)-\(nic.name)", device: nic.name, network: networks[nic.network])
    (interface.hasLink, interface.speed) = (nic.hasLink, nic.hasLink ? nic.speed : nil)
    (interface.isAttached, interface.mtu, interface.isManagement) = (nic.isAttached, nic.mtu, nic.isManagement)
    if let address = nic.address {
      (interface.ipv4, interface.ip, interface.netmask, interface.gateway) = (nic.mode, address, nic.netmask, nic.gateway)
    }
    (interface.ipv6, interface.disallowsUnplug, interface.primaryFamily) = (nic.ipv6, nic.disallowsUnplug, nic.family)
    interface.card = PoolShape.Card(id: nic.model, name: "Card \(nic.model)", driver: nic.driver, slot: nic.slot)
    return interface
  }

  private static func reordered(_ interfaces: [PoolShape.Interface], _ shuffled: (inout [Int]) -> Void) -> [PoolShape.Interface] {
    var order = Array(interfaces.indices)
    shuffled(&order)
    var places = [Int](repeating: 0, count: order.count)
    for (new, old) in order.enumerated() { places[old] = new }
    return order.map { old in
      var interface = interfaces[old]
      interface.base = interface.base.map { places[$0] }
      interface.memberOf = interface.memberOf.map { places[$0] }
      let members = (interface.bond?.members ?? []).map { places[$0] }
      interface.bond?.members = members
      return interface
    }
  }
}
