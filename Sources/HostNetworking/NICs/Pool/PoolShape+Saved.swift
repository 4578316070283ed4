import Dom0
import XenAPI

extension PoolShape {
  /// From XAPI's database as it lies on disk: settings only, for what links and cards do is not kept there.
  /// - Parameter here: this machine's uuid.
  init(_ database: XapiDatabase, here: String?) {
    let networkRows = database.networks.sorted { ($0.name, $0.uuid) < ($1.name, $1.uuid) }
    let used = Set(database.vifs.compactMap(\.network))
    networks = networkRows.map { row in
      Network(
        uuid: row.uuid, name: row.name, bridge: row.bridge,
        isInternal: row.bridge == "xenapi" || row.otherConfig["is_host_internal_management_network"] == "true",
        hasVIFs: used.contains(row.ref))
    }
    let places = Dictionary(networkRows.enumerated().map { ($0.element.ref, $0.offset) }, uniquingKeysWith: { first, _ in first })
    let parts = SavedParts(database, networks: places)
    let pifs = Dictionary(grouping: database.pifs, by: { $0.host ?? "" })
    hosts = database.hosts.map { row -> Host in
      var host = Host(uuid: row.uuid, name: row.name.nonEmpty ?? row.hostname)
      (host.isHere, host.isCoordinator) = (row.uuid == here, row.ref == database.pool?.master)
      host.backend = row.softwareVersion["network_backend"] ?? ""
      host.interfaces = Self.arranged(parts.interfaces(pifs[row.ref] ?? []))
      return host
    }.sorted { $0.name == $1.name ? $0.uuid < $1.uuid : comesBefore($0.name, $1.name) }
  }
}

/// Rows of the saved database by what they belong to.
private struct SavedParts {
  private let networks: [String: Int]
  private let vlans: [String: XapiDatabase.VLAN]
  private let bonds: [String: XapiDatabase.Bond]
  private let bondsByRef: [String: XapiDatabase.Bond]
  private let tunnels: [String: XapiDatabase.Tunnel]
  private let sriovs: [String: XapiDatabase.SRIOV]

  init(_ database: XapiDatabase, networks: [String: Int]) {
    func table<Row>(_ rows: [Row], _ key: (Row) -> String?) -> [String: Row] {
      Dictionary(rows.compactMap { row in key(row).map { ($0, row) } }, uniquingKeysWith: { first, _ in first })
    }
    self.networks = networks
    vlans = table(database.vlans, \.untagged)
    bonds = table(database.bonds, \.interface)
    bondsByRef = table(database.bonds, \.ref)
    tunnels = table(database.tunnels, \.access)
    sriovs = table(database.sriovs, \.logical)
  }

  func interfaces(_ rows: [XapiDatabase.PIF]) -> [PoolShape.Interface] {
    let places = Dictionary(rows.enumerated().map { ($0.element.ref, $0.offset) }, uniquingKeysWith: { first, _ in first })
    return rows.map { row in
      var interface = PoolShape.Interface(
        kind: .nic, uuid: row.uuid, device: row.device, network: row.network.flatMap { networks[$0] }, tag: row.vlan)
      if let vlan = vlans[row.ref] {
        interface.kind = .vlan
        interface.base = vlan.tagged.flatMap { places[$0] }
        interface.vlanUUID = vlan.uuid
      } else if let tunnel = tunnels[row.ref] {
        interface.kind = .tunnel
        interface.base = tunnel.transport.flatMap { places[$0] }
      } else if let sriov = sriovs[row.ref] {
        interface.kind = .sriov
        interface.base = sriov.physical.flatMap { places[$0] }
      } else if let bond = bonds[row.ref] {
        interface.kind = .bond
        interface.bond = PoolShape.Bond(
          uuid: bond.uuid, mode: BondMode(rawValue: bond.mode), properties: bond.properties,
          members: bond.members.compactMap { places[$0] })
      }
      interface.memberOf = row.bond.flatMap { bondsByRef[$0]?.interface }.flatMap { places[$0] }
      interface.mac = row.mac
      interface.mtu = row.mtu.flatMap { $0 > 0 ? $0 : nil }
      interface.ownMTU = row.otherConfig["mtu"]
      (interface.isAttached, interface.isManagement) = (row.isAttached, row.isManagement)
      interface.disallowsUnplug = row.disallowsUnplug
      interface.ipv4 = IPConfigurationMode(rawValue: row.ipMode.nonEmpty ?? "None")
      (interface.ip, interface.netmask, interface.gateway) = (row.ip, row.netmask, row.gateway)
      interface.ipv6 = IPConfigurationMode(rawValue: row.ipv6Mode.nonEmpty ?? "None")
      interface.ipv6Addresses = row.ipv6.filter { !$0.lowercased().hasPrefix("fe80:") }
      interface.primaryFamily = AddressFamily(rawValue: row.primaryAddressType.nonEmpty ?? "IPv4")
      return interface
    }
  }
}
