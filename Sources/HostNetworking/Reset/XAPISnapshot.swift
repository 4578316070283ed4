import JSON
import Synchronization
import XenAPI

/// XAPI's database at one moment, for those who want to know once.
struct XAPISnapshot: Sendable {
  let database: XenDatabase
  let host: Ref<Host>

  /// - Returns: nil when XAPI does not tell within `limit`.
  static func take(_ client: XenClient, limit: Duration) async -> XAPISnapshot? {
    let (stream, continuation) = AsyncStream.makeStream(of: XAPISnapshot.self)
    let follower = Task {
      await LiveMonitor(client).run { state in
        switch state.connection {
        case .live:
          guard let database = state.database, let host = state.thisHost else { return }
          continuation.yield(XAPISnapshot(database: database, host: host))
        // Not there, or not in a state to tell: waiting would not help.
        case .silent(.transport(.absent)), .silent(.transport(.refused)), .silent(.transport(.notPermitted)), .emergency:
          continuation.finish()
        case .connecting, .silent: return
        }
      }
    }
    let timer = Task {
      try? await Task.sleep(for: limit)
      continuation.finish()
    }
    var found: XAPISnapshot?
    for await snapshot in stream {
      found = snapshot
      break
    }
    follower.cancel()
    timer.cancel()
    await follower.value
    return found
  }

  /// Whether clustering is enabled on a host. Releases without clustering do not know the class.
  static func clustering(_ client: XenClient, host: Ref<Host>, limit: Duration) async -> ResetFacts.Answer {
    do {
      let records = try await client.call("Cluster_host.get_all_records", limit: limit)
      let rows = records.object.map { Array($0) } ?? []
      let ours = rows.contains { _, row in row["host"] == host.json && row["enabled"]?.bool == true }
      return ours ? .yes : .no
    } catch .failure(let failure) where failure.code == "MESSAGE_METHOD_UNKNOWN" {
      return .no
    } catch {
      return .unknown("\(error)")
    }
  }
}
