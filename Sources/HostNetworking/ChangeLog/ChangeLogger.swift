import Dom0
import Glibc
import Synchronization

/// Writes the log of one change as its steps end. What cannot be written never stops the change; the first reason is kept.
public final class ChangeLogger: Sendable {
  private struct State {
    var problem: String?
    /// Steps that are logged already: some report their end more than once.
    var ended: [Int: ChangeLogEntry.Result] = [:]
  }

  /// The change's name in the log.
  public let id: String
  private let log: ChangeLog
  private let session: ChangeFacts.Session
  private let title: String
  private let intent: String
  private let steps: Int
  private let now: @Sendable () -> Int64
  private let state = Mutex(State())

  /// - Parameters:
  ///   - id: of a change that was begun before; by default a new one.
  ///   - steps: how many the plan has; 0 when that is not known.
  public init(
    _ system: HostSystem, _ session: ChangeFacts.Session = .current, title: String, intent: String, steps: Int,
    id: String? = nil, now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
  ) {
    log = ChangeLog(system)
    self.session = session
    self.title = title
    self.intent = intent
    self.steps = steps
    self.now = now
    self.id = id ?? "\(UTCText.stamp(now()))-\(getpid())"
  }

  public convenience init(
    _ system: HostSystem, _ session: ChangeFacts.Session = .current, plan: ChangePlan, id: String? = nil
  ) {
    self.init(system, session, title: plan.title, intent: plan.intent.name, steps: plan.steps.count, id: id)
  }

  /// Why something is missing in the log; nil when all is there.
  public var problem: String? { state.withLock { $0.problem } }

  /// Logs a step that has ended.
  /// - Parameter number: from 1.
  public func step(
    _ number: Int, _ sentence: String, commands: [String] = [], _ result: ChangeLogEntry.Result, note: String = ""
  ) {
    let isNew = state.withLock { state in
      defer { state.ended[number] = result }
      return state.ended[number] != result
    }
    if isNew { write(number, sentence, commands, result, note) }
  }

  /// The same by the step's state; states that are not the end are passed over.
  public func step(_ number: Int, _ sentence: String, commands: [String] = [], _ stepState: StepState) {
    switch stepState {
    case .waiting, .running: return
    case .done(let note): step(number, sentence, commands: commands, .done, note: note)
    case .skipped(let note): step(number, sentence, commands: commands, .skipped, note: note)
    case .failed(let note): step(number, sentence, commands: commands, .failed, note: note)
    case .undone: step(number, sentence, commands: commands, ChangeLogEntry.Result.undone, note: "")
    }
  }

  /// Logs how the whole ended.
  public func over(_ sentence: String, _ result: ChangeLogEntry.Result, note: String = "") {
    write(0, sentence, [], result, note)
  }

  private func write(
    _ number: Int, _ sentence: String, _ commands: [String], _ result: ChangeLogEntry.Result, _ note: String
  ) {
    do throws(ChangeLog.Problem) {
      try log.record(
        ChangeLogEntry(
          time: now(), change: id, who: session, title: title, intent: intent, step: number, steps: steps,
          sentence: sentence, commands: commands, result: result, note: note))
    } catch {
      state.withLock { $0.problem = $0.problem ?? "\(error)" }
    }
  }
}
