import Dom0
import Glibc
import HostNetworking
import JSON
import XenAPI

extension ResetCommand {
  func run(on standard: Standard) throws -> Int32 {
    // A signal must not tear it; before the first write Ctrl-C at the question ends the program.
    let system = try host.checked()
    if undo { return try takeBack(system, standard) }
    if resume { return try finish(system, standard) }
    Interrupts.letThrough()
    let client = try host.client()
    let look = ResetLook(system, client: client)
    let facts = try waiting { await look.facts() }
    let check = answers(installed(system)).checked(against: facts)
    guard let request = check.request else { throw refused(check) }
    let plan: ResetPlan
    do {
      plan = try ResetPlan.make(
        request, on: system, remounts: facts.diskProblem == .readOnly && facts.isThisMachine, savesLayout: true)
    } catch { throw Failure(text: "\(error)") }
    let hazards = facts.hazards(for: request)
    let report = ResetReport(facts, plan, hazards, check.problems)
    let isBlocked = hazards.contains { $0.weight == .blocking }
    if dryRun {
      report.tell(standard, asJSON: json)
      return isBlocked ? 1 : 0
    }
    guard !isBlocked else {
      if json { report.tell(standard, asJSON: true, outcome: ("refused", "a blocking hazard")) }
      else { report.tell(standard, asJSON: false) }
      throw Failure(text: "refused: " + hazards.filter { $0.weight == .blocking }.map(\.text).joined(separator: "; "))
    }
    if !json { report.tell(standard, asJSON: false) }
    if !yes { try agree(facts, standard) }
    return try carryOut(report, client, system, standard)
  }

  /// Device and VLAN as the installer left them; what is missing is asked for.
  private func installed(_ system: HostSystem) -> (device: String?, vlan: Int?) {
    guard let conf = try? ManagementConf(of: system) else { return (nil, nil) }
    return (conf.label, conf.vlan)
  }

  private func refused(_ check: ResetCheck) -> Failure {
    let words = check.problems.filter(\.isRefused).map { "\($0.field.option): \($0.text)" }
    return Failure(text: words.joined(separator: "; "), code: 2)
  }

  private func agree(_ facts: ResetFacts, _ standard: Standard) throws {
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure(text: "reset asks before it changes anything: run it at a terminal, or add --yes")
    }
    let word = facts.hostname.isEmpty ? "yes" : facts.hostname
    standard.say(facts.hostname.isEmpty ? "Type yes to reset:" : "Type this host's name (\(word)) to reset:")
    guard readLine() == word else { throw Failure(text: "nothing was changed") }
  }

  // MARK: Doing it

  private func carryOut(
    _ report: ResetReport, _ client: XenClient, _ system: HostSystem, _ standard: Standard
  ) throws -> Int32 {
    let saver: ResetRun.LayoutSaver = {
      let source = LayoutSource(client: client, system: system)
      return try LayoutStore(system).save(try await source.take(at: Int64(time(nil)), why: "before a network reset"))
    }
    let run = ResetRun(report.plan, on: system, saveLayout: saver)
    let outcome = logged(.reset(report.plan), system, standard) { (told) async throws(ResetFailure) in
      try await run.apply(told)
    } stopping: {
      standard.complain("the reset goes on to its end: stopped half-way it would leave more work (Ctrl-C again stops it)")
    }
    switch outcome {
    case nil: return 1
    case .failure(let failure)?:
      if json { report.tell(standard, asJSON: true, outcome: (ResetReport.word(failure), "\(failure)")) }
      throw Failure(text: "\(failure)")
    case .success(let journal)?:
      _ = try? waiting { await client.logout() }
      return try reboot(system, standard) { report.tell(standard, asJSON: true, outcome: ("done", nil), journal, reboots: $0) }
    }
  }

  /// Does a piece of work to its end, and keeps it in the log of changes.
  private func logged<Value: Sendable>(
    _ what: ResetLog.Work, _ system: HostSystem, _ standard: Standard,
    _ work: @escaping @Sendable (@escaping ResetRun.Report) async throws(ResetFailure) -> Value, stopping: () -> Void
  ) -> Result<Value, ResetFailure>? {
    let isQuiet = json
    let log = ResetLog(what, on: system)
    var plan: ResetPlan?
    if case .reset(let known) = what { plan = known }
    let outcome = Interrupts.held { [plan] () -> Result<Value, ResetFailure> in
      do throws(ResetFailure) {
        let value = try await work { kind, state in
          log.step(kind, state)
          if !isQuiet { ResetReport.tell(kind, state, plan, standard) }
        }
        log.over(nil)
        return .success(value)
      } catch {
        log.over(error)
        return .failure(error)
      }
    } stopping: {
      stopping()
    }
    if let problem = log.problem { standard.complain(problem) }
    return outcome
  }

  /// - Parameter tell: prints the JSON answer; told whether the host reboots.
  private func reboot(_ system: HostSystem, _ standard: Standard, _ tell: (Bool) -> Void) throws -> Int32 {
    let reboots = !noReboot && system.hasServices
    // Before the reboot: afterwards nobody reads any more.
    if json { tell(reboots) } else { standard.say(reboots ? "Everything is written. The host reboots now." : "Everything is written.") }
    guard reboots else { return 0 }
    do {
      _ = try waiting { try await Reboot.now(system) }
    } catch { throw Failure(text: "\(error)") }
    return 0
  }

  // MARK: After an interruption

  private func finish(_ system: HostSystem, _ standard: Standard) throws -> Int32 {
    let outcome = logged(.finish, system, standard) { (told) async throws(ResetFailure) in
      try await ResetRecovery(system).finish(told)
    } stopping: {
      standard.complain("this goes on to its end (Ctrl-C again stops it)")
    }
    guard let outcome else { return 1 }
    switch outcome {
    case .failure(let failure):
      if json { ResetReport.tell(standard, ResetReport.word(failure), "\(failure)") }
      throw Failure(text: "\(failure)")
    case .success(let journal):
      return try reboot(system, standard) { ResetReport.tell(standard, "done", nil, journal, reboots: $0) }
    }
  }

  private func takeBack(_ system: HostSystem, _ standard: Standard) throws -> Int32 {
    let outcome = logged(.undo, system, standard) { (told) async throws(ResetFailure) in
      try await ResetRecovery(system).undo(told)
    } stopping: {
      standard.complain("this goes on to its end (Ctrl-C again stops it)")
    }
    guard let outcome else { return 1 }
    switch outcome {
    case .failure(let failure):
      if json { ResetReport.tell(standard, ResetReport.word(failure), "\(failure)") }
      throw Failure(text: "\(failure)")
    case .success(let hasRebooted):
      let advice = hasRebooted ? " Reboot the host now: it came up with other settings." : ""
      if json { ResetReport.tell(standard, "undone", nil) } else { standard.say("The files of before are back.\(advice)") }
      return 0
    }
  }
}
