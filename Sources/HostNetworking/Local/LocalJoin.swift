import Dom0
import XenAPI

/// Makes this host's interfaces, networks and role from its own files and tools, for as long as XAPI tells nothing.
struct LocalJoin {
  let local: LocalHost
  let bridges: BridgeTable
  /// By bridge.
  let savedNetworks: [String: SavedState.Network]
  /// Names of VMs that ran here, by the uuid of a network they use.
  private let guests: [String: [String]]

  init(_ local: LocalHost) {
    self.local = local
    bridges = BridgeTable(local)
    let saved = local.savedState
    savedNetworks = Dictionary(
      (saved?.networks ?? []).filter { !$0.bridge.isEmpty }.map { ($0.bridge, $0) },
      uniquingKeysWith: { first, _ in first })
    var guests: [String: [String]] = [:]
    for vm in saved?.vms ?? [] where vm.isHere {
      for network in Set(vm.networks) { guests[network, default: []].append(vm.name) }
    }
    self.guests = guests.mapValues { $0.sorted(by: comesBefore) }
  }

  // MARK: The host

  var name: String? {
    let uuid = (try? local.files.inventory.get())?.installationUUID
    let saved = local.savedState?.hosts.first { $0.uuid == uuid }?.name
    return saved?.nonEmpty ?? local.hostname
  }

  var product: String? { Self.product(local) }

  static func product(_ local: LocalHost) -> String? {
    guard let inventory = try? local.files.inventory.get() else { return nil }
    return HostView.product(inventory.productBrand, inventory.productVersion)
  }

  var role: PoolRole {
    let saved = local.savedState
    switch local.files.pool {
    case .success(.member(let address)):
      let coordinator = saved?.hosts.first { $0.uuid == saved?.coordinator }
      return .member(pool: saved?.poolName ?? "", coordinator: coordinator?.name ?? "", address: address)
    case .success(.coordinator):
      guard let saved else { return .coordinator(pool: "", hosts: 0) }
      return saved.hosts.count <= 1 ? .standalone : .coordinator(pool: saved.poolName, hosts: saved.hosts.count)
    case .failure: return .unknown
    }
  }

  func vms() -> [VMView] {
    let saved = local.savedState
    let ids = Dictionary(
      (saved?.networks ?? []).map { ($0.uuid, NetworkID(bridge: $0.bridge, uuid: $0.uuid)) },
      uniquingKeysWith: { first, _ in first })
    return (saved?.vms ?? []).map { vm in
      VMView(
        ref: nil, uuid: vm.uuid, name: vm.name, powerState: PowerState(rawValue: vm.powerState),
        networks: vm.networks.compactMap { ids[$0] })
    }.sorted { comesBefore($0.name, $1.name) }
  }

  // MARK: Networks

  /// What is known of the network behind a bridge.
  func network(behind bridge: String) -> (name: String, guests: [String]) {
    let saved =
      savedNetworks[bridge]
      ?? bridges.bridges[bridge]?.networkUUIDs.lazy.compactMap { uuid in
        local.savedState?.networks.first { $0.uuid == uuid }
      }.first
    return (saved?.name ?? "", saved.flatMap { guests[$0.uuid] } ?? [])
  }

  /// Every bridge of this host, and every network that XAPI's saved database knows.
  func networks(_ interfaces: [InterfaceView]) -> [NetworkView] {
    let here = Dictionary(
      interfaces.compactMap { interface in interface.network.map { ($0, interface) } },
      uniquingKeysWith: { first, _ in first })
    let known = savedNetworks.values.map { $0.bridge } + bridges.bridges.keys
    var networks = Set(known).map { network(bridge: $0, here[NetworkID(bridge: $0)]) }
    networks += (local.savedState?.networks ?? []).filter { $0.bridge.isEmpty }.map { network($0, bridge: "", nil) }
    return networks.inOrder
  }

  private func network(bridge: String, _ interface: InterfaceView?) -> NetworkView {
    network(savedNetworks[bridge], bridge: bridge, interface)
  }

  private func network(_ saved: SavedState.Network?, bridge: String, _ interface: InterfaceView?) -> NetworkView {
    let users =
      saved.map { saved in
        (local.savedState?.vms ?? []).filter { $0.networks.contains(saved.uuid) }
      } ?? []
    func names(running: Bool) -> [String] {
      users.filter { PowerState(rawValue: $0.powerState).usesVIFs == running }.map(\.name).sorted(by: comesBefore)
    }
    return NetworkView(
      id: NetworkID(bridge: bridge, uuid: saved?.uuid ?? ""), ref: nil, uuid: saved?.uuid ?? "",
      name: saved?.name.nonEmpty ?? bridge, description: saved?.description ?? "", bridge: bridge,
      kind: kind(saved, bridge: bridge, interface), interface: interface?.id, interfaceName: interface?.name ?? "",
      link: interface?.link ?? .unknown, hosts: saved?.hosts ?? (interface == nil ? 0 : 1),
      vifs: users.reduce(0) { count, vm in count + vm.networks.count { $0 == saved?.uuid } },
      runningVMs: names(running: true), otherVMs: names(running: false),
      mtu: saved?.mtu ?? interface?.mtu ?? 1500, lockingMode: nil, purpose: [], tags: [],
      isManaged: true, isManagement: interface?.isManagement ?? false, memberOf: interface?.memberOf)
  }

  private func kind(_ saved: SavedState.Network?, bridge: String, _ interface: InterfaceView?) -> NetworkView.Kind {
    // XAPI gives this bridge to the network between dom0 and guests, on every host.
    if bridge == "xenapi" { return .hostInternal }
    if let interface { return NetworkView.Kind(interface.kind) }
    if let tag = saved?.tag { return .vlan(tag: tag) }
    guard let device = saved?.device else { return .privateToHost }
    return device.hasPrefix("bond") ? .bond : device.hasPrefix("tunnel") ? .tunnel : .external
  }
}

extension PowerState {
  /// Its VIFs are in use.
  var usesVIFs: Bool { self == .running || self == .paused }
}
