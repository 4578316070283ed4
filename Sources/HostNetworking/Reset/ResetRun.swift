import Dom0

/// Why a reset was not done. In every case but `.stuck` the host is as it was before.
public enum ResetFailure: Error, Hashable, Sendable {
  /// Nothing was touched.
  case refused(String)
  /// A step failed; everything was put back and the services run again.
  case undone(step: ResetStep.Kind, reason: String)
  /// A step failed and so did putting things back: the journal is kept, so that undoing can be tried again.
  case stuck(step: ResetStep.Kind, reason: String, undoing: String)
}
