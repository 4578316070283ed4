import Dom0
import Synchronization
import XenAPI

/// Keeps a `HostView` up to date.
public struct HostWatch: Sendable {
  private let client: XenClient
  private let monitor: LiveMonitor
  private let local: LocalWatch
  /// What XAPI has told so far.
  public let known = KnownDatabase()

  /// - Parameter system: the host's files and tools.
  public init(
    endpoint: Endpoint, system: HostSystem = HostSystem(), timing: LiveMonitor.Timing = .init(),
    localTiming: LocalWatch.Timing = .init()
  ) {
    client = XenClient(endpoint)
    monitor = LiveMonitor(client, timing: timing)
    local = LocalWatch(system, timing: localTiming)
  }

  /// Runs until its task is cancelled; `publish` gets every new view, the first at once. XAPI and the host itself are
  /// asked at the same time: neither waits for the other.
  public func run(_ publish: @escaping @Sendable (HostView) -> Void) async {
    let picture = Picture(publish)
    await withTaskGroup { group in
      group.addTask {
        await local.run { picture.sees($0) }
      }
      group.addTask {
        await monitor.run { state in
          known.hear(state)
          local.heard(of: state)
          // What XAPI tells of this host's interfaces has its cause in the kernel: look there as well.
          if picture.hears(state) { local.lookNow() }
        }
      }
      await group.waitForAll()
    }
  }

  /// Tries XAPI again at once when it is silent, and looks at the host itself again.
  public func retryNow() {
    monitor.retryNow()
    local.lookNow()
  }

  /// Gives the session back. Takes half a second at the most.
  public func close() async { await client.logout() }
}

/// The latest word of both sources, joined whenever one of them has news.
private final class Picture: Sendable {
  private struct State {
    var live = LiveState()
    var local: LocalHost?
    var interfaces: [InterfaceView] = []
  }

  private let state = Mutex(State())
  private let publish: @Sendable (HostView) -> Void

  init(_ publish: @escaping @Sendable (HostView) -> Void) { self.publish = publish }

  /// - Returns: true when XAPI tells something new of this host's interfaces.
  func hears(_ live: LiveState) -> Bool { update { $0.live = live } }

  func sees(_ local: LocalHost) { _ = update { $0.local = local } }

  /// Published in the order of the news: with the lock held.
  private func update(_ change: (inout State) -> Void) -> Bool {
    state.withLock { state in
      change(&state)
      let view = HostView(state.live, local: state.local)
      let isNew = state.interfaces != view.interfaces
      state.interfaces = view.interfaces
      publish(view)
      return isNew
    }
  }
}
