import Synchronization
import XenAPI

/// One look at a host, for commands: what XAPI and the host itself tell, as far as they tell it in time.
public struct HostGlance: Sendable {
  private let watch: HostWatch

  public init(_ watch: HostWatch) { self.watch = watch }

  /// - Parameter limit: how long XAPI may take; the host's own files and tools are read all the same.
  public func view(limit: Duration = .seconds(4)) async -> HostView? {
    let latest = Latest()
    let watching = Task { [watch] in await watch.run { latest.take($0) } }
    let deadline = ContinuousClock.now + limit
    while !Task.isCancelled, ContinuousClock.now < deadline, !(latest.view.map(Self.isWhole) ?? false) {
      await latest.news.wait(max(.milliseconds(1), deadline - .now))
    }
    watching.cancel()
    return latest.view
  }

  /// Both have told what they have to tell; XAPI that does not run has nothing.
  private static func isWhole(_ view: HostView) -> Bool {
    let isLocalRead = view.local?.defaultRoutes != nil
    return switch view.connection {
    case .live: view.facts != nil && isLocalRead
    case .connecting: false
    case .emergency, .silent: isLocalRead && view.sources.names != nil
    }
  }

  private final class Latest: Sendable {
    private let held = Mutex<HostView?>(nil)
    let news = Doorbell()
    var view: HostView? { held.withLock { $0 } }

    func take(_ view: HostView) {
      held.withLock { $0 = view }
      news.ring()
    }
  }
}
