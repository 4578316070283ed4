import XenAPI

/// Does a restore's steps, one after the other.
public struct LayoutRestoreRun: Sendable {
  private let plan: LayoutRestore
  private let client: XenClient
  private let skipped: Set<RestoreStep.ID>

  public init(_ plan: LayoutRestore, client: XenClient, skipping skipped: Set<RestoreStep.ID> = []) {
    self.plan = plan
    self.client = client
    self.skipped = skipped
  }

  /// How it went.
  public struct Outcome: Sendable {
    /// The last state of every step.
    public var states: [RestoreStep.ID: StepState]
    /// True when every step that was not left out on request was done.
    public var isComplete: Bool
  }

  /// Runs to the end, whatever fails: steps that do not need a failed one are still done. Cancelling the task leaves out the
  /// steps that have not begun.
  /// - Parameter report: every new state of a step, in order.
  public func run(_ report: @escaping @Sendable (RestoreStep.ID, StepState) -> Void) async -> Outcome {
    Outcome(states: [:], isComplete: false)
  }
}
