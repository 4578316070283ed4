import Dom0
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Steps that fail: the others are done all the same, nothing is left lying about, and the next run brings the rest.
struct RestoreFailureTests {
  /// The calls whose failure is tried, one of each kind of step.
  private static let calls = [
    "Bond.create", "VLAN.create", "tunnel.create", "network_sriov.create", "PIF.reconfigure_ip", "PIF.reconfigure_ipv6",
    "PIF.set_property", "PIF.set_disallow_unplug", "PIF.plug", "network.set_default_locking_mode",
  ]

  @Test(arguments: [false, true])
  func everyCallFailsOnce(afterTheWork: Bool) async throws {
    try await LayoutHost.withEverything { host in
      let layout = try await host.layout()
      for call in Self.calls {
        try await host.reset()
        for ref in await host.host.refs(class: "network", where: ["name_label": "Lab"]) {
          await host.host.destroyRow(class: "network", ref: ref)
        }
        let plan = try await host.plan(layout)
        await host.host.failNext(call, with: ["INTERNAL_ERROR", "out of luck"], after: afterTheWork)
        let outcome = await host.run(plan)
        if !afterTheWork || call.hasSuffix(".create") {
          #expect(outcome.failed.count == 1, "\(call): \(outcome.states)")
        }
        for id in outcome.failed {
          guard case .failed(let reason) = outcome.states[id] else { continue }
          #expect(reason.contains("out of luck"), "\(call): \(reason)")
        }
        try await Self.expectNoOrphans(host, call)
        // What does not need the failed step was done.
        for step in plan.steps where !outcome.failed.contains(step.id) && !outcome.notReached.contains(step.id) {
          #expect(
            outcome.states[step.id].map { if case .done = $0 { true } else { false } } == true, "\(call): \(step.id)")
        }
        let again = await host.run(try await host.plan(layout))
        #expect(again.isComplete, "\(call): \(again.states)")
        // The network that was made anew has another uuid and bridge; all else is as it was.
        let after = try await host.layout()
        #expect(after.interfaces.map(\.name) == layout.interfaces.map(\.name), "\(call)")
        #expect(try await host.plan(layout).steps.map(\.id) == [], "\(call)")
        #expect(await host.host.refs(class: "network", where: ["name_label": "Lab"]).count == 1, "\(call)")
      }
    }
  }

  /// Every bond, VLAN, tunnel and SR-IOV network has the interfaces it is made of, and each interface has its row.
  private static func expectNoOrphans(_ host: LayoutHost, _ call: String) async throws {
    let tree = InterfaceTree(try await host.database(), host: try await host.thisHost())
    #expect(Set(tree.nodes.map(\.name)).count == tree.nodes.count, "\(call)")
    for (name, field) in [
      ("Bond", "master"), ("VLAN", "untagged_PIF"), ("tunnel", "access_PIF"), ("network_sriov", "logical_PIF"),
    ] {
      for row in await host.host.refs(class: name) {
        let pif = await host.host.record(class: name, ref: row)?[field]?.string ?? ""
        #expect(await host.host.record(class: "PIF", ref: pif) != nil, "\(call) left a \(name)")
      }
    }
  }

  @Test func whatAFailedPlugLeavesBehindIsRemoved() async throws {
    try await LayoutHost.withEverything { host in
      let layout = try await host.layout()
      try await host.reset()
      await host.host.setPlugFailure(device: "eth2", message: "script error")
      let plan = try await host.plan(layout)
      let outcome = await host.run(plan)
      guard case .failed(let reason) = outcome.states["create VLAN 77 on eth2"] else {
        Issue.record("VLAN 77: \(String(describing: outcome.states["create VLAN 77 on eth2"]))")
        return
      }
      #expect(reason.contains("PIF_CONFIGURATION_ERROR"))
      #expect(reason.contains("the VLAN that was left behind was removed"))
      // The address was refused as well, and the old one stands.
      guard case .failed(let address) = outcome.states["IPv4 eth2"] else {
        Issue.record("IPv4: \(String(describing: outcome.states["IPv4 eth2"]))")
        return
      }
      #expect(address.contains("PIF_CONFIGURATION_ERROR"))
      let eth2 = try #require(try await host.layout().interface("eth2"))
      #expect(eth2.ipv4.mode == .none)
      // The tunnel over it was not even tried; the bond was made.
      #expect(outcome.notReached.contains("create tunnel0"))
      #expect(outcome.states["create bond0"] == .done())
      await host.host.setPlugFailure(device: "eth2", message: nil)
      let again = await host.run(try await host.plan(layout))
      #expect(again.isComplete, "\(again.states)")
      let after = try await host.layout()
      #expect(after.difference(from: layout) == [])
    }
  }

  @Test func aLostAnswerIsLookedAfter() async throws {
    try await LayoutHost.with(.pool) { host in
      let layout = try await host.layout()
      try await host.reset()
      let plan = try await host.plan(layout)
      // XAPI restarts while the bond is being made: the task is forgotten, the bond is there or not.
      await host.host.setTaskTime(.milliseconds(300))
      let run = Task { await host.run(plan) }
      while await host.host.refs(class: "task").isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      await host.host.restartToolstack(downFor: .milliseconds(100))
      let outcome = await run.value
      await host.host.setTaskTime(.zero)
      for id in outcome.failed {
        guard case .failed(let reason) = outcome.states[id] else { continue }
        #expect(reason.contains("Look again before you repeat it") || reason.contains("XAPI"), "\(reason)")
      }
      let again = await host.run(try await host.plan(layout))
      #expect(again.isComplete, "\(again.states)")
      let after = try await host.layout()
      #expect(after.difference(from: layout) == [])
    }
  }

  @Test func stoppingLeavesNoStepHalfDone() async throws {
    try await LayoutHost.with(.pool) { host in
      let layout = try await host.layout()
      try await host.reset()
      let plan = try await host.plan(layout)
      await host.host.setTaskTime(.milliseconds(200))
      let run = Task { await host.run(plan) }
      while await host.host.refs(class: "task").isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      run.cancel()
      let outcome = await run.value
      await host.host.setTaskTime(.zero)
      let done = outcome.states.values.count { if case .done = $0 { true } else { false } }
      #expect(done >= 1)
      #expect(outcome.failed == [])
      #expect(!outcome.notReached.isEmpty)
      #expect(!outcome.isComplete)
      #expect(done + outcome.notReached.count == plan.steps.count)
      #expect(await host.run(try await host.plan(layout)).isComplete)
    }
  }
}
