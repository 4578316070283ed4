import Dom0
import XenAPI

/// What XAPI says of this host and its pool; when it is silent, its database as last saved, or networkd.db.
struct PoolWord: Sendable {
  private var source = ResetFacts.Source.nobody
  /// How many hosts the pool has; nil when not known.
  private var hosts: Int?
  private var haEnabled: ResetFacts.Answer
  private var redoLog: ResetFacts.Answer
  private var clustering: ResetFacts.Answer
  private var deleted = Deletions()
  private var networks: Int?
  private var vifs: Int?
  private var running: [ResetFacts.VM] = []
  private var names: [String: String] = [:]

  func networkName(_ bridge: String) -> String? { names[bridge] }

  func tell(_ facts: inout ResetFacts) {
    facts.poolSource = source == .files ? .nobody : source
    facts.haEnabled = haEnabled
    facts.redoLog = redoLog
    facts.clustering = clustering
    facts.deleted = deleted.words
    facts.deletedSource = source
    facts.networks = networks
    facts.vifs = vifs
    facts.runningVMs = running.sorted { comesBefore($0.name, $1.name) }
    facts.runningVMsSource = source == .files ? .nobody : source
    if case .coordinatorOrStandalone = facts.role, let hosts {
      facts.role = hosts > 1 ? .coordinator(hosts: hosts) : .standalone
    }
  }

  // MARK: XAPI itself

  init(_ database: XenDatabase, _ host: Ref<XenAPI.Host>, clustering: ResetFacts.Answer) {
    source = .xapi
    hosts = database.hosts.count
    let pool = database.pools.first?.record
    haEnabled = pool.map { $0.haEnabled ? .yes : .no } ?? .unknown("XAPI names no pool")
    redoLog = pool.map { $0.redoLogEnabled ? .yes : .no } ?? .unknown("XAPI names no pool")
    self.clustering = clustering
    networks = database.networks.count
    vifs = database.vifs.count
    running = database.vms.all.filter { $0.record.isGuest && $0.record.isRunning && $0.record.residentOn == host }
      .map { ResetFacts.VM(uuid: $0.record.uuid, name: $0.record.nameLabel, ref: "\($0.ref)") }
    names = Dictionary(
      database.networks.all.map { ($0.record.bridge, $0.record.nameLabel) }, uniquingKeysWith: { first, _ in first })
    for (_, pif) in database.pifs.all where pif.host == host {
      func network(_ pif: PIF?) -> String { pif.flatMap { database.networks[$0.network] }?.nameLabel ?? "" }
      for bond in pif.bondMasterOf.compactMap({ database.bonds[$0] }) {
        deleted.bonds.append((pif.device, bond.members.compactMap { database.pifs[$0]?.device }))
      }
      if pif.vlanMasterOf != nil { deleted.vlans.append((pif.device, Int(pif.vlan))) }
      if !pif.tunnelAccessPIFOf.isEmpty { deleted.tunnels.append(network(pif)) }
      if !pif.sriovLogicalPIFOf.isEmpty { deleted.sriovs.append(pif.device) }
      if !pif.management, pif.ipConfigurationMode == .static, !pif.ip.isEmpty {
        deleted.addresses.append((pif.ip, pif.vlan >= 0 ? "VLAN \(pif.vlan) on \(pif.device)" : pif.device))
      }
    }
  }

  // MARK: Its database on disk

  init(_ database: XapiDatabase, uuid: String?) {
    let here = uuid.flatMap { database.host(uuid: $0)?.ref }
    source = .savedDatabase(at: database.modified)
    hosts = database.hosts.isEmpty ? nil : database.hosts.count
    haEnabled = database.pool.map { $0.isHAEnabled ? .yes : .no } ?? .unknown("\(database.path) names no pool")
    redoLog = database.pool.map { $0.isRedoLogEnabled ? .yes : .no } ?? .unknown("\(database.path) names no pool")
    clustering = database.clusterHosts.contains { $0.host == here && $0.isEnabled } ? .yes : .no
    networks = database.networks.count
    vifs = database.vifs.count
    running = here.map { database.running(on: $0) }?.map { ResetFacts.VM(uuid: $0.uuid, name: $0.name) } ?? []
    names = Dictionary(database.networks.map { ($0.bridge, $0.name) }, uniquingKeysWith: { first, _ in first })
    let pifs = Dictionary(database.pifs.map { ($0.ref, $0) }, uniquingKeysWith: { first, _ in first })
    func isHere(_ ref: String?) -> XapiDatabase.PIF? {
      ref.flatMap { pifs[$0] }.flatMap { here != nil && $0.host == here ? $0 : nil }
    }
    for bond in database.bonds {
      guard let pif = isHere(bond.interface) else { continue }
      deleted.bonds.append((pif.device, bond.members.compactMap { pifs[$0]?.device }))
    }
    for vlan in database.vlans {
      guard let pif = isHere(vlan.untagged), let tag = vlan.tag ?? pif.vlan else { continue }
      deleted.vlans.append((pif.device, tag))
    }
    for tunnel in database.tunnels {
      guard let pif = isHere(tunnel.access) else { continue }
      deleted.tunnels.append(database.network(pif.network)?.name ?? "")
    }
    for sriov in database.sriovs { if let pif = isHere(sriov.logical) { deleted.sriovs.append(pif.device) } }
    for pif in database.pifs where here != nil && pif.host == here && !pif.isManagement {
      guard pif.ipMode == "Static", !pif.ip.isEmpty else { continue }
      deleted.addresses.append((pif.ip, pif.vlan.map { "VLAN \($0) on \(pif.device)" } ?? pif.device))
    }
  }

  // MARK: networkd's

  /// - Parameter problem: why XAPI's database is not to be had.
  init(files system: HostSystem, problem: String) {
    haEnabled = .unknown(problem)
    redoLog = .unknown(problem)
    clustering = .unknown(problem)
    guard let database = try? NetworkdDB(of: system) else { return }
    source = .files
    let management = (try? Inventory(of: system))?.managementInterface
    for bridge in database.bridges {
      for port in bridge.ports where port.isBond { deleted.bonds.append((port.name, port.interfaces)) }
      if let vlan = bridge.vlan {
        let below = database.bridge(vlan.parent)?.ports.first
        deleted.vlans.append((below.map { $0.isBond ? $0.name : $0.interfaces.first ?? $0.name } ?? vlan.parent, vlan.tag))
      }
      if bridge.name != management, case .static(let addresses)? = database.interface(bridge.name)?.ipv4 {
        deleted.addresses += addresses.map { ($0.address, bridge.name) }
      }
    }
  }
}

/// What a reset deletes, in words.
struct Deletions: Sendable {
  var bonds: [(name: String, members: [String])] = []
  var vlans: [(device: String, tag: Int)] = []
  /// By their networks' names.
  var tunnels: [String] = []
  var sriovs: [String] = []
  var addresses: [(address: String, device: String)] = []

  /// One for each kind and device: `bond0 (eth0, eth1)`, `VLANs 20, 30, 101-110 on bond0`.
  var words: [String] {
    let bonds = bonds.sorted { comesBefore($0.name, $1.name) }.map { bond in
      "\(bond.name) (\(bond.members.sorted(by: comesBefore).joined(separator: ", ")))"
    }
    let byDevice = Dictionary(grouping: vlans, by: \.device)
    let vlans = byDevice.keys.sorted(by: comesBefore).map { device in
      let tags = (byDevice[device] ?? []).map(\.tag).sorted()
      return "\(tags.count == 1 ? "VLAN" : "VLANs") \(Self.ranges(tags)) on \(device)"
    }
    return bonds + vlans
      + tunnels.sorted(by: comesBefore).map { $0.isEmpty ? "a tunnel" : "tunnel \"\($0)\"" }
      + sriovs.sorted(by: comesBefore).map { "SR-IOV on \($0)" }
      + addresses.sorted { comesBefore($0.device, $1.device) }.map { "address \($0.address) on \($0.device)" }
  }

  /// `20, 30, 101-110`
  static func ranges(_ sorted: [Int]) -> String {
    var parts: [String] = []
    var index = 0
    while index < sorted.count {
      var end = index
      while end + 1 < sorted.count, sorted[end + 1] <= sorted[end] + 1 { end += 1 }
      switch sorted[end] - sorted[index] {
      case 0: parts.append("\(sorted[index])")
      case 1: parts += ["\(sorted[index])", "\(sorted[end])"]
      default: parts.append("\(sorted[index])-\(sorted[end])")
      }
      index = end + 1
    }
    return parts.joined(separator: ", ")
  }
}
