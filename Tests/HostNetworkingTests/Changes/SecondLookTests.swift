import Dom0
import JSON
import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// What was planned a while ago is held against the host right before it begins.
@Suite(.serialized) struct SecondLookTests {
  private func planned(_ intent: Intent, _ host: ChangeHost) async throws -> ChangePlan {
    try await ChangePlanning(host.client, host.system, FakeProbes()).plan(intent)
  }

  private static let hasChanged = ChangeOutcome.refused("the host has changed since this was planned: look again")

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
      #expect(await host.run(plan) == Self.hasChanged)
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
      #expect(await host.run(plan) == Self.hasChanged)
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
}
