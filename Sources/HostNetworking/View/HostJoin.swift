import XenAPI

/// Follows the references of one state of XAPI's database from the point of view of one host.
struct HostJoin {
  let database: XenDatabase
  let ref: Ref<Host>
  let host: Host
  let pool: Pool?
  /// This host's interfaces.
  let pifs: [(ref: Ref<PIF>, record: PIF)]
  /// Names of the VMs with a VIF on a network, running first, for every network that has any.
  let users: [Ref<Network>: (running: [String], others: [String])]

  init(_ database: XenDatabase, _ ref: Ref<Host>, _ host: Host) {
    self.database = database
    self.ref = ref
    self.host = host
    pool = database.pools.first?.record
    pifs = host.pifs.compactMap { ref in database.pifs[ref].map { (ref, $0) } }
    users = Self.users(database)
  }

  private static func users(_ database: XenDatabase) -> [Ref<Network>: (running: [String], others: [String])] {
    var users: [Ref<Network>: (running: Set<String>, others: Set<String>)] = [:]
    for (_, vif) in database.vifs.all {
      guard let network = vif.network, let vm = database.vms[vif.vm], vm.isGuest else { continue }
      if vm.powerState == .running || vm.powerState == .paused {
        users[network, default: ([], [])].running.insert(vm.nameLabel)
      } else {
        users[network, default: ([], [])].others.insert(vm.nameLabel)
      }
    }
    return users.mapValues { ($0.running.sorted(by: comesBefore), $0.others.sorted(by: comesBefore)) }
  }

  // MARK: The host

  var product: String? {
    guard let brand = host.softwareVersion["product_brand"] else { return nil }
    return "\(brand) \(host.softwareVersion["product_version"] ?? "")".trimmed
  }

  var role: PoolRole {
    guard let pool, let coordinator = pool.coordinator else { return .unknown }
    if coordinator == ref {
      return database.hosts.count <= 1 ? .standalone : .coordinator(pool: pool.nameLabel, hosts: database.hosts.count)
    }
    let other = database.hosts[coordinator]
    return .member(
      pool: pool.nameLabel, coordinator: other?.nameLabel ?? "?", address: other?.address ?? "")
  }

  var coordinatorIsLive: Bool {
    guard let coordinator = pool?.coordinator, let host = database.hosts[coordinator] else { return true }
    return database.hostMetrics[host.metrics]?.live ?? true
  }

  var facts: HostFacts {
    let version = host.softwareVersion
    let guests = database.vms.all.lazy.map(\.record).filter { $0.isGuest }
    return HostFacts(
      uuid: host.uuid,
      toolstack: version["xapi_build"] ?? version["xapi"] ?? "",
      networkBackend: version["network_backend"] ?? "",
      manufacturer: host.biosStrings["system-manufacturer"] ?? "",
      model: host.biosStrings["system-product-name"] ?? "",
      enabled: host.enabled,
      haEnabled: pool?.haEnabled ?? false,
      poolHosts: database.hosts.count,
      liveHosts: database.hosts.all.count { database.hostMetrics[$0.record.metrics]?.live ?? false },
      bootTime: host.otherConfig["boot_time"].flatMap(Double.init).map { Int64($0) },
      cpus: host.cpuInfo["cpu_count"].flatMap { Int($0) } ?? 0,
      sockets: host.cpuInfo["socket_count"].flatMap { Int($0) } ?? 0,
      cpuModel: host.cpuInfo["modelname"] ?? "",
      memoryTotal: database.hostMetrics[host.metrics]?.memoryTotal ?? 0,
      memoryInUse: host.residentVMs.reduce(0) { $0 + (database.vms[$1]?.memoryTarget ?? 0) },
      runningVMs: guests.count { $0.residentOn == ref },
      haltedVMs: guests.count { $0.powerState == .halted })
  }

  func vms() -> [VMView] {
    database.vms.all
      .filter { $0.record.isGuest }
      .map { vmRef, vm in
        VMView(
          ref: vmRef, name: vm.nameLabel, powerState: vm.powerState, isHere: vm.residentOn == ref,
          networks: vm.vifs.compactMap { database.vifs[$0]?.network })
      }
      .sorted { comesBefore($0.name, $1.name) }
  }

  func management(_ interfaces: [InterfaceView]) -> ManagementFacts? {
    guard let interface = interfaces.first(where: \.isManagement) else { return nil }
    return ManagementFacts(
      interface: interface.ref, name: interface.name, bridge: interface.bridge, address: host.address,
      link: interface.link)
  }
}

extension VM {
  /// A VM in the everyday sense: no template, no snapshot, not the control domain.
  var isGuest: Bool { !isTemplate && !isSnapshot && !isControlDomain }
}
