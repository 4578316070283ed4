import Dom0
import SimulatedHost
import Synchronization
import Testing
import XenAPI

@testable import HostNetworking

/// The restart of the toolstack on the simulated host.
@Suite struct ToolstackRestartTests {
  private static var quick: SimulatedHost.Options {
    var options = SimulatedHost.Options()
    options.restartTime = .milliseconds(150)
    return options
  }

  private func succeeds(_ what: ToolstackPart, _ host: ChangeHost) async throws {
    let plan = try await plan(what, host)
    #expect(!plan.isEmpty)
    #expect(await host.run(plan) == .done)
  }

  private func plan(_ part: ToolstackPart, _ host: ChangeHost) async throws -> ChangePlan {
    try await ChangePlanning(host.client, host.system, ToolProbes(host.system)).plan(.routes(.restart(part)))
  }

  private func run(_ plan: ChangePlan, _ host: ChangeHost) async -> ChangeOutcome { await host.run(plan) }

  @Test(arguments: ToolstackPart.allCases) func itComesBackAndAnswers(_ part: ToolstackPart) async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      let plan = try await plan(part, host)
      #expect(!plan.isBlocked && plan.steps.first?.commands.count == 1)
      #expect(await run(plan, host) == .done)
      _ = try await host.client.call("pool.get_all")
      #expect(ToolstackMarks(of: host.system).progress == .complete)
    }
  }

  @Test func itEndsTheHangingOfXAPI() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      await host.host.setFault(.hang)
      let facts = await ToolstackLook(host.client, host.system).facts()
      #expect(facts.silence != nil && facts.tasks == nil)
      let plan = ToolstackPlanner(facts).plan(.toolstack)
      #expect(!plan.isBlocked && plan.hazards.contains { $0.text.hasPrefix("XAPI does not answer") })
      #expect(await run(plan, host) == .done)
    }
  }

  @Test func itStartsWhatWasDead() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      await host.host.crash("xapi", backAfter: nil)
      try await succeeds(.toolstack, host)
    }
  }

  @Test func aUnitThatDoesNotComeUpIsNamed() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      let plan = try await plan(.toolstack, host)
      await host.host.breakUnit("perfmon")
      guard case .undone(let why) = await run(plan, host) else { throw ChangeFailure("it went well") }
      #expect(why.contains("perfmon.service is failed") && why.contains("all else was restarted"))
    }
  }

  /// What was down before is told before, and is no failure of the restart.
  @Test func aUnitThatWasDownBeforeIsNoFailure() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      await host.host.breakUnit("perfmon")
      let facts = await ToolstackLook(host.client, host.system).facts()
      #expect(facts.brokenUnits.map(\.name) == ["perfmon.service"])
      let plan = ToolstackPlanner(facts).plan(.toolstack)
      #expect(plan.hazards.map(\.text) == ["Already before the restart, perfmon.service is failed"])
      #expect(await run(plan, host) == .done)
    }
  }

  @Test func theNetworkDaemonIsSeenToRunAfterwards() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      await host.host.setFault(.refuse)
      let plan = try await plan(.networkd, host)
      #expect(plan.steps.map(\.sentence) == ["Stop and start xcp-networkd", "See that xcp-networkd.service runs"])
      #expect(await run(plan, host) == .done)
    }
  }

  @Test func twoAtOnceAreOneTooMany() async throws {
    var options = Self.quick
    options.restartTime = .milliseconds(800)
    try await ChangeHost.with(.standalone, options: options) { host in
      let plan = try await plan(.toolstack, host)
      let first = Task { await host.host.runTool(["xe-toolstack-restart"]) }
      try await Task.sleep(for: .milliseconds(150))
      let facts = await ToolstackLook(host.client, host.system).facts()
      #expect(facts.isRestarting && ToolstackPlanner(facts).plan(.toolstack).isBlocked)
      guard case .refused(let why) = await run(plan, host) else { throw ChangeFailure("both went well") }
      #expect(why.contains("changed since this was planned"))
      // Had it come just after that look.
      await #expect(throws: ChangeFailure.self) { try await ToolstackHands(host.client, host.system).restart(.toolstack, { _ in }) }
      #expect(await first.value?.code == 0)
      #expect(await !ToolstackLook(host.client, host.system).facts().isRestarting)
    }
  }

  @Test func aProgramThatIsMissingOrFailsIsSaid() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      let plan = try await plan(.toolstack, host)
      await host.host.setTool("xe-toolstack-restart", .missing)
      guard case .undone(let missing) = await run(plan, host) else { throw ChangeFailure("it went well") }
      #expect(missing.contains("systemctl restart toolstack.target"))
      await host.host.setTool("xe-toolstack-restart", .fail(code: 1, errors: "Failed to connect to bus"))
      guard case .undone(let failed) = await run(plan, host) else { throw ChangeFailure("it went well") }
      #expect(failed.contains("Failed to connect to bus"))
    }
  }

  @Test func xapiThatStaysAwayIsWaitedForWithAnEnd() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      await host.host.breakUnit("xapi")
      let told = Mutex<[String]>([])
      do throws(ChangeFailure) {
        _ = try await ToolstackHands(host.client, host.system).awaitXAPI({ word in told.withLock { $0.append(word) } }, patience: .milliseconds(700))
        Issue.record("it answered")
      } catch {
        #expect(error.text == "XAPI has not answered within 0 s. xapi.service has failed: see journalctl -u xapi and /var/log/xensource.log" && error.isUnknown)
      }
      #expect(told.withLock { $0 } == ["XAPI does not run, 0 s of at most 0 s"])
    }
  }

  @Test func whatWouldBeLostAndWhatStandsInTheWayIsSaid() {
    var facts = ToolstackFacts()
    #expect(ToolstackPlanner(facts).hazards(.toolstack).isEmpty)
    facts.isHAArmed = true
    facts.isResetPending = true
    facts.isBlocked = true
    facts.tasks = ["Async.VM.pool_migrate", "Async.VDI.copy"]
    let texts = ToolstackPlanner(facts).hazards(.toolstack).map(\.text)
    for part in ["High availability is on", "A network reset waits", "xapi_block_startup", "2 tasks run and are lost: Async.VM.pool_migrate, Async.VDI.copy"] {
      #expect(texts.contains { $0.contains(part) }, "\(part)")
    }
    #expect(!ToolstackPlanner(facts).plan(.toolstack).isBlocked)
    // The reset's address is taken by the daemon itself.
    #expect(ToolstackPlanner(facts).hazards(.networkd).map(\.text) == ["A network reset waits for XAPI's next start: the network daemon takes the reset's address for management at once"])
  }

  @Test func aChangeOnTrialComesFirst() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      try host.begin(try await host.plan(.fixed(.interface("eth1"), "10.0.5.11/24", gateway: nil)), begun: 0)
      for part in ToolstackPart.allCases {
        let plan = try await plan(part, host)
        #expect(plan.isBlocked && plan.hazards.contains { $0.text.contains("A change waits to be confirmed") })
      }
    }
  }

  /// What else stands still with a coordinator's XAPI, and what does not with a member's.
  @Test func aCoordinatorsPoolIsNamed() async throws {
    try await ChangeHost.with(.pool, options: Self.quick) { host in
      let own = try await host.client.call("task.create", ["Exporting mail", ""])
      let far = try await host.client.call("task.create", ["Copying elsewhere", ""])
      await host.mutate("task", ["name_label": "Copying elsewhere"], "resident_on", .string(await host.row("host", ["name_label": "xcp2"])))
      #expect(own != far)
      var facts = await ToolstackLook(host.client, host.system).facts()
      #expect(facts.tasks == ["Exporting mail"] && facts.others == ["xcp2", "xcp3"])
      let words = "This host is the coordinator of a pool with xcp2 and xcp3: until XAPI answers, VMs can be started, migrated or changed on none of the pool's hosts"
      #expect(ToolstackPlanner(facts).plan(.xapi).warnings.contains(words))
      #expect(ToolstackPlanner(facts).plan(.networkd).warnings.isEmpty)
      facts.others = nil
      let unsure = ToolstackPlanner(facts).plan(.toolstack).hazards.first { $0.text.hasPrefix("If this host has a pool, it is its coordinator: ") }
      #expect(unsure?.weight == .notice)
      facts.role = .member(coordinator: "10.0.4.12")
      let member = ToolstackPlanner(facts).plan(.toolstack)
      #expect(!member.warnings.contains { $0.contains("coordinator") } && member.consequences.contains { $0.hasPrefix("only this host is without XAPI meanwhile") })
      facts.role = .coordinator
      facts.others = []
      #expect(!ToolstackPlanner(facts).plan(.toolstack).warnings.contains { $0.contains("coordinator") })
    }
  }

  /// With XAPI dead the saved database tells whether there is a pool; the restart brings XAPI back.
  @Test func theSavedDatabaseTellsOfThePool() async throws {
    try await ChangeHost.with(.xapiDown, options: Self.quick) { host in
      let facts = await ToolstackLook(host.client, host.system).facts()
      #expect(facts.role == .coordinator && facts.others == [] && facts.standing == "does not run: its socket is not there")
      let plan = ToolstackPlanner(facts).plan(.toolstack)
      #expect(!plan.hazards.contains { $0.text.contains("pool") })
      #expect(plan.hazards.contains { $0.text == "Already before the restart, xapi.service is failed" })
      await #expect(throws: ChangeProblem("XAPI must answer for this, and its socket is not there", remedy: "Wait for it, restart the toolstack, or use the emergency network reset")) {
        try await ChangeLook(host.client, host.system).facts()
      }
      #expect(await run(plan, host) == .done)
      _ = try await host.client.call("pool.get_all")
    }
    try await ChangeHost.with(.pool, options: Self.quick) { host in
      // It writes its database down when it is stopped.
      _ = await host.host.runTool(["systemctl", "stop", "xapi"])
      #expect(await ToolstackLook(host.client, host.system).facts().others == ["xcp2", "xcp3"])
    }
  }

  /// Whatever fails, the failure is told and the steps after it are not begun; nothing is there to be taken back.
  @Test func aStepThatFailsEndsIt() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      for part in ToolstackPart.allCases {
        let count = try await plan(part, host).steps.count
        for place in 0..<count {
          let plan = ChangeHost.failing(try await plan(part, host), at: place)
          #expect(await host.run(plan, looksAgain: false) == .undone(reason: "eth77 is not there"), "\(part) at \(place)")
          _ = try await host.client.call("pool.get_all")
        }
      }
    }
  }

  @Test func whatWasDownIsToldAgainAtTheEnd() async throws {
    try await ChangeHost.with(.standalone, options: Self.quick) { host in
      await host.host.breakUnit("perfmon")
      let names = await ToolstackLook(host.client, host.system).facts().units.map(\.name).filter { $0 != "perfmon.service" }
      let done = try await ToolstackHands(host.client, host.system).checkUnits(names)
      #expect(done.remark == "perfmon.service is failed, as before")
    }
  }

  @Test func tasksAtWorkAreRead() async throws {
    try await ChangeHost.with(.standalone) { host in
      _ = try await host.client.call("task.create", ["Exporting mail", ""])
      #expect(await ToolstackLook(host.client, host.system).facts().tasks == ["Exporting mail"])
    }
  }
}
