import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Every call of every plan about networks and VLANs fails once, before its work and after it: the old layout stands, or what is left is
/// named and can be finished.
@Suite struct NetworkFailureTests {
  /// A plan with the calls that make it.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let calls: [String]
    var prepare: @Sendable (ChangeHost) async throws -> Void = { _ in }
    let plan: @Sendable (ChangeHost) async throws -> ChangePlan
  }

  private static let free: @Sendable (ChangeHost) async throws -> Void = { host in
    await host.mutate("VIF", [:], "currently_attached", false)
    // What is behind VLAN 90 would be in the way.
    await host.mutate("PBD", [:], "currently_attached", false)
    await host.mutate("network", ["name_label": "Out of band"], "other_config", ["static-routes": "10.9.0.0/16/10.0.4.1"])
    await host.mutate("network", ["name_label": "Out of band"], "tags", ["bmc"])
  }

  static let cases: [Case] = [
    Case(testDescription: "a private network", calls: ["network.create", "network.set_default_locking_mode", "network.add_purpose"]) { host in
      try await host.plan(NetworkDraft(name: "n", tags: ["a"], lockingMode: .disabled, purpose: [NetworkPurpose.nbd]))
    },
    Case(
      testDescription: "another name and the rest",
      calls: [
        "network.set_name_label", "network.set_name_description", "network.set_MTU", "network.set_default_locking_mode", "network.add_purpose",
        "network.set_tags",
      ], prepare: free
    ) { host in
      var edit = NetworkEdit(try await host.uuid("Private lab"))
      (edit.name, edit.description, edit.mtu, edit.lockingMode) = ("Quarantine", "x", 1400, .disabled)
      (edit.purpose, edit.tags) = ([NetworkPurpose.nbd], ["sealed"])
      return try await host.plan(edit)
    },
    Case(testDescription: "VLANs on new networks of all hosts", calls: ["network.create", "pool.create_VLAN_from_PIF"]) { host in
      try await host.plan(.new("77,78", on: "bond0"))
    },
    Case(testDescription: "VLANs on new networks of this host", calls: ["network.create", "VLAN.create"]) { host in
      try await host.plan(.new("77,78", on: "bond0", pool: false))
    },
    Case(
      testDescription: "a VLAN on a network that is there", calls: ["network.set_MTU", "pool.create_VLAN_from_PIF"], prepare: free
    ) { host in
      var request = VLANRequest.existing(77, on: "bond0", try await host.uuid("Private lab"))
      request.mtu = 1400
      return try await host.plan(request)
    },
    Case(
      testDescription: "VLANs and their networks on all hosts go", calls: ["VLAN.destroy", "network.destroy"], prepare: free
    ) { host in
      try await host.plan(VLANRemoval(.tags(TagList([200, 4000]), on: "bond0"), isPoolWide: true, withNetwork: true))
    },
    Case(testDescription: "a VLAN with its address goes from this host", calls: ["VLAN.destroy"], prepare: free) { host in
      try await host.plan(VLANRemoval(.tags(TagList([90]), on: "bond0"), isPoolWide: false, withNetwork: true))
    },
    Case(
      testDescription: "a network goes with its tunnels", calls: ["tunnel.destroy", "network.destroy"],
      prepare: { host in try await host.addTunnels() }
    ) { host in
      try await host.plan(NetworkRemoval(try await host.uuid("overlay")))
    },
  ]

  @Test(arguments: cases) func everyCallFails(_ sample: Case) async throws {
    for call in sample.calls { try await failing(call, sample) }
  }

  /// The first call of a kind fails, then the second, each before its work and after it, until the plan is through.
  private func failing(_ call: String, _ sample: Case) async throws {
    try await ChangeHost.quick(.pool) { host in
      try await sample.prepare(host)
      let before = try await host.poolPicture()
      for place in 0..<24 {
        let plan = try await sample.plan(host)
        #expect(plan.blocking == [] && !plan.isEmpty)
        let after = place % 2 == 1
        await host.host.failNext(call, with: ["INTERNAL_ERROR", "simulated"], skipping: place / 2, after: after)
        let outcome = await host.run(plan)
        await host.host.stopFailing()
        if outcome == .done {
          #expect(place > 0 && !after, "\(call) was never made")
          return
        }
        guard case .undone(let reason) = outcome else {
          Issue.record("\(call) \(place): \(outcome)")
          return
        }
        #expect(reason.contains("simulated"), "\(reason)")
        let now = try await host.poolPicture()
        #expect(now == before, "\(call) \(place): \(Set(now).symmetricDifference(before).sorted())")
      }
      Issue.record("\(call) fails without an end")
    }
  }

  /// The way back fails as well: what is left is told with its name, and a plan made then finishes it.
  @Test func whatIsLeftHasANameAndCanBeFinished() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(.new("77", on: "bond0"))
      await host.host.failNext("pool.create_VLAN_from_PIF", with: ["INTERNAL_ERROR", "simulated"])
      await host.host.failNext("network.destroy", with: ["INTERNAL_ERROR", "stuck"])
      guard case .stuck(_, let left) = await host.run(plan) else {
        Issue.record("it is not stuck")
        return
      }
      #expect(left.count == 1 && left[0].hasPrefix("Remove network \"VLAN 77\": "))
      #expect(await host.run(try await host.plan(NetworkRemoval(try await host.uuid("VLAN 77")))) == .done)
    }
    try await ChangeHost.quick(.pool) { host in
      try await Self.free(host)
      let plan = try await host.plan(VLANRemoval(.tags(TagList([200, 4000]), on: "bond0"), isPoolWide: true, withNetwork: true))
      await host.host.failNext("network.destroy", with: ["INTERNAL_ERROR", "simulated"])
      await host.host.failNext("VLAN.create", with: ["INTERNAL_ERROR", "stuck"])
      guard case .stuck(_, let left) = await host.run(plan) else {
        Issue.record("it is not stuck")
        return
      }
      #expect(left.count == 1 && left[0].hasPrefix("Create VLAN 4000 on bond0 of xcp1, xcp2 and xcp3: "), "\(left)")
      let rest = VLANRequest.existing(4000, on: "bond0", try await host.uuid("Heartbeat"))
      #expect(await host.run(try await host.plan(rest)) == .done)
    }
  }

  /// XAPI restarts under a step: it is waited for before what was done is taken back.
  @Test func aToolstackThatRestartsIsWaitedFor() async throws {
    try await ChangeHost.quick(.pool) { host in
      let before = try await host.poolPicture()
      let plan = try await host.plan(NetworkDraft(name: "Jail", lockingMode: .disabled))
      await host.host.die(in: "network.set_default_locking_mode", afterWrites: 0, backAfter: .milliseconds(600))
      guard case .undone = await host.run(plan) else {
        Issue.record("it is not undone")
        return
      }
      #expect(try await host.poolPicture() == before)
    }
  }

  /// Half a network is no network: the second attempt does the rest and makes no second one.
  @Test func whatIsHalfMadeIsFinished() async throws {
    try await ChangeHost.quick(.pool) { host in
      let action = ChangeAction.networks(.create(NetworkDraft(name: "Jail", lockingMode: .disabled, purpose: [NetworkPurpose.nbd]), mark: "m"))
      var hands = ChangeHands(host.client, host.system)
      await host.host.failNext("network.add_purpose", with: ["INTERNAL_ERROR", "simulated"])
      await #expect(throws: ChangeFailure.self) { _ = try await hands.perform(action) }
      #expect(try await hands.perform(action) == .done)
      let made = try await host.database().networks.all.map(\.record).filter { $0.nameLabel == "Jail" }
      #expect(made.count == 1 && made.first?.defaultLockingMode == .disabled && made.first?.purpose == ["nbd"])
    }
  }
}

extension ChangeHost {
  /// A private network between the hosts, over their bonds.
  func addTunnels() async throws {
    let overlay = try await addNetwork("overlay")
    for owner in ["xcp1", "xcp2", "xcp3"] {
      _ = try await client.call("tunnel.create", [.string(await pif("bond0", of: owner)), overlay.ref, "vxlan"])
    }
    await mutate("tunnel", [:], "other_config", ["for": "test"])
    let own = await row("PIF", ["network": overlay.ref, "host": .string(await row("host", ["name_label": "xcp2"]))])
    await host.mutate(class: "PIF", ref: own, field: "other_config", value: ["mtu": "1400"])
    _ = try await client.call("PIF.reconfigure_ip", [.string(own), "Static", "10.66.0.2", "255.255.255.0", "", ""])
    let third = await row("PIF", ["network": overlay.ref, "host": .string(await row("host", ["name_label": "xcp3"]))])
    _ = try await client.call("PIF.unplug", [.string(third)])
  }
}
