import XenAPI

extension NetworkLayout {
  /// Takes the layout of one host from XAPI's database.
  /// - Parameters:
  ///   - at: now, in seconds since 1970; of a saved database, when that was saved.
  ///   - why: `before a network reset`, `asked for`.
  ///   - source: where the database came from, and what that could not tell.
  public init(
    _ database: XenDatabase, host ref: Ref<Host>, at: Int64, why: String, from source: Taken.Source = .xapi,
    missing: [String] = []
  ) throws(LayoutError) {
    guard let host = database.hosts[ref] else { throw .noHost(uuid: "") }
    self.init(
      taken: Taken(at: at, from: source, why: why, missing: missing), host: SavedHost(database, ref, host))
    let tree = InterfaceTree(database, host: ref)
    let ids = networkIDs(database)
    var known: Set<String> = []
    for node in tree.nodes {
      // What lies on an interface that XAPI has no row for cannot be told, nor made again.
      let base = tree[node.base].flatMap { known.contains($0.name) ? $0.name : nil }
      switch node.kind {
      case .nic: nics.append(SavedNIC(node.pif, in: database))
      case .bond:
        let members = node.members.compactMap { tree[$0]?.name }.filter(known.contains)
        guard let bond = SavedBond(node, members: members, tree, database) else { continue }
        bonds.append(bond)
      case .vlan:
        guard let base, (0...4094).contains(node.pif.vlan) else { continue }
        var vlan = SavedVLAN(base: base, tag: node.pif.vlan)
        vlan.otherConfig = database.vlans[node.pif.vlanMasterOf]?.otherConfig ?? [:]
        vlans.append(vlan)
      case .tunnel:
        guard let base, let tunnel = database.tunnels[node.pif.tunnelAccessPIFOf.first] else { continue }
        var saved = SavedTunnel(name: node.name, base: base, protocol: tunnel.protocol)
        saved.otherConfig = tunnel.otherConfig
        tunnels.append(saved)
      case .sriov:
        guard let base else { continue }
        sriovs.append(SavedSRIOV(base: base))
      }
      known.insert(node.name)
      interfaces.append(SavedInterface(node, network: node.pif.network.flatMap { ids[$0] } ?? ""))
    }
    networks = Self.networks(database, tree)
    management = tree.management.flatMap { known.contains($0.name) ? $0.name : nil }
  }

  private func networkIDs(_ database: XenDatabase) -> [Ref<Network>: String] {
    Dictionary(uniqueKeysWithValues: database.networks.all.map { ($0.ref, SavedNetwork($0.record).id) })
  }

  /// Those of this host's interfaces, in their order, then those without any interface in the pool: private ones.
  private static func networks(_ database: XenDatabase, _ tree: InterfaceTree) -> [SavedNetwork] {
    var seen: Set<Ref<Network>> = []
    let used = tree.nodes.compactMap(\.pif.network).filter { seen.insert($0).inserted }.compactMap {
      database.networks[$0]
    }
    let idle = database.networks.all.filter { $0.record.pifs.isEmpty && !seen.contains($0.ref) }.map(\.record)
      .sorted { $0.nameLabel == $1.nameLabel ? $0.uuid < $1.uuid : comesBefore($0.nameLabel, $1.nameLabel) }
    return (used + idle).map { SavedNetwork($0) }
  }
}

extension SavedHost {
  init(_ database: XenDatabase, _ ref: Ref<Host>, _ host: Host) {
    self.init()
    uuid = host.uuid
    name = host.nameLabel.isEmpty ? host.hostname : host.nameLabel
    product = HostView.product(host.softwareVersion["product_brand"], host.softwareVersion["product_version"]) ?? ""
    backend = host.softwareVersion["network_backend"] ?? ""
    guard let row = database.pools.first?.record else { return }
    pool = row.nameLabel
    guard let first = row.coordinator else { return }
    if first == ref {
      role = database.hosts.count > 1 ? "coordinator" : "standalone"
    } else {
      role = "member"
      coordinator = database.hosts[first].map { $0.nameLabel.isEmpty ? $0.address : $0.nameLabel } ?? ""
    }
  }
}

extension SavedNIC {
  init(_ pif: PIF, in database: XenDatabase) {
    self.init(device: pif.device, mac: pif.mac.lowercased())
    let card = database.pcis[pif.pci]
    let metrics = database.pifMetrics[pif.metrics]
    pci = card?.pciID ?? metrics?.pciBusPath ?? ""
    vendor = card?.vendorName ?? metrics?.vendorName ?? ""
    model = card?.deviceName ?? metrics?.deviceName ?? ""
    if !mac.isMAC { mac = "" }
  }
}

extension SavedNetwork {
  init(_ network: Network) {
    self.init(uuid: network.uuid, name: network.nameLabel, bridge: network.bridge)
    description = network.nameDescription
    mtu = network.mtu
    managed = network.managed
    locking = network.defaultLockingMode
    purpose = network.purpose.sorted()
    tags = network.tags.sorted()
    otherConfig = network.otherConfig
  }
}

extension SavedInterface {
  init(_ node: InterfaceTree.Node, network: String) {
    let pif = node.pif
    self.init(name: node.name, kind: node.kind, device: pif.device)
    uuid = pif.uuid
    self.network = network
    mac = pif.mac.isMAC ? pif.mac.lowercased() : ""
    mtu = pif.mtu
    plugged = pif.currentlyAttached
    managed = pif.managed
    protected = pif.disallowUnplug
    primary = pif.primaryAddressType
    ipv4.mode = pif.ipConfigurationMode
    ipv4.address = pif.ip
    ipv4.netmask = pif.netmask
    ipv4.gateway = pif.gateway
    ipv6.mode = pif.ipv6ConfigurationMode
    ipv6.addresses = pif.ipv6
    ipv6.gateway = pif.ipv6Gateway
    dns = pif.dns.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
    properties = pif.properties
    otherConfig = pif.otherConfig
  }
}

extension SavedBond {
  /// nil when XAPI's row of the bond, or every member, is gone.
  init?(_ node: InterfaceTree.Node, members: [String], _ tree: InterfaceTree, _ database: XenDatabase) {
    guard let bond = database.bonds[node.pif.bondMasterOf.first], !members.isEmpty else { return nil }
    self.init(name: node.name, mode: bond.mode, members: members.sorted(by: comesBefore))
    uuid = bond.uuid
    primary = tree[bond.primaryMember]?.name ?? ""
    mac = bond.autoUpdateMAC || !node.pif.mac.isMAC ? "" : node.pif.mac.lowercased()
    properties = bond.properties
    otherConfig = bond.otherConfig
  }
}
