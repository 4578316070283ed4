/// XAPI's database as it lies on disk, for names when XAPI is silent: `state.db` on the coordinator, a member's copy of
/// it in `state-backup.xml`, which may be old (`reference/dom0.md` §2.11).
///
/// A file that breaks off is read up to there: what it told is kept, and `problems` says so.
public struct XapiDatabase: Sendable {
  /// The coordinator's own database.
  public static let coordinatorPath = "/var/lib/xcp/state.db"
  /// A member's copy of the coordinator's.
  public static let memberPath = "/var/lib/xcp/state-backup.xml"

  public let path: String
  /// When the file was last written, in seconds since 1970.
  public let modified: Int64
  /// Counts up with every change; nil when the file does not say.
  public internal(set) var generation: Int64?
  public internal(set) var pool: Pool?
  public internal(set) var hosts: [Host] = []
  public internal(set) var networks: [Network] = []
  public internal(set) var pifs: [PIF] = []
  public internal(set) var bonds: [Bond] = []
  public internal(set) var vlans: [VLAN] = []
  public internal(set) var tunnels: [Tunnel] = []
  public internal(set) var sriovs: [SRIOV] = []
  public internal(set) var vms: [VM] = []
  public internal(set) var vifs: [VIF] = []
  public internal(set) var clusterHosts: [ClusterHost] = []
  public internal(set) var problems: [String] = []

  /// Reads the file of the host's role; without that one the other.
  public init(of system: HostSystem) throws(HostFileError) {
    var paths = [Self.coordinatorPath, Self.memberPath]
    if case .member? = try? PoolConf(of: system) { paths.reverse() }
    let path = paths.first { system.exists($0) } ?? paths[0]
    try self.init(path, of: system)
  }

  public init(_ path: String, of system: HostSystem) throws(HostFileError) {
    self.path = path
    modified = try system.status(path).modified
    var reader = XapiDatabaseReader(try FileStream(path, of: system))
    try reader.read(into: &self)
  }

  /// Seconds since the file was written.
  public func age(at now: Int64) -> Int64 { max(0, now - modified) }
}

extension XapiDatabase {
  /// Names another record; `OpaqueRef:NULL` and the like are nil instead.
  public typealias Reference = String

  public struct Pool: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    public var name: String
    public var master: Reference?
    public var isHAEnabled: Bool
    /// A redo log for high availability of the database; resets stumble over it as over HA.
    public var isRedoLogEnabled: Bool
  }

  public struct Host: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    public var name: String
    public var hostname: String
    public var address: String
    /// `product_brand`, `product_version`, `network_backend` and more.
    public var softwareVersion: [String: String]
  }

  public struct Network: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    public var name: String
    public var description: String
    public var bridge: String
    /// Bytes.
    public var mtu: Int?
    public var isManaged: Bool
    public var otherConfig: [String: String]
    public var tags: [String]
    /// `nbd`, `insecure_nbd`.
    public var purpose: [String]
    /// `unlocked` or `disabled`.
    public var lockingMode: String
  }

  public struct PIF: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    public var device: String
    public var mac: String
    public var network: Reference?
    public var host: Reference?
    /// The tag; nil for untagged (-1 in the file).
    public var vlan: Int?
    public var isManagement: Bool
    public var isPhysical: Bool
    public var isAttached: Bool
    public var isManaged: Bool
    public var disallowsUnplug: Bool
    /// `None`, `DHCP` or `Static`.
    public var ipMode: String
    public var ip: String
    public var netmask: String
    public var gateway: String
    public var dns: [String]
    /// `None`, `DHCP`, `Static` or `Autoconf`.
    public var ipv6Mode: String
    /// With prefix lengths.
    public var ipv6: [String]
    public var ipv6Gateway: String
    /// `IPv4` or `IPv6`.
    public var primaryAddressType: String
    /// Bytes.
    public var mtu: Int?
    /// The bond this NIC is a member of.
    public var bond: Reference?
    public var otherConfig: [String: String]
    public var properties: [String: String]
  }

  public struct Bond: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    /// The bond's own PIF.
    public var interface: Reference?
    public var members: [Reference]
    public var primaryMember: Reference?
    /// `balance-slb`, `active-backup` or `lacp`.
    public var mode: String
    public var properties: [String: String]
    public var otherConfig: [String: String]
    /// False when the bond's MAC was given by hand.
    public var takesMembersMAC: Bool
  }

  public struct VLAN: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    public var tag: Int?
    /// The PIF below.
    public var tagged: Reference?
    /// The VLAN's own PIF.
    public var untagged: Reference?
    public var otherConfig: [String: String]
  }

  public struct Tunnel: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    public var access: Reference?
    public var transport: Reference?
    /// `gre` or `vxlan`; empty on releases that know only one.
    public var `protocol`: String
    public var otherConfig: [String: String]
  }

  public struct SRIOV: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    public var physical: Reference?
    public var logical: Reference?
  }

  public struct VM: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    public var name: String
    /// `Running`, `Halted`, `Paused` or `Suspended`.
    public var powerState: String
    public var residentOn: Reference?
    public var isControlDomain: Bool
    public var isTemplate: Bool
    public var isSnapshot: Bool

    /// A virtual machine as users know them.
    public var isOrdinary: Bool { !isControlDomain && !isTemplate && !isSnapshot }
  }

  public struct VIF: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    /// The VM's number for it, from 0.
    public var device: String
    public var vm: Reference?
    public var network: Reference?
    public var mac: String
    public var isAttached: Bool
  }

  public struct ClusterHost: Hashable, Sendable {
    public var ref: Reference
    public var uuid: String
    public var host: Reference?
    public var interface: Reference?
    public var isEnabled: Bool
  }
}

extension XapiDatabase {
  public func host(uuid: String) -> Host? { hosts.first { $0.uuid == uuid } }
  public func network(_ ref: Reference?) -> Network? { networks.first { $0.ref == ref } }
  public func pif(_ ref: Reference?) -> PIF? { pifs.first { $0.ref == ref } }
  public func network(onBridge bridge: String) -> Network? { networks.first { $0.bridge == bridge } }

  /// The VMs that run on a host, ordinary ones only.
  public func running(on host: Reference) -> [VM] {
    vms.filter { $0.isOrdinary && $0.powerState == "Running" && $0.residentOn == host }
  }
}
