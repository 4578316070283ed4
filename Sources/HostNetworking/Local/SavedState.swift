import Dom0

/// What XAPI's database, as it was last saved on this host, says of names: a coordinator's own, or the backup a member
/// gets from its coordinator. Old by nature, and shown with its age.
public struct SavedState: Hashable, Sendable {
  public struct Network: Hashable, Sendable {
    public var uuid: String
    public var name: String
    public var description: String
    public var bridge: String
    public var mtu: Int
    /// Hosts of the pool with an interface on it.
    public var hosts: Int
    /// The tag of its interfaces; nil for untagged ones, and when it has none.
    public var tag: Int?
    /// The device its interfaces have, `eth0`; nil when it has none.
    public var device: String?
  }

  public struct VM: Hashable, Sendable {
    public var uuid: String
    public var name: String
    /// XAPI's word: `Running`, `Halted`…
    public var powerState: String
    /// It ran on this host.
    public var isHere: Bool
    /// By uuid.
    public var networks: [String]
  }

  /// A member of the pool.
  public struct Host: Hashable, Sendable {
    public var uuid: String
    public var name: String
    public var address: String
  }

  /// Seconds since 1970.
  public var written: Int64
  /// Empty for a pool that was never given a name.
  public var poolName = ""
  public var haEnabled = false
  public var hosts: [Host] = []
  /// uuid of the coordinator.
  public var coordinator: String?
  public var networks: [Network] = []
  /// Without templates, snapshots and control domains.
  public var vms: [VM] = []

  public init(written: Int64) { self.written = written }
}

extension SavedState {
  /// What is worth keeping of the file: the rest of it may be large, and is let go.
  /// - Parameter host: this host's uuid.
  init(_ database: XapiDatabase, host: String?) {
    written = database.modified
    poolName = database.pool?.name ?? ""
    haEnabled = database.pool?.isHAEnabled ?? false
    hosts = database.hosts.map {
      Host(uuid: $0.uuid, name: $0.name.isEmpty ? $0.hostname : $0.name, address: $0.address)
    }
    coordinator = database.hosts.first { $0.ref == database.pool?.master }?.uuid
    let here = host.flatMap { database.host(uuid: $0)?.ref }
    let uuids = Dictionary(database.networks.map { ($0.ref, $0.uuid) }, uniquingKeysWith: { first, _ in first })
    let pifs = Dictionary(grouping: database.pifs, by: \.network)
    networks = database.networks.map { network in
      let pifs = pifs[network.ref] ?? []
      let first = pifs.first { $0.host == here } ?? pifs.first
      return Network(
        uuid: network.uuid, name: network.name, description: network.description, bridge: network.bridge,
        mtu: network.mtu ?? 1500, hosts: pifs.count, tag: first?.vlan, device: first?.device)
    }
    let vifs = Dictionary(grouping: database.vifs, by: \.vm)
    vms = database.vms.filter(\.isOrdinary).map { vm in
      VM(
        uuid: vm.uuid, name: vm.name, powerState: vm.powerState, isHere: here != nil && vm.residentOn == here,
        networks: (vifs[vm.ref] ?? []).compactMap { $0.network.flatMap { uuids[$0] } })
    }
  }
}
