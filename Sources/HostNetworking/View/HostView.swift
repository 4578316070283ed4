import Dom0
import XenAPI

/// Everything the console shows of a host at one moment: a value, made from what XAPI tells and from the host's own
/// files. With XAPI silent it is thinner or older, never absent.
public struct HostView: Sendable {
  public var connection: ConnectionState
  /// Since when `connection` holds.
  public var since: ContinuousClock.Instant
  /// When XAPI told what is shown here; nil when it never has.
  public var heard: ContinuousClock.Instant?

  /// The host's name; nil while unknown.
  public var name: String?
  /// `XCP-ng 8.3.0`; nil while unknown.
  public var product: String?
  public var role: PoolRole
  /// nil before XAPI has told anything.
  public var facts: HostFacts?
  public var management: ManagementFacts?
  public var interfaces: [InterfaceView]
  public var networks: [NetworkView]
  /// All about networks on all hosts, when it is asked for; nil before XAPI has told anything.
  public var pool: PoolNetworks?
  public var vms: [VMView]
  public var findings: [Finding]
  /// What the host's own files and tools tell besides; nil where they tell nothing.
  public var local: LocalFacts?
  public var sources: Sources
}

/// What this host is in its pool.
public enum PoolRole: Hashable, Sendable {
  case unknown
  /// Alone in its pool.
  case standalone
  /// Named "coordinator" here; "master" in XAPI.
  case coordinator(pool: String, hosts: Int)
  case member(pool: String, coordinator: String, address: String)
}

/// Facts of the host that are not about its network.
public struct HostFacts: Hashable, Sendable {
  public var uuid: String
  /// The toolstack's version, `26.1.3`.
  public var toolstack: String
  /// `openvswitch` or `bridge`.
  public var networkBackend: String
  public var manufacturer: String
  public var model: String
  /// False in maintenance mode.
  public var enabled: Bool
  public var haEnabled: Bool
  public var poolHosts: Int
  /// Hosts of the pool whose heartbeat the coordinator hears.
  public var liveHosts: Int
  /// Seconds since 1970; nil when XAPI does not say.
  public var bootTime: Int64?
  public var cpus: Int
  public var sockets: Int
  public var cpuModel: String
  /// Bytes.
  public var memoryTotal: Int64
  /// Bytes given to the VMs that run here, the control domain included.
  public var memoryInUse: Int64
  public var runningVMs: Int
  public var haltedVMs: Int
}

/// Where this host is managed.
public struct ManagementFacts: Hashable, Sendable {
  /// nil when no interface is known that belongs to the bridge.
  public var interface: InterfaceID?
  /// `eth0`, `bond0`, `VLAN 20 on bond0`.
  public var name: String
  public var bridge: String
  /// Where this host is reached, without prefix length; empty when there is no such address. The kernel's word counts
  /// more than XAPI's.
  public var address: String
  /// False when neither XAPI nor the kernel could be asked, and nothing was set up by hand.
  public var isAddressKnown = true
  public var link: LinkState
}

/// What this host's own files and tools tell of it as a whole.
public struct LocalFacts: Hashable, Sendable {
  public struct Gateway: Hashable, Sendable {
    public var address: String
    public var device: String
    public var isIPv6: Bool
  }

  /// What DHCP gave the management interface last.
  public struct Lease: Hashable, Sendable {
    public var address: String
    /// Seconds since 1970; nil when it never ends.
    public var ends: Int64?
  }

  /// Of both address families; nil when the kernel could not be asked.
  public var defaultRoutes: [Gateway]?
  /// Those that are really asked; nil when the file cannot be read.
  public var nameServers: [String]?
  public var lease: Lease?
  /// A network reset has begun and is not over: it waits for its end, for a reboot or for XAPI.
  public var isResetPending: Bool
  /// How the last reset that this program began stands.
  public var earlierReset = ResetStanding.none
  /// A change that waits to be confirmed, whoever made it.
  public var pending = PendingStanding.none
  /// How the last change that had to be confirmed ended.
  public var lastChange: PendingEnd?
  public var isHAArmed: Bool
  /// VMs that ran on this host when XAPI's database was saved; nil when it is not known.
  public var runningVMs: Int?
  public var progress: ToolstackProgress
}

/// A VM, as far as it uses networks.
public struct VMView: Hashable, Sendable {
  /// XAPI's record; nil while XAPI has not told of it.
  public var ref: Ref<VM>?
  public var uuid: String
  public var name: String
  public var powerState: PowerState
  public var networks: [NetworkID]
}
