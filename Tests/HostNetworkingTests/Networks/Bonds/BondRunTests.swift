import Dom0
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Bonds made, changed and taken apart through the real client and the simulated host's socket; and what is left when that fails.
struct BondRunTests {
  private static let spare = BondRequest(members: ["eth1", "eth2"], mode: .lacp, properties: ["lacp-time": "fast"], vlans: [42])
  private static let managed = BondRequest(members: ["eth1", "eth0"], mode: .activeBackup)

  // MARK: Made

  @Test func aBondTakesAllThatWasOnItsMembers() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      let plan = try await host.plan(.create(Self.spare))
      #expect(!plan.isBlocked && !plan.isProvisional, "\(plan.hazards)")
      #expect(await host.run(plan) == .done)
      let scene = try await host.scene()
      let bond = try #require(scene.tree["bond0"])
      let row = try #require(scene.database.bonds[bond.pif.bondMasterOf.first])
      #expect(row.mode == .lacp && row.properties["lacp-time"] == "fast")
      #expect(bond.pif.ip == "10.1.0.5" && bond.pif.ipv6.contains("fd00:1::5/64"))
      #expect(bond.pif.otherConfig == ["mtu": "1400"] && bond.pif.disallowUnplug && bond.pif.mtu == 1400)
      let office = try #require(scene.tree["VLAN 20 on bond0"])
      #expect(office.pif.otherConfig == ["ethtool-gso": "off"] && office.pif.ip == "10.20.0.5")
      let voice = try #require(scene.tree["VLAN 30 on bond0"])
      #expect(voice.pif.ipv6.contains("fd00:30::5/64"))
      #expect(scene.database.vlans[voice.pif.vlanMasterOf]?.otherConfig == ["owner": "phones"])
      let made = try #require(scene.tree["VLAN 42 on bond0"])
      #expect(made.pif.currentlyAttached && scene.database.networks[made.pif.network]?.nameLabel == "VLAN 42 on bond0")
      let network = try #require(scene.database.networks[bond.pif.network])
      // The marks were only for the way back.
      #expect(network.nameLabel == "Bond 1+2" && network.otherConfig.isEmpty)
    }
  }

  @Test func aStorageBondKeepsLongPackets() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(.create(BondRequest(members: ["eth2", "eth3"], mode: .balanceSLB)))
      #expect(plan.hazards.contains { $0.text.contains("only eth2 has a link") })
      // Storage is in use over eth2: it is made on trial.
      #expect(plan.isProvisional && plan.hazards.contains { $0.text.hasPrefix("Storage ") && $0.text.contains("(over eth2)") }, "\(plan.hazards)")
      #expect(plan.expectation?.interface == "bond0" && plan.expectation?.address == "10.0.4.11")
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 60)) else {
        Issue.record("not waiting")
        return
      }
      _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).keep()
      let scene = try await host.scene()
      let bond = try #require(scene.tree["bond1"])
      #expect(scene.database.networks[bond.pif.network]?.mtu == 9000 && bond.pif.mtu == 9000)
      #expect(bond.pif.disallowUnplug)
    }
  }

  @Test(arguments: [Scenario.standalone, .member]) func managementKeepsItsAddress(_ scenario: Scenario) async throws {
    try await ChangeHost.quick(scenario) { host in
      // On a member of a pool the bond that it is on is taken apart before.
      if scenario == .member {
        for bond in try await host.scene().tree.nodes.filter({ $0.kind == .bond }).compactMap(\.pif.bondMasterOf.first) {
          _ = try await host.client.call("Bond.destroy", [bond.json])
        }
      }
      let plan = try await host.plan(.create(Self.managed))
      #expect(plan.isProvisional)
      let address = try #require(try await host.scene().tree.management?.pif.ip)
      let outcome = await host.run(plan, host.settings(confirmWithin: 60))
      guard case .waiting(let change) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(change.expectation?.interface == "bond0" && change.expectation?.address == address)
      _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).keep()
      let scene = try await host.scene()
      #expect(scene.tree.management?.name == "bond0" && scene.tree.management?.pif.ip == address)
      // The NIC that had it is the primary one.
      #expect(scene.database.bonds[scene.tree.management?.pif.bondMasterOf.first]?.primaryMember == scene.tree["eth0"]?.ref)
      #expect(scene.network(mark: "themark") == nil)
    }
  }

  @Test func managementOnAVLANGoesWithIt() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let network = try await host.network("Mgmt")
      _ = try await host.client.call("VLAN.create", [try await host.ref("eth2"), 7, network])
      let vlan = try await host.ref("VLAN 7 on eth2")
      _ = try await host.client.call("PIF.reconfigure_ip", [vlan, "Static", "10.7.0.5", "255.255.255.0", "10.7.0.1", ""])
      _ = try await host.client.call("host.management_reconfigure", [vlan])
      let before = try await host.layout()
      let plan = try await host.plan(.create(BondRequest(members: ["eth1", "eth2"], mode: .activeBackup)))
      #expect(plan.isProvisional && plan.expectation?.interface == "VLAN 7 on bond0")
      let outcome = await host.run(plan, host.settings(confirmWithin: 0.3))
      guard case .waiting = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(try await host.scene().tree.management?.name == "VLAN 7 on bond0")
      try await host.untilOver()
      try await host.expectSame(before)
    }
  }

  // MARK: Not kept

  @Test func unconfirmedItGoesBack() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      // Two addresses cannot be in one bond.
      _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref("eth1"), "None", "", "", "", ""])
      let before = try await host.layout()
      let plan = try await host.plan(.create(BondRequest(members: ["eth0", "eth1", "eth2"], mode: .balanceSLB, vlans: [42])))
      let outcome = await host.run(plan, host.settings(confirmWithin: 0.3))
      guard case .waiting = outcome else {
        Issue.record("\(outcome) \(plan.hazards)")
        return
      }
      #expect(try await host.scene().tree.management?.name == "bond0")
      try await host.untilOver()
      #expect(PendingStore(host.system).lastEnd()?.end.hasPrefix("taken back: ") == true)
      try await host.expectSame(before)
    }
  }

  /// The network daemon refuses the bond: XAPI leaves its rows, unplugged.
  @Test func aBondThatCannotBePluggedIsRemoved() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let before = try await host.layout()
      await host.host.setPlugFailure(device: "bond0", message: "script error")
      guard case .undone(let why) = await host.run(try await host.plan(.create(Self.spare))) else {
        Issue.record("not undone")
        return
      }
      #expect(why.contains("script error"))
      try await host.expectSame(before)
    }
  }

  /// XAPI dies in the middle of Bond.create, after any number of writes, and comes back.
  @Test(arguments: [2, 4, 7, 14, 20, 26, 32]) func xapiDiesInItsMidst(_ writes: Int) async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref("eth1"), "None", "", "", "", ""])
      let before = try await host.layout()
      let plan = try await host.plan(.create(BondRequest(members: ["eth0", "eth1", "eth2"], mode: .balanceSLB)))
      await host.host.die(in: "Bond.create", afterWrites: writes, backAfter: .milliseconds(200))
      let outcome = await host.run(plan, host.settings(confirmWithin: 0.2, patience: .seconds(10)))
      try await host.untilOver()
      #expect(host.standing == .none, "\(outcome)")
      try await host.expectSame(before)
    }
  }

  // MARK: Taken apart

  @Test func destroyedAndBack() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      #expect(await host.run(try await host.plan(.create(Self.spare))) == .done)
      _ = try await host.client.call("PIF.add_to_other_config", [try await host.ref("bond0"), "bond-updelay", "1000"])
      #expect(try await host.plan(.destroy("bond0", withNetwork: true)).steps.count == 3)
      // With the network gone there is no way back, and none is needed: it is the last step.
      #expect(await host.run(try await host.plan(.destroy("bond0", withNetwork: true))) == .done)
      let scene = try await host.scene()
      #expect(scene.tree["bond0"] == nil && scene.tree["eth1"]?.pif.ip == "10.1.0.5")
      #expect(scene.tree["eth1"]?.pif.ipv6.contains("fd00:1::5/64") == true)
      #expect(["VLAN 20 on eth1", "VLAN 30 on eth1", "VLAN 42 on eth1"].allSatisfy { scene.tree[$0]?.pif.currentlyAttached == true })
      #expect(scene.tree["VLAN 20 on eth1"]?.pif.otherConfig == ["ethtool-gso": "off"])
      #expect(!scene.database.networks.all.contains { $0.record.nameLabel == "Bond 1+2" })
    }
  }

  @Test func managementComesBackToThePrimaryMember() async throws {
    try await ChangeHost.quick(.pool) { host in
      let before = try await host.layout()
      let plan = try await host.plan(.destroy("bond0", withNetwork: true))
      #expect(plan.isProvisional && plan.expectation?.interface == "eth0")
      // The network is needed for the way back.
      #expect(!plan.steps.contains { if case .destroyEmptyNetwork = $0.action { true } else { false } })
      let outcome = await host.run(plan, host.settings(confirmWithin: 0.3))
      guard case .waiting = outcome else {
        Issue.record("\(outcome)")
        return
      }
      let scene = try await host.scene()
      #expect(scene.tree.management?.name == "eth0" && scene.tree.management?.pif.ip == "10.0.4.11")
      #expect(scene.tree.nodes.filter { $0.kind == .vlan }.map(\.name).allSatisfy { $0.hasSuffix("on eth0") })
      try await host.untilOver()
      try await host.expectSame(before)
    }
  }

  // MARK: Settings

  @Test func aModeIsSetAndTakenBack() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"], "lacp")
      var request = BondSettingsRequest(bond: "bond0", properties: ["hashing_algorithm": "src_mac", "lacp-aggregation-key": "7"])
      request.upDelay = "500"
      let plan = try await host.plan(.set(request))
      #expect(plan.steps.count == 2)
      #expect(await host.run(plan) == .done)
      let scene = try await host.scene()
      let bond = try #require(scene.tree["bond0"])
      #expect(scene.database.bonds[bond.pif.bondMasterOf.first]?.properties["lacp-aggregation-key"] == "7")
      #expect(bond.pif.otherConfig["bond-updelay"] == "500")
      let other = try await host.plan(.set(BondSettingsRequest(bond: "bond0", mode: .balanceSLB)))
      #expect(other.hazards.contains { $0.text.hasPrefix("What only LACP has is dropped") })
      let lacp = try await host.layout()
      #expect(await host.run(ChangeHost.failing(other, at: 1)) == .undone(reason: "eth77 is not there"))
      try await host.expectSame(lacp)
      #expect(await host.run(other) == .done)
      #expect(try await host.plan(.set(BondSettingsRequest(bond: "bond0", mode: .balanceSLB))).isEmpty)
    }
  }

  @Test func anUnpluggedBondIsUnpluggedAgain() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth3"])
      _ = try await host.client.call("PIF.unplug", [try await host.ref("bond0")])
      let before = try await host.layout()
      let plan = try await host.plan(.set(BondSettingsRequest(bond: "bond0", mode: .balanceSLB)))
      #expect(plan.hazards.contains { $0.text.contains("is unplugged") && $0.weight == .warning })
      #expect(await host.run(ChangeHost.failing(plan, at: 1)) == .undone(reason: "eth77 is not there"))
      try await host.expectSame(before)
    }
  }

  @Test func settingsUnderManagementAreOnTrial() async throws {
    try await ChangeHost.quick(.pool) { host in
      let before = try await host.layout()
      let plan = try await host.plan(.set(BondSettingsRequest(bond: "bond0", mode: .activeBackup, isPoolWide: true)))
      #expect(plan.isProvisional && plan.steps.count == 3)
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.2)) else {
        Issue.record("not waiting")
        return
      }
      try await host.untilOver()
      try await host.expectSame(before)
    }
  }

  // MARK: Members

  @Test(arguments: ["eth3", "eth2", "eth1"]) func aMemberIsAddedOrTakenOut(_ nic: String) async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.furnish()
      var request = Self.spare
      request.properties["lacp-fallback-ab"] = "false"
      #expect(await host.run(try await host.plan(.create(request))) == .done)
      let row = try #require(try await host.scene().tree["bond0"]?.pif.bondMasterOf.first)
      _ = try await host.client.call("Bond.add_to_other_config", [row.json, "who", "me"])
      let intent = nic == "eth3" ? BondIntent.addMember(nic, bond: "bond0") : .removeMember(nic, bond: "bond0")
      let count = try await host.plan(intent).steps.count
      // The primary member leaves with its IPv6 address, and everything comes to the other one first.
      #expect(count == (nic == "eth1" ? 7 : 3))
      #expect(await host.run(try await host.plan(intent)) == .done)
      let scene = try await host.scene()
      let bond = try #require(scene.tree["bond0"])
      let fresh = try #require(scene.database.bonds[bond.pif.bondMasterOf.first])
      #expect(
        Set(bond.members.compactMap { scene.database.pifs[$0]?.device })
          == (nic == "eth3" ? ["eth1", "eth2", "eth3"] : nic == "eth2" ? ["eth1"] : ["eth2"]))
      #expect(fresh.mode == .lacp && fresh.properties["lacp-fallback-ab"] == "false" && fresh.otherConfig == ["who": "me"])
      #expect(bond.pif.ip == "10.1.0.5" && bond.pif.ipv6.contains("fd00:1::5/64") && bond.pif.disallowUnplug)
      #expect(scene.database.networks[bond.pif.network]?.nameLabel == "Bond 1+2")
      #expect(scene.tree["VLAN 20 on bond0"]?.pif.otherConfig == ["ethtool-gso": "off"])
      #expect(scene.tree["VLAN 20 on bond0"]?.pif.ip == "10.20.0.5" && scene.tree["VLAN 42 on bond0"]?.pif.currentlyAttached == true)
      if nic == "eth1" { #expect(scene.tree["eth1"]?.pif.ipv6ConfigurationMode == IPConfigurationMode.none) }
    }
  }

  @Test(arguments: ["eth0", "eth1"]) func membersUnderManagement(_ nic: String) async throws {
    try await ChangeHost.quick(.pool) { host in
      let before = try await host.layout()
      let plan = try await host.plan(.removeMember(nic, bond: "bond0"))
      #expect(plan.isProvisional && !plan.isBlocked, "\(plan.hazards)")
      let outcome = await host.run(plan, host.settings(confirmWithin: 0.3))
      guard case .waiting = outcome else {
        Issue.record("\(outcome)")
        return
      }
      let scene = try await host.scene()
      #expect(scene.tree.management?.name == "bond0" && scene.tree.management?.pif.ip == "10.0.4.11")
      #expect(scene.tree.nodes.count { $0.kind == .vlan } == 12)
      try await host.untilOver()
      try await host.expectSame(before)
    }
  }

  // MARK: The pool

  @Test func onAllHosts() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.detachStorage()
      let plan = try await host.plan(
        .create(BondRequest(members: ["eth2", "eth3"], mode: .balanceSLB, isPoolWide: true, vlans: [])))
      // One network, a bond on each host, this one (the coordinator) last.
      #expect(
        plan.steps.map(\.sentence) == [
          "Create network \"Bond 2+3\"", "Make bond1 of eth2 and eth3 on xcp2, balance-slb", "Make bond1 of eth2 and eth3 on xcp3, balance-slb",
          "Make bond1 of eth2 and eth3, balance-slb",
        ])
      #expect(await host.run(plan) == .done)
      let database = try await host.facts().database
      let network = try #require(database.networks.all.first { $0.record.nameLabel == "Bond 2+3" })
      #expect(network.record.pifs.count == 3)
    }
  }

  /// Management of every host goes to a bond: members first, the coordinator last; not confirmed, all of it goes back.
  @Test func managementOfThePool() async throws {
    try await ChangeHost.quick(.pool) { host in
      for bond in await host.host.refs(class: "Bond") { _ = try await host.client.call("Bond.destroy", [.string(bond)]) }
      let before = try await host.layout()
      let plan = try await host.plan(.create(BondRequest(members: ["eth1", "eth0"], mode: .lacp, isPoolWide: true)))
      #expect(plan.isProvisional && plan.expectation?.interface == "bond0" && plan.expectation?.address == "10.0.4.11")
      #expect(plan.steps.map(\.sentence).filter { $0.hasPrefix("Make") } == [
        "Make bond0 of eth0 and eth1 on xcp2, LACP", "Make bond0 of eth0 and eth1 on xcp3, LACP", "Make bond0 of eth0 and eth1, LACP",
      ])
      #expect(plan.hazards.contains { $0.text.hasPrefix("Management of xcp2 and xcp3 goes to their bonds too") })
      let outcome = await host.run(plan, host.settings(confirmWithin: 0.3))
      guard case .waiting = outcome else {
        Issue.record("\(outcome)")
        return
      }
      let database = try await host.facts().database
      #expect(database.pifs.all.filter { $0.record.management }.map(\.record.device) == ["bond0", "bond0", "bond0"])
      try await host.untilOver()
      try await host.expectSame(before)
    }
  }

  @Test func hostsThatLackItAreNamed() async throws {
    try await ChangeHost.quick(.pool) { host in
      let database = try await host.facts().database
      let others = database.hosts.all.filter { $0.record.hostname != "xcp1" }.sorted { $0.record.hostname < $1.record.hostname }
      // xcp2 is off; eth3 of xcp3 is in a bond.
      await host.host.mutate(class: "host_metrics", ref: others[0].record.metrics?.description ?? "", field: "live", value: false)
      let scene = BondScene(database, others[1].ref, own: try await host.facts().host)
      let eth3 = try #require(scene.tree["eth3"])
      _ = try await host.client.call("Bond.create", [try await host.network("Other"), [eth3.ref.json], "", "balance-slb", [:]])
      let plan = try await host.plan(.create(BondRequest(members: ["eth2", "eth3"], mode: .balanceSLB, isPoolWide: true)))
      #expect(plan.hazards.contains { $0.text == "xcp2 does not get the bond: it is off; XAPI gives it the coordinator's bonds when it starts" })
      #expect(plan.hazards.contains { $0.text.hasPrefix("xcp3 does not get the bond: eth3 on xcp3 is a member of bond1 already") })
      #expect(plan.steps.count == 2 && !plan.isBlocked)
    }
  }
}
