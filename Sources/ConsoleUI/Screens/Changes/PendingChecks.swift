import HostNetworking

/// What is looked at while a change waits, again and again, and what came of it last.
struct PendingChecks: Sendable {
  private var verdicts: [PendingCheck: LayoutVerify.Verdict] = [:]
  private var began: ContinuousClock.Instant?

  /// Seconds after which a look is over that goes on by itself for a minute.
  private static let patience = 65

  /// The first look begins with the screen.
  mutating func open(_ now: ContinuousClock.Instant) { began = began ?? now }

  mutating func begin(_ now: ContinuousClock.Instant) { began = now }

  mutating func take(_ check: PendingCheck, _ verdict: LayoutVerify.Verdict) {
    // What was found last stands until there is news: a screen that blinks tells nothing, and costs a slow line.
    if case .looking = verdict {
      if verdicts[check] == nil { verdicts[check] = verdict }
      return
    }
    verdicts[check] = verdict
  }

  /// When it is time for another look; nil before the first.
  var next: ContinuousClock.Instant? { began.map { $0 + .seconds(Self.patience) } }

  /// Most hosts have no LACP: its line comes with the first word about it.
  private var shown: [PendingCheck] { PendingCheck.allCases.filter { $0 != .lacp || verdicts[$0] != nil } }

  private var isLooking: Bool { shown.contains { verdicts[$0].map { $0 == .looking } ?? true } }

  /// Names of what is not well.
  var bad: [String] {
    PendingCheck.allCases.filter { if case .bad = verdicts[$0] { true } else { false } }.map(\.rawValue)
  }

  var facts: [Fact] {
    shown.map { check in
      switch verdicts[check] ?? .looking {
      case .looking: Fact(check.rawValue, "looking ...", style: .dim, mark: "... ")
      case .good(let text): Fact(check.rawValue, text, style: .good, mark: "ok  ")
      case .bad(let text): Fact(check.rawValue, text, style: .bad, mark: "!!  ")
      case .none(let text): Fact(check.rawValue, text, style: .dim, mark: "-   ")
      }
    }
  }

  /// What a careful colleague would say.
  var advice: Fact {
    if !bad.isEmpty {
      return Fact("", "Not well: \(bad.joined(separator: ", ")). Better go back with n, or wait: it goes back by itself.", style: .bad)
    }
    if isLooking { return Fact("", "Wait until all of this is looked at.", style: .dim) }
    return Fact("", "All of this is well: y keeps the change.", style: .good)
  }
}
