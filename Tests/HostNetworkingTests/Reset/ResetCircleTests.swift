import Dom0
import HostNetworking
import SimulatedHost
import Synchronization
import Testing
import XenAPI

/// The reset with services that stop and start, and the reboot after it, on the simulated host.
@Suite struct ResetCircleTests {
  private static let files = [
    PoolConf.path, ManagementConf.path, NetworkdDB.path, Inventory.path, ResetTrigger.currentPath, RenameRules.dynamicPath,
  ]

  private func contents(_ scene: ResetScene) -> [[UInt8]?] {
    Self.files.map { try? scene.system.read($0) }
  }

  @Test func thereIsAReminderUntilSomebodyHasLooked() async throws {
    let scene = try await ResetScene(.standalone)
    let plan = try ResetPlan.make(ResetRequest(device: "eth1"), on: scene.system, savesLayout: true)
    let states = Mutex<[(ResetStep.Kind, StepState)]>([])
    let journal = try await ResetRun(plan, on: scene.system, saveLayout: { "/saved.json" }).apply { kind, state in
      states.withLock { $0.append((kind, state)) }
    }
    #expect(journal.layout == "/saved.json")
    // Every step of the plan comes to its end, in the order of the plan.
    let done = states.withLock { $0.compactMap { if case .done = $0.1 { $0.0 } else { nil as ResetStep.Kind? } } }
    #expect(done == plan.steps.map(\.kind))
    let recovery = ResetRecovery(scene.system)
    guard case .waitingForReboot = recovery.standing() else {
      Issue.record("\(recovery.standing())")
      return
    }
    try await scene.reboot()
    #expect(await scene.host.lastBoot?.management?.device == "eth1")
    guard case .carriedOut(let found) = recovery.standing() else {
      Issue.record("\(recovery.standing())")
      return
    }
    #expect(found.layout == "/saved.json")
    // Taking it back now would put files under XAPI that it knows nothing of any more.
    await #expect(throws: ResetFailure.self) { try await recovery.undo() }
    try recovery.acknowledge()
    #expect(recovery.standing() == .none)
    #expect(scene.system.exists(journal.backup + "/journal.json"))
    await scene.close()
  }

  @Test func aMemberWaitsForItsCoordinator() async throws {
    // It has another address now, and nobody said so here.
    let scene = try await ResetScene(.movedCoordinator)
    let plan = try ResetPlan.make(ResetRequest(device: "eth2"), on: scene.system)
    _ = try await ResetRun(plan, on: scene.system).apply()
    try await scene.reboot()
    let recovery = ResetRecovery(scene.system)
    guard case .waitingForXAPI = recovery.standing() else {
      Issue.record("\(recovery.standing())")
      return
    }
    // It came up with other settings: the way back leads through another reboot.
    #expect(try await recovery.undo())
    #expect(recovery.standing() == .none)
    await scene.close()
  }

  @Test func whatDoesNotStopTakesEverythingBack() async throws {
    let scene = try await ResetScene(.pool)
    let before = contents(scene)
    let plan = try ResetPlan.make(ResetRequest(device: "eth2"), on: scene.system)
    await scene.host.setTool("systemctl", .fail(code: 1, errors: "Job for xapi.service canceled.\n"))
    do {
      _ = try await ResetRun(plan, on: scene.system).apply()
      Issue.record("a reset although XAPI did not stop")
    } catch {
      guard case .stuck(step: .stopXAPI, let reason, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(reason.contains("Job for xapi.service canceled"))
    }
    await scene.host.setTool("systemctl", nil)
    #expect(contents(scene) == before)
    #expect(ResetRecovery(scene.system).standing() == .none)
    await scene.close()
  }

  @Test func cancellingDoesNotTearIt() async throws {
    let scene = try await ResetScene(.pool)
    let plan = try ResetPlan.make(ResetRequest(device: "eth2"), on: scene.system)
    let work = Task { try await ResetRun(plan, on: scene.system).apply() }
    work.cancel()
    #expect(try await work.value.state == .done)
    await scene.close()
  }

  @Test func noSecondResetOverAnUnfinishedOne() async throws {
    let scene = try await ResetScene(.pool)
    let plan = try ResetPlan.make(ResetRequest(device: "eth2"), on: scene.system)
    _ = try await ResetRun(plan, on: scene.system).apply()
    do {
      _ = try await ResetRun(plan, on: scene.system).apply()
      Issue.record("a second reset")
    } catch {
      guard case .refused = error else {
        Issue.record("\(error)")
        return
      }
    }
    #expect(await scene.facts().isBlocked(for: plan.request))
    await scene.close()
  }

  // MARK: High availability

  @Test func highAvailabilityIsTurnedOffThroughThePool() async throws {
    let scene = try await ResetScene(.pool)
    await scene.setPool("ha_enabled", true)
    let facts = await scene.facts()
    #expect(facts.hasHA && facts.isBlocked(for: ResetRequest(device: "eth0")))
    let steps = try #require(HARelease.steps(facts))
    try await HARelease(scene.system, client: scene.client, patience: .seconds(20)).run(steps)
    #expect(await !scene.facts().hasHA)
    await scene.close()
  }

  @Test func withoutXAPIByTheEmergencyWayAndARestart() async throws {
    let scene = try await ResetScene(.pool)
    await scene.setPool("ha_enabled", true)
    var facts = await scene.facts()
    #expect(facts.haArmed == .yes)
    facts.poolSource = .nobody
    let release = HARelease(scene.system, client: scene.client, patience: .seconds(20))
    // The emergency command alone leaves the pool's flag: that is not enough.
    try await release.run([.emergencyDisable])
    #expect(await scene.facts().haEnabled == .yes)
    #expect(await scene.facts().isBlocked(for: ResetRequest(device: "eth0")))
    try await release.run(try #require(HARelease.steps(facts)))
    let after = await scene.facts()
    #expect(after.haEnabled == .no && after.haArmed == .no)
    await scene.close()
  }

  @Test func whatDoesNotTurnOffIsSaid() async throws {
    let scene = try await ResetScene(.pool)
    await scene.setPool("ha_enabled", true)
    await #expect(throws: HARelease.ReleaseFailure.self) {
      try await HARelease(scene.system, client: scene.client, patience: .milliseconds(200)).run([.verify])
    }
    await scene.close()
  }
}

@Suite struct VMShutdownTests {
  private func vms(_ scene: ResetScene, _ count: Int) async throws -> [ResetFacts.VM] {
    let vms = await scene.facts().runningVMs
    return Array(try #require(vms.count >= count ? vms : nil).prefix(count))
  }

  @Test func eachVMTellsHowItGoes() async throws {
    let scene = try await ResetScene(.pool)
    await scene.host.setShutdownTime(.milliseconds(300))
    let vms = try await vms(scene, 3)
    await scene.host.setShutdown(
      of: try #require(vms[1].ref), time: nil, refusal: "VM_MISSING_PV_DRIVERS")
    let told = Mutex<[String: [StepState]]>([:])
    let states = await VMShutdown(scene.client, pace: .milliseconds(20)).run(vms) { uuid, state in
      told.withLock { $0[uuid, default: []].append(state) }
    }
    #expect(states[vms[0].uuid] == .done("shut down") && states[vms[2].uuid] == .done("shut down"))
    guard case .failed(let reason)? = states[vms[1].uuid] else {
      Issue.record("\(states)")
      return
    }
    #expect(reason.contains("VM_MISSING_PV_DRIVERS"))
    let seen = told.withLock { $0[vms[0].uuid] ?? [] }
    #expect(seen.first == .running("asked to shut down"))
    #expect(seen.contains { if case .running(let text) = $0 { text.hasSuffix("%") } else { false } })
    let left = await scene.facts().runningVMs.map(\.uuid)
    #expect(left.contains(vms[1].uuid) && !left.contains(vms[0].uuid))
    // The one that refused can be forced.
    #expect(await VMShutdown(scene.client, pace: .milliseconds(20)).force(vms[1]) == .done("forced off"))
    #expect(await !scene.facts().runningVMs.map(\.uuid).contains(vms[1].uuid))
    await scene.close()
  }

  @Test func oneThatTakesTooLongIsGivenUp() async throws {
    let scene = try await ResetScene(.pool)
    let vms = try await vms(scene, 2)
    for vm in vms { await scene.host.setShutdown(of: try #require(vm.ref), time: .seconds(20), refusal: nil) }
    await scene.host.setShutdownTime(.milliseconds(50))
    let shutdown = VMShutdown(scene.client, pace: .milliseconds(20))
    let states = await shutdown.run(vms) { uuid, state in
      // As soon as it is at work.
      if case .running = state { shutdown.giveUp(uuid, uuid == vms[0].uuid ? .leave : .forceOff) }
    }
    #expect(states[vms[0].uuid] == .skipped("left running: the reboot ends it"))
    #expect(states[vms[1].uuid] == .done("forced off"))
    let left = await scene.facts().runningVMs.map(\.uuid)
    #expect(left.contains(vms[0].uuid) && !left.contains(vms[1].uuid))
    await scene.close()
  }

  /// XAPI takes its time to let go of a shutdown, and the first request to do so is lost on the way.
  @Test func aShutdownIsLetGoOfBeforeItsVMIsForcedOff() async throws {
    let scene = try await ResetScene(.pool)
    let vms = try await vms(scene, 1)
    await scene.host.setShutdown(of: try #require(vms[0].ref), time: .seconds(600), refusal: nil)
    await scene.host.setCancelTime(.milliseconds(400))
    await scene.host.failNext("task.cancel", with: ["CANNOT_CONTACT_HOST", "x"])
    let shutdown = VMShutdown(scene.client, pace: .milliseconds(20), patience: .seconds(60))
    // Forcing it off while the other operation holds it would only be refused.
    await scene.host.watchCalls()
    let states = await shutdown.run(vms) { uuid, state in
      if case .running = state { shutdown.giveUp(uuid, .forceOff) }
    }
    #expect(states[vms[0].uuid] == .done("forced off"))
    let asked = await scene.host.seenCalls.filter { $0.hasSuffix("_shutdown") || $0 == "task.cancel" }
    #expect(asked.count { $0 == "Async.VM.hard_shutdown" } == 1)
    #expect(asked.count { $0 == "task.cancel" } >= 2)
    #expect(asked.last == "Async.VM.hard_shutdown")
    #expect(await !scene.facts().runningVMs.map(\.uuid).contains(vms[0].uuid))
    await scene.close()
  }

  /// Named by the saved database, XAPI is asked for its reference.
  @Test func aVMKnownByItsUUIDOnly() async throws {
    let scene = try await ResetScene(.pool)
    await scene.host.setShutdownTime(.milliseconds(50))
    var vm = try await vms(scene, 1)[0]
    vm.ref = nil
    #expect(await VMShutdown(scene.client, pace: .milliseconds(20)).run([vm]) == [vm.uuid: .done("shut down")])
    // A second time it is off already, which is what was wanted.
    #expect(await VMShutdown(scene.client, pace: .milliseconds(20)).run([vm]) == [vm.uuid: .done("is off already")])
    await scene.close()
  }
}
