import Dom0
import Glibc

/// Why a reset was not done. In every case but `.stuck` the host's files are as they were before.
public enum ResetFailure: Error, Hashable, Sendable {
  /// Nothing was touched.
  case refused(String)
  /// A step failed; everything was put back, and what was stopped runs again.
  case undone(step: ResetStep.Kind, reason: String)
  /// A step failed and so did putting things back. The journal is kept: undoing can be tried again.
  case stuck(step: ResetStep.Kind, reason: String, undoing: String)
}

extension ResetFailure: CustomStringConvertible {
  /// Plain sentences without the last full stop.
  public var description: String {
    switch self {
    case .refused(let reason): "Nothing was changed: \(reason)"
    case .undone(_, let reason): "The reset was not done, and everything was put back: \(reason)"
    case .stuck(_, let reason, let undoing):
      "The reset was not done: \(reason). Putting things back failed too: \(undoing). Try again to undo it"
    }
  }
}

/// Carries a plan out.
public struct ResetRun: Sendable {
  /// Gets each change of a step's state.
  public typealias Report = @Sendable (ResetStep.Kind, StepState) -> Void
  /// Saves the layout of the network and tells where.
  public typealias LayoutSaver = @Sendable () async throws -> String

  /// How long XAPI may take to stop: systemd itself gives it a minute and a half before it kills it.
  static let stopLimit = Duration.seconds(180)

  let plan: ResetPlan
  let system: HostSystem
  let saveLayout: LayoutSaver?
  let now: @Sendable () -> Int64
  /// The reset that this one finishes.
  let interrupted: ResetJournal?

  /// - Parameters:
  ///   - saveLayout: called before anything is touched. Should it throw, the reset goes on without a saved layout.
  ///   - now: seconds since 1970.
  public init(
    _ plan: ResetPlan, on system: HostSystem, saveLayout: LayoutSaver? = nil,
    now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
  ) {
    self.init(plan, on: system, finishing: nil, saveLayout: saveLayout, now: now)
  }

  init(
    _ plan: ResetPlan, on system: HostSystem, finishing interrupted: ResetJournal?, saveLayout: LayoutSaver?,
    now: @escaping @Sendable () -> Int64
  ) {
    self.plan = plan
    self.system = system
    self.interrupted = interrupted
    self.saveLayout = saveLayout
    self.now = now
  }

  /// Does everything but the reboot. Cancelling the task that waits for it does not stop it half-way.
  /// - Returns: the journal, now `.done`.
  public func apply(_ report: @escaping Report = { _, _ in }) async throws(ResetFailure) -> ResetJournal {
    let work = Task.detached { () -> Result<ResetJournal, ResetFailure> in
      do throws(ResetFailure) {
        return .success(try await run(report))
      } catch {
        return .failure(error)
      }
    }
    return try await work.value.get()
  }

  private func run(_ report: @escaping Report) async throws(ResetFailure) -> ResetJournal {
    if plan.steps.contains(where: { $0.kind == .remount }) { try await remount(report) }
    let layout = await savedLayout(report)
    var keeper = try ResetKeeper(system, plan, now: now(), layout: layout, interrupted: interrupted)
    var hasStopped = false
    do throws(StepFailure) {
      if interrupted == nil { try sweep() }
      try keep(&keeper, plan, report)
      hasStopped = true
      try await stop("xapi", .stopXAPI, Self.stopLimit, report)
      try await stop("xcp-networkd", .stopNetworkd, .seconds(90), report)
      // The daemon has saved its state on its way out, and XAPI may have written the inventory meanwhile.
      let fresh = try freshPlan()
      if fresh.edits != plan.edits { try keep(&keeper, fresh, report) }
      try write(fresh, &keeper, report)
    } catch {
      report(error.step, .failed(error.reason))
      throw await undone(error, keeper, hasStopped, report)
    }
    return keeper.journal
  }

  private func freshPlan() throws(StepFailure) -> ResetPlan {
    do throws(ResetFailure) {
      return try ResetPlan.make(plan.request, on: system)
    } catch {
      throw StepFailure(.stopNetworkd, "\(error)")
    }
  }

  // MARK: Before the first write

  /// A host of which nothing is known can still be rescued: a layout that cannot be saved is told, and no more.
  private func savedLayout(_ report: Report) async -> String? {
    guard let saveLayout else { return interrupted?.layout }
    report(.saveLayout, .running())
    do {
      let place = try await saveLayout()
      report(.saveLayout, .done(place))
      return place
    } catch {
      report(.saveLayout, .failed("nothing can be restored from it afterwards: \(error)"))
      return nil
    }
  }

  private func remount(_ report: Report) async throws(ResetFailure) {
    report(.remount, .running())
    do throws(ToolFailure) {
      let outcome = try await system.tools.run(Command(["mount", "-o", "remount,rw", "/"], timeLimit: .seconds(30)))
      guard outcome.succeeded else { throw .notStarted(tool: "mount", reason: outcome.errorText.stripped) }
      report(.remount, .done())
    } catch {
      report(.remount, .failed("\(error)"))
      throw .refused("the root file system is read-only and stays so: \(error)")
    }
  }

  /// Removes what an earlier reset, long over, may have left beside its journal.
  private func sweep() throws(StepFailure) {
    do throws(HostFileError) {
      try ResetRecovery(system, now: now).acknowledge()
      try FileSwitch.clear(on: system)
    } catch {
      throw StepFailure(.backup, "\(error)")
    }
  }

  /// Copies what is there, and notes what is going to happen.
  private func keep(_ keeper: inout ResetKeeper, _ plan: ResetPlan, _ report: Report) throws(StepFailure) {
    report(.backup, .running())
    do throws(HostFileError) {
      try keeper.keep(plan)
    } catch {
      throw StepFailure(.backup, "\(error)")
    }
    report(.backup, .done(keeper.journal.backup))
  }

  private func stop(
    _ unit: String, _ step: ResetStep.Kind, _ limit: Duration, _ report: Report
  ) async throws(StepFailure) {
    report(step, .running("up to \(limit.components.seconds / 60 + (limit.components.seconds % 60 > 0 ? 1 : 0)) minutes"))
    do throws(ToolFailure) {
      let outcome = try await system.tools.run(Command(["systemctl", "stop", unit], timeLimit: limit))
      guard outcome.succeeded else {
        let words = outcome.errorText.stripped
        throw .notStarted(tool: "systemctl stop \(unit)", reason: words.isEmpty ? "\(outcome.exit)" : words)
      }
      report(step, .done())
    } catch .filesOnly {
      report(step, .skipped("only the files below another root are changed"))
    } catch {
      throw StepFailure(step, "\(unit) could not be stopped: \(error)")
    }
  }

  // MARK: Writing

  private func write(_ plan: ResetPlan, _ keeper: inout ResetKeeper, _ report: Report) throws(StepFailure) {
    let entries = keeper.journal.entries
    let edits = plan.edits.map { edit in
      FileSwitch.Edit(
        path: edit.path, old: edit.old, new: edit.new, mode: entries.first { $0.path == edit.path }?.mode ?? 0o644)
    }
    let files = FileSwitch(edits, .apply, on: system)
    try step(.prepare, report) { () throws(HostFileError) in try files.prepare() }
    try step(.turn, report) { () throws(HostFileError) in try files.turn() }
    for entry in entries {
      try step(entry.kind, report) { () throws(HostFileError) in
        try FileSwitch.settle(entry.path, mode: entry.mode, on: system)
      }
    }
    try step(.finish, report) { () throws(HostFileError) in try keeper.noteDone() }
    // Nothing hangs on it any more, and the next reset sweeps up what is left.
    try? FileSwitch.clear(on: system)
  }

  private func step(
    _ kind: ResetStep.Kind, _ report: Report, _ work: () throws(HostFileError) -> Void
  ) throws(StepFailure) {
    report(kind, .running())
    do throws(HostFileError) { try work() } catch { throw StepFailure(kind, "\(error)") }
    report(kind, .done())
  }

  /// Puts everything back, and says how that went.
  private func undone(
    _ failure: StepFailure, _ keeper: ResetKeeper, _ hasStopped: Bool, _ report: Report
  ) async -> ResetFailure {
    let recovery = ResetRecovery(system, now: now)
    var problem: String?
    do throws(HostFileError) {
      if hasStopped { try recovery.restore(keeper.journal) { report($0, .undone) } }
      try recovery.close()
    } catch {
      problem = "\(error)"
    }
    if hasStopped, let silent = await recovery.startServices() { problem = problem ?? silent }
    if let problem { return .stuck(step: failure.step, reason: failure.reason, undoing: problem) }
    return hasStopped ? .undone(step: failure.step, reason: failure.reason) : .refused(failure.reason)
  }
}

/// The step that failed, and why.
struct StepFailure: Error {
  var step: ResetStep.Kind
  var reason: String

  init(_ step: ResetStep.Kind, _ reason: String) {
    self.step = step
    self.reason = reason
  }
}
