import Dom0
import JSON
import XenAPI

/// Waits until XAPI can be asked to take something back: it may be restarting over the change itself, or still be at work on it.
struct XAPIWait: Sendable {
  let client: XenClient
  let system: HostSystem
  /// How long it may be silent while its process is not even there.
  let patience: Duration

  /// How long XAPI may take to start, and how long it may hang while its process is there.
  private static let startLimit = Duration.seconds(300)
  private static let hangLimit = Duration.seconds(60)

  init(_ client: XenClient, _ system: HostSystem, patience: Duration) {
    self.client = client
    self.system = system
    self.patience = patience
  }

  /// XAPI may be starting with the host: then its start is waited for, and the network daemon not taken away from under it.
  /// - Parameter told: hears, once, that it has to be waited for.
  func untilItAnswers(_ hands: inout ChangeHands, told: () -> Void = {}) async throws(ChangeFailure) {
    let began = ContinuousClock.now
    var isFirst = true
    while true {
      do throws(ChangeFailure) {
        try await hands.look()
        return
      } catch {
        guard error.isUnknown, !Task.isCancelled else { throw error }
        if isFirst { told() }
        isFirst = false
        let waited = ContinuousClock.now - began
        if waited >= patience {
          guard await isThere else { throw error }
          let isUp = system.exists("/var/run/xapi_init_complete.cookie")
          guard waited < max(patience, isUp ? Self.hangLimit : Self.startLimit) else { throw error }
        }
      }
      try? await Task.sleep(for: .milliseconds(500))
    }
  }

  /// Its process, as systemd knows it.
  private var isThere: Bool {
    get async {
      guard let outcome = try? await system.tools.run(Command(["systemctl", "is-active", "xapi"], timeLimit: .seconds(5)))
      else { return false }
      return ["active", "activating", "reloading"].contains(outcome.text.stripped)
    }
  }

  /// A call that is still at work would land after everything was put back.
  /// - Parameter told: hears, once, what is waited for.
  /// - Returns: what it is still at work on when the time is up; nil when it has come to an end.
  func untilItsCallsEnd(_ deadline: ContinuousClock.Instant, told: (String) -> Void = { _ in }) async -> String? {
    var isFirst = true
    while let name = await ChangeCalls.pendingTask(client) {
      guard .now < deadline, !Task.isCancelled else { return name }
      if isFirst { told(name) }
      isFirst = false
      try? await Task.sleep(for: .milliseconds(500))
    }
    return nil
  }
}
