import Dom0
import XenAPI

/// The bridges of this host, whoever tells of them: the switch or the kernel for those that are there, networkd's
/// database for those that should be.
struct BridgeTable {
  struct Port: Hashable {
    var name: String
    /// NICs; more than one make a bond.
    var members: [String]
    /// nil for what is no bond.
    var mode: BondMode?
  }

  struct Bridge: Hashable {
    var name: String
    /// Those with NICs below them.
    var ports: [Port] = []
    /// The bridge below and the tag, for a VLAN's bridge.
    var vlan: VLAN?
    var networkUUIDs: [String] = []
    /// nil when neither switch nor kernel could be asked.
    var isThere: Bool?
  }

  struct VLAN: Hashable {
    var parent: String
    var tag: Int
  }

  private(set) var bridges: [String: Bridge] = [:]

  /// By name, in order.
  var all: [Bridge] { bridges.values.sorted { comesBefore($0.name, $1.name) } }

  init(_ local: LocalHost) {
    if let database = try? local.files.networkd.get() { take(database) }
    if let present = local.presentBridges {
      for name in bridges.keys { bridges[name]?.isThere = present.contains(name) }
    }
    switch local.live.openVSwitch {
    case .success(let ovs): take(ovs)
    default: if let devices = try? local.live.devices?.get() { take(devices, local.live.kernelVLANs) }
    }
  }

  /// The device a bridge stands on, a NIC or a bond; of a VLAN's bridge that of its parent.
  func device(below name: String) -> String? {
    var name = name
    // A parent is never a VLAN's bridge itself, but a damaged file may lead in a circle.
    for _ in 0..<4 {
      guard let bridge = bridges[name] else { return nil }
      guard let vlan = bridge.vlan else { return bridge.ports.first?.name }
      name = vlan.parent
    }
    return nil
  }

  /// Every bond with its bridge.
  var bonds: [(bridge: String, port: Port)] {
    all.flatMap { bridge in bridge.ports.filter { $0.mode != nil }.map { (bridge.name, $0) } }
  }

  // MARK: Who tells of them

  private mutating func take(_ database: NetworkdDB) {
    for bridge in database.bridges {
      bridges[bridge.name] = Bridge(
        name: bridge.name,
        ports: bridge.ports.filter { !$0.interfaces.isEmpty }.map { port in
          Port(
            name: port.name, members: port.interfaces,
            mode: port.isBond ? BondMode(rawValue: port.bondProperties["mode"] ?? "") : nil)
        },
        vlan: bridge.vlan.map { VLAN(parent: $0.parent, tag: $0.tag) },
        networkUUIDs: bridge.otherConfig["network-uuids"].map { $0.split(separator: ";").map { String($0) } } ?? [])
    }
  }

  private mutating func take(_ ovs: OpenVSwitch) {
    for bridge in ovs.bridges {
      let ports = bridge.ports.compactMap { port -> Port? in
        let nics = port.interfaces.filter { $0.type.isEmpty || $0.type == "system" }.map(\.name).filter(Self.isNIC)
        guard !port.isFakeBridge, port.tag == nil, !nics.isEmpty else { return nil }
        return Port(name: port.name, members: nics, mode: port.isBond ? port.bond?.xenMode ?? .balanceSLB : nil)
      }
      merge(Bridge(name: bridge.name, ports: ports, networkUUIDs: bridge.networkUUIDs))
    }
    for fake in ovs.fakeBridges {
      merge(
        Bridge(
          name: fake.name, vlan: VLAN(parent: fake.parent, tag: fake.tag), networkUUIDs: fake.networkUUIDs))
    }
  }

  /// The bridges of the kernel, with bonds and VLANs of the kernel in them.
  private mutating func take(_ devices: [NetworkDevice], _ vlans: LiveNetwork.Part<[KernelVLAN]>) {
    let bonds = Dictionary(
      devices.compactMap { device in device.bond.map { (device.name, $0) } }, uniquingKeysWith: { first, _ in first })
    let tagged = Dictionary(
      ((try? vlans?.get()) ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let homes = Dictionary(
      devices.flatMap { bridge in (bridge.bridgePorts ?? []).map { ($0, bridge.name) } },
      uniquingKeysWith: { first, _ in first })
    for device in devices {
      guard let members = device.bridgePorts else { continue }
      var bridge = Bridge(name: device.name)
      for member in members {
        if let vlan = tagged[member] {
          bridge.vlan = VLAN(parent: homes[vlan.device] ?? ManagementSettings.bridge(of: vlan.device), tag: vlan.tag)
        } else if let bond = bonds[member] {
          bridge.ports.append(Port(name: member, members: bond.members, mode: bond.xenMode))
        } else if Self.isNIC(member) {
          bridge.ports.append(Port(name: member, members: [member]))
        }
      }
      merge(bridge)
    }
  }

  /// What is there counts more than what should be.
  private mutating func merge(_ bridge: Bridge) {
    var bridge = bridge
    let configured = bridges[bridge.name]
    bridge.isThere = true
    if bridge.networkUUIDs.isEmpty { bridge.networkUUIDs = configured?.networkUUIDs ?? [] }
    if bridge.ports.isEmpty, bridge.vlan == nil {
      bridge.ports = configured?.ports ?? []
      bridge.vlan = configured?.vlan
    }
    bridges[bridge.name] = bridge
  }

  /// What VMs bring along is no way out.
  private static func isNIC(_ name: String) -> Bool {
    !name.hasPrefix("vif") && !name.hasPrefix("tap") && !name.hasPrefix("emu")
  }
}

extension OpenVSwitch.Bond {
  /// As XAPI spells it: with LACP the switch balances in one way or another.
  var xenMode: BondMode {
    if lacp == "active" || lacp == "passive" { return .lacp }
    return BondMode(rawValue: mode ?? BondMode.balanceSLB.rawValue)
  }
}

extension NetworkDevice.KernelBond {
  var xenMode: BondMode { mode == "802.3ad" ? .lacp : BondMode(rawValue: mode) }
}
