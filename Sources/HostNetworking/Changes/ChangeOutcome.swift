/// How carrying a plan out ended.
public enum ChangeOutcome: Hashable, Sendable {
  /// Every step is done, and there is nothing to be confirmed.
  case done
  /// Every step is done; the guard puts everything back unless somebody confirms in time.
  case waiting(PendingChange)
  /// Nothing was begun, and why.
  case refused(String)
  /// A step failed; what was done before it was taken back.
  case undone(reason: String)
  /// It is not to stay, and it is not taken back yet: the guard is at it, or XAPI is silent.
  case goingBack(reason: String)
  /// A step failed, and so did taking it back: what is left to do, a sentence each.
  case stuck(reason: String, left: [String])
}

/// Why a change could not be planned: a sentence without a full stop, with what to do.
public struct ChangeProblem: Error, Hashable, Sendable, CustomStringConvertible {
  public var text: String
  public var remedy: String?

  public init(_ text: String, remedy: String? = nil) {
    self.text = text
    self.remedy = remedy
  }

  public var description: String { remedy.map { "\(text). \($0)" } ?? text }
}
