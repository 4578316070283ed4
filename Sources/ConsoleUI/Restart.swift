import HostNetworking

/// A restart of the toolstack that this console began: its page can be left meanwhile, and its end is not lost.
struct RestartNow: Sendable {
  let plan: ChangePlan
  let since: ContinuousClock.Instant
  private(set) var states: [Int: StepState] = [:]
  private(set) var outcome: ChangeOutcome?
  /// On the wall's clock.
  private(set) var ended: Int64?
  private(set) var logProblem: String?
  /// Its end has been on the screen.
  var isSeen = false

  init(_ plan: ChangePlan, since: ContinuousClock.Instant) {
    self.plan = plan
    self.since = since
  }

  var isRunning: Bool { outcome == nil }
  var succeeded: Bool { outcome == .done }

  mutating func take(_ report: ErrandReport, _ now: Moment) {
    guard isRunning else { return }
    switch report {
    case .routes(.restartStep(let id, let state)): states[id] = state
    case .routes(.restartOver(let outcome)): (self.outcome, ended) = (outcome, now.wall)
    case .notLogged(let why): logProblem = why
    default: break
    }
  }

  /// For the header; nil when there is nothing to say any more.
  func words(_ now: Moment) -> String? {
    if isRunning { return "RESTARTING \(Units.clock(now.seconds(since: since)))" }
    if isSeen { return nil }
    return succeeded ? "RESTARTED" : "RESTART FAILED"
  }
}
