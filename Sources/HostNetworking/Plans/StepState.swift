/// How far one step of a plan has come.
public enum StepState: Hashable, Sendable {
  case waiting
  /// At work; the text tells on what, when there is more to tell than the step's own sentence.
  case running(String = "")
  case done(String = "")
  /// Left out, and why.
  case skipped(String)
  /// What failed, why, and what to do.
  case failed(String)
  /// Was done and has been taken back.
  case undone

  /// Nothing more will come of it by itself.
  public var isOver: Bool {
    switch self {
    case .waiting, .running: false
    case .done, .skipped, .failed, .undone: true
    }
  }
}
