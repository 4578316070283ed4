import Dom0
import SimulatedHost
import Synchronization
import Testing
import XenAPI

@testable import HostNetworking

/// Changes of management through the real client and the simulated host's socket.
struct ChangeRunTests {
  private static func newVLAN() throws -> ManagementRequest {
    try .fixed(.newVLAN(tag: 42, on: "eth1"), "10.0.4.12/24")
  }

  @Test func aNewVLANIsMadeAndMovedToInOneGo() async throws {
    try await ChangeHost.with(.standalone) { host in
      let plan = try await host.plan(Self.newVLAN())
      #expect(
        plan.steps.map(\.sentence) == [
          "Create network \"VLAN 42 on eth1\"", "Create VLAN 42 on eth1",
          "Give VLAN 42 on eth1 the address 10.0.4.12/24, gateway 10.0.4.1, DNS 10.0.4.2", "Move management to VLAN 42 on eth1",
          "Remove the IPv4 address of eth0",
        ])
      let outcome = await host.run(plan)
      guard case .waiting(let change) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(change.state == .waiting && change.begun == 5)
      let scene = try await host.scene()
      #expect(scene.tree.management?.name == "VLAN 42 on eth1")
      #expect(scene.tree["eth0"]?.pif.ip == "")
      #expect(scene.database.hosts[scene.host]?.address == "10.0.4.12")
    }
  }

  @Test func keptItStays() async throws {
    try await ChangeHost.with(.standalone) { host in
      _ = await host.run(try await host.plan(Self.newVLAN()))
      _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).keep()
      #expect(host.standing == .none)
      let scene = try await host.scene()
      #expect(scene.tree.management?.name == "VLAN 42 on eth1")
      // The mark was only for the way back.
      #expect(scene.network(mark: "themark") == nil)
      #expect(PendingStore(host.system).lastEnd()?.end.hasPrefix("kept by") == true)
      #expect(try host.system.names(in: PendingStore.folder).filter { $0.hasPrefix("files") } == [])
    }
  }

  @Test(arguments: [Scenario.standalone, .pool, .member])
  func unconfirmedItGoesBack(_ scenario: Scenario) async throws {
    try await ChangeHost.with(scenario) { host in
      let before = try await host.picture()
      let plan = try await host.plan(.fixed(.newVLAN(tag: 42, on: "eth1"), "10.0.9.12/24", gateway: nil))
      let base = scenario == .standalone ? "eth1" : "eth3"
      let better = try await host.plan(.fixed(.newVLAN(tag: 42, on: base), "10.0.9.12/24", gateway: nil))
      let outcome = await host.run(plan.isBlocked ? better : plan, host.settings(confirmWithin: 0.5))
      guard case .waiting = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(try await host.picture() != before)
      try await host.untilOver()
      #expect(host.standing == .none)
      #expect(try await host.picture() == before)
    }
  }

  /// Whatever step fails, what was done before it is taken back.
  @Test(arguments: 0...5) func aStepThatFailsTakesTheOthersBack(_ place: Int) async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      var plan = try await host.plan(Self.newVLAN())
      plan.steps.insert(
        ChangeStep(0, "Plug what is not there", commands: [], action: .plug("eth77")), at: place)
      plan.steps = plan.steps.numbered
      #expect(await host.run(plan, looksAgain: false) == .undone(reason: "eth77 is not there"))
      #expect(host.standing == .none)
      #expect(try await host.picture() == before)
    }
  }

  /// XAPI has moved management and then says that it has not.
  @Test func aStepThatWasDoneAndFailedIsTakenBackToo() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      await host.host.failNext("host.management_reconfigure", with: ["INTERNAL_ERROR", "simulated"], after: true)
      let outcome = await host.run(try await host.plan(Self.newVLAN()))
      guard case .undone = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(try await host.picture() == before)
    }
  }

  @Test func withoutAGuardNothingIsBegun() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      let plan = try await host.plan(Self.newVLAN())
      let dead = ChangeSettings(guardWay: .command(["/no/such/program"]), confirmWithin: 5)
      guard case .refused(let why) = await host.run(plan, dead) else {
        Issue.record("it was begun")
        return
      }
      #expect(why == "no guard could be started: program is not on this host")
      #expect(host.standing == .none)
      #expect(try await host.picture() == before)
    }
  }

  @Test func onlyOneChangeAtATimeWaits() async throws {
    try await ChangeHost.with(.standalone) { host in
      _ = await host.run(try await host.plan(Self.newVLAN()))
      let other = try await host.plan(.fixed(.interface("eth2"), "10.0.8.3/24", gateway: nil))
      #expect(
        await host.run(other)
          == .refused("another change waits to be confirmed: Management on VLAN 42 on eth1, 10.0.4.12/24"))
    }
  }

  /// The program was killed between two steps: its lock is gone, its record is not.
  @Test(arguments: 1...5) func whatAKilledProgramLeftIsTakenBack(_ begun: Int) async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      let plan = try await host.plan(Self.newVLAN())
      var hands = ChangeHands(host.client, host.system)
      for step in plan.steps.prefix(begun) { _ = try await hands.perform(step.action) }
      try host.begin(plan, begun: begun)
      await GuardPost(host.system, try #require(host.settings().guardWay)).relieve()
      try await host.untilOver()
      #expect(try await host.picture() == before)
      #expect(PendingStore(host.system).lastEnd()?.end == "taken back: the program that made it was ended in its midst")
    }
  }

  @Test func afterARestartOfTheHostItGoesBackAtOnce() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      _ = await host.run(try await host.plan(Self.newVLAN()), host.settings(confirmWithin: 3600))
      try host.system.replace("/proc/sys/kernel/random/boot_id", with: Array("another\n".utf8))
      try await host.untilOver()
      #expect(try await host.picture() == before)
      #expect(PendingStore(host.system).lastEnd()?.end == "taken back: the host was restarted meanwhile")
    }
  }

  @Test func moreTimeIsMoreTime() async throws {
    try await ChangeHost.with(.standalone) { host in
      _ = await host.run(try await host.plan(Self.newVLAN()), host.settings(confirmWithin: 2))
      let keeper = PendingKeeper(host.client, host.system, settings: host.settings())
      let longer = try await keeper.extend(by: 600)
      guard case .there(let change, let secondsLeft) = host.standing else {
        Issue.record("it is not pending any more")
        return
      }
      #expect(change == longer)
      #expect(secondsLeft > 60)
      try await Task.sleep(for: .seconds(3))
      #expect(host.standing.change?.state == .waiting)
    }
  }

  @Test func tooLateToKeepIsTooLate() async throws {
    try await ChangeHost.with(.standalone) { host in
      _ = await host.run(try await host.plan(Self.newVLAN()), host.settings(confirmWithin: 0.1))
      try await Task.sleep(for: .milliseconds(150))
      let keeper = PendingKeeper(host.client, host.system, settings: host.settings())
      await #expect(throws: ChangeFailure.self) { _ = try await keeper.keep() }
      try await host.untilOver()
    }
  }

  /// Somebody else has changed the host while the review was open: the undo of the plan would bring back what is not there.
  @Test func aPlanOfYesterdayIsNotBegun() async throws {
    try await ChangeHost.with(.standalone) { host in
      let plan = try await host.plan(Self.newVLAN())
      let scene = try await host.scene()
      let eth0 = try #require(scene.tree["eth0"])
      _ = try await host.client.call(
        "PIF.reconfigure_ip", [eth0.ref.json, "Static", "10.0.4.19", "255.255.255.0", "10.0.4.1", "10.0.4.2"])
      let before = try await host.picture()
      #expect(await host.run(plan) == .refused("the host has changed since this was planned: look again"))
      #expect(host.standing == .none)
      #expect(try await host.picture() == before)
    }
  }

  /// The program was killed while XAPI was at work on its step: what lands later is taken back as well.
  @Test func aCallThatLandsLateIsTakenBackToo() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      let plan = try await host.plan(.fixed(.interface("eth1"), "10.0.9.12/24", gateway: nil))
      var hands = ChangeHands(host.client, host.system)
      _ = try await hands.perform(plan.steps[0].action)
      await host.host.setTaskTime(.seconds(3))
      let eth1 = try #require(try await host.scene().tree["eth1"])
      _ = try await host.client.call("Async.host.management_reconfigure", [eth1.ref.json])
      try host.begin(plan, begun: 2)
      await GuardPost(host.system, try #require(host.settings().guardWay)).relieve()
      try await host.untilOver()
      await host.host.setTaskTime(.zero)
      #expect(try await host.picture() == before)
      try await Task.sleep(for: .seconds(3))
      #expect(try await host.picture() == before)
    }
  }

  /// A VM uses the VLAN by now: it stays, and everything else goes back.
  @Test func whatCannotBeClearedAwayIsLeftAndSaid() async throws {
    try await ChangeHost.with(.standalone) { host in
      let plan = try await host.plan(Self.newVLAN())
      await host.host.failNext("VLAN.destroy", with: ["VIF_IN_USE", "x", "y"], times: 99)
      _ = await host.run(plan, host.settings(confirmWithin: 0.5))
      try await host.untilOver()
      let scene = try await host.scene()
      #expect(scene.tree.management?.name == "eth0")
      #expect(scene.tree["eth0"]?.pif.ip == "10.0.4.11")
      #expect(PendingStore(host.system).lastEnd()?.end.contains("left over: Remove VLAN 42 from eth1") == true)
    }
  }

  // MARK: The disk

  /// A disk that fills up meanwhile keeps nobody from the old settings.
  @Test func onAFullDiskItGoesBackAllTheSame() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      let isFull = Mutex(false)
      let gate = FileGate { (change) throws(HostFileError) in
        guard case .write(let path, _) = change, isFull.withLock({ $0 }), path.contains("/xcpconsole/") else { return }
        throw .notChanged(path: path, reason: "No space left on device")
      }
      let system = HostSystem(root: host.folder, tools: host.system.tools, gate: gate)
      let full = ChangeHost(host: host.host, client: host.client, system: system, folder: host.folder)
      _ = await full.run(try await full.plan(Self.newVLAN()), full.settings(confirmWithin: 1))
      isFull.withLock { $0 = true }
      try await full.untilOver()
      #expect(try await host.picture() == before)
    }
  }

  // MARK: One guard after the other

  /// The guard of the change before may be about to end: that of the next one waits for it, and does not give up.
  @Test func aGuardWaitsForTheOneBefore() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let other = try Self.otherGuard(on: host.system, for: .milliseconds(400))
      guard case .waiting = await host.run(try await host.plan(Self.newVLAN())) else {
        Issue.record("it was not begun")
        return
      }
      _ = await other.value
      #expect(PendingGuard.isAlive(host.system) && PendingGuard.standing(host.system)?.id == host.standing.change?.id)
      // Taken back by somebody else, it is over at once, whenever it would look again after a failure.
      _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).revert(why: "asked for")
      for _ in 0..<500 where PendingGuard.isAlive(host.system) { try await Task.sleep(for: .milliseconds(10)) }
      #expect(!PendingGuard.isAlive(host.system))
    }
  }

  private static func otherGuard(on system: HostSystem, for time: Duration) throws -> Task<Void, Never> {
    let lock = try #require(try FileLock.tried("\(PendingStore.folder)/guard.lock", on: system))
    return Task {
      try? await Task.sleep(for: time)
      withExtendedLifetime(lock) {}
    }
  }

  // MARK: XAPI dies

  /// The network daemon alone brings the old address back, and XAPI is told when it is there again.
  @Test func withXAPIDeadTheHostsFilesBringItBack() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      _ = await host.run(try await host.plan(Self.newVLAN()), host.settings(confirmWithin: 2, patience: .seconds(1)))
      #expect(try await host.addresses(of: "xenbr0") == [])
      _ = try await host.system.tools.run(Command(["systemctl", "stop", "xapi"], timeLimit: .seconds(30)))
      for _ in 0..<500 where host.standing.change?.state != .revertedInFiles { try await Task.sleep(for: .milliseconds(20)) }
      #expect(host.standing.change?.state == .revertedInFiles)
      #expect(try await host.addresses(of: "xenbr0") == ["10.0.4.11/24"])
      #expect(try Inventory(of: host.system).managementInterface == "xenbr0")
      _ = try await host.system.tools.run(Command(["systemctl", "start", "xapi"], timeLimit: .seconds(30)))
      try await host.untilOver()
      #expect(host.standing == .none)
      #expect(try await host.picture() == before)
    }
  }

  /// Somebody sees that the host works, and keeps it although XAPI is dead: nothing takes it back then.
  @Test func keptWithXAPIDeadItStays() async throws {
    try await ChangeHost.with(.standalone) { host in
      _ = await host.run(try await host.plan(Self.newVLAN()), host.settings(confirmWithin: 3))
      _ = try await host.system.tools.run(Command(["systemctl", "stop", "xapi"], timeLimit: .seconds(30)))
      _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).keep()
      _ = try await host.system.tools.run(Command(["systemctl", "start", "xapi"], timeLimit: .seconds(30)))
      try await Task.sleep(for: .seconds(4))
      #expect(try await host.scene().tree.management?.name == "VLAN 42 on eth1")
    }
  }

  // MARK: Families

  @Test func managementTurnsToIPv6AndBack() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      let request = ManagementRequest(
        target: .interface("eth0"), ipv4: .none, ipv6: .fixed(try IPv6Prefix(parsing: "fd00::12/64"), gateway: nil),
        primary: .ipv6)
      let plan = try await host.plan(request)
      #expect(
        plan.steps.map(\.action) == [
          .setIPv6("eth0", IPv6Settings(mode: .static, address: "fd00::12/64")), .disableManagement,
          .setPrimaryAddressType("eth0", .ipv6), .manage("eth0"), .setIPv4("eth0", .none),
        ])
      let outcome = await host.run(plan, host.settings(confirmWithin: 1))
      guard case .waiting = outcome else {
        Issue.record("\(outcome)")
        return
      }
      let scene = try await host.scene()
      #expect(scene.database.hosts[scene.host]?.address == "fd00::12")
      try await host.untilOver()
      #expect(try await host.picture() == before)
    }
  }

  @Test func managementCanBeSwitchedOff() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      let plan = DisableManagementPlanner(try await host.facts()).plan()
      _ = await host.run(plan, host.settings(confirmWithin: 0.5))
      #expect(try await host.scene().tree.management == nil)
      try await host.untilOver()
      #expect(try await host.picture() == before)
    }
  }
}

extension ChangeHost {
  /// What the simulated kernel has on a device.
  func addresses(of device: String) async throws -> [String] {
    let devices = try await IPDevice.all(on: system)
    return devices.first { $0.name == device }?.addresses.filter { $0.scope != "link" }
      .map { "\($0.address)/\($0.prefixLength)" } ?? []
  }
}
