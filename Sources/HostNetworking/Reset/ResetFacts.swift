/// All that is known of a host before an emergency network reset. A value: looked up once by `ResetLook`, then asked.
public struct ResetFacts: Hashable, Sendable {
  public enum Role: Hashable, Sendable {
    /// A pool of one host.
    case standalone
    case coordinator(hosts: Int)
    /// pool.conf says `master`; how many hosts the pool has is not known.
    case coordinatorOrStandalone
    case member(coordinator: String)
    /// pool.conf cannot be used, and why.
    case broken(String)

    public var isMember: Bool { if case .member = self { true } else { false } }
  }

  /// Who told.
  public enum Source: Hashable, Sendable {
    case xapi
    /// XAPI's database as last saved on this host's disk, and when (seconds since 1970).
    case savedDatabase(at: Int64)
    case files
    case nobody
  }

  /// A yes or no, or why neither is known.
  public enum Answer: Hashable, Sendable {
    case yes
    case no
    case unknown(String)
  }

  public struct VM: Hashable, Sendable {
    public var uuid: String
    public var name: String
    /// To ask XAPI with; nil when the saved database told of it.
    public var ref: String?

    public init(uuid: String, name: String, ref: String? = nil) {
      self.uuid = uuid
      self.name = name
      self.ref = ref
    }
  }

  /// Whether somebody answers at the coordinator's address, port 443, from here and now.
  public enum Reach: Hashable, Sendable {
    case notAsked
    case answers(milliseconds: Int)
    case silent(String)
  }

  public var hostname = ""
  public var product = ""
  public var role = Role.broken("not looked at")
  /// For a member: the address in pool.conf, from here, with the present network.
  public var coordinatorReach = Reach.notAsked
  /// What could be chosen, in order.
  public var devices: [ResetDevice] = []
  /// Why `devices` may not be all; nil when it is.
  public var devicesProblem: String?
  /// What carries management today.
  public var now = ResetSettings()
  /// The bridge that the inventory names, empty for none; nil when the inventory cannot be read.
  public var managementBridge: String?

  /// This host is armed for high availability (`ha.armed` in local.db).
  public var haArmed = Answer.unknown("not looked at")
  /// High availability is on in the pool's database.
  public var haEnabled = Answer.unknown("not looked at")
  /// Who told of `haEnabled`, `redoLog` and `clustering`.
  public var poolSource = Source.nobody
  public var redoLog = Answer.unknown("not looked at")
  public var clustering = Answer.unknown("not looked at")

  /// Bonds, VLANs, tunnels and SR-IOV of this host by name, and the settings of other interfaces: what goes.
  public var deleted: [String] = []
  public var deletedSource = Source.nobody
  /// Networks and VIFs: what stays.
  public var networks: Int?
  public var vifs: Int?
  public var runningVMs: [VM] = []
  public var runningVMsSource = Source.nobody

  /// The family the inventory names as primary, `IPv4` or `IPv6`.
  public var addressFamily = "IPv4"
  /// True where interface-rename names the NICs (8.x); false where networkd keeps their order (newer products).
  public var renamesInterfaces = true
  /// Where XAPI of this product looks for the trigger.
  public var triggerPath = "/var/tmp/network-reset"
  /// A reset is waiting to be done at XAPI's next start already.
  public var triggerIsPending = false
  /// How an earlier reset stands.
  public var standing = ResetStanding.none
  /// Why files cannot be written; nil when they can.
  public var diskProblem: DiskProblem?
  /// Files that could not be read, each with its problem.
  public var problems: [String] = []
  /// True when this process may change the files.
  public var isRoot = true
  /// False for the files of another root: nothing is stopped, nothing reboots.
  public var isThisMachine = false

  public enum DiskProblem: Hashable, Sendable {
    /// `mount -o remount,rw /` may help and is then the first step.
    case readOnly
    case full(freeBytes: Int64)
  }

  public init() {}

  /// High availability stands in the way, by whoever's word.
  public var hasHA: Bool { haArmed == .yes || haEnabled == .yes }

  public func device(_ name: String) -> ResetDevice? { devices.first { $0.name == name } }
}

/// A NIC that could carry management.
public struct ResetDevice: Hashable, Sendable {
  public enum Link: Hashable, Sendable {
    case up
    case down
    /// Switched off, so that nobody can tell.
    case off
    case unknown
  }

  public var name: String
  public var mac: String
  public var link: Link
  /// Mb/s; nil when the link is down or does not tell.
  public var speed: Int?
  /// What it is used for today: `management`, `bond0 member`, `unused`.
  public var use: String
  /// What it will be called after the rules of the installation are put back.
  public var nameAfterReset: NameAfterReset

  public enum NameAfterReset: Hashable, Sendable {
    case same
    case other(String)
    /// The installer's rules do not know this NIC.
    case unknown
  }

  public init(
    name: String, mac: String = "", link: Link = .unknown, speed: Int? = nil, use: String = "",
    nameAfterReset: NameAfterReset = .same
  ) {
    self.name = name
    self.mac = mac
    self.link = link
    self.speed = speed
    self.use = use
    self.nameAfterReset = nameAfterReset
  }
}

/// What carries management today.
public struct ResetSettings: Hashable, Sendable {
  /// `eth0`, `bond0`; nil when nobody knows.
  public var device: String?
  /// The NICs below, when the device is a bond.
  public var members: [String] = []
  public var vlan: Int?
  public var ipv4 = ResetRequest.IPv4.none
  public var ipv6 = ResetRequest.IPv6.none
  public var dns: [InternetAddress] = []
  public var searchDomains: [String] = []
  /// Addresses that are there right now, DHCP's included, with their prefix length.
  public var liveAddresses: [String] = []
  /// Where this stands: `networkd.db`, `management.conf`.
  public var source = ""

  public init() {}
}
