import Dom0
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Changes of management through the real client and the simulated host's socket.
struct ChangeRunTests {
  @Test func aNewVLANIsMadeAndMovedToInOneGo() async throws {
    try await ChangeHost.with(.standalone) { host in
      let plan = try await host.plan(.fixed(.newVLAN(tag: 42, on: "eth1"), "10.0.4.12/24"))
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
      _ = await host.run(try await host.plan(.fixed(.newVLAN(tag: 42, on: "eth1"), "10.0.4.12/24")))
      _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).keep()
      #expect(host.standing == .none)
      let scene = try await host.scene()
      #expect(scene.tree.management?.name == "VLAN 42 on eth1")
      // The mark was only for the way back.
      #expect(scene.network(mark: "themark") == nil)
      #expect(PendingStore(host.system).lastEnd()?.end.hasPrefix("kept by") == true)
    }
  }

  @Test func unconfirmedItGoesBack() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await host.picture()
      let plan = try await host.plan(.fixed(.newVLAN(tag: 42, on: "eth1"), "10.0.4.12/24"))
      let outcome = await host.run(plan, host.settings(confirmWithin: 0.5))
      guard case .waiting = outcome else {
        Issue.record("\(outcome)")
        return
      }
      try await host.untilOver()
      #expect(host.standing == .none)
      #expect(try await host.picture() == before)
    }
  }
}
