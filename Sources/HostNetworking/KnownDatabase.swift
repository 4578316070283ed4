import Synchronization
import XenAPI

/// XAPI's database as a `HostWatch` follows it, for those who need all of it at once: reading a large pool's takes half a second, and
/// asking what has changed since the last word of XAPI next to nothing.
public final class KnownDatabase: Sendable {
  private let state = Mutex(LiveState())

  public init() {}

  func hear(_ live: LiveState) { state.withLock { $0 = live } }

  /// Tells how things are at the moment it is asked, not how they were when they were last heard of.
  func reader(_ client: XenClient, classes: [String]) -> DatabaseReader {
    DatabaseReader(client, classes: classes, known: state.withLock { $0 })
  }
}
