import JSON
import Testing
import XenAPI

@testable import HostNetworking

/// Putting a layout back, through the real client and the simulated host's socket.
struct LayoutRestoreTests {
  @Test func nothingLostMeansNothingToDo() async throws {
    try await LayoutHost.with(.pool) { host in
      let plan = try await host.plan(try await host.layout())
      #expect(plan.steps.map(\.id) == [])
      #expect(plan.hazards == [])
      #expect(plan.nics.allSatisfy { $0.kind == .same })
      #expect(plan.present.contains("bond0"))
      #expect(plan.present.contains("VLAN 4000 on bond0"))
    }
  }

  @Test func aResetIsPutBack() async throws {
    try await LayoutHost.with(.pool) { host in
      let layout = try await host.layout()
      try await host.lose()
      let plan = try await host.plan(layout)
      #expect(plan.steps.first { $0.touchesManagement }?.id == "create bond0")
      let outcome = await host.run(plan)
      #expect(outcome.failed == [], "\(outcome.states)")
      #expect(outcome.isComplete)
      let after = try await host.layout()
      #expect(after.comparable == layout.comparable)
      #expect(try await host.plan(layout).isComplete)
    }
  }
}
