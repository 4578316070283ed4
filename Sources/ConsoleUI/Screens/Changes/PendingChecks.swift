import HostNetworking

/// What is looked at while a change waits, again and again, and what came of it last.
struct PendingChecks: Sendable {
  private var verdicts: [PendingCheck: LayoutVerify.Verdict] = [:]
  /// Not told of since the look began.
  private var missing = Set(PendingCheck.allCases)
  private var began: ContinuousClock.Instant?
  private var ended: ContinuousClock.Instant?

  /// Seconds from the end of a look that found all well to the next: it need not stay so.
  private static let pause = 5
  /// Seconds for which one look goes on by itself, as long as something is not well; and after which one of which nothing is
  /// heard any more is given up.
  private static let patience = 65

  /// The first look begins with the screen.
  mutating func open(_ now: ContinuousClock.Instant) { began = began ?? now }

  mutating func begin(_ now: ContinuousClock.Instant) {
    (began, ended) = (now, nil)
    missing = Set(PendingCheck.allCases)
  }

  mutating func take(_ check: PendingCheck, _ verdict: LayoutVerify.Verdict, now: ContinuousClock.Instant) {
    // What was found last stands until there is news: a screen that blinks tells nothing, and costs a slow line.
    if case .looking = verdict {
      if verdicts[check] == nil { verdicts[check] = verdict }
      return
    }
    verdicts[check] = verdict
    missing.remove(check)
    if missing.isEmpty, ended == nil { ended = now }
  }

  /// When it is time for another look; nil before the first.
  var next: ContinuousClock.Instant? {
    if let ended, bad.isEmpty { return ended + .seconds(Self.pause) }
    return began.map { $0 + .seconds(Self.patience) }
  }

  private var isLooking: Bool { PendingCheck.allCases.contains { verdicts[$0].map { $0 == .looking } ?? true } }

  /// Names of what is not well.
  var bad: [String] {
    PendingCheck.allCases.filter { if case .bad = verdicts[$0] { true } else { false } }.map(\.rawValue)
  }

  var facts: [Fact] {
    PendingCheck.allCases.map { check in
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
