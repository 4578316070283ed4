import Dom0
import Synchronization

extension ChangeJournal {
  /// Keeps every line in the host's log of changes.
  /// - Parameters:
  ///   - session: who makes the change, or whose change is taken back.
  ///   - problem: told once when the log cannot be written; the change goes on.
  public static func log(
    on system: HostSystem, _ session: ChangeFacts.Session = .current,
    problem: @escaping @Sendable (String) -> Void = { _ in }
  ) -> ChangeJournal {
    let keeper = JournalKeeper(system, session, problem)
    return ChangeJournal { keeper.keep($0) }
  }
}

/// One log for each plan that a journal tells of.
private final class JournalKeeper: Sendable {
  private struct State {
    var plan = ""
    var logger: ChangeLogger?
    var step = 0
    var hasComplained = false
  }

  private let system: HostSystem
  private let session: ChangeFacts.Session
  private let problem: @Sendable (String) -> Void
  private let state = Mutex(State())

  init(_ system: HostSystem, _ session: ChangeFacts.Session, _ problem: @escaping @Sendable (String) -> Void) {
    self.system = system
    self.session = session
    self.problem = problem
  }

  func keep(_ line: ChangeJournal.Line) {
    let (logger, step) = state.withLock { state in
      if state.logger == nil || state.plan != line.plan {
        state.plan = line.plan
        state.logger = ChangeLogger(system, session, title: line.plan, intent: line.intent, steps: 0)
        state.step = 0
      }
      state.step += 1
      return (state.logger, state.step)
    }
    guard let logger else { return }
    let (result, note) = Self.result(line.result)
    if line.sentence == line.plan {
      logger.over(line.sentence, result, note: note)
    } else {
      logger.step(step, line.sentence, commands: line.commands, result, note: note)
    }
    guard let why = logger.problem else { return }
    let isFirst = state.withLock { state in
      defer { state.hasComplained = true }
      return !state.hasComplained
    }
    if isFirst { problem(why) }
  }

  /// `failed: why` and the like, in two parts.
  private static func result(_ text: String) -> (ChangeLogEntry.Result, String) {
    let parts = text.split(separator: ":", maxSplits: 1).map { String($0) }
    let note = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
    switch parts.first ?? "" {
    case "done": return (.done, note)
    case "skipped", "left out", "was so": return (.skipped, note)
    case "failed": return (.failed, note)
    case "taken back": return (.undone, note)
    case "kept": return (.kept, note)
    case "reverted": return (.reverted, note)
    default: return (.done, text)
    }
  }
}
