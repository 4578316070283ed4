import Dom0
import JSON
import SimulatedHost
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

  @Test func theCoordinatorIsPutBackAfterAReset() async throws {
    try await LayoutHost.with(.pool) { host in
      let layout = try await host.layout()
      try await host.reset()
      let plan = try await host.plan(layout)
      #expect(plan.steps.first { $0.touchesManagement }?.id == "create bond0")
      // What does not need the bond comes before what can cut the host off.
      let first = try #require(plan.steps.firstIndex { $0.touchesManagement })
      #expect(plan.steps[..<first].map(\.id).contains("IPv4 eth2"))
      #expect(plan.steps[first...].contains { $0.id == "create VLAN 20 on bond0" })
      let outcome = await host.run(plan)
      #expect(outcome.isComplete, "\(outcome.states)")
      let after = try await host.layout()
      #expect(after.difference(from: layout) == [])
      #expect(try await host.plan(layout).isComplete)
    }
  }

  @Test func oneOfEverythingIsPutBack() async throws {
    try await LayoutHost.withEverything { host in
      let layout = try await host.layout()
      #expect(layout.tunnels.map(\.base) == ["eth2"])
      #expect(layout.sriovs.map(\.name) == ["SR-IOV on eth3"])
      #expect(layout.management == "bond0")
      try await host.reset()
      let plan = try await host.plan(layout)
      let outcome = await host.run(plan)
      #expect(outcome.isComplete, "\(outcome.states)")
      let after = try await host.layout()
      #expect(after.difference(from: layout) == [])
      #expect(try await host.plan(layout).steps.map(\.id) == [])
    }
  }

  @Test func aMemberGetsItsOwnPartBack() async throws {
    try await LayoutHost.with(.member) { host in
      let layout = try await host.layout()
      #expect(layout.host.role == "member")
      let settings = ManagementSettings(
        device: "eth0", ipv4: .static(address: "10.0.4.12", netmask: "255.255.255.0", gateway: "10.0.4.1"),
        dns: ["10.0.4.2", "10.0.4.3"])
      try await host.reset(settings)
      let plan = try await host.plan(layout)
      let outcome = await host.run(plan)
      #expect(outcome.isComplete, "\(outcome.states)")
      let after = try await host.layout()
      #expect(after.difference(from: layout) == [])
    }
  }

  @Test func stepsCanBeLeftOutAndDoneLater() async throws {
    try await LayoutHost.with(.pool) { host in
      let layout = try await host.layout()
      try await host.reset()
      var plan = try await host.plan(layout)
      let leftOut = plan.leftOut(skipping: ["create bond0"])
      #expect(leftOut["create VLAN 20 on bond0"]?.contains("Create bond0 from eth0 and eth1") == true)
      #expect(leftOut["IPv4 eth2"] == nil)
      var outcome = await host.run(plan, skipping: ["create bond0"])
      #expect(outcome.isComplete)
      #expect(outcome.states["IPv4 eth2"] == .done())
      #expect(outcome.states["create bond0"] == .skipped("left out"))
      plan = try await host.plan(layout)
      #expect(plan["IPv4 eth2"] == nil)
      outcome = await host.run(plan)
      #expect(outcome.isComplete)
      let after = try await host.layout()
      #expect(after.difference(from: layout) == [])
    }
  }

  @Test func anOldPlanDoesNothingTwice() async throws {
    try await LayoutHost.withEverything { host in
      let layout = try await host.layout()
      try await host.reset()
      let plan = try await host.plan(layout)
      #expect(await host.run(plan).isComplete)
      let networks = await host.host.refs(class: "network").count
      let outcome = await host.run(plan)
      #expect(outcome.isComplete)
      let redone = outcome.states.filter { $0.value != .done("it was so already") }
      #expect(redone.isEmpty)
      #expect(await host.host.refs(class: "network").count == networks)
    }
  }

  @Test func networksMadeAnewAreNotMadeTwice() async throws {
    try await LayoutHost.withEverything { host in
      let layout = try await host.layout()
      try await host.reset()
      // Without what is on them: they go only when nothing uses them.
      for name in ["DMZ", "Lab", "Bond 0+1"] {
        for ref in await host.host.refs(class: "network", where: ["name_label": .string(name)]) {
          await host.host.destroyRow(class: "network", ref: ref)
        }
      }
      let plan = try await host.plan(layout)
      #expect(plan["create network \"DMZ\""] != nil)
      let outcome = await host.run(plan)
      #expect(outcome.isComplete, "\(outcome.states)")
      #expect(try await host.plan(layout).steps.map(\.id) == [])
      for name in ["DMZ", "Lab", "Bond 0+1"] {
        #expect(await host.host.refs(class: "network", where: ["name_label": .string(name)]).count == 1)
      }
      let lab = try #require(await host.host.refs(class: "network", where: ["name_label": "Lab"]).first)
      let record = try #require(await host.host.record(class: "network", ref: lab))
      #expect(record["tags"] == ["quiet"])
      #expect(record["default_locking_mode"] == "disabled")
    }
  }

  @Test func highAvailabilityStandsInTheWayOfAddresses() async throws {
    try await LayoutHost.with(.pool) { host in
      let layout = try await host.layout()
      try await host.reset()
      for pool in await host.host.refs(class: "pool") {
        await host.host.mutate(class: "pool", ref: pool, field: "ha_enabled", value: true)
      }
      let plan = try await host.plan(layout)
      #expect(plan["create bond0"]?.blocked == "high availability is on: disable it first")
      #expect(plan["IPv4 eth2"]?.blocked == "high availability is on: disable it first")
      #expect(plan.hazards.contains { $0.text.contains("Addresses and management cannot change") })
      let outcome = await host.run(plan)
      #expect(outcome.failed == [])
    }
  }

  @Test func aVLANWithManagementGoesBackToItsNetwork() async throws {
    try await LayoutHost.with(.standalone) { host in
      let eth1 = try await host.pif("eth1")
      let network =
        try await host.client.call(
          "network.create", [["name_label": "Management", "other_config": [:]]]
        ).string ?? ""
      _ = try await host.client.call("VLAN.create", [.string(eth1), 20, .string(network)])
      let vlan = try await host.pif("eth1", vlan: 20)
      _ = try await host.client.call(
        "PIF.reconfigure_ip", [.string(vlan), "Static", "10.0.20.11", "255.255.255.0", "10.0.20.1", "10.0.20.2"])
      _ = try await host.client.call("host.management_reconfigure", [.string(vlan)])
      let eth0 = try await host.pif("eth0")
      _ = try await host.client.call("PIF.reconfigure_ip", [.string(eth0), "None", "", "", "", ""])
      let layout = try await host.layout()
      #expect(layout.management == "VLAN 20 on eth1")
      // XAPI makes a new network for the tag when it has no other host to learn the old one from.
      try await host.reset(
        ManagementSettings(
          device: "eth1", vlan: 20,
          ipv4: .static(address: "10.0.20.11", netmask: "255.255.255.0", gateway: "10.0.20.1"),
          dns: ["10.0.20.2"]))
      let plan = try await host.plan(layout)
      if let step = plan["replace VLAN 20 on eth1"] {
        #expect(step.touchesManagement)
        #expect(step.blocked == nil)
      }
      let outcome = await host.run(plan)
      #expect(outcome.isComplete, "\(outcome.states)")
      let after = try await host.layout()
      #expect(after.management == "VLAN 20 on eth1")
      #expect(after.interface("VLAN 20 on eth1").map { after.network($0.network)?.name } == "Management")
      #expect(after.interface("VLAN 20 on eth1")?.ipv4 == layout.interface("VLAN 20 on eth1")?.ipv4)
    }
  }
}
