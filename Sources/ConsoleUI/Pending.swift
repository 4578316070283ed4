import HostNetworking

/// A change that waits to be confirmed, on this program's clock: its end is worked out once, when its standing was seen,
/// and counted down from there without asking anybody again.
struct PendingNow: Sendable {
  let change: PendingChange
  /// When it is taken back.
  let ends: ContinuousClock.Instant
  /// The longest it was seen to have, in seconds: what a full bar stands for.
  let longest: Double

  /// Takes in what was seen of a pending change.
  /// - Parameter known: what was known before. Views of the host are made from older looks as well: a deadline only ever
  ///   moves away, so the later one counts, and of two looks at the same one the one that leaves less. A look may have
  ///   begun before the steps were done: a change does not go back to an earlier state, or a key pressed now were lost.
  init?(_ standing: PendingStanding, known: PendingNow?, now: ContinuousClock.Instant) {
    guard case .there(let change, let told) = standing else { return nil }
    // What stands in a file may be anything.
    let left = told.isFinite ? min(max(0, told), 86_400) : 0
    let ends = now + .seconds(left)
    guard let known, known.change.id == change.id else {
      self.init(change: change, ends: ends, longest: left)
      return
    }
    if change.state.stage < known.change.state.stage {
      self = known
    } else if known.change.deadline > change.deadline, known.change.state == change.state {
      self = known
    } else if known.change.deadline == change.deadline {
      self.init(change: change, ends: min(ends, known.ends), longest: known.longest)
    } else {
      // The time that the steps may take is none of the time to decide in.
      let longest = known.change.state == change.state ? max(left, known.longest) : left
      self.init(change: change, ends: ends, longest: longest)
    }
  }

  private init(change: PendingChange, ends: ContinuousClock.Instant, longest: Double) {
    self.change = change
    self.ends = ends
    self.longest = longest
  }

  /// Whole seconds until it is taken back, the begun one included.
  func secondsLeft(_ now: Moment) -> Int64 {
    let left = ends - now.instant
    return max(0, left.components.seconds + (left.components.attoseconds > 0 ? 1 : 0))
  }

  /// When the number on the screen changes; nil when it does not any more.
  func nextChange(_ now: Moment) -> ContinuousClock.Instant? {
    guard change.state == .waiting else { return nil }
    let left = secondsLeft(now)
    return left > 0 ? ends - .seconds(left - 1) : nil
  }

  /// For the header.
  func words(_ now: Moment) -> String {
    switch change.state {
    case .applying: "CHANGING"
    case .waiting:
      secondsLeft(now) > 0 ? "KEEP? \(Units.clock(secondsLeft(now)))" : "GOING BACK"
    case .reverting: "GOING BACK"
    case .revertedInFiles: "WENT BACK, NOT IN XAPI"
    case .stuck: "CHANGE STUCK"
    }
  }
}

extension PendingChange.State {
  /// How far a change has come: it never goes back to a lower one.
  fileprivate var stage: Int {
    switch self {
    case .applying: 0
    case .waiting: 1
    case .reverting, .revertedInFiles, .stuck: 2
    }
  }
}
