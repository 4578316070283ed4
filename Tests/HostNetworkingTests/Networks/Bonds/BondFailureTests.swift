import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Whichever call of whichever plan goes wrong: the old layout stands afterwards.
struct BondFailureTests {
  /// Each call of each step that changes something fails: in turn it is refused, or done and answered with an error all the same.
  /// Those that are part of others are left out.
  @Test(arguments: BondCase.all.filter { !["create", "take out"].contains($0.name) }) func whicheverCallFails(_ one: BondCase) async throws {
    let calls = try await Self.calls(one)
    #expect(!calls.isEmpty)
    try await ChangeHost.quick(one.scenario) { host in
      try await one.prepare(host)
      let before = try await host.layout()
      for (place, (call, skipping)) in calls.enumerated() {
        for after in call == "network.destroy" ? [false, true] : [place % 2 == 1] {
          let plan = try await host.plan(one.intent)
          await host.host.failNext(call, with: ["INTERNAL_ERROR", "simulated"], skipping: skipping, after: after)
          let outcome = await host.run(plan)
          // XAPI notes name servers down now here, now there: the way is not always equally long.
          guard await host.host.stopFailing() else {
            if case .waiting = outcome {
              _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).revert(why: "nothing failed")
              continue
            }
            Issue.record("\(call) \(skipping + 1) was not called: \(outcome)")
            return
          }
          // Once it is gone it is gone, whatever XAPI says of it; so ends the last step.
          if call == "network.destroy", after {
            #expect(outcome == .done)
            return
          }
          if case .undone = outcome {} else { Issue.record("\(call) \(skipping + 1) \(after ? "after" : "before") its work: \(outcome)") }
          #expect(host.standing == .none)
          try await host.expectSame(before)
        }
      }
    }
  }

  /// What a plan calls, each with how many of the same come before it; `network.destroy` last, for nothing undoes that.
  private static func calls(_ one: BondCase) async throws -> [(call: String, skipping: Int)] {
    var found: [(call: String, skipping: Int)] = []
    try await ChangeHost.quick(one.scenario) { host in
      try await one.prepare(host)
      let plan = try await host.plan(one.intent)
      #expect(!plan.isBlocked, "\(plan.hazards)")
      await host.host.watchCalls()
      let outcome = await host.run(plan, host.settings(confirmWithin: 600))
      if case .waiting = outcome { #expect(plan.isProvisional) } else { #expect(outcome == .done) }
      let isMark = "network.remove_from_other_config"
      var counts: [String: Int] = [:]
      for name in await host.host.seenCalls {
        let call = name.hasPrefix("Async.") ? String(name.dropFirst(6)) : name
        let changes = ChangeCalls.tasks.contains(call) || [".create", ".destroy", "other_config", ".set_MTU", ".set_disallow_unplug"].contains { call.hasSuffix($0) }
        guard changes, call != "task.destroy", call != isMark, !call.hasPrefix("session.") else { continue }
        found.append((call, counts[call, default: 0]))
        counts[call, default: 0] += 1
      }
      if host.standing != .none { _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).revert(why: "it was only a look") }
    }
    return found.filter { $0.call != "network.destroy" } + found.filter { $0.call == "network.destroy" }
  }
}
