import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// What XAPI loses, refuses or does unasked when bonds are made and taken apart, and the plans do not.
struct BondCareTests {
  private static let two = BondRequest(members: ["eth1", "eth2"], mode: .activeBackup)

  // MARK: Who else is there

  @Test func somebodyElsesBondIsLeftAlone() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await host.plan(.create(BondRequest(members: ["eth1", "eth2", "eth3"], mode: .balanceSLB)))
      try await host.bond(["eth2", "eth3"], "lacp", name: "Theirs")
      let outcome = await host.run(plan, looksAgain: false)
      guard case .undone(let why) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(why.contains("eth2 has become a member of bond0"))
      let scene = try await host.scene()
      let bond = try #require(scene.tree["bond0"])
      #expect(scene.database.bonds[bond.pif.bondMasterOf.first]?.mode == .lacp && scene.database.networks[bond.pif.network]?.nameLabel == "Theirs")
    }
  }

  @Test func theSessionsOwnWayInIsOnTrial() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      var facts = try await host.bondFacts()
      #expect(!BondIntent.create(Self.two).plan(facts, mark: nil).isProvisional)
      facts.facts.session.peer = "10.20.0.77"
      // On a VLAN of a member.
      facts.facts.session.local = "10.20.0.5"
      let plan = BondIntent.create(Self.two).plan(facts, mark: nil)
      #expect(plan.isProvisional && plan.expectation?.interface == "eth0" && plan.expectation?.address == "10.0.4.11")
      #expect(plan.consequences.contains("You are connected from 10.20.0.77 to 10.20.0.5 on VLAN 20 on eth1: expect a freeze of some seconds"))
      facts.facts.session.local = "10.0.4.11"
      #expect(!BondIntent.create(Self.two).plan(facts, mark: nil).isProvisional)
    }
  }

  @Test func storageOverFCoEIsNotCutOff() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.fcoe("eth1", "LUN 7")
      let plan = try await host.plan(.create(Self.two))
      #expect(plan.isBlocked && plan.hazards.contains { $0.weight == .blocking && $0.text.hasPrefix("Storage \"LUN 7\" is attached over FCoE, and eth1 is its NIC") })
      let scene = try await host.scene()
      let members = ["eth1", "eth2"].compactMap { scene.tree[$0]?.ref.json }
      #expect(try await host.code("Bond.create", try await host.network("B"), .array(members), "", "active-backup") == "PIF_HAS_FCOE_SR_IN_USE")
      // Another could be the one: XAPI finds out, before it changes anything.
      try await host.set("eth3", "capabilities", ["fcoe"])
      let unsure = try await host.plan(.create(Self.two))
      #expect(!unsure.isBlocked && unsure.hazards.contains { $0.weight == .warning && $0.text.contains("eth1 may be its NIC") })
      #expect(await host.run(unsure) != .done)
      await host.host.failNext("PBD.get_all_records", with: ["INTERNAL_ERROR"])
      #expect(try await host.plan(.create(Self.two)).hazards.contains { $0.text.contains("XAPI did not tell whether any is attached") })
    }
    // A bond that is taken apart could not be made again.
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"])
      try await host.fcoe("eth1", "LUN 7")
      try await host.set("eth3", "capabilities", ["fcoe"])
      for intent in [BondIntent.removeMember("eth2", bond: "bond0"), .addMember("eth3", bond: "bond0")] {
        let plan = try await host.plan(intent)
        #expect(plan.isBlocked && plan.hazards.contains { $0.text.contains("refuse to make it again") }, "\(plan.hazards)")
      }
      let destroy = try await host.plan(.destroy("bond0", withNetwork: false))
      #expect(!destroy.isBlocked && destroy.hazards.contains { $0.text.contains("LUN 7") })
    }
  }

  // MARK: What is on the members

  @Test func tunnelsComeBackToWhereTheyWere() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      // One over the primary member, one over a VLAN, and one over the other member, which has no address: unplugged.
      for (base, label) in [("eth1", "Mesh"), ("VLAN 20 on eth1", "Inner")] {
        _ = try await host.client.call("tunnel.create", [try await host.ref(base), try await host.network(label), "vxlan"])
      }
      #expect(try await host.code("tunnel.create", try await host.ref("eth2"), try await host.network("Spare"), "gre") == "TRANSPORT_PIF_NOT_CONFIGURED")
      let row = try #require(await host.host.refs(class: "tunnel").first)
      _ = try await host.client.call("tunnel.add_to_other_config", [.string(row), "owner", "me"])
      let before = try await host.layout()
      #expect(before.count { $0.contains("tunnel over ") } == 3)
      let plan = try await host.plan(.create(Self.two))
      #expect(await host.run(ChangeHost.failing(plan, at: plan.steps.count)) == .undone(reason: "eth77 is not there"))
      try await host.expectSame(before)
      #expect(await host.run(plan) == .done)
      let tunnels = try await host.layout().filter { $0.contains("tunnel over ") }
      #expect(tunnels.count == 3 && tunnels.count { $0.contains("tunnel over bond0 on ") } == 2 && tunnels.contains { $0.contains("tunnel over VLAN 20 on bond0 on Inner") }, "\(tunnels)")
      #expect(try await host.facts().database.tunnels.all.contains { $0.record.otherConfig["owner"] == "me" })
    }
  }

  @Test func aNICWithAnAddressIsNotAdded() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"])
      _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref("eth3"), "Static", "10.9.0.5", "255.255.255.0", "", ""])
      let plan = try await host.plan(.addMember("eth3", bond: "bond0"))
      #expect(plan.isBlocked && plan.hazards.contains { $0.text.hasPrefix("eth3 has an address of its own (10.9.0.5/24)") })
    }
  }

  @Test func aNICThatIsAddedBringsAllAlong() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1"])
      _ = try await host.client.call("VLAN.create", [try await host.ref("eth2"), 30, try await host.network("Voice")])
      let voice = try await host.ref("VLAN 30 on eth2")
      _ = try await host.client.call("PIF.add_to_other_config", [voice, "ethtool-gso", "off"])
      _ = try await host.client.call("PIF.reconfigure_ipv6", [voice, "Static", "fd00:30::5/64", "", ""])
      _ = try await host.client.call("PIF.set_disallow_unplug", [try await host.ref("eth2"), true])
      let before = try await host.layout()
      let plan = try await host.plan(.addMember("eth2", bond: "bond0"))
      #expect(await host.run(ChangeHost.failing(plan, at: plan.steps.count)) == .undone(reason: "eth77 is not there"))
      try await host.expectSame(before)
      #expect(await host.run(plan) == .done)
      let scene = try await host.scene()
      #expect(scene.tree["bond0"]?.pif.disallowUnplug == true)
      #expect(scene.tree["VLAN 30 on bond0"]?.pif.otherConfig == ["ethtool-gso": "off"])
      #expect(scene.tree["VLAN 30 on bond0"]?.pif.ipv6.contains("fd00:30::5/64") == true)
    }
  }

  @Test func nobodyHasTheAddressTwice() async throws {
    try await ChangeHost.quick(.standalone) { host in
      _ = try await host.client.call("PIF.reconfigure_ipv6", [try await host.ref("eth2"), "Static", "fd00:2::5/64", "", ""])
      #expect(await host.run(try await host.plan(.create(Self.two))) == .done)
      #expect(try await host.scene().tree["bond0"]?.pif.ipv6.contains("fd00:2::5/64") == true)
      #expect(await host.run(try await host.plan(.destroy("bond0", withNetwork: true))) == .done)
      let scene = try await host.scene()
      #expect(scene.tree.nodes.filter { $0.pif.ipv6.contains("fd00:2::5/64") }.map(\.name) == ["eth1"])
      // Two addresses of the kind cannot both stay.
      _ = try await host.client.call("PIF.reconfigure_ipv6", [try await host.ref("eth2"), "Static", "fd00:9::9/64", "", ""])
      #expect(try await host.plan(.create(Self.two)).hazards.contains { $0.text.hasPrefix("IPv6 fd00:9::9/64 of eth2 is lost") })
    }
  }

  // MARK: Networks

  @Test func whatANetworkHasGoesToTheNewOne() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let scene = try await host.scene()
      let old = try #require(scene.tree["eth1"]?.pif.network)
      for vif in await host.host.refs(class: "VIF") { await host.host.mutate(class: "VIF", ref: vif, field: "currently_attached", value: false) }
      _ = try await host.client.call("network.add_to_other_config", [old.json, "static-routes", "10.99.0.0/16/10.1.0.1"])
      _ = try await host.client.call("network.set_default_locking_mode", [old.json, "disabled"])
      _ = try await host.client.call("network.add_purpose", [old.json, "nbd"])
      let before = try await host.layout()
      let plan = try await host.plan(.create(Self.two))
      #expect(plan.hazards.contains { $0.text.contains("static-routes=10.99.0.0/16/10.1.0.1, locking mode disabled, purpose nbd") }, "\(plan.hazards.map(\.text))")
      #expect(await host.run(ChangeHost.failing(plan, at: plan.steps.count)) == .undone(reason: "eth77 is not there"))
      try await host.expectSame(before)
      #expect(await host.run(plan) == .done)
      let now = try await host.scene()
      let network = try #require(now.database.networks[now.tree["bond0"]?.pif.network])
      #expect(network.otherConfig["static-routes"] == "10.99.0.0/16/10.1.0.1" && network.defaultLockingMode == .disabled && network.purpose == ["nbd"])
      // Where it is not carried along it is said.
      #expect(try await host.plan(.destroy("bond0", withNetwork: true)).hazards.contains { $0.weight == .warning && $0.text.contains("does not go with the address: static-routes=") })
    }
  }

  @Test func anExistingNetworkWithVLANsUnderManagement() async throws {
    try await ChangeHost.quick(.standalone) { host in
      _ = try await host.network("There already")
      let network = try #require(try await host.facts().database.networks.all.first { $0.record.nameLabel == "There already" })
      let plan = try await host.plan(.create(BondRequest(members: ["eth0", "eth1"], mode: .activeBackup, network: .existing(network.record.uuid), vlans: [42])))
      #expect(!plan.isBlocked && plan.isProvisional)
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 60), looksAgain: false) else {
        Issue.record("not waiting")
        return
      }
      _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).keep()
      let scene = try await host.scene()
      #expect(scene.tree["VLAN 42 on bond0"]?.pif.currentlyAttached == true && scene.tree["bond0"]?.pif.network == network.ref)
    }
  }

  // MARK: Guards

  @Test func theWayBackUnderHighAvailability() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      await host.switchOn("ha_enabled")
      let plan = try await host.plan(.create(Self.two))
      #expect(plan.isBlocked && plan.hazards.contains { $0.text.hasPrefix("High availability is on: XAPI refuses what is needed for VLAN 30 on eth2") }, "\(plan.hazards.map(\.text))")
    }
  }

  @Test func whatOverridesASettingIsNamed() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"], "lacp")
      _ = try await host.client.call("PIF.add_to_other_config", [try await host.ref("bond0"), "bond-mode", "balance-slb"])
      let plan = try await host.plan(.set(BondSettingsRequest(bond: "bond0", mode: .activeBackup)))
      #expect(plan.hazards.contains { $0.text.contains("bond-mode=balance-slb in its other-config") && $0.remedy?.contains("param-key=bond-mode") == true })
      // A key that is there cannot be taken away.
      #expect(await host.run(try await host.plan(.set(BondSettingsRequest(bond: "bond0", properties: ["lacp-aggregation-key": "7"])))) == .done)
      let without = try await host.plan(.set(BondSettingsRequest(bond: "bond0", properties: ["lacp-aggregation-key": ""])))
      #expect(without.isBlocked && without.hazards.contains { $0.text == "XAPI cannot remove the aggregation key of bond0" })
    }
  }

  @Test func suspendedMachinesAndTemplatesCount() async throws {
    try await ChangeHost.quick(.pool) { host in
      let database = try await host.facts().database
      let storage = try #require(database.networks.all.first { $0.record.nameLabel == "Storage A" })
      try await host.moveVIF(of: "ci-runner", to: storage.ref.json)
      let vm = try #require(await host.host.refs(class: "VM", where: ["name_label": "ci-runner"]).first)
      await host.host.mutate(class: "VM", ref: vm, field: "power_state", value: "Suspended")
      func plan() async throws -> [String] {
        try await host.plan(.create(BondRequest(members: ["eth2", "eth3"], mode: .activeBackup))).hazards.map(\.text)
      }
      #expect(try await plan().contains { $0.hasPrefix("ci-runner does not run and could start elsewhere") })
      await host.host.mutate(class: "VM", ref: vm, field: "is_a_template", value: true)
      #expect(try await plan().contains { $0.hasPrefix("template ci-runner does not run") })
    }
  }

  /// Killed after the VLANs were moved and before the VIFs were: that is not done.
  @Test(arguments: [24, 30, 36]) func aBondThatIsNotWholeIsNotDone(_ writes: Int) async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      let plan = try await host.plan(.create(BondRequest(members: ["eth1", "eth2"], mode: .balanceSLB)))
      await host.host.die(in: "Bond.create", afterWrites: writes, backAfter: .milliseconds(200))
      let outcome = await host.run(plan)
      guard outcome == .done else { return }
      // Where it counts as done, nothing is left on the members.
      let scene = try await host.bondFacts().facts.bondScene
      let left = ["eth1", "eth2"].compactMap { scene.tree[$0] }.flatMap { scene.guests(on: $0.pif.network) }
      #expect(left.isEmpty, "\(writes): \(left)")
    }
  }
}
