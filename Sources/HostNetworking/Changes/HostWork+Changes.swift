import Dom0
import XenAPI

/// Errands about changes.
extension HostWork {
  func carryOutChange(_ errand: Errand, _ report: @escaping Report) async {
    switch errand {
    case .lookForChange: report(.changeFacts(await changeFacts()))
    case .planChange(let intent): report(.changePlanned(await planned(intent)))
    case .apply(let plan): await apply(plan, report)
    case .checkPending: await checkPending(report)
    case .keepPending:
      await pending(report) { (keeper) throws(ChangeFailure) in _ = try await keeper.keep() }
    case .extendPending:
      await pending(report) { (keeper) throws(ChangeFailure) in _ = try await keeper.extend() }
    case .revertPending: await revert(report)
    default: break
    }
  }

  /// Makes sure that somebody watches over a change that is pending: its guard may not have come back with the host.
  public func relieveGuard() async {
    if let way = settings.guardWay { await GuardPost(system, way).relieve() }
  }

  private var keeper: PendingKeeper { PendingKeeper(client, system, settings: settings) }

  private func changeFacts() async -> Result<ChangeFacts, ChangeProblem> {
    do throws(ChangeProblem) {
      return .success(try await ChangeLook(client, system).facts())
    } catch {
      return .failure(error)
    }
  }

  private func planned(_ intent: Intent) async -> Result<ChangePlan, ChangeProblem> {
    do throws(ChangeProblem) {
      return .success(try await ChangePlanning(client, system, probes, known: known).plan(intent))
    } catch {
      return .failure(error)
    }
  }

  private func apply(_ plan: ChangePlan, _ report: @escaping Report) async {
    let run = ChangeRun(plan, client: client, system: system, settings: settings)
    let outcome = await run.run({ report(.changeStep($0, $1)) }, notLogged: { report(.notLogged($0)) })
    noteTuning(plan, outcome)
    report(.changeOver(outcome))
    if plan.isProvisional { tellPending(report) }
  }

  private func checkPending(_ report: @escaping Report) async {
    guard case .there(let change, _) = PendingStore(system).standing(), let wanted = change.expectation else { return }
    await PendingVerify(wanted, id: change.id, client: client, system: system, probes: probes)
      .run { report(.pendingCheck($0, $1)) }
  }

  private func pending(
    _ report: Report, _ work: (PendingKeeper) async throws(ChangeFailure) -> Void
  ) async {
    do throws(ChangeFailure) {
      try await work(keeper)
    } catch {
      report(.pendingProblem(error.text))
    }
    tellPending(report)
  }

  private func tellPending(_ report: Report) {
    let store = PendingStore(system)
    let standing = store.standing()
    if standing == .none, let end = store.lastEnd() { report(.pendingEnded(end)) }
    report(.pending(standing))
  }

  private func revert(_ report: @escaping Report) async {
    await pending(report) { (keeper) throws(ChangeFailure) in
      switch try await keeper.revert(why: "asked for", { report(.revertStep($0, $1)) }) {
      case .reverted: return
      case .revertedInFiles(let words): throw ChangeFailure("\(words); XAPI is told when it answers again")
      case .stuck(let reason, let left):
        throw ChangeFailure("\(reason). Left to do: \(left.joined(separator: "; ")). It is tried again by itself")
      case .elsewhere: return
      }
    }
  }
}
