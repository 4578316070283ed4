import JSON

/// What a simulated dom0 has besides XAPI's database.
struct Dom0State: Sendable {
  /// Where its files are; nil while nobody asked for them.
  var tree: FileTree?
  /// What networkd has applied: bridges, addresses.
  var live = NetworkdConfig()
  /// What XAPI last told networkd.
  var applied = NetworkdConfig()
  /// What the kernel has of static routes, whoever set them. Networkd only ever adds.
  var routes: [NetworkdConfig.KernelRoute] = []
  /// `xe-toolstack-restart` is at work.
  var isRestarting = false
  /// What there was at the last look at who finds whom.
  var contactStamp: ContactStamp?
  /// Members that could not find their coordinator at the last look; nil before the first.
  var lostMembers: Set<String>?
  /// This member got through to its coordinator at the last look; nil before the first.
  var reachedCoordinator: Bool?
  /// Bridges that stand although XAPI no longer knows them, until networkd starts anew at a boot.
  var leftovers = NetworkdConfig()
  /// Units that are not running, by name without `.service`, with what systemd says of them.
  var stopped: [String: String] = [:]
  /// Units that do not start at boot, by name.
  var disabled: Set<String> = []
  /// Units that `systemd-run` has made.
  var transients: [String: TransientUnit] = [:]
  /// What was written of services last.
  var services: HostServices?
  /// Units that a start does not bring up.
  var broken: Set<String> = []
  /// What goes wrong with tools, by name or by the beginning of a command line.
  var faults: [String: SimulatedTool.Fault] = [:]
  /// What was written last, by path.
  var written: [String: TreeEntry] = [:]
  /// Last values of the inventory's keys that XAPI keeps.
  var inventory: [String: String] = [:]
  /// Generation of the database when `live` was made of it.
  var seen: Int64 = -1
  /// Generation of the database that is on disk.
  var flushed: Int64 = -1
  /// The card whose light blinks: the kernel lets one at a time.
  var blinking: String?
  /// When the counters were last moved on; nil before somebody looked at them.
  var counted: ContinuousClock.Instant?
  /// The root file system is mounted read-only.
  var isReadOnly = false
  /// The host is on its way down or up: nothing runs.
  var isDown = false
  /// What emergency calls had written when the files were last looked after.
  var marks = ""
  /// The emergency was asked for by hand: it does not end by itself.
  var isEmergencyForced = false
  /// Seconds since 1970 at which this boot began.
  var bootTime: Int64 = 0
  /// Times the host has booted since it was made.
  var boots = 0
  /// What the last boot came to.
  var lastBoot: BootOutcome?

  func isRunning(_ unit: String) -> Bool { !isDown && stopped[unit] == nil }
}

/// What kind of host the tree shows.
public struct Dom0Layout: Hashable, Sendable {
  /// Where this product's reset leaves its trigger: `/var/tmp/network-reset`, on 8.2 and early 8.3
  /// `/tmp/network-reset`.
  public var trigger: String
  /// Cards are named `ethN` by interface-rename; without it, as on newer products, networkd numbers them.
  public var hasInterfaceRename: Bool
  /// Open vSwitch says "member" (2.17) or "slave" (2.5).
  public var speaksOfMembers: Bool
  /// `/run/systemd/system` is there, and `systemd-run` works.
  public var hasSystemd = false

  public init(
    trigger: String = "/var/tmp/network-reset", hasInterfaceRename: Bool = true, speaksOfMembers: Bool = true
  ) {
    self.trigger = trigger
    self.hasInterfaceRename = hasInterfaceRename
    self.speaksOfMembers = speaksOfMembers
  }
}
