import Dom0
import Glibc
import XenAPI

/// How changes are carried out.
public struct ChangeSettings: Sendable {
  /// How the guard of a provisional change is brought to life; nil when there is none, and then nothing provisional is done.
  public var guardWay: GuardPost.Way?
  /// Seconds for which a provisional change waits to be confirmed.
  public var confirmWithin: Double
  /// How long XAPI is waited for, when it fell silent in a step and its process is gone, before that is taken back.
  public var patience = Duration.seconds(30)

  public init(guardWay: GuardPost.Way? = nil, confirmWithin: Double = 90) {
    self.guardWay = guardWay
    self.confirmWithin = confirmWithin
  }
}

/// Carries a plan out, step by step. A step that fails takes everything before it back; a provisional plan is guarded from
/// before its first step.
public struct ChangeRun: Sendable {
  /// By the step's id.
  public typealias Report = @Sendable (Int, StepState) -> Void

  /// What XAPI itself gives a change of addresses (`reference/xapi.md` §3.0), and a little more.
  private static let stepLimit = 400.0

  let plan: ChangePlan
  let client: XenClient
  let system: HostSystem
  let settings: ChangeSettings
  let session: ChangeFacts.Session
  /// Whether the plan is held against the host once more, right before it begins.
  private let looksAgain: Bool

  public init(
    _ plan: ChangePlan, client: XenClient, system: HostSystem, settings: ChangeSettings,
    session: ChangeFacts.Session = .current
  ) {
    self.init(plan, client: client, system: system, settings: settings, session: session, looksAgain: true)
  }

  init(
    _ plan: ChangePlan, client: XenClient, system: HostSystem, settings: ChangeSettings,
    session: ChangeFacts.Session = .current, looksAgain: Bool
  ) {
    self.looksAgain = looksAgain
    self.plan = plan
    self.client = client
    self.system = system
    self.settings = settings
    self.session = session
  }

  /// Runs to its end, be the task that waits for it cancelled or not: nothing is left half done.
  /// - Parameter notLogged: told when the log of changes could not be written, and why.
  public func run(
    _ report: @escaping Report, notLogged: @escaping @Sendable (String) -> Void = { _ in }
  ) async -> ChangeOutcome {
    await Task.detached { plan.isProvisional ? await guarded(report, notLogged) : await plain(report, notLogged) }.value
  }

  private func logger(_ id: String? = nil) -> ChangeLogger { ChangeLogger(system, session, plan: plan, id: id) }

  // MARK: Nothing to fear

  private func plain(
    _ report: @escaping Report, _ notLogged: @Sendable (String) -> Void
  ) async -> ChangeOutcome {
    if looksAgain, let why = await SecondLook(client, system).difference(from: plan) { return .refused(why) }
    let logger = logger()
    defer { if let problem = logger.problem { notLogged(problem) } }
    var hands = ChangeHands(client, system)
    for (place, step) in plan.steps.enumerated() {
      if let failure = await perform(step, &hands, logger, report) {
        let outcome = await tookBack(through: place, failure, &hands, logger, report)
        await unmark()
        return outcome
      }
    }
    await unmark()
    return .done
  }

  /// Marks were only for steps that came later, and for the way back. Left behind they do no harm.
  private func unmark() async {
    let marks = plan.marks
    if !marks.isEmpty { await NetworkMarks.remove(marks, client, system) }
  }

  /// - Returns: why the step was not done; nil when it was.
  private func perform(
    _ step: ChangeStep, _ hands: inout ChangeHands, _ logger: ChangeLogger, _ report: @escaping Report
  ) async -> ChangeFailure? {
    report(step.id, .running())
    do throws(ChangeFailure) {
      let done = try await hands.perform(step.action, told: { report(step.id, .running($0)) }) { part in
        report(step.id, .running("\(Int((part * 100).rounded(.down))) %"))
      }
      let state = StepState.done(done.remark)
      report(step.id, state)
      logger.step(step.id + 1, step.sentence, commands: step.commands, state)
      return nil
    } catch {
      report(step.id, .failed(error.text))
      logger.step(step.id + 1, step.sentence, commands: step.commands, .failed(error.text))
      return error
    }
  }

  private func tookBack(
    through place: Int, _ failure: ChangeFailure, _ hands: inout ChangeHands, _ logger: ChangeLogger, _ report: @escaping Report
  ) async -> ChangeOutcome {
    var left: [String] = []
    if plan.steps[...place].contains(where: { $0.undo.contains { !$0.isLocal } }) {
      await waitForXAPI(plan.steps[place].id, failure, &hands, report)
    }
    for step in plan.steps[...place].reversed() {
      var isUndone = true
      for action in step.undo {
        do throws(ChangeFailure) {
          let done = try await hands.perform(action, limit: .seconds(120))
          if done != .wasSo { logger.step(step.id + 1, "Take back: \(action.sentence)", .undone) }
        } catch {
          isUndone = false
          let lines = hands.scene.map { ChangeCommands(scene: $0).lines(action) } ?? []
          left.append("\(action.sentence): \(error.text)" + (lines.isEmpty ? "" : " (by hand: \(lines.joined(separator: "; ")))"))
        }
      }
      if isUndone, step.id < place { report(step.id, .undone) }
    }
    return left.isEmpty ? .undone(reason: failure.text) : .stuck(reason: failure.text, left: left)
  }

  /// XAPI may have died over the step itself and be back in a moment, or still be at work on it.
  private func waitForXAPI(_ step: ChangeStep.ID, _ failure: ChangeFailure, _ hands: inout ChangeHands, _ report: Report) async {
    var hasWaited = false
    func told(_ words: String) {
      hasWaited = true
      report(step, .failed("\(failure.text); waiting until \(words), to take it back"))
    }
    let wait = XAPIWait(client, system, patience: settings.patience)
    try? await wait.untilItAnswers(&hands) { told("XAPI answers") }
    // What is at work longer than that is told by what then cannot be taken back.
    _ = await wait.untilItsCallsEnd(.now + .seconds(330)) { told("XAPI is through with \($0)") }
    if hasWaited { report(step, .failed(failure.text)) }
  }

  // MARK: Under guard

  private func guarded(
    _ report: @escaping Report, _ notLogged: @Sendable (String) -> Void
  ) async -> ChangeOutcome {
    let store = PendingStore(system)
    let change: PendingChange
    do throws(ChangeFailure) {
      guard let way = settings.guardWay else { throw ChangeFailure("nothing is there that would take it back") }
      if case .there(let other, _) = store.standing() {
        throw ChangeFailure("another change waits to be confirmed: \(other.title)")
      }
      guard let lock = try FileLock.tried(ApplyLock.path, on: system) else {
        throw ChangeFailure("another change is being made at this moment")
      }
      defer { withExtendedLifetime(lock) {} }
      change = try await begun(store, GuardPost(system, way))
      return await apply(change, store, report, notLogged)
    } catch {
      return .refused(error.text)
    }
  }

  /// Writes the way back down and sets the guard up.
  private func begun(_ store: PendingStore, _ post: GuardPost) async throws(ChangeFailure) -> PendingChange {
    // What is done on the host itself, without XAPI, needs no word of it to be taken back either.
    if plan.steps.contains(where: { !$0.action.isLocal }) { return try await begun(store, post, wayBackFor: try await look()) }
    if looksAgain, let why = await whyNot(nil) { throw ChangeFailure(why) }
    return try await begun(store, post, wayBackFor: nil)
  }

  private func look() async throws(ChangeFailure) -> ChangeFacts {
    let facts: ChangeFacts
    do throws(ChangeProblem) { facts = try await ChangeLook(client, system).facts() } catch { throw ChangeFailure("\(error)") }
    if looksAgain, let why = await whyNot(facts) { throw ChangeFailure(why) }
    return facts
  }

  private func begun(
    _ store: PendingStore, _ post: GuardPost, wayBackFor facts: ChangeFacts?
  ) async throws(ChangeFailure) -> PendingChange {
    let now = Int64(time(nil))
    let id = "\(UTCText.stamp(now))-\(getpid())"
    if let facts {
      let scene = ChangeScene(facts.database, host: facts.host)
      do throws(HostFileError) {
        try HostSnapshot(system: system, id: id).take(ManagementSettings(scene))
      } catch {
        throw ChangeFailure("the way back could not be written down: \(error)")
      }
    }
    let change = PendingChange(
      id: id, state: .applying, title: plan.title, intent: plan.intent.name,
      steps: plan.steps.map { PendingChange.Step(sentence: $0.sentence, undo: $0.undo) }, begun: 0,
      deadline: PendingStore.uptime() + Self.stepLimit * Double(plan.steps.count) + settings.confirmWithin,
      bootID: ResetKeeper.bootID(system), began: now, who: session.words, expectation: plan.expectation, remark: "")
    try store.begin(change)
    do throws(ChangeFailure) {
      try await post.start(change.id)
    } catch {
      _ = try? store.end(change.id, in: [.applying], "not begun: \(error.text)")
      try? HostSnapshot(system: system, id: change.id).discard()
      throw error
    }
    return change
  }

  /// The undo of each step is as old as the plan: it must still be true, and nothing new may stand in the way.
  /// - Parameter facts: nil for a plan that needs no word of XAPI.
  /// - Returns: nil when it is still so.
  private func whyNot(_ facts: ChangeFacts?) async -> String? {
    let fresh: ChangePlan
    switch (plan.intent, facts) {
    case (.management(let request), let facts?): fresh = ManagementPlanner(request, facts, mark: plan.mark).plan()
    case (.disableManagement, let facts?): fresh = DisableManagementPlanner(facts).plan()
    case (.tuneNIC, _), (.networkMTU, _), (.unplug, _), (.forgetNIC, _):
      guard let plan = try? await NICPlanning(client, system).plan(plan.intent) else { return SecondLook.hasChanged }
      fresh = plan
    default: return await SecondLook(client, system).difference(from: plan)
    }
    let isSame =
      !fresh.isBlocked && fresh.steps.map(\.action) == plan.steps.map(\.action) && fresh.steps.map(\.undo) == plan.steps.map(\.undo)
    return isSame ? nil : SecondLook.hasChanged
  }

  private func apply(
    _ change: PendingChange, _ store: PendingStore, _ report: @escaping Report, _ notLogged: @Sendable (String) -> Void
  ) async -> ChangeOutcome {
    let logger = logger(change.id)
    defer { if let problem = logger.problem { notLogged(problem) } }
    var hands = ChangeHands(client, system)
    for (place, step) in plan.steps.enumerated() {
      // Written down before it is done: what may have been done is taken back.
      do throws(ChangeFailure) {
        guard try store.update(change.id, in: [.applying], { $0.begun = place + 1 }) != nil else {
          return .goingBack(reason: "it took too long")
        }
      } catch {
        return await goneBack(change, error, report)
      }
      if let failure = await perform(step, &hands, logger, report) {
        return await goneBack(change, failure, report)
      }
    }
    do throws(ChangeFailure) {
      let waiting = try store.update(change.id, in: [.applying]) {
        $0.state = .waiting
        $0.deadline = PendingStore.uptime() + settings.confirmWithin
      }
      guard let waiting else { return .goingBack(reason: "it took too long") }
      return .waiting(waiting)
    } catch {
      return await goneBack(change, error, report)
    }
  }

  private func goneBack(_ change: PendingChange, _ failure: ChangeFailure, _ report: @escaping Report) async -> ChangeOutcome {
    let reversal = Reversal(client, system, session: session)
    let outcome = try? await reversal.run(change.id, why: failure.text)
    switch outcome {
    case .reverted:
      for step in plan.steps { report(step.id, .undone) }
      return .undone(reason: failure.text)
    case .revertedInFiles(let words):
      return .goingBack(reason: "\(failure.text); \(words), and XAPI is told when it answers again")
    case .stuck(let reason, let left): return .stuck(reason: "\(failure.text); \(reason)", left: left)
    case .elsewhere, nil: return .goingBack(reason: failure.text)
    }
  }
}

extension ManagementSettings {
  /// How management is by XAPI's database; nil when there is none, or on something that has no NIC below.
  init?(_ scene: ChangeScene) {
    guard let node = scene.tree.management else { return nil }
    let base = node.kind == .vlan ? scene.tree[node.base] : node
    guard let base, let card = base.kind == .bond ? scene.tree[base.members.first] : base, card.kind == .nic else {
      return nil
    }
    let pif = node.pif
    self.init(
      device: card.pif.device, vlan: node.kind == .vlan ? Int(pif.vlan) : nil, ipv4: .off, dns: pif.dnsServers,
      searchDomains: pif.searchDomains)
    switch pif.ipConfigurationMode {
    case .static: ipv4 = .static(address: pif.ip, netmask: pif.netmask, gateway: pif.gateway.isEmpty ? nil : pif.gateway)
    case .dhcp: ipv4 = .dhcp
    default: ipv4 = .off
    }
    switch pif.ipv6ConfigurationMode {
    case .static:
      let gateway = pif.ipv6Gateway.isEmpty ? nil : pif.ipv6Gateway
      ipv6 = .static(address: pif.ipv6.first { !$0.isEmpty } ?? "", gateway: gateway)
    case .dhcp: ipv6 = .dhcp
    case .autoconf: ipv6 = .autoconf
    default: ipv6 = .off
    }
  }
}
