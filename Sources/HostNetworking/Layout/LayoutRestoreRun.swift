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
    /// Steps that failed, in their order.
    public var failed: [RestoreStep.ID]
    /// Steps that were not tried because one that they need failed, or because the run was stopped.
    public var notReached: [RestoreStep.ID]
    func lacks(_ id: RestoreStep.ID) -> Bool { failed.contains(id) || notReached.contains(id) }

    /// Every step was done that could be and was wanted.
    public var isComplete: Bool { failed.isEmpty && notReached.isEmpty }
  }

  /// Runs to the end, whatever fails: steps that do not need a failed one are still done. Cancelling the task leaves
  /// out the steps that have not begun; one at work is brought to its end.
  /// - Parameter report: every new state of a step, in order.
  public func run(_ report: @escaping @Sendable (RestoreStep.ID, StepState) -> Void) async -> Outcome {
    var outcome = Outcome(states: [:], failed: [], notReached: [])
    func set(_ id: RestoreStep.ID, _ state: StepState) {
      outcome.states[id] = state
      report(id, state)
    }
    let leftOut = plan.leftOut(skipping: skipped)
    var work = Work(client: client, plan: plan)
    for step in plan.steps {
      if let reason = leftOut[step.id] {
        set(step.id, .skipped(reason))
      } else if Task.isCancelled {
        outcome.notReached.append(step.id)
        set(step.id, .skipped("stopped"))
      } else if let lacking = step.needs.first(where: outcome.lacks) {
        outcome.notReached.append(step.id)
        set(step.id, .skipped("needs a step that was not done: \(plan[lacking]?.sentence ?? lacking)"))
      } else {
        set(step.id, .running())
        let (state, next) = await Self.toItsEnd(step, work) { part in
          report(step.id, .running("\(Int((part * 100).rounded(.down))) %"))
        }
        work = next
        if case .failed = state { outcome.failed.append(step.id) }
        set(step.id, state)
      }
    }
    for step in await drifted(&work, leftOut, outcome) where !Task.isCancelled {
      let (state, next) = await Self.toItsEnd(step, work) { _ in }
      work = next
      if plan[step.id] != nil, case .failed = state {
        outcome.failed.append(step.id)
        set(step.id, state)
      }
    }
    return outcome
  }

  /// While management moves, XAPI notes the host's name servers down on whichever interface it takes for the leading
  /// one. What that has changed of addresses that were well is to be set once more.
  private func drifted(
    _ work: inout Work, _ leftOut: [RestoreStep.ID: String], _ outcome: Outcome
  ) async -> [RestoreStep] {
    guard outcome.states.values.contains(where: { $0 == .done() }), let now = try? await work.look(),
      let fresh = try? LayoutRestore(plan.layout, on: now.database, host: plan.host, mapping: plan.mapping)
    else { return [] }
    return fresh.steps.filter { step in
      guard step.action.setsAddress, step.blocked == nil, leftOut[step.id] == nil else { return false }
      if case .done = outcome.states[step.id] { return true }
      return outcome.states[step.id] == nil && step.needs.isEmpty
    }
  }

  /// In a task of its own: whoever stops the run must not leave a step half done.
  private static func toItsEnd(
    _ step: RestoreStep, _ work: Work, _ progress: @escaping @Sendable (Double) -> Void
  ) async -> (StepState, Work) {
    await Task.detached {
      var work = work
      let state = await work.perform(step, progress)
      return (state, work)
    }.value
  }
}

extension RestoreAction {
  fileprivate var setsAddress: Bool {
    switch self {
    case .setIPv4, .setIPv6: true
    default: false
    }
  }
}

/// What goes on from step to step: the database as last read, and the networks that were made.
private struct Work: Sendable {
  let client: XenClient
  let plan: LayoutRestore
  var reader: DatabaseReader
  var made: [String: Ref<Network>] = [:]
  static let wasSo = "it was so already"

  /// How things stood after the last step, when that went well.
  var last: LayoutResolver?

  init(client: XenClient, plan: LayoutRestore) {
    self.client = client
    self.plan = plan
    reader = DatabaseReader(client)
  }

  mutating func perform(_ step: RestoreStep, _ progress: @escaping @Sendable (Double) -> Void) async -> StepState {
    let before: LayoutResolver
    do throws(XenError) {
      before = if let last { last } else { try await look() }
    } catch {
      return .failed("XAPI could not be asked how things are: \(error)")
    }
    last = nil
    if before.isReached(step.action) {
      last = before
      return .done(Self.wasSo)
    }
    let calls = RestoreCalls(client: client, resolver: before, host: plan.host, progress: progress)
    do throws(RestoreFailure) {
      let network = try await calls.perform(step.action)
      if case .createNetwork(let saved) = step.action { made[saved.id] = network }
      return await verify(step)
    } catch {
      return await failed(step, error, before)
    }
  }

  mutating func look() async throws(XenError) -> LayoutResolver {
    LayoutResolver(plan.layout, try await reader.read(), host: plan.host, nics: plan.nics, made: made)
  }

  /// XAPI's word that it was done is good; that it can be seen is better.
  private mutating func verify(_ step: RestoreStep) async -> StepState {
    do {
      let after = try await look()
      last = after
      if after.isReached(step.action) { return .done() }
      return .failed("XAPI said it was done, but it is not to be seen")
    } catch {
      return .done("not looked at afterwards: \(error)")
    }
  }

  private mutating func failed(
    _ step: RestoreStep, _ failure: RestoreFailure, _ before: LayoutResolver
  ) async -> StepState {
    let reason: String
    let after = try? await look()
    switch failure {
    case .missing(let what): return .failed(what)
    case .unknown(let error):
      if after?.isReached(step.action) == true { return .done("XAPI fell silent, but it is done") }
      // It may still be at work on it: nothing is taken back.
      return .failed("How it ended is not known: \(words(error, after ?? before)). Look again before you repeat it")
    case .xapi(let error): reason = words(error, after ?? before)
    }
    guard let after else { return .failed(reason) }
    let cleanup = RestoreCleanup(client: client, host: plan.host, before: before, after: after)
    let note = await cleanup.run(step.action)
    return .failed([reason, note].compactMap { $0 }.joined(separator: "; "))
  }

  private func words(_ error: XenError, _ resolver: LayoutResolver) -> String {
    guard let failure = error.failure else { return "\(error)" }
    let explanation = failure.explained(by: resolver.database.names(on: plan.host))
    return explanation.remedy.map { "\(explanation.sentence). \($0)" } ?? explanation.sentence
  }
}
