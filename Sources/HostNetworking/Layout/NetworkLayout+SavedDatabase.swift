import Dom0
import XenAPI

extension NetworkLayout {
  /// Takes the layout of one host from XAPI's database as it was last saved to disk.
  /// - Parameters:
  ///   - uuid: of the host, as its inventory has it.
  ///   - at: now, in seconds since 1970.
  init(saved database: XapiDatabase, host uuid: String, at: Int64, why: String) throws(LayoutError) {
    guard let host = database.host(uuid: uuid) else { throw .noHost(uuid: uuid) }
    var missing = ["it is as XAPI saved it to \(database.path) at \(UTCText.readable(database.modified))"]
    missing += database.problems.map { "\(database.path) is damaged: \($0)" }
    self.init(
      taken: Taken(at: at, from: .savedDatabase, why: why, missing: missing), host: SavedHost(database, host))
    let rows = SavedRows(database, host: host.ref)
    nics = rows.all(.nic).map { SavedNIC(device: $0.pif.device, mac: $0.pif.mac.isMAC ? $0.pif.mac.lowercased() : "") }
    for row in rows.ordered { add(row, rows) }
    let used = Set(interfaces.map(\.network))
    let elsewhere = Set(database.pifs.compactMap(\.network))
    networks = database.networks.filter { used.contains($0.id) || !elsewhere.contains($0.ref) }.map { SavedNetwork($0) }
      .sorted { comesBefore($0.name + " " + $0.uuid, $1.name + " " + $1.uuid) }
    management = rows.ordered.first { $0.pif.isManagement }.flatMap { interface($0.name)?.name }
  }

  private mutating func add(_ row: SavedRows.Row, _ rows: SavedRows) {
    let base = row.base.flatMap { interface($0)?.name }
    switch row.kind {
    case .nic: break
    case .bond(let bond):
      let members = rows.members(of: bond).filter { interface($0) != nil }
      if members.isEmpty { return }
      var saved = SavedBond(name: row.name, mode: BondMode(rawValue: bond.mode), members: members)
      saved.uuid = bond.uuid
      saved.primary = rows.name(of: bond.primaryMember) ?? ""
      saved.mac = bond.takesMembersMAC || !row.pif.mac.isMAC ? "" : row.pif.mac.lowercased()
      saved.properties = bond.properties
      saved.otherConfig = bond.otherConfig
      bonds.append(saved)
    case .sriov:
      guard let base else { return }
      sriovs.append(SavedSRIOV(base: base))
    case .vlan(let vlan):
      guard let base, let tag = row.pif.vlan, (0...4094).contains(tag) else { return }
      var saved = SavedVLAN(base: base, tag: Int64(tag))
      saved.otherConfig = vlan.otherConfig
      vlans.append(saved)
    case .tunnel(let tunnel):
      guard let base else { return }
      var saved = SavedTunnel(name: row.name, base: base, protocol: TunnelProtocol(rawValue: tunnel.protocol))
      saved.otherConfig = tunnel.otherConfig
      tunnels.append(saved)
    }
    interfaces.append(SavedInterface(row, network: rows.network(of: row.pif)?.id ?? ""))
  }
}

/// The interfaces of one host in a saved database, named as layouts name them.
private struct SavedRows {
  enum Kind {
    case nic
    case bond(XapiDatabase.Bond)
    case sriov
    case vlan(XapiDatabase.VLAN)
    case tunnel(XapiDatabase.Tunnel)

    var order: Int {
      switch self {
      case .nic: 0
      case .bond: 1
      case .sriov: 2
      case .vlan: 3
      case .tunnel: 4
      }
    }

    var saved: SavedInterface.Kind {
      switch self {
      case .nic: .nic
      case .bond: .bond
      case .sriov: .sriov
      case .vlan: .vlan
      case .tunnel: .tunnel
      }
    }
  }

  struct Row {
    let pif: XapiDatabase.PIF
    let kind: Kind
    let name: String
    /// The name of the interface below.
    let base: String?
  }

  private let database: XapiDatabase
  private let networks: [String: XapiDatabase.Network]
  /// NICs, bonds, SR-IOV, VLANs, tunnels, each in the order of names; a name comes once.
  let ordered: [Row]
  private let names: [String: String]

  init(_ database: XapiDatabase, host: String) {
    self.database = database
    networks = Dictionary(database.networks.map { ($0.ref, $0) }, uniquingKeysWith: { first, _ in first })
    let tunnels = Dictionary(database.tunnels.map { ($0.access, $0) }, uniquingKeysWith: { first, _ in first })
    let vlans = Dictionary(database.vlans.map { ($0.untagged, $0) }, uniquingKeysWith: { first, _ in first })
    let sriovs = Dictionary(database.sriovs.map { ($0.logical, $0) }, uniquingKeysWith: { first, _ in first })
    let bonds = Dictionary(database.bonds.map { ($0.interface, $0) }, uniquingKeysWith: { first, _ in first })
    // In XAPI's order of tests (`reference/xapi.md` §2.1).
    let kinds = database.pifs.filter { $0.host == host }.compactMap { pif -> (XapiDatabase.PIF, Kind, String?)? in
      if let tunnel = tunnels[pif.ref] { return (pif, .tunnel(tunnel), tunnel.transport) }
      if let vlan = vlans[pif.ref] { return (pif, .vlan(vlan), vlan.tagged) }
      if let sriov = sriovs[pif.ref] { return (pif, .sriov, sriov.physical) }
      if let bond = bonds[pif.ref] { return (pif, .bond(bond), nil) }
      return pif.isPhysical ? (pif, .nic, nil) : nil
    }
    var names: [String: String] = [:]
    var rows: [Row] = []
    var taken: Set<String> = []
    for order in 0...4 {
      let found = kinds.filter { $0.1.order == order }.map { pif, kind, below in
        let base = below.flatMap { names[$0] }
        return Row(pif: pif, kind: kind, name: Self.name(of: pif, kind, below: base ?? pif.device), base: base)
      }
      for row in found.sorted(by: { comesBefore($0.name, $1.name) }) where taken.insert(row.name).inserted {
        names[row.pif.ref] = row.name
        rows.append(row)
      }
    }
    ordered = rows
    self.names = names
  }

  private static func name(of pif: XapiDatabase.PIF, _ kind: Kind, below base: String) -> String {
    switch kind {
    case .vlan(let vlan): SavedInterface.vlanName(Int64(pif.vlan ?? vlan.tag ?? -1), on: base)
    case .sriov: SavedInterface.sriovName(on: base)
    default: pif.device
    }
  }

  func all(_ kind: SavedInterface.Kind) -> [Row] { ordered.filter { $0.kind.saved == kind } }
  func name(of ref: String?) -> String? { ref.flatMap { names[$0] } }
  func network(of pif: XapiDatabase.PIF) -> XapiDatabase.Network? { pif.network.flatMap { networks[$0] } }

  /// By the members' own word: the bond's list is made from it.
  func members(of bond: XapiDatabase.Bond) -> [String] {
    let own = database.pifs.filter { $0.bond == bond.ref }.map(\.ref)
    return (own.isEmpty ? bond.members : own).compactMap { names[$0] }.sorted(by: comesBefore)
  }
}

extension XapiDatabase.Network {
  fileprivate var id: String { uuid.isEmpty ? bridge : uuid }
}

extension SavedHost {
  fileprivate init(_ database: XapiDatabase, _ host: XapiDatabase.Host) {
    self.init()
    uuid = host.uuid
    name = host.name.isEmpty ? host.hostname : host.name
    product = HostView.product(host.softwareVersion["product_brand"], host.softwareVersion["product_version"]) ?? ""
    backend = host.softwareVersion["network_backend"] ?? ""
    guard let row = database.pool else { return }
    pool = row.name
    if row.master == host.ref {
      role = database.hosts.count > 1 ? "coordinator" : "standalone"
    } else {
      role = "member"
      coordinator = database.hosts.first { $0.ref == row.master }.map { $0.name.isEmpty ? $0.address : $0.name } ?? ""
    }
  }
}

extension SavedNetwork {
  fileprivate init(_ network: XapiDatabase.Network) {
    self.init(uuid: network.uuid, name: network.name, bridge: network.bridge)
    description = network.description
    mtu = Int64(network.mtu ?? 1500)
    managed = network.isManaged
    locking = network.lockingMode.isEmpty ? .unlocked : LockingMode(rawValue: network.lockingMode)
    purpose = network.purpose.sorted()
    tags = network.tags.sorted()
    otherConfig = network.otherConfig
  }
}

extension SavedInterface {
  fileprivate init(_ row: SavedRows.Row, network: String) {
    let pif = row.pif
    self.init(name: row.name, kind: row.kind.saved, device: pif.device)
    uuid = pif.uuid
    self.network = network
    mac = pif.mac.isMAC ? pif.mac.lowercased() : ""
    mtu = Int64(pif.mtu ?? -1)
    plugged = pif.isAttached
    managed = pif.isManaged
    protected = pif.disallowsUnplug
    primary = pif.primaryAddressType.isEmpty ? .ipv4 : AddressFamily(rawValue: pif.primaryAddressType)
    ipv4.mode = pif.ipMode.isEmpty ? .none : IPConfigurationMode(rawValue: pif.ipMode)
    ipv4.address = pif.ip
    ipv4.netmask = pif.netmask
    ipv4.gateway = pif.gateway
    ipv6.mode = pif.ipv6Mode.isEmpty ? .none : IPConfigurationMode(rawValue: pif.ipv6Mode)
    ipv6.addresses = pif.ipv6
    ipv6.gateway = pif.ipv6Gateway
    dns = pif.dns.map(\.trimmed).filter { !$0.isEmpty }
    properties = pif.properties
    otherConfig = pif.otherConfig
  }
}
