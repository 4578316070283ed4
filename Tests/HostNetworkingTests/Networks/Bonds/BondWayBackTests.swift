import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// The way back of plans about bonds: gone whole, gone twice, cut off, and what is left of it.
struct BondWayBackTests {
  /// A step that cannot be done stands behind all others: the whole way back is gone. `BondFailureTests` lets each step fail by itself.
  @Test(arguments: BondCase.all) func whenAllWasDone(_ one: BondCase) async throws {
    try await ChangeHost.quick(one.scenario) { host in
      try await one.prepare(host)
      let before = try await host.layout()
      let plan = try await host.plan(one.intent)
      #expect(!plan.steps.isEmpty && !plan.isBlocked, "\(plan.hazards)")
      // What removes the network cannot be taken back: it is the last step.
      let isLast = if case .destroyEmptyNetwork = plan.steps.last?.action { true } else { false }
      let outcome = await host.run(ChangeHost.failing(plan, at: plan.steps.count - (isLast ? 1 : 0)), looksAgain: false)
      #expect(outcome == .undone(reason: "eth77 is not there"), "\(outcome)")
      #expect(host.standing == .none)
      try await host.expectSame(before)
    }
  }

  /// The way back may be gone twice: XAPI died in its midst, or the guard was ended. The second time there is nothing to do.
  @Test(arguments: BondCase.all.filter { $0.scenario == .pool || $0.name.contains("management") || $0.name.contains("primary") })
  func theWayBackTwice(_ one: BondCase) async throws {
    try await ChangeHost.quick(one.scenario) { host in
      try await one.prepare(host)
      let before = try await host.layout()
      let plan = try await host.plan(one.intent)
      try host.begin(plan, begun: plan.steps.count)
      let id = try #require(host.standing.change?.id)
      await host.host.watchCalls()
      #expect(try await Reversal(host.client, host.system, patience: .seconds(2)).run(id, why: "again") == .reverted)
      let made = await host.host.seenCalls.filter { $0.hasPrefix("Async.") || $0.hasPrefix("network.") }
      #expect(made.isEmpty, "\(made)")
      try await host.expectSame(before)
    }
  }

  /// On the way back something does not work: it is said what is left, and the rest is done.
  @Test func whatIsLeftIsSaid() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await host.plan(.create(BondRequest(members: ["eth1", "eth2"], mode: .balanceSLB)))
      await host.host.failNext("Bond.destroy", with: ["INTERNAL_ERROR", "simulated"])
      guard case .stuck(_, let left) = await host.run(ChangeHost.failing(plan, at: plan.steps.count)) else {
        Issue.record("not stuck")
        return
      }
      #expect(left.contains { $0.hasPrefix("Take the bond of eth1 and eth2 apart: ") }, "\(left)")
      // Nothing carries the mark of a change that is over.
      #expect(try await host.facts().database.networks.all.allSatisfy { $0.record.otherConfig[ChangeAction.markKey] == nil })
    }
  }

  /// Numbers have a gap: the bond that is made anew on the way back has another one.
  @Test(arguments: [BondIntent.destroy("bond1", withNetwork: false), .removeMember("eth1", bond: "bond1"), .removeMember("eth0", bond: "bond1"), .addMember("eth3", bond: "bond1")])
  func numbersWithAGap(_ intent: BondIntent) async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth2"], name: "First")
      try await host.bond(["eth0", "eth1"], name: "Second")
      let first = try #require(try await host.scene().tree["bond0"]?.pif.bondMasterOf.first)
      _ = try await host.client.call("Bond.destroy", [first.json])
      let before = try await host.layout()
      let plan = try await host.plan(intent)
      #expect(plan.isProvisional && !plan.isBlocked, "\(plan.hazards)")
      #expect(plan.steps.allSatisfy { !$0.sentence.hasPrefix("Make bond1") })
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.1)) else {
        Issue.record("not waiting")
        return
      }
      try await host.untilOver()
      #expect(host.standing == .none)
      let after = try await host.layout().map { $0.replacing("bond0", with: "bond1") }
      #expect(difference(before, after).isEmpty, "\(difference(before, after))")
    }
  }

  /// Marks are gone once a provisional change is kept, and once it is taken back.
  @Test func marksAreGoneInTheEnd() async throws {
    try await ChangeHost.quick(.standalone) { host in
      func marks() async throws -> Int { try await host.facts().database.networks.all.count { $0.record.otherConfig[ChangeAction.markKey] != nil } }
      let intent = BondIntent.create(BondRequest(members: ["eth0", "eth1"], mode: .activeBackup, vlans: [42, 43]))
      let settings = host.settings(confirmWithin: 60)
      let keeper = PendingKeeper(host.client, host.system, settings: settings)
      for keeps in [false, true] {
        let outcome = await host.run(try await host.plan(intent), settings)
        guard case .waiting = outcome else {
          Issue.record("\(outcome)")
          return
        }
        #expect(try await marks() == 3)
        if keeps { _ = try await keeper.keep() } else { _ = try await keeper.revert(why: "asked") }
        #expect(try await marks() == 0)
      }
    }
  }
}
