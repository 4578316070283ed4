import HostNetworking

@testable import Dom0

extension LiveNetwork {
  /// A kernel and a switch in which everything of `HostTree` is as it should be; eth3 has no cable, and nobody minds.
  static var healthy: LiveNetwork {
    var live = LiveNetwork(instant: .now, wall: 1_795_366_000)
    live.backend = .success(.openVSwitch)
    live.devices = .success(
      (0..<4).map { .nic($0, carrier: $0 != 3) } + [
        .virtual("ovs-system"), .virtual("xapi1"), .virtual("xapi2"), .virtual("xenbr2", mtu: 9000), .virtual("xenbr3"),
      ])
    live.addresses = .success([
      .bridge("xapi1", ["10.0.4.12"]), .bridge("xapi2", []), .bridge("xenbr2", ["10.0.20.12"]), .bridge("xenbr3", []),
    ])
    live.routes = .success([.defaultRoute(via: "10.0.4.1", on: "xapi1")])
    live.openVSwitch = .success(
      OpenVSwitch(bridges: [
        .of("xapi1", [.bond("bond0", ["eth0", "eth1"]), .fake("xapi2", tag: 42)]), .of("xenbr2", [.nic("eth2")]),
        .of("xenbr3", [.nic("eth3")]),
      ]))
    live.switchBonds = .success([.working("bond0", ["eth0", "eth1"], lacp: .negotiated)])
    live.stats = .success(NetworkStats(devices: [:], written: live.wall - 2))
    live.units = .success(
      ["xapi", "xcp-networkd", "openvswitch", "chronyd"].map { .unit($0, "active") }
        + ["NetworkManager", "firewalld"].map { .unit($0, "inactive") })
    return live
  }

  mutating func change(_ name: String, _ change: (inout NetworkDevice) -> Void) {
    guard var all = try? devices?.get(), let index = all.firstIndex(where: { $0.name == name }) else { return }
    change(&all[index])
    devices = .success(all)
  }

  mutating func set(unit name: String, _ state: String) {
    guard let all = try? units?.get() else { return }
    units = .success(all.filter { $0.name != name + ".service" } + [.unit(name, state)])
  }
}

extension NetworkDevice {
  static func nic(_ number: Int, carrier: Bool = true) -> NetworkDevice {
    NetworkDevice(
      name: "eth\(number)", index: number + 2, mac: HostTree.mac(number), mtu: number == 2 ? 9000 : 1500,
      hardwareType: 1,
      isUp: true, hasCarrier: carrier, operationalState: carrier ? "up" : "down", speed: carrier ? 10_000 : nil,
      duplex: carrier ? .full : nil, master: "ovs-system",
      hardware: Hardware(
        address: "0000:0\(number + 1):00.0", driver: "ixgbe", vendor: "8086", device: "1563", isVirtualFunction: false,
        isXenBackend: false, virtualFunctions: nil),
      bridgePorts: nil, bond: nil, counters: nil)
  }

  static func virtual(_ name: String, mtu: Int = 1500) -> NetworkDevice {
    NetworkDevice(
      name: name, index: nil, mac: "ec:f4:bb:00:00:00", mtu: mtu, hardwareType: 1, isUp: true, hasCarrier: true,
      operationalState: "unknown", speed: nil, duplex: nil, master: nil, hardware: nil, bridgePorts: nil, bond: nil,
      counters: nil)
  }
}

extension IPDevice {
  static func bridge(_ name: String, _ addresses: [String]) -> IPDevice {
    let local = IPAddress(
      family: .v6, address: "fe80::1", prefixLength: 64, broadcast: nil, scope: "link", isDynamic: false,
      isTentative: false,
      isDuplicate: false, isDeprecated: false, validFor: nil)
    return IPDevice(
      name: name, index: nil, flags: ["UP", "LOWER_UP"], mtu: 1500, mac: nil, linkType: "ether", master: nil,
      lower: nil,
      addresses: [local]
        + addresses.map {
          IPAddress(
            family: .v4, address: $0, prefixLength: 24, broadcast: nil, scope: "global", isDynamic: false,
            isTentative: false,
            isDuplicate: false, isDeprecated: false, validFor: nil)
        })
  }
}

extension IPRoute {
  static func defaultRoute(via gateway: String, on device: String) -> IPRoute {
    IPRoute(
      family: .v4, destination: nil, gateway: gateway, device: device, source: nil, origin: nil, scope: nil,
      metric: nil,
      flags: [], nextHops: [])
  }
}

extension OpenVSwitch.Bridge {
  static func of(_ name: String, _ ports: [OpenVSwitch.Port]) -> OpenVSwitch.Bridge {
    OpenVSwitch.Bridge(
      name: name, uuid: name, ports: ports, externalIDs: [:], otherConfig: [:], failMode: nil, datapath: "",
      hasController: false)
  }
}

extension OpenVSwitch.Port {
  static func nic(_ name: String) -> OpenVSwitch.Port { port(name, [name]) }
  static func fake(_ name: String, tag: Int) -> OpenVSwitch.Port {
    var port = port(name, [name], type: "internal")
    port.tag = tag
    port.isFakeBridge = true
    return port
  }
  static func bond(_ name: String, _ members: [String], lacp: String = "active") -> OpenVSwitch.Port {
    var port = port(name, members)
    port.bond = OpenVSwitch.Bond(mode: "balance-tcp", lacp: lacp, activeMAC: nil, upDelay: nil, downDelay: nil)
    return port
  }

  private static func port(_ name: String, _ interfaces: [String], type: String = "") -> OpenVSwitch.Port {
    OpenVSwitch.Port(
      name: name, uuid: name,
      interfaces: interfaces.map {
        OpenVSwitch.Interface(
          name: $0, uuid: $0, type: type, isUp: true, hasLink: true, speed: nil, isFullDuplex: nil, mac: nil, mtu: nil,
          portNumber: 1, error: nil, status: [:], statistics: [:], externalIDs: [:], options: [:])
      }, tag: nil, isFakeBridge: false, bond: nil, mac: nil, externalIDs: [:], otherConfig: [:])
  }
}

extension SwitchBond {
  static func working(_ name: String, _ members: [String], lacp: LACPStatus) -> SwitchBond {
    SwitchBond(
      name: name, mode: "balance-tcp", lacp: lacp, fallsBack: nil, upDelay: nil, downDelay: nil, activeMAC: nil,
      activeMember: members.first,
      members: members.map {
        Member(name: $0, isEnabled: true, isActive: $0 == members.first, mayEnable: true, pending: nil)
      })
  }
}

extension SystemUnit {
  static func unit(_ name: String, _ state: String) -> SystemUnit {
    SystemUnit(
      name: name + ".service", active: state, sub: state == "active" ? "running" : "dead", result: nil, load: "loaded",
      enabled: nil)
  }
}
