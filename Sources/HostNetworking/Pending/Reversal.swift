import Dom0
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

  /// - Parameter why: what is said of it in the record and the log: `nobody confirmed in time`.
  public func run(_ id: String, why: String, _ report: @escaping Report = { _, _ in }) async throws(ChangeFailure) -> Outcome {
    let store = PendingStore(system)
    guard let lock = try FileLock.tried("\(PendingStore.folder)/revert.lock", on: system) else { return .elsewhere }
    defer { withExtendedLifetime(lock) {} }
    let states: Set<PendingChange.State> = [.applying, .waiting, .reverting, .revertedInFiles, .stuck]
    var wasInFiles = false
    let taken = try store.update(id, in: states) { change in
      wasInFiles = change.state == .revertedInFiles
      if !wasInFiles { change.state = .reverting }
      if change.remark.isEmpty { change.remark = why }
    }
    guard let change = taken else { return .elsewhere }
    let logger = ChangeLogger(
      system, session, title: change.title, intent: change.intent, steps: change.steps.count, id: change.id)
    do {
      try await throughXAPI(change, logger, report)
    } catch {
      let outcome = try await failed(error, change, wasInFiles: wasInFiles, logger, report)
      if case .stuck(let reason, _) = outcome { logger.over("Take it back: \(change.remark)", .failed, note: reason) }
      return outcome
    }
    logger.over("Take it back: \(change.remark)", .reverted)
    guard try store.end(id, in: states, "taken back: \(change.remark)") else { return .elsewhere }
    try? HostSnapshot(system: system).discard()
    return .reverted
  }

  // MARK: Through XAPI

  private struct Stop: Error {
    var reason: String
    var left: [String]
    var isSilence: Bool
  }

  private func throughXAPI(
    _ change: PendingChange, _ logger: ChangeLogger, _ report: Report
  ) async throws(Stop) {
    let actions = change.steps.prefix(change.begun).reversed().flatMap(\.undo)
    guard !actions.isEmpty else { return }
    var hands = ChangeHands(client, system, lookLimit: patience)
    var problems: [Stop] = []
    do {
      try await waitForXAPI(&hands)
    } catch {
      throw Stop(reason: error.text, left: actions.map(\.sentence), isSilence: true)
    }
    for (place, action) in actions.enumerated() {
      report(action.sentence, .running())
      // Afterwards the names in them may be gone.
      let commands = commands(action, hands)
      do throws(ChangeFailure) {
        let done = try await hands.perform(action, limit: .seconds(120))
        report(action.sentence, .done(done == .wasSo ? "it was so already" : ""))
        if done == .done {
          logger.step(place + 1, "Take back: \(action.sentence)", commands: commands, .undone)
        }
      } catch {
        report(action.sentence, .failed(error.text))
        let stop = Stop(
          reason: "\(action.sentence): \(error.text)", left: actions[place...].map(\.sentence), isSilence: error.isUnknown)
        if !action.isIndependent { throw stop }
        problems.append(stop)
      }
    }
    if let first = problems.first { throw first }
  }

  private func commands(_ action: ChangeAction, _ hands: ChangeHands) -> [String] {
    hands.scene.map { ChangeCommands(scene: $0).lines(action) } ?? []
  }

  /// XAPI may just be restarting over the change itself.
  private func waitForXAPI(_ hands: inout ChangeHands) async throws(ChangeFailure) {
    let deadline = ContinuousClock.now + patience
    while true {
      do throws(ChangeFailure) {
        try await hands.look()
        return
      } catch {
        guard error.isUnknown, .now < deadline, !Task.isCancelled else { throw error }
      }
      try? await Task.sleep(for: .milliseconds(500))
    }
  }

  // MARK: Without it

  private func failed(
    _ stop: Stop, _ change: PendingChange, wasInFiles: Bool, _ logger: ChangeLogger, _ report: Report
  ) async throws(ChangeFailure) -> Outcome {
    let store = PendingStore(system)
    guard stop.isSilence, change.touchesNetwork, system.hasServices else {
      try store.update(change.id, in: [.reverting, .revertedInFiles]) { $0.state = wasInFiles ? .revertedInFiles : .stuck }
      return .stuck(reason: stop.reason, left: stop.left)
    }
    if wasInFiles { return .revertedInFiles("XAPI is still silent") }
    let sentence = "Start the network daemon with the old settings"
    report(sentence, .running())
    do throws(ChangeFailure) {
      let words = try await FilesFallback(system: system).run()
      report(sentence, .done(words))
      logger.step(change.steps.count + 1, sentence, commands: ["systemctl restart xcp-networkd"], .undone, note: words)
      try store.update(change.id, in: [.reverting]) { $0.state = .revertedInFiles }
      return .revertedInFiles(words)
    } catch {
      report(sentence, .failed(error.text))
      try store.update(change.id, in: [.reverting]) { $0.state = .stuck }
      return .stuck(reason: "\(stop.reason); \(error.text)", left: stop.left)
    }
  }
}

extension PendingChange {
  /// Something of what was begun concerns the host's addresses, not its services alone.
  var touchesNetwork: Bool { steps.prefix(begun).contains { $0.undo.contains { !$0.isIndependent } } }
}
