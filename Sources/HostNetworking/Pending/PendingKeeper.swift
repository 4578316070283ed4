import Dom0
import XenAPI

/// Confirms a pending change, or gives it more time. Whoever is logged in may: this program, or another of its kind.
public struct PendingKeeper: Sendable {
  let client: XenClient
  let system: HostSystem
  let settings: ChangeSettings
  let session: ChangeFacts.Session

  public init(
    _ client: XenClient, _ system: HostSystem, settings: ChangeSettings, session: ChangeFacts.Session = .current
  ) {
    self.client = client
    self.system = system
    self.settings = settings
    self.session = session
  }

  private var store: PendingStore { PendingStore(system) }

  private func waiting() throws(ChangeFailure) -> PendingChange {
    guard let change = try store.read() else { throw ChangeFailure("no change waits to be confirmed") }
    switch change.state {
    case .waiting: return change
    case .applying: throw ChangeFailure("the steps are still being done")
    case .reverting, .revertedInFiles, .stuck: throw ChangeFailure("it is being taken back already: \(change.remark)")
    }
  }

  /// From then on nothing takes it back.
  public func keep() async throws(ChangeFailure) -> PendingChange {
    let change = try waiting()
    var isKept = false
    if store.secondsLeft(change) > 0 { isKept = try store.end(change.id, in: [.waiting], "kept by \(session.words)") }
    guard isKept else {
      throw ChangeFailure("it is being taken back already: it was not confirmed in time")
    }
    ChangeLogger(
      system, session, title: change.title, intent: change.intent, steps: change.steps.count, id: change.id
    ).over("Keep it", .kept)
    await tidy(change)
    return change
  }

  /// - Parameter seconds: added to what is left.
  public func extend(by seconds: Double = 60) async throws(ChangeFailure) -> PendingChange {
    let change = try waiting()
    let store = self.store
    let now = try store.update(change.id, in: [.waiting], when: { store.secondsLeft($0) > 0 }) { $0.deadline += seconds }
    guard let now else { throw ChangeFailure("it is being taken back already: it was not confirmed in time") }
    await settings.guardWay.map { GuardPost(system, $0) }?.relieve()
    return now
  }

  /// Takes it back now.
  public func revert(
    why: String, _ report: @escaping Reversal.Report = { _, _ in }
  ) async throws(ChangeFailure) -> Reversal.Outcome {
    guard let change = try store.read() else { throw ChangeFailure("no change waits to be confirmed") }
    // The program that makes it would go on with its steps.
    if change.state == .applying, try FileLock.tried(ApplyLock.path, on: system) == nil {
      throw ChangeFailure("the steps are still being done")
    }
    let outcome = try await Reversal(client, system, session: session).run(change.id, why: why, report)
    if outcome == .reverted { await tidy(change, isKept: false) }
    return outcome
  }

  /// What was only needed while it was pending. Left behind it does no harm.
  private func tidy(_ change: PendingChange, isKept: Bool = true) async {
    if let way = settings.guardWay { await GuardPost(system, way).stop(change.id) }
    try? HostSnapshot(system: system, id: change.id).discard()
    guard isKept else { return }
    let marks = change.steps.flatMap(\.undo).marks
    if !marks.isEmpty { await NetworkMarks.remove(marks, client, system) }
  }
}
