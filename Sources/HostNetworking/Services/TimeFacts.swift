import Dom0

/// What sets this host's clock, and how well.
public struct TimeFacts: Sendable {
  public enum Daemon: Hashable, Sendable {
    case chrony, ntpd

    public var name: String { self == .chrony ? "chronyd" : "ntpd" }
    public var unit: String { "\(name).service" }
    public var path: String { self == .chrony ? TimeConf.chronyPath : TimeConf.ntpPath }
    var hook: String { self == .chrony ? TimeConf.dhcpHook : TimeConf.ntpHook }
  }

  public var daemon = Daemon.chrony
  /// nil when systemd could not be asked.
  public var unit: SystemUnit?
  /// Those that the daemon's file names.
  public var servers: [TimeConf.Server] = []
  /// Why the file cannot be read.
  public var fileProblem: String?
  /// Servers that DHCP names are used.
  public var usesDHCP = false
  /// chronyd looks at what DHCP's hook writes.
  public var readsDHCPFolder = false
  public var dhcpServers: [String] = []
  /// Servers that the product ships with.
  public var factory: [String] = []
  /// XAPI is told which these are.
  public var hasConfiguredFactory = false
  /// Where the clock stands; nil when the daemon does not tell, and why.
  public var tracking: ChronyTracking?
  public var sources: [TimeSource] = []
  public var sourcesProblem: String?

  public init() {}

  /// How it is really, by the test that XAPI makes when it starts.
  public var mode: TimeServerRequest.Mode {
    if let unit, !unit.isActive { return .off }
    if usesDHCP { return .dhcp }
    return isFactory ? .factory : .custom
  }

  /// The daemon's file names the product's own servers and no others.
  public var isFactory: Bool {
    guard !servers.isEmpty else { return false }
    return Set(servers.map(\.host)) == Set(factory) || servers.allSatisfy { Self.isVendors($0.host) }
  }

  /// `2.xcpng.pool.ntp.org` and its like.
  static func isVendors(_ host: String) -> Bool {
    let parts = host.split(separator: ".")
    return parts.count == 5 && Int(parts[0]) != nil && ["xcpng", "xenserver", "centos", "citrix"].contains(parts[1])
      && parts[2...].elementsEqual(["pool", "ntp", "org"])
  }

  /// How the daemon's file must read to bring today's state back.
  var request: TimeServerRequest { TimeServerRequest(mode: mode, servers: servers.map(\.spelling)) }

  /// Whom the clock follows.
  public var followed: TimeSource? { sources.first { $0.state == .selected } }

  /// Seconds between this clock and the best source that answers; nil when none does.
  public var offset: Double? {
    if let tracked = tracking?.offset, tracking?.source != nil { return tracked }
    let answering = sources.filter { $0.reach != 0 }
    return (followed ?? answering.min { $0.stratum < $1.stratum }).map { abs($0.offset) }
  }

  /// Seconds beyond which certificates and logins begin to fail.
  public static let farOff = 60.0
  public var isFarOff: Bool { offset.map { $0 > Self.farOff } ?? false }
}

/// A source of time as any daemon tells of it.
public struct TimeSource: Hashable, Sendable {
  public enum State: Hashable, Sendable {
    case selected, combined, notNeeded, silent, wrong, jittery
  }

  public var name: String
  public var state: State
  /// 0 while it has not answered.
  public var stratum: Int
  /// How many of the last eight attempts were answered.
  public var reach: Int
  /// Seconds; nil for never.
  public var lastHeard: Int?
  /// Seconds this clock is ahead of it.
  public var offset: Double

  public init(name: String, state: State, stratum: Int, reach: Int, lastHeard: Int?, offset: Double) {
    self.name = name
    self.state = state
    self.stratum = stratum
    self.reach = reach
    self.lastHeard = lastHeard
    self.offset = offset
  }

  init(_ source: ChronySource) {
    let state: State =
      switch source.state {
      case .selected: .selected
      case .combined: .combined
      case .notCombined: .notNeeded
      case .unreachable: .silent
      case .falseTicker: .wrong
      case .tooVariable: .jittery
      }
    self.init(
      name: source.name, state: state, stratum: source.stratum, reach: source.reach.nonzeroBitCount,
      lastHeard: source.lastHeard, offset: source.offset)
  }

  init(_ peer: NTPPeer) {
    let state: State =
      switch peer.state {
      case .selected: .selected
      case .combined: .combined
      case .notCombined: .notNeeded
      case .falseTicker: .wrong
      case .unused: peer.reach == 0 ? .silent : .notNeeded
      }
    self.init(
      name: peer.name, state: state, stratum: peer.stratum, reach: peer.reach.nonzeroBitCount,
      lastHeard: peer.lastHeard, offset: peer.offset)
  }

  /// In plain words: `the clock follows it`.
  public var words: String {
    switch state {
    case .selected: "the clock follows it"
    case .combined: "good, counts in"
    case .notNeeded: "good, not needed"
    case .silent: reach == 0 ? "no answer" : "not used yet"
    case .wrong: "its time is wrong"
    case .jittery: "its time jumps"
    }
  }
}
