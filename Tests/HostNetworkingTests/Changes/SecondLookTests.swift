import Dom0
import JSON
import SimulatedHost
import Synchronization
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// What was planned a while ago is held against the host right before it begins.
@Suite(.serialized) struct SecondLookTests {
  private func planned(_ intent: Intent, _ host: ChangeHost) async throws -> ChangePlan {
    try await ChangePlanning(host.client, host.system, FakeProbes()).plan(intent)
  }

  private func expectChanged(_ outcome: ChangeOutcome, sourceLocation: SourceLocation = #_sourceLocation) {
    guard case .refused(let why) = outcome, why.hasPrefix("the host has changed since this was planned: look again") else {
      Issue.record("\(outcome)", sourceLocation: sourceLocation)
      return
    }
  }

  @Test func aChangeThatIsStillTheSameIsMade() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await planned(.vlans(.create(try .new("77", on: "eth1"))), host)
      // Another look gives the network another mark, and is the same all the same.
      let again = try await planned(.vlans(.create(try .new("77", on: "eth1"))), host)
      #expect(plan.marks != again.marks && SecondLook.essence(plan) == SecondLook.essence(again))
      #expect(await host.run(plan) == .done)
    }
  }

  @Test func nothingIsDoneWhenSomebodyWasQuicker() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await planned(.vlans(.create(try .new("77", on: "eth1"))), host)
      try await host.vlan(77, on: "eth1", "Theirs")
      let before = try await host.wholePicture()
      expectChanged(await host.run(plan))
      #expect(try await host.wholePicture() == before)
    }
  }

  /// Harmless when it was planned; management has come to a member since.
  @Test func aPlainPlanThatWouldCutManagementNowIsNotBegun() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await planned(.bonds(.create(BondRequest(members: ["eth1", "eth2"], mode: .activeBackup))), host)
      #expect(!plan.isProvisional)
      _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref("eth1"), "Static", "10.0.4.11", "255.255.255.0", "10.0.4.1", "10.0.4.2"])
      _ = try await host.client.call("host.management_reconfigure", [try await host.ref("eth1")])
      let before = try await host.wholePicture()
      expectChanged(await host.run(plan))
      #expect(try await host.wholePicture() == before)
    }
  }

  /// Several networks are made, each with a mark of its own.
  @Test func vlansOnABondUnderManagementOnANetworkThatIsThere() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.network("Ready")
      let uuid = try await host.uuid("Ready")
      var request = BondRequest(members: ["eth0", "eth1"], mode: .activeBackup)
      request.network = .existing(uuid)
      request.vlans = [42, 43]
      let plan = try await planned(.bonds(.create(request)), host)
      #expect(plan.isProvisional && plan.marks.count == 2)
      let outcome = await host.run(plan)
      guard case .waiting = outcome else {
        Issue.record("\(outcome)")
        return
      }
    }
  }

  /// Its way back is for the host as it was.
  @Test func nothingOfTheNetworkChangesWhileAChangeIsOnTrial() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plain = try await planned(.vlans(.create(try .new("77", on: "eth1"))), host)
      guard case .waiting = await host.run(try await planned(.bonds(.create(BondRequest(members: ["eth0", "eth3"], mode: .activeBackup))), host)) else {
        Issue.record("it was not begun")
        return
      }
      guard case .refused(let why) = await host.run(plain) else {
        Issue.record("it was begun")
        return
      }
      #expect(why.hasPrefix("a change waits to be kept or taken back: ") && why.hasSuffix("Keep it or take it back first"))
      _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).revert(why: "asked for")
      #expect(await host.run(plain) == .done)
    }
  }

  @Test func aSilentXAPIIsNamed() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await planned(.vlans(.create(try .new("77", on: "eth1"))), host)
      await host.host.setFault(.refuse)
      guard case .refused(let why) = await host.run(plan) else {
        Issue.record("it was begun")
        return
      }
      #expect(why.hasPrefix("the host could not be looked at again: "))
    }
  }

  // MARK: The way back of what is not on trial

  /// XAPI dies over a step and is back in a moment: it is waited for, and all goes back.
  @Test(arguments: [0, 1, 3]) func xapiThatComesBackIsWaitedFor(writes: Int) async throws {
    try await ChangeHost.quick(.standalone) { host in
      let before = try await host.wholePicture()
      let plan = try await planned(.vlans(.create(try .new("77", on: "eth1"))), host)
      let call = try #require(plan.lines.contains { $0.contains("pool-vlan-create") } ? "pool.create_VLAN_from_PIF" : "VLAN.create")
      await host.host.die(in: call, afterWrites: writes, backAfter: .seconds(1))
      let told = Told()
      let outcome = await ChangeRun(plan, client: host.client, system: host.system, settings: host.settings()).run { _, state in
        if case .failed(let why) = state { told.add(why) }
      }
      switch outcome {
      // It died when all was done but the answer: that is seen, and nothing need be taken back.
      case .done: #expect(try await host.scene().tree["VLAN 77 on eth1"] != nil)
      case .undone:
        #expect(try await host.wholePicture() == before)
        #expect(told.all.contains { $0.hasSuffix("; waiting until XAPI answers, to take it back") }, "\(told.all)")
      // It died between the two rows of a VLAN: XAPI itself has no call that takes such a half away.
      case .stuck(_, let left): #expect(writes == 1 && left.contains { $0.contains("Remove network \"VLAN 77\": VLAN 77 on eth1 is on") }, "\(left)")
      default: Issue.record("\(outcome)")
      }
    }
  }
}

/// What a report has said.
private final class Told: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}
