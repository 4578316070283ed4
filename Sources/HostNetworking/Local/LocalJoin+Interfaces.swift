import Dom0
import XenAPI

extension LocalJoin {
  /// NICs, bonds and VLANs. Tunnels and SR-IOV are XAPI's to tell: their bridges are among the networks.
  func interfaces() -> [InterfaceView] {
    let bonds = bridges.bonds
    let homes = Dictionary(
      bonds.flatMap { bond in bond.port.members.map { ($0, bond.port.name) } }, uniquingKeysWith: { first, _ in first })
    let own = Dictionary(
      bridges.all.flatMap { bridge in bridge.ports.filter { $0.mode == nil }.map { ($0.name, bridge.name) } },
      uniquingKeysWith: { first, _ in first })
    var interfaces = nicNames.map { name in
      interface(.nic, device: name, bridge: own[name] ?? "", memberOf: homes[name])
    }
    interfaces += bonds.map { bond in
      let kind = InterfaceView.Kind.bond(
        mode: bond.port.mode ?? .balanceSLB, members: bond.port.members.sorted(by: comesBefore))
      return interface(kind, device: bond.port.name, bridge: bond.bridge)
    }
    interfaces += bridges.all.compactMap { bridge in
      guard let vlan = bridge.vlan, let device = bridges.device(below: bridge.name) else { return nil }
      return interface(.vlan(tag: vlan.tag, on: device), device: device, bridge: bridge.name)
    }
    return interfaces.arranged()
  }

  /// Those of the kernel; where it cannot be asked, those that networkd was told of.
  private var nicNames: [String] {
    if local.knowsNICs { return local.nics.map(\.name) }
    let configured = bridges.all.flatMap { $0.ports.flatMap(\.members) }
    let management = (try? local.files.management.get())?.device
    return Set(configured + [management].compactMap { $0 }).sorted(by: comesBefore)
  }

  private func interface(
    _ kind: InterfaceView.Kind, device: String, bridge: String, memberOf: String? = nil
  ) -> InterfaceView {
    let network = network(behind: bridge)
    var interface = InterfaceView(id: kind.id(device: device), kind: kind, device: device)
    interface.memberOf = memberOf
    interface.bridge = bridge
    interface.network = bridge.isEmpty ? nil : NetworkID(bridge: bridge)
    interface.networkName = network.name.nonEmpty ?? bridge
    interface.vms = network.guests
    interface.isManagement = !bridge.isEmpty && bridge == local.managementBridge
    interface.isAttached = !bridge.isEmpty && bridges.bridges[bridge]?.isThere != false
    if kind.isBase {
      interface.vlans = bridges.all.compactMap { other in
        bridges.device(below: other.name) == device ? other.vlan?.tag : nil
      }.sorted()
    }
    setUp(&interface)
    return interface
  }

  // MARK: How it is set up

  private func setUp(_ interface: inout InterfaceView) {
    if let told = (try? local.files.networkd.get())?.interface(interface.bridge) {
      interface.mtu = told.mtu
      interface.ipv4 = told.ipv4Addressing
      interface.ipv6 = told.ipv6Addressing
      interface.dns = told.nameServers
    } else if interface.isManagement, let settings = (try? local.files.management.get())?.settings {
      // Without networkd's database this is what networkd goes by.
      interface.ipv4 = settings.ipv4Addressing
      interface.ipv6 = settings.ipv6Addressing
      interface.dns = settings.dns
    }
  }
}

extension NetworkdDB.Interface {
  fileprivate var ipv4Addressing: InterfaceView.Addressing {
    switch ipv4 {
    case .off: .init()
    case .dhcp: .init(mode: .dhcp)
    case .static(let addresses):
      .init(mode: .static, addresses: addresses.map(\.description), gateway: ipv4Gateway ?? "")
    }
  }

  fileprivate var ipv6Addressing: InterfaceView.Addressing {
    switch ipv6 {
    case .off, .linkLocal: .init()
    case .dhcp: .init(mode: .dhcp)
    case .autoconf: .init(mode: .autoconf)
    case .static(let addresses):
      .init(mode: .static, addresses: addresses.map(\.description), gateway: ipv6Gateway ?? "")
    }
  }
}

extension ManagementSettings {
  fileprivate var ipv4Addressing: InterfaceView.Addressing {
    switch ipv4 {
    case .off: .init()
    case .dhcp: .init(mode: .dhcp)
    case .static(let address, let netmask, let gateway):
      .init(
        mode: .static, addresses: [address + (AddressText.prefix(ofNetmask: netmask).map { "/\($0)" } ?? "")],
        gateway: gateway ?? "")
    }
  }

  fileprivate var ipv6Addressing: InterfaceView.Addressing {
    switch ipv6 {
    case .off: .init()
    case .dhcp: .init(mode: .dhcp)
    case .autoconf: .init(mode: .autoconf)
    case .static(let address, let gateway): .init(mode: .static, addresses: [address], gateway: gateway ?? "")
    }
  }
}
