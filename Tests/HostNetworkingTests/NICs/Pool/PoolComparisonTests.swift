import Testing
import XenAPI

@testable import HostNetworking

/// In what hosts of a pool differ: worked out of what they have.
struct PoolComparisonTests {
  /// One thing that is otherwise on one host.
  struct Plant: CustomTestStringConvertible, Sendable {
    var kind: PoolDifference.Kind
    /// What it says, of xcp2.
    var text: String
    /// Part of a line that mends it.
    var line: String
    var change: @Sendable (inout PoolModel.Host) -> Void

    var testDescription: String { text }

    init(_ kind: PoolDifference.Kind, _ text: String, _ line: String, _ change: @escaping @Sendable (inout PoolModel.Host) -> Void) {
      (self.kind, self.text, self.line, self.change) = (kind, text, line, change)
    }
  }

  static let plants: [Plant] = [
    Plant(.order, "eth2 and eth3 of xcp2 are the other way round (by PCI position)", "interface-rename --update eth2=02:00:00:00:01:03 eth3=02:00:00:00:01:02") { host in
      host.nic("eth2") { $0.slot = "0000:5e:00.1" }
      host.nic("eth3") { $0.slot = "0000:5e:00.0" }
    },
    Plant(.order, "eth2 and eth3 of xcp2 are the other way round (by network and PCI position)", "xe pif-forget uuid=pif-xcp2-eth2") { host in
      let address = host.nics[2].address
      host.nic("eth2") { ($0.slot, $0.network, $0.address, $0.disallowsUnplug) = ("0000:5e:00.1", "Storage B", nil, false) }
      host.nic("eth3") { ($0.slot, $0.network, $0.address, $0.disallowsUnplug) = ("0000:5e:00.0", "Storage A", address, true) }
    },
    Plant(.order, "the networks of eth2 and eth3 of xcp2 are exchanged: eth2 is on \"Storage B\" and eth3 is on \"Storage A\"", "xe pif-scan host-uuid=host-xcp2") { host in
      host.nic("eth2") { $0.network = "Storage B" }
      host.nic("eth3") { $0.network = "Storage A" }
    },
    Plant(.order, "xcp2 counts its NICs otherwise (by PCI position): its eth5 is eth4 on the others", "interface-rename --update eth4=02:00:00:00:01:04") { host in
      host.nic("eth4") { ($0.name, $0.network) = ("eth5", "Pool-wide network 5") }
    },
    Plant(.order, "xcp2 counts its NICs otherwise (by PCI position): its eth2 is eth3 on the others, its eth3 is eth4 on the others and its eth4 is eth2 on the others", "interface-rename --update eth2=02:00:00:00:01:04 eth3=02:00:00:00:01:02 eth4=02:00:00:00:01:03") { host in
      host.nic("eth2") { $0.slot = "0000:5e:00.1" }
      host.nic("eth3") { $0.slot = "0000:86:00.0" }
      host.nic("eth4") { $0.slot = "0000:5e:00.0" }
    },
    Plant(.network, "eth4 of xcp2 is on network \"Lab\", on the others on \"Guests\"", "xe pif-introduce host-uuid=host-xcp2 device=eth4 mac=02:00:00:00:01:04") { host in
      host.nic("eth4") { $0.network = "Lab" }
    },
    Plant(.missing, "xcp2 has no eth4", "xe pif-scan host-uuid=host-xcp2") { $0.nics.removeLast() },
    Plant(.missing, "xcp2 has no eth1", "xe pif-scan host-uuid=host-xcp2") { host in
      host.nics.remove(at: 1)
      host.bonds[0].members = ["eth0"]
    },
    Plant(.extra, "only xcp2 has eth5", "") { host in
      host.nics.append(PoolModel.NIC(name: "eth5", network: "Pool-wide network 5", slot: "0000:af:00.0"))
    },
    Plant(.card, "eth4 of xcp2 is another card: Card 8086:1521, igb, 1 Gb/s; on the others Card 15b3:1017, mlx5_core, 25 Gb/s", "same make into xcp2") { host in
      host.nic("eth4") { ($0.model, $0.driver, $0.speed, $0.slot) = ("8086:1521", "igb", 1000, "0000:af:00.0") }
    },
    Plant(.card, "eth2, eth3 and eth4 of xcp2 are other cards: Card 14e4:16d7, bnxt_en, 25 Gb/s; on the others Card 15b3:1017, mlx5_core, 25 Gb/s", "xcp2") { host in
      for name in ["eth2", "eth3", "eth4"] { host.nic(name) { ($0.model, $0.driver) = ("14e4:16d7", "bnxt_en") } }
    },
    Plant(.driver, "eth4 of xcp2 has the driver mlx5_alt, on the others mlx5_core", "xcp2") { host in host.nic("eth4") { $0.driver = "mlx5_alt" } },
    Plant(.speed, "eth4 of xcp2 is slower: 1 Gb/s, on the others 25 Gb/s", "cable") { host in host.nic("eth4") { $0.speed = 1000 } },
    Plant(.speed, "eth0 of xcp2 is slower: 1 Gb/s, on the others 10 Gb/s", "cable") { host in host.nic("eth0") { $0.speed = 1000 } },
    Plant(.speed, "eth4 of xcp2 is faster: 100 Gb/s, on the others 25 Gb/s", "cable") { host in host.nic("eth4") { $0.speed = 100_000 } },
    Plant(.slot, "eth4 of xcp2 sits in another slot than on the others", "") { host in host.nic("eth4") { $0.slot = "0000:af:00.0" } },
    Plant(.link, "eth3 has no link on xcp2, but on xcp1, xcp3 and xcp4", "cable") { host in host.nic("eth3") { $0.hasLink = false } },
    Plant(.link, "eth1 has no link on xcp2, but on xcp1, xcp3 and xcp4", "cable") { host in host.nic("eth1") { $0.hasLink = false } },
    Plant(.mode, "bond0 of xcp2 has mode active-backup, on the others lacp", "xe bond-set-mode uuid=bond-xcp2-bond0 mode=lacp") { host in
      (host.bonds[0].mode, host.bonds[0].properties) = (.activeBackup, [:])
    },
    Plant(.properties, "bond0 of xcp2 has lacp-time fast, on the others lacp-time slow", "xe bond-param-set uuid=bond-xcp2-bond0 properties:lacp-time=slow") { host in
      host.bonds[0].properties["lacp-time"] = "fast"
    },
    Plant(.members, "bond0 of xcp2 is made of eth0 and eth4, on the others of eth0 and eth1", "pif-uuids=pif-xcp2-eth0,pif-xcp2-eth1 mode=lacp") { host in
      host.nic("eth4") { ($0.model, $0.speed, $0.driver) = ("15b3:1017", 25_000, "mlx5_core") }
      host.bonds[0].members = ["eth0", "eth4"]
      host.nic("eth1") { $0.isAttached = true }
    },
    Plant(.bondName, "the bond of network \"Management\" is called bond1 on xcp2, bond0 on the others", "") { host in
      host.bonds[0].base.name = "bond1"
      for place in host.vlans.indices { host.vlans[place].on = "bond1" }
    },
    Plant(.network, "bond0 of xcp2 is on network \"Old bond\", on the others on \"Management\"", "xe bond-create network-uuid=net-Management") { host in
      host.bonds[0].base.network = "Old bond"
    },
    Plant(.missing, "xcp2 has no bond of eth0 and eth1 on network \"Management\" (bond0 on the others)", "xe bond-create network-uuid=net-Management pif-uuids=pif-xcp2-eth0,pif-xcp2-eth1 mode=lacp properties:hashing_algorithm=tcpudp_ports") { host in
      let base = host.bonds.removeLast().base
      host.nic("eth0") { ($0.address, $0.gateway, $0.isManagement, $0.isAttached) = (base.address, base.gateway, true, true) }
      host.nic("eth1") { $0.isAttached = true }
      host.vlans = [PoolModel.VLAN(tag: 60, network: "Tenant 60", on: "eth0")]
    },
    Plant(.extra, "only xcp2 has bond1, a bond of eth2 and eth3", "xe bond-destroy uuid=bond-xcp2-bond1") { host in
      host.bonds.append(PoolModel.Bond(base: PoolModel.NIC(name: "bond1", network: "Storage bond", slot: ""), members: ["eth2", "eth3"]))
      host.nic("eth2") { $0.address = nil }
    },
    Plant(.vlans, "xcp2 lacks VLAN 60 of bond0 (network \"Tenant 60\")", "xe vlan-create pif-uuid=pif-xcp2-bond0 vlan=60 network-uuid=net-Tenant 60") { host in
      host.vlans.removeAll { $0.tag == 60 }
    },
    Plant(.vlans, "xcp2 lacks VLANs 10, 20, 90 of bond0", "vlan=90") { host in host.vlans.removeAll { $0.tag != 60 } },
    Plant(.vlans, "only xcp2 has VLAN 70 of bond0 (network \"Tenant 70\")", "xe vlan-destroy uuid=vlan-xcp2-70") { host in
      host.vlans.append(PoolModel.VLAN(tag: 70, network: "Tenant 70"))
    },
    Plant(.network, "VLAN 60 of xcp2 is on network \"Spare\", on the others on \"Tenant 60\"", "xe vlan-destroy uuid=vlan-xcp2-60") { host in
      host.vlan(60) { $0.network = "Spare" }
    },
    Plant(.tag, "network \"Tenant 60\" is VLAN 61 on xcp2, on the others VLAN 60", "vlan=60") { host in host.vlan(60) { $0.tag = 61 } },
    Plant(.base, "VLAN 60 of xcp2 lies on eth4, on the others on bond0", "pif-uuid=pif-xcp2-bond0 vlan=60") { host in host.vlan(60) { $0.on = "eth4" } },
    Plant(.mtu, "eth2 of xcp2 has MTU 1500, 9000 on the others", "xe pif-plug uuid=pif-xcp2-eth2") { host in host.nic("eth2") { $0.mtu = 1500 } },
    Plant(.mtu, "VLANs 10, 20, 60, 90 on bond0 of xcp2 have MTU 1400, 1500 on the others", "xe pif-plug uuid=pif-xcp2-10") { host in
      for place in host.vlans.indices { host.vlans[place].mtu = 1400 }
    },
    Plant(.unplugged, "eth4 of xcp2 is not plugged, on the others plugged", "xe pif-plug uuid=pif-xcp2-eth4") { host in host.nic("eth4") { ($0.isAttached, $0.hasLink) = (false, false) } },
    Plant(.unplugged, "VLAN 90 on bond0 of xcp2 is not plugged, on the others plugged", "xe pif-plug uuid=pif-xcp2-90") { host in host.vlan(90) { $0.isAttached = false } },
    Plant(.unplugged, "VLANs 10, 20 on bond0 of xcp2 are not plugged, on the others plugged", "xe pif-plug uuid=pif-xcp2-20") { host in
      for tag in [10, 20] { host.vlan(tag) { $0.isAttached = false } }
    },
    Plant(.address, "eth2 of xcp2 has no address, on the others a fixed address", "xe pif-reconfigure-ip uuid=pif-xcp2-eth2 mode=static IP=ADDRESS netmask=255.255.255.0") { host in
      host.nic("eth2") { $0.address = nil }
    },
    Plant(.address, "eth4 of xcp2 has a fixed address, on the others no address", "mode=none") { host in host.nic("eth4") { $0.address = "10.0.30.12" } },
    Plant(.address, "bond0 of xcp2 has addresses by DHCP, on the others a fixed address", "mode=static") { host in host.bonds[0].base.mode = .dhcp },
    Plant(.address, "eth2 of xcp2 has IPv6 Autoconf, on the others no IPv6 address", "xe pif-reconfigure-ipv6 uuid=pif-xcp2-eth2 mode=none") { host in
      host.nic("eth2") { $0.ipv6 = .autoconf }
    },
    Plant(.gateway, "bond0 of xcp2 has gateway 10.0.4.254, on the others 10.0.4.1", "gateway=10.0.4.1") { host in host.bonds[0].base.gateway = "10.0.4.254" },
    Plant(.netmask, "eth2 of xcp2 has netmask 255.255.0.0, on the others 255.255.255.0", "netmask=255.255.255.0") { host in host.nic("eth2") { ($0.address, $0.netmask) = ("10.20.20.12", "255.255.0.0") } },
    Plant(.unplugAllowed, "eth2 of xcp2 may be unplugged, on the others that is forbidden", "xe pif-param-set uuid=pif-xcp2-eth2 disallow-unplug=true") { host in
      host.nic("eth2") { $0.disallowsUnplug = false }
    },
    Plant(.sameAddress, "xcp2 (eth2) and xcp3 (eth2) have the same address, 10.0.20.13", "xe pif-reconfigure-ip uuid=pif-xcp3-eth2") { host in
      host.nic("eth2") { $0.address = "10.0.20.13" }
    },
    Plant(.sameSubnet, "eth2 and bond0.90 of xcp2 have addresses in one subnet, 10.0.20.0/24", "subnet of its own") { host in host.vlan(90) { $0.address = "10.0.20.99" } },
    Plant(.management, "xcp2 is managed on network \"Storage A\", on the others on \"Management\"", "xe host-management-reconfigure pif-uuid=pif-xcp2-bond0") { host in
      host.bonds[0].base.isManagement = false
      host.nic("eth2") { $0.isManagement = true }
    },
    Plant(.management, "xcp2 has no management interface", "xe host-management-reconfigure") { host in host.bonds[0].base.isManagement = false },
    Plant(.family, "xcp2 is managed over IPv6, on the others over IPv4", "xe pif-set-primary-address-type uuid=pif-xcp2-bond0 primary_address_type=ipv4") { host in
      host.bonds[0].base.family = .ipv6
    },
    Plant(.backend, "xcp2 uses the network backend bridge, on the others openvswitch", "xe-switch-network-backend openvswitch") { $0.backend = "bridge" },
  ]

  private func differences(_ model: PoolModel) -> [PoolDifference] { PoolComparison(model.shape()).differences }

  @Test(arguments: [1, 2, 3, 7]) func hostsThatAreAlikeYieldNothing(count: Int) {
    let comparison = PoolComparison(PoolModel(count).shape())
    #expect(comparison.differences.map(\.text) == [])
    let odd = comparison.rows.filter(\.differs)
    #expect(odd.isEmpty)
    #expect(comparison.isAlone == (count == 1))
    // Neither do those that XAPI hears nothing of.
    var silent = PoolModel(count)
    silent.hosts[count - 1].isLive = false
    for place in silent.hosts[count - 1].nics.indices { silent.hosts[count - 1].nics[place].hasLink = false }
    #expect(differences(silent).map(\.text) == [])
  }

  /// One thing planted is one thing told: with the host, the device and what mends it; nothing that merely follows from it.
  @Test(arguments: plants) func eachDifferenceIsToldOnce(plant: Plant) throws {
    var model = PoolModel(4)
    plant.change(&model.hosts[1])
    let comparison = PoolComparison(model.shape())
    #expect(comparison.differences.map(\.text) == [plant.text])
    let found = try #require(comparison.differences.first)
    #expect(found.kind == plant.kind)
    #expect(found.hosts.contains("xcp2"))
    let lines = found.mending.map(\.text).joined(separator: "\n")
    #expect(plant.line.isEmpty || lines.contains(plant.line), "\(lines)")
    // The table marks it where it is, and nowhere else.
    let marked = comparison.rows.flatMap { row in row.cells.indices.filter { row.cells[$0].contains(where: \.differs) } }
    #expect(!marked.isEmpty)
    #expect(Set(marked).isSubset(of: Set(found.hosts.compactMap { name in comparison.hosts.firstIndex { $0.name == name } })))
  }

  @Test func everyKindIsPlanted() {
    let others: Set<PoolDifference.Kind> = [.memberSpeed, .orphans]
    #expect(Set(Self.plants.map(\.kind)).union(others) == Set(PoolDifference.Kind.allCases))
  }

  /// What all hosts have is no difference, but may be worth telling.
  @Test func whatAllHaveIsToldForAll() {
    var model = PoolModel(3)
    for place in model.hosts.indices { model.hosts[place].nic("eth1") { $0.speed = 1000 } }
    model.orphans = ["Left over", "Another"]
    #expect(
      differences(model).map(\.text) == [
        "the links of bond0 on xcp1, xcp2 and xcp3 have different speeds: eth0 10 Gb/s and eth1 1 Gb/s",
        "no host and no VM uses networks \"Another\" and \"Left over\"",
      ])
  }

  @Test func atATieTheCoordinatorIsRight() {
    var model = PoolModel(2)
    model.hosts[1].bonds[0].mode = .activeBackup
    model.hosts[1].bonds[0].properties = [:]
    #expect(differences(model).map(\.text) == ["bond0 of xcp2 has mode active-backup, on xcp1 lacp"])
    model.coordinator = 1
    #expect(differences(model).map(\.text) == ["bond0 of xcp1 has mode lacp, on xcp2 active-backup"])
  }

  @Test func whatSeveralHostsHaveIsOneThing() {
    var model = PoolModel(20)
    for place in [1, 4, 7, 8, 13] { model.hosts[place].vlans.removeAll { $0.tag == 20 || $0.tag == 60 } }
    #expect(differences(model).map(\.text) == ["xcp2, xcp5, xcp8 and 2 more lack VLANs 20, 60 of bond0"])
  }

  /// An address that nobody has at the moment breaks nothing.
  @Test func onlyAddressesInUseAreTheSame() throws {
    func shared(_ change: (inout PoolModel.Host) -> Void) -> PoolDifference? {
      var model = PoolModel(4)
      model.hosts[1].nic("eth2") { $0.address = "10.0.20.13" }
      change(&model.hosts[1])
      return PoolComparison(model.shape()).differences.first { $0.kind == .sameAddress }
    }
    #expect(shared { _ in }?.weight == .trouble)
    #expect(shared { $0.nic("eth2") { $0.isAttached = false } } == nil)
    // What DHCP gave a host that is down may be another's by now; a fixed one it will have again.
    #expect(shared { ($0.isLive, $0.nics[2].mode) = (false, .dhcp) } == nil)
    let down = try #require(shared { $0.isLive = false })
    #expect(down.weight == .notice && down.text == "xcp2 (eth2) and xcp3 (eth2) will have the same address, 10.0.20.13, once xcp2 runs")
  }

  /// Each cell asks for its own marks only: four times the marks in four times the rows take not sixteen times as long.
  @Test func manyMarksAreLookedUpCellByCell() {
    func table(_ marked: Int) -> (differing: Int, took: Duration) {
      var model = PoolModel(64)
      for place in model.hosts.indices {
        model.hosts[place].vlans = (100..<500).map { PoolModel.VLAN(tag: $0, network: "Tenant \($0)") }
        for vlan in 0..<marked where place % 2 == 1 { model.hosts[place].vlans[vlan].mtu = 9000 }
      }
      var check = PoolCheck(model.shape())
      check.run()
      let matrix = PoolMatrix(check)
      var differing = 0
      let times = (0..<3).map { _ in
        ContinuousClock().measure { differing = matrix.rows.flatMap(\.cells).count { $0.contains(where: \.differs) } }
      }
      return (differing, times.min() ?? .zero)
    }
    let (few, many) = (table(100), table(400))
    #expect(few.differing == 3200 && many.differing == 12_800)
    #expect(many.took < few.took * 9, "\(few.took) for \(few.differing), \(many.took) for \(many.differing)")
  }

  /// A pool at XAPI's limits: hundreds of VLANs that a few hosts lack are one line.
  @Test func aLargePoolStaysReadable() {
    var model = PoolModel(64)
    for place in model.hosts.indices {
      let vlans = (100..<500).filter { ![3, 17, 40].contains(place) || !(200..<320).contains($0) }
      model.hosts[place].vlans = vlans.map { PoolModel.VLAN(tag: $0, network: "Tenant \($0)") }
    }
    let shape = model.shape()
    var found: PoolComparison?
    let took = ContinuousClock().measure { found = PoolComparison(shape) }
    print("compared \(shape.hosts.reduce(0) { $0 + $1.interfaces.count }) interfaces of 64 hosts in \(took)")
    #expect(found?.differences.map(\.text) == ["xcp4, xcp18 and xcp41 lack VLANs 200-319 of bond0"])
    #expect(found?.differences.first?.mending.last?.text == "# and 337 lines more of the same kind")
    let vlans = found?.rows.first { $0.name == "bond0 VLANs" }
    #expect(vlans?.cells[0].map(\.text) == ["400 VLANs", "100-499"])
    #expect(vlans?.cells[3].map(\.text) == ["280 VLANs, not 200-319"])
  }

  /// Several of them at once, in any order of rows: each is told, none other.
  @Test func differencesDoNotHideEachOther() {
    var random = SeededNumbers(seed: 11)
    // Each on a host of its own.
    let singles = Self.plants.filter { $0.kind != .sameAddress }
    for round in 0..<12 {
      var model = PoolModel(9)
      let chosen = singles.shuffled(using: &random).prefix(3)
      for (place, plant) in chosen.enumerated() { plant.change(&model.hosts[place + 1]) }
      let plain = PoolComparison(model.shape())
      var generator = SeededNumbers(seed: UInt64(round))
      #expect(PoolComparison(model.shape { $0.shuffle(using: &generator) }) == plain)
      let kinds = plain.differences.map(\.kind.rawValue).sorted()
      // What two hosts have alike is told of both at once.
      let wanted = chosen.map(\.kind.rawValue).sorted()
      #expect(Set(kinds).isSubset(of: Set(wanted)) && kinds.count <= wanted.count, "\(chosen.map(\.text)): \(plain.differences.map(\.text))")
      for (place, plant) in chosen.enumerated() {
        #expect(plain.differences.contains { $0.kind == plant.kind && $0.hosts.contains("xcp\(place + 2)") }, "\(chosen.map(\.text)): \(plain.differences.map(\.text))")
      }
    }
  }
}
