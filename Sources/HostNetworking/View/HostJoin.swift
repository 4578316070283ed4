import XenAPI

/// Follows the references of one state of XAPI's database from the point of view of one host.
struct HostJoin {
  let database: XenDatabase
  let ref: Ref<Host>
  let host: Host
  let pool: Pool?
  /// This host's interfaces.
  let pifs: [(ref: Ref<PIF>, record: PIF)]
  let networkIDs: [Ref<Network>: NetworkID]
  /// The VMs with a VIF on a network, for every network that has any.
  let users: [Ref<Network>: Users]

  /// Names of VMs on one network, in order. VMs of the same name count each.
  struct Users {
    /// Those that run on this host.
    var here: [String] = []
    /// Those that run on any host.
    var running: [String] = []
    var others: [String] = []
  }

  /// nil before XAPI has told of this host.
  init?(_ live: LiveState, _ local: LocalHost?) {
    guard let database = live.database else { return nil }
    let uuid = (try? local?.files.inventory.get())?.installationUUID
    let named = uuid.flatMap { uuid in database.hosts.all.first { $0.record.uuid == uuid }?.ref }
    guard let ref = named ?? live.thisHost, let host = database.hosts[ref] else { return nil }
    self.init(database, ref, host)
  }

  init(_ database: XenDatabase, _ ref: Ref<Host>, _ host: Host) {
    self.database = database
    self.ref = ref
    self.host = host
    pool = database.pools.first?.record
    pifs = host.pifs.compactMap { ref in database.pifs[ref].map { (ref, $0) } }
    networkIDs = Self.networkIDs(database)
    users = Self.users(database, ref)
  }

  private static func networkIDs(_ database: XenDatabase) -> [Ref<Network>: NetworkID] {
    var unique = Unique<NetworkID>()
    // Of two with the same bridge always the same one has the bridge's name for an identity.
    let rows = database.networks.all.sorted { $0.record.uuid < $1.record.uuid }
    return Dictionary(
      rows.map { ref, network in
        (
          ref,
          unique.claim(
            NetworkID(bridge: network.bridge, uuid: network.uuid), else: NetworkID(bridge: "", uuid: network.uuid))
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  private static func users(_ database: XenDatabase, _ host: Ref<Host>) -> [Ref<Network>: Users] {
    var vms: [Ref<Network>: [Ref<VM>: VM]] = [:]
    for (_, vif) in database.vifs.all {
      guard let network = vif.network, let ref = vif.vm, let vm = database.vms[ref], vm.isGuest else { continue }
      vms[network, default: [:]][ref] = vm
    }
    return vms.mapValues { vms in
      func names(_ belongs: (VM) -> Bool) -> [String] {
        vms.values.filter(belongs).map(\.nameLabel).sorted(by: comesBefore)
      }
      return Users(
        here: names { $0.isRunning && $0.residentOn == host }, running: names(\.isRunning),
        others: names { !$0.isRunning })
    }
  }

  // MARK: The host

  var product: String? {
    HostView.product(host.softwareVersion["product_brand"], host.softwareVersion["product_version"])
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
      liveHosts: database.hosts.all.count { database.hostMetrics[$0.record.metrics]?.live ?? true },
      bootTime: host.otherConfig["boot_time"].flatMap(Double.init).flatMap { Int64(exactly: $0.rounded(.down)) },
      cpus: host.cpuInfo["cpu_count"].flatMap { Int($0) } ?? 0,
      sockets: host.cpuInfo["socket_count"].flatMap { Int($0) } ?? 0,
      cpuModel: host.cpuInfo["modelname"] ?? "",
      memoryTotal: database.hostMetrics[host.metrics]?.memoryTotal ?? 0,
      memoryInUse: host.residentVMs.reduce(0) { $0.addingClamped(database.vms[$1]?.memoryTarget ?? 0) },
      runningVMs: guests.count { $0.residentOn == ref },
      haltedVMs: guests.count { $0.powerState == .halted })
  }

  func vms() -> [VMView] {
    database.vms.all
      .filter { $0.record.isGuest }
      .map { vmRef, vm in
        VMView(
          ref: vmRef, uuid: vm.uuid, name: vm.nameLabel, powerState: vm.powerState,
          networks: vm.vifs.compactMap { database.vifs[$0]?.network.flatMap { networkIDs[$0] } })
      }
      .sorted { comesBefore($0.name, $1.name) }
  }
}

extension VM {
  /// A VM in the everyday sense: no template, no snapshot, not the control domain.
  var isGuest: Bool { !isTemplate && !isSnapshot && !isControlDomain }

  /// Its VIFs are in use.
  var isRunning: Bool { powerState == .running || powerState == .paused }
}

extension Int64 {
  /// The sum, or the nearest value there is: what XAPI tells is not to be trusted to make sense.
  func addingClamped(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }
}
