import Dom0

/// Keeps an emergency network reset in the log of changes: made, gone on with after an interruption, or taken back.
public struct ResetLog: Sendable {
  public enum Work: Hashable, Sendable {
    case reset(ResetPlan)
    case finish
    case undo
  }

  private let work: Work
  private let logger: ChangeLogger

  public init(_ work: Work, on system: HostSystem, _ session: ChangeFacts.Session = .current) {
    self.work = work
    switch work {
    case .reset(let plan):
      logger = ChangeLogger(
        system, session, title: "Emergency network reset: management on \(plan.request.device)", intent: Self.intent,
        steps: plan.steps.count)
    case .finish:
      logger = ChangeLogger(system, session, title: "Finish the interrupted network reset", intent: Self.intent, steps: 0)
    case .undo:
      logger = ChangeLogger(system, session, title: "Take the network reset back", intent: Self.intent, steps: 0)
    }
  }

  private static let intent = "network reset"

  /// Why something is missing in the log; nil when all is there.
  public var problem: String? { logger.problem }

  public func step(_ kind: ResetStep.Kind, _ state: StepState) {
    guard case .reset(let plan) = work, let place = plan.steps.firstIndex(where: { $0.kind == kind }) else {
      return logger.step(Self.place(kind), kind.name, state)
    }
    let step = plan.steps[place]
    logger.step(place + 1, step.sentence, commands: step.equivalent, state)
  }

  private static func place(_ kind: ResetStep.Kind) -> Int { (ResetStep.Kind.allCases.firstIndex(of: kind) ?? 0) + 1 }

  /// - Parameter failure: nil when all is done.
  public func over(_ failure: ResetFailure?) {
    switch failure {
    case nil: logger.over(work == .undo ? "The files of before are back" : "Everything is written", .done)
    // Nothing was changed: there is nothing to keep.
    case .refused?: return
    case .undone(_, let why)?: logger.over("Everything was put back", .undone, note: why)
    case .stuck?: logger.over("Stopped half-way", .failed, note: failure.map { "\($0)" } ?? "")
    }
  }
}

/// Keeps the restoring of a layout in the log of changes.
public struct RestoreLog: Sendable {
  private let plan: LayoutRestore
  private let logger: ChangeLogger

  public init(_ plan: LayoutRestore, on system: HostSystem, _ session: ChangeFacts.Session = .current) {
    self.plan = plan
    let taken = UTCText.readable(plan.layout.taken.at)
    logger = ChangeLogger(
      system, session, title: "Restore the network layout of \(taken)", intent: "restore layout", steps: plan.steps.count)
  }

  public var problem: String? { logger.problem }

  public func step(_ id: RestoreStep.ID, _ state: StepState) {
    guard let place = plan.steps.firstIndex(where: { $0.id == id }) else { return }
    logger.step(place + 1, plan.steps[place].sentence, commands: plan.steps[place].commands, state)
  }
}
