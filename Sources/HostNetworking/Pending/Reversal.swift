import Dom0
import Glibc
import XenAPI

/// Goes the way back of a pending change: what undoes its steps, in reverse, each left out when it is so already. It may be
/// cut off and begun again at any point.
public struct Reversal: Sendable {
  /// How it went.
  public enum Outcome: Hashable, Sendable {
    /// All is as before; the record is gone.
    case reverted
    /// XAPI is silent; the host's own files and network daemon have the old settings. The record stays until XAPI has
    /// learnt them as well.
    case revertedInFiles(String)
    /// To be tried again; why, and what is left to do.
    case stuck(reason: String, left: [String])
    /// Somebody else is at it, or it is not pending any more.
    case elsewhere
  }

  public typealias Report = @Sendable (_ sentence: String, StepState) -> Void

  let client: XenClient
  let system: HostSystem
  /// How long XAPI may stay silent before the host's files have to do.
  let patience: Duration
  private let session: ChangeFacts.Session

  public init(
    _ client: XenClient, _ system: HostSystem, patience: Duration = .seconds(20),
    session: ChangeFacts.Session = .current
  ) {
    self.client = client
    self.system = system
    self.patience = patience
    self.session = session
  }

  /// - Parameters:
  ///   - why: what is said of it in the record and the log: `nobody confirmed in time`.
  ///   - onlyWhenDue: leaves a change alone that waits and has time left: it was given more just now.
  public func run(
    _ id: String, why: String, onlyWhenDue: Bool = false, _ report: @escaping Report = { _, _ in }
  ) async throws(ChangeFailure) -> Outcome {
    let store = PendingStore(system)
    guard let lock = try FileLock.tried(PendingStore.revertLock, on: system) else { return .elsewhere }
    defer { withExtendedLifetime(lock) {} }
    guard let (change, before) = try taken(store, id, why, onlyWhenDue) else { return .elsewhere }
    let logger = ChangeLogger(
      system, session, title: change.title, intent: change.intent, steps: change.steps.count, id: change.id)
    var end = "taken back: \(change.remark)"
    do throws(ReversalStop) {
      let left = try await ReversalPass(client: client, system: system, patience: patience).run(change, logger, report)
      if !left.isEmpty {
        end += "; left over: \(left.joined(separator: "; "))"
        let marks = change.steps.flatMap(\.undo).marks
        await NetworkMarks.remove(marks, client, system)
      }
    } catch {
      let outcome = await failed(error, change, before, logger, report)
      // Tried again and again: said once.
      if before != .stuck, case .stuck(let reason, _) = outcome {
        logger.over("Take it back: \(change.remark)", .failed, note: reason)
      }
      return outcome
    }
    logger.over("Take it back: \(change.remark)", .reverted)
    do throws(ChangeFailure) {
      guard try store.end(id, in: Self.states, end) else { return .elsewhere }
    } catch {
      return .stuck(reason: "everything is as before, but that could not be written down: \(error.text)", left: [])
    }
    try? HostSnapshot(system: system, id: id).discard()
    return .reverted
  }

  private static let states: Set<PendingChange.State> = [.applying, .waiting, .reverting, .revertedInFiles, .stuck]

  /// Notes that the way back is being gone. A disk that takes no writes does not keep a host from its old settings.
  /// - Returns: the change, and how it stood; nil when it is not to be taken back.
  private func taken(
    _ store: PendingStore, _ id: String, _ why: String, _ onlyWhenDue: Bool
  ) throws(ChangeFailure) -> (PendingChange, PendingChange.State)? {
    func isDue(_ change: PendingChange) -> Bool {
      !onlyWhenDue || change.state != .waiting || store.secondsLeft(change) <= 0
    }
    var before = PendingChange.State.waiting
    func mark(_ change: inout PendingChange) {
      before = change.state
      if change.state != .revertedInFiles { change.state = .reverting }
      if change.remark.isEmpty { change.remark = why }
    }
    do throws(ChangeFailure) {
      return try store.update(id, in: Self.states, when: isDue, mark).map { ($0, before) }
    } catch {
      guard var change = try store.read(), change.id == id, isDue(change) else { return nil }
      mark(&change)
      return (change, before)
    }
  }

  // MARK: Without XAPI

  private func failed(
    _ stop: ReversalStop, _ change: PendingChange, _ before: PendingChange.State, _ logger: ChangeLogger, _ report: Report
  ) async -> Outcome {
    let store = PendingStore(system)
    func note(_ state: PendingChange.State) { _ = try? store.update(change.id, in: Self.states) { $0.state = state } }
    if before == .revertedInFiles {
      return stop.isSilence ? .revertedInFiles("XAPI is still silent") : .stuck(reason: stop.reason, left: stop.left)
    }
    guard stop.isSilence, change.touchesNetwork, system.hasServices else {
      note(.stuck)
      return .stuck(reason: stop.reason, left: stop.left)
    }
    let sentence = "Start the network daemon with the old settings"
    report(sentence, .running())
    do throws(ChangeFailure) {
      let words = try await FilesFallback(system: system, id: change.id).run()
      report(sentence, .done(words))
      logger.step(
        change.steps.count + 1, sentence, commands: ["systemctl restart xcp-networkd"], ChangeLogEntry.Result.undone,
        note: words)
      note(.revertedInFiles)
      return .revertedInFiles(words)
    } catch {
      report(sentence, .failed(error.text))
      note(.stuck)
      return .stuck(reason: "\(stop.reason); \(error.text)", left: stop.left)
    }
  }
}

extension PendingChange {
  /// Something of what was begun concerns the host's addresses, not its services alone.
  var touchesNetwork: Bool {
    steps.prefix(begun).contains { $0.undo.contains { $0.isPlug || !$0.isIndependent && !$0.isLocal && !$0.isNote } }
  }
}
