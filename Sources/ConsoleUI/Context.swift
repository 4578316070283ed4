import HostNetworking

/// What a screen needs to draw itself and to judge a key.
struct Context {
  /// nil until the first view has come.
  var host: HostView?
  /// The lists' rows, made once for each view of the host: there may be hundreds, and a key must not wait for them.
  var lists = Lists()
  /// The moment the frame is for.
  var now: Moment
  /// A change that waits to be confirmed.
  var pending: PendingNow?
  /// The restart of the toolstack that this console began last.
  var restart: RestartNow?

  struct Lists: Sendable {
    var interfaces = Browser.Contents()
    var networks = Browser.Contents()

    init() {}

    init(_ host: HostView) {
      interfaces = Browser.Contents(InterfacesScreen.rows(host), columns: InterfacesScreen.columns)
      networks = Browser.Contents(NetworksScreen.rows(host), columns: NetworksScreen.columns)
    }
  }

  /// True when what is shown is not what XAPI says now.
  var isStale: Bool {
    guard let host else { return true }
    return host.connection != .live
  }
}

/// One moment on both clocks: the steady one that durations are measured on, and the wall's.
public struct Moment: Hashable, Sendable {
  public var instant: ContinuousClock.Instant
  /// Seconds since 1970.
  public var wall: Int64

  public init(instant: ContinuousClock.Instant, wall: Int64) {
    self.instant = instant
    self.wall = wall
  }

  /// Whole seconds since `earlier`; never negative.
  func seconds(since earlier: ContinuousClock.Instant) -> Int64 {
    max(0, (instant - earlier).components.seconds)
  }

  /// Seconds until `later`, a begun one as a whole; never negative.
  func seconds(until later: ContinuousClock.Instant) -> Int64 {
    let left = (later - instant).components
    return max(0, left.seconds + (left.attoseconds > 0 ? 1 : 0))
  }

  /// What the wall clock showed at `earlier`.
  func wall(at earlier: ContinuousClock.Instant) -> Int64 { wall - seconds(since: earlier) }
}
