import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// What a removal must not take along, and what it takes back exactly.
@Suite struct NetworkRemovalTests {
  private func removal(_ tags: [Int], pool: Bool = true, network: Bool = true) -> VLANRemoval {
    VLANRemoval(.tags(TagList(tags), on: "bond0"), isPoolWide: pool, withNetwork: network)
  }

  /// Attached or not, main address, what is kept of it and in force.
  @Test func theWayBackRestoresWhatWasLive() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.mutate("VIF", [:], "currently_attached", false)
      for (name, tag) in [("xcp1", 200), ("xcp2", 200)] as [(JSONValue, JSONValue)] {
        let pif = await host.row("PIF", ["VLAN": tag, "host": .string(await host.row("host", ["name_label": name]))])
        _ = try await host.client.call("PIF.unplug", [.string(pif)])
      }
      let third = await host.row("PIF", ["VLAN": 200, "host": .string(await host.row("host", ["name_label": "xcp3"]))])
      await host.host.mutate(class: "PIF", ref: third, field: "other_config", value: ["mtu": "1300"])
      await host.host.mutate(class: "PIF", ref: third, field: "primary_address_type", value: "IPv6")
      _ = try await host.client.call("PIF.plug", [.string(third)])
      await host.mutate("VLAN", ["tag": 200], "other_config", ["note": "x"])
      let before = try await host.poolPicture()
      #expect(before.contains { $0.contains("VLAN 200") && $0.contains("MTU 1300") })
      await host.host.failNext("network.destroy", with: ["INTERNAL_ERROR", "simulated"], skipping: 1)
      let plan = try await host.plan(removal([200, 4000]))
      guard case .undone = await host.run(plan) else {
        Issue.record("it was done")
        return
      }
      let now = try await host.poolPicture()
      #expect(now == before, "\(Set(now).symmetricDifference(before).sorted())")
    }
  }

  /// Somebody puts a VIF on a network while the review is open: XAPI would delete it with the network.
  @Test func aVIFThatCameMeanwhileIsNotDeleted() async throws {
    try await ChangeHost.quick(.pool) { host in
      let network = try await host.addNetwork("Tmp")
      let plan = try await host.plan(NetworkRemoval(network.uuid))
      let vm = await host.row("VM", ["name_label": "ci-runner"])
      _ = try await host.client.call(
        "VIF.create",
        [["device": "5", "network": network.ref, "VM": .string(vm), "MAC": "", "MTU": 1500, "other_config": [:], "qos_algorithm_type": "", "qos_algorithm_params": [:]]])
      // However late it came.
      guard case .undone(let reason) = await host.run(plan, looksAgain: false) else {
        Issue.record("it was done")
        return
      }
      #expect(reason.hasPrefix("network \"Tmp\" has got a VIF of ci-runner meanwhile"))
      #expect(try await host.networkRow("Tmp")?.vifs.count == 1)
      // Told and agreed to, it goes.
      let again = try await host.plan(NetworkRemoval(network.uuid))
      #expect(again.warnings.first?.contains("ci-runner (VIF 5") == true)
      #expect(await host.run(again) == .done)
    }
  }

  // MARK: What must not be cut off

  @Test func theSessionsOwnWayIsCutOnTrialOnly() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.mutate("VIF", [:], "currently_attached", false)
      var facts = try await host.poolFacts()
      facts.change.session = .init(peer: "10.0.90.77", local: "10.0.90.11")
      let plan = VLANDestroyPlanner(removal([90, 4000]), facts).plan()
      #expect(plan.isProvisional && plan.expectation?.interface == "bond0")
      #expect(plan.warnings.contains("You are connected through VLAN 90 on bond0 of xcp1 (10.0.90.11)"))
      #expect(plan.notices.contains("Network \"Heartbeat\" stays until the change is kept: the way back needs it"))
      #expect(plan.steps.map(\.sentence) == ["Remove VLAN 90 from bond0 of xcp1, xcp2 and xcp3", "Remove VLAN 4000 from bond0 of xcp1, xcp2 and xcp3"])
      let whole = try NetworkDestroyPlanner(NetworkRemoval(try await host.uuid("Backup")), facts).plan()
      #expect(whole.blocking.contains("You are connected through VLAN 90 on bond0 of xcp1 (10.0.90.11)"))
      // Over a route of the VLAN's network.
      await host.mutate("network", ["name_label": "Heartbeat"], "other_config", ["static-routes": "10.7.0.0/16/10.40.0.1"])
      facts = try await host.poolFacts()
      facts.change.session = .init(peer: "10.7.1.2", local: "10.0.4.11")
      let routed = VLANDestroyPlanner(removal([4000]), facts).plan()
      #expect(routed.isProvisional)
      #expect(routed.warnings.first == "The way to 10.7.1.2, from where you are connected, is the route 10.7.0.0/16 of network \"Heartbeat\"")
      #expect(routed.consequences.contains("the static routes of network \"Heartbeat\" are in force no more: 10.7.0.0/16"))
      facts.change.session = .init()
      #expect(!VLANDestroyPlanner(removal([4000]), facts).plan().isProvisional)
    }
  }

  @Test func theDefaultRouteComesBackByItself() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.mutate("VIF", [:], "currently_attached", false)
      await host.mutate("PBD", [:], "currently_attached", false)
      let own = await host.row("PIF", ["VLAN": 90, "host": .string(await host.row("host", ["name_label": "xcp1"]))])
      await host.host.mutate(class: "PIF", ref: own, field: "other_config", value: ["defaultroute": "true"])
      let before = try await host.poolPicture()
      let plan = try await host.plan(removal([90], pool: false))
      #expect(plan.warnings.contains("The default route of this host leaves by VLAN 90 on bond0 of xcp1 (other-config:defaultroute)"))
      // That of another host could not be put back from here.
      let other = await host.row("PIF", ["VLAN": 90, "host": .string(await host.row("host", ["name_label": "xcp2"]))])
      await host.host.mutate(class: "PIF", ref: other, field: "other_config", value: ["defaultroute": "true"])
      #expect(try await host.plan(removal([90])).blocking == ["The default route of xcp2 leaves by VLAN 90 on bond0 of xcp2 (other-config:defaultroute)"])
      await host.host.mutate(class: "PIF", ref: other, field: "other_config", value: [:])
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.2)) else {
        Issue.record("it does not wait")
        return
      }
      try await host.untilOver()
      let now = try await host.poolPicture()
      #expect(now == before, "\(Set(now).symmetricDifference(before).sorted())")
    }
  }

  @Test func storageBehindItIsNamed() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(.vlans(.destroy(removal([90], pool: false))))
      #expect(plan.blocking == ["Storage \"ISO library\" (10.0.90.20) is reached through VLAN 90 on bond0 of xcp1"])
      let all = try await host.plan(.networks(.destroy(NetworkRemoval(try await host.uuid("Backup")))))
      #expect(
        all.blocking.filter { $0.hasPrefix("Storage \"ISO library\"") }
          == ["Storage \"ISO library\" (10.0.90.20) is reached through VLAN 90 on bond0 of xcp1, xcp2 and xcp3"])
      // Detached, it is nobody's.
      await host.mutate("PBD", [:], "currently_attached", false)
      let free = try await host.plan(.vlans(.destroy(removal([90], pool: false))))
      #expect(free.blocking == [])
    }
  }

  /// What is the same of many is not told of each.
  @Test func manyOfAKindAreToldInShort() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.mutate("VIF", [:], "currently_attached", false)
      await host.mutate("PIF", ["VLAN": 200], "ip_configuration_mode", "DHCP")
      let plan = try await host.plan(removal([90, 200]))
      #expect(
        plan.warnings == [
          "VLAN 90 on bond0 of xcp1 has the address 10.0.90.11, which goes with it", "VLAN 90 on bond0 of xcp2 has the address 10.0.90.12, which goes with it",
          "The same holds for VLAN 90 on bond0 of xcp3, VLAN 200 on bond0 of xcp1 and VLAN 200 on bond0 of xcp2 and xcp3",
        ])
    }
  }

  /// What differs by the host alone is one sentence with one way on.
  @Test func theSameOnAllHostsIsToldOnce() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.mutate("VIF", [:], "currently_attached", false)
      let plan = try await host.plan(.vlans(.destroy(removal([90]))))
      let storage = plan.hazards.filter { $0.text.hasPrefix("Storage") }
      #expect(storage.map(\.text) == ["Storage \"ISO library\" (10.0.90.20) is reached through VLAN 90 on bond0 of xcp1, xcp2 and xcp3"])
      #expect(storage.first?.remedy?.hasPrefix("Detach it on each of these hosts first") == true)
    }
  }

  /// A key is for `xe`, a purpose for people.
  @Test func aPurposeIsNotedInWords() {
    #expect(ChangeAction.setOtherConfig("VLAN 77 on eth2", ["management_purpose": "Storage"]).sentence == "Note the purpose \"Storage\" for VLAN 77 on eth2")
    #expect(ChangeAction.setOtherConfig("eth2", ["management_purpose": nil]).sentence == "Forget what eth2 is for")
    #expect(
      ChangeAction.setOtherConfig("eth2", ["management_purpose": "Storage", "domain": "lab"]).sentence
        == "Note the purpose \"Storage\" for eth2, and in XAPI's record of eth2 keep domain=lab")
  }

  @Test func aClusterOnAnotherHostIsSeen() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.host.addCluster(device: "eth3")
      let other = await host.row("PIF", ["VLAN": 4000, "host": .string(await host.row("host", ["name_label": "xcp2"]))])
      await host.mutate("Cluster_host", [:], "PIF", .string(other))
      let plan = try await host.plan(removal([4000]))
      #expect(plan.blocking == ["The cluster of this pool talks over VLAN 4000 on bond0 of xcp2"])
    }
  }

  // MARK: What else is on a network

  @Test func aNetworkGoesWithItsTunnels() async throws {
    try await ChangeHost.quick(.pool) { host in
      try await host.addTunnels()
      let removal = NetworkRemoval(try await host.uuid("overlay"))
      let plan = try await host.plan(removal)
      #expect(plan.blocking == [])
      #expect(
        plan.steps.map(\.sentence) == [
          "Remove the tunnel over bond0 of xcp1", "Remove the tunnel over bond0 of xcp2", "Remove the tunnel over bond0 of xcp3", "Remove network \"overlay\"",
        ])
      #expect(plan.commands.filter { $0.hasPrefix("xe tunnel-destroy uuid=") }.count == 3)
      for action in plan.steps.flatMap({ [$0.action] + $0.undo }) { #expect(ChangeAction(action.json) == action, "\(action.json)") }
      #expect(
        try await host.plan(NetworkRemoval(removal.network, withVLANs: false)).hazards.first?.remedy
          == "Let the tunnels go first, in the same plan if you wish so (--with-vlans)")
      await host.turnOff("xcp3")
      let partly = try await host.plan(removal)
      #expect(partly.blocking == ["tunnel0 of xcp3 is on the network"])
      #expect(partly.hazards.first?.remedy == "Host xcp3 is switched off or cut off: wait until it is back")
      await host.mutate("host_metrics", [:], "live", true)
      #expect(await host.run(plan) == .done)
      #expect(await host.host.refs(class: "tunnel") == [])
    }
  }

  @Test func aBondOnItIsPointedToExactly() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(NetworkRemoval(try await host.uuid("Management")))
      #expect(
        plan.hazards.first?.remedy
          == "Remove bond0 with its network: the network's menu, Destroy its bond (xcpconsole bond destroy bond0 --with-network); "
          + "the same at the console of xcp2 and xcp3")
    }
  }

  @Test func otherTagsOfANetworkAreTold() async throws {
    try await ChangeHost.quick(.pool) { host in
      let mix = try await host.addNetwork("Mix")
      _ = try await host.client.call("VLAN.create", [.string(await host.pif("bond0", of: "xcp2")), 777, mix.ref])
      let plan = try await host.plan(.existing(778, on: "bond0", mix.uuid, pool: false))
      #expect(plan.warnings == ["Network \"Mix\" is VLAN 777 on bond0 of xcp2, and would be VLAN 778 here"])
      // Untagged there is another network as well.
      let own = await host.pif("eth3", of: "xcp1")
      let spare = try await host.addNetwork("elsewhere")
      await host.host.mutate(class: "PIF", ref: own, field: "network", value: spare.ref)
      let untagged = try await host.plan(.existing(9, on: "bond0", try await host.uuid("Storage B"), pool: false))
      #expect(untagged.blocking == [])
      #expect(untagged.warnings.first == "Network \"Storage B\" is eth3 of xcp2 and eth3 of xcp3, and would be VLAN 9 here")
    }
  }

  @Test func haIsToldBeforeVLANsAreMade() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.switchOn("ha_enabled")
      let plan = try await host.plan(.new("77", on: "bond0"))
      #expect(plan.blocking == [])
      #expect(plan.warnings.first?.hasPrefix("High availability is on: XAPI takes down nothing that is plugged while it is, so VLANs that are made stay") == true)
    }
  }

  /// XAPI chooses itself where it makes VLANs of a pool: a host that has come back is cleaned up as well.
  @Test func aHostThatComesBackMeanwhileKeepsNothing() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.turnOff("xcp3")
      let plan = try await host.plan(.new("310,311", on: "bond0"))
      #expect(plan.title == "2 VLANs, 310-311, on bond0 of 2 hosts" || plan.title == "2 VLANs, 310,311, on bond0 of 2 hosts")
      await host.mutate("host_metrics", [:], "live", true)
      let before = try await host.poolPicture()
      await host.host.failNext("pool.create_VLAN_from_PIF", with: ["INTERNAL_ERROR", "simulated"], skipping: 1)
      guard case .undone = await host.run(plan, looksAgain: false) else {
        Issue.record("it was done")
        return
      }
      #expect(try await host.poolPicture() == before)
    }
  }

  /// Others quarrel about the tag; on this host it is clear.
  @Test func theQuarrelOfOthersOnlyWarns() async throws {
    try await ChangeHost.quick(.pool) { host in
      var own = ""
      for (name, owner) in [("NA", "xcp2"), ("NB", "xcp3")] {
        let network = try await host.addNetwork(name)
        if name == "NA" { own = network.uuid }
        _ = try await host.client.call("VLAN.create", [.string(await host.pif("bond0", of: owner)), 55, network.ref])
      }
      let plan = try await host.plan(.existing(55, on: "bond0", own, pool: false))
      #expect(plan.blocking == [])
      #expect(plan.warnings == ["VLAN 55 is on different networks already: \"NA\" on xcp2 and \"NB\" on xcp3"])
      #expect(try await host.plan(.new("55", on: "bond0", pool: false)).isBlocked)
      #expect(await host.run(plan) == .done)
    }
  }

  @Test func whatOtherHostsHaveIsLookedUp() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.mutate("PBD", [:], "currently_attached", false)
      #expect(await host.run(try await host.plan(.new("302", on: "bond0", pool: false))) == .done)
      #expect(try await host.plan(removal([302], pool: false)).consequences == [])
      await host.mutate("VIF", [:], "currently_attached", false)
      let backup = try await host.plan(removal([90], pool: false))
      #expect(backup.consequences.contains("xcp2 and xcp3 keep VLAN 90"))
      #expect(backup.consequences.contains { $0.hasSuffix("with VIFs on \"Backup\", cannot run on xcp1 any more") }, "\(backup.consequences)")
    }
    try await ChangeHost.quick(.member) { host in
      let plan = try await host.plan(removal([4000], pool: false))
      #expect(plan.consequences.contains("the coordinator has it, so this host gets it anew when its toolstack starts"))
    }
  }

  @Test func settingsOfThePoolThatNameItAreTold() async throws {
    try await ChangeHost.quick(.pool) { host in
      let network = try await host.addNetwork("Migration")
      await host.mutate("pool", [:], "other_config", ["xo:migrationNetwork": .string(network.uuid)])
      #expect(try await host.plan(NetworkRemoval(network.uuid)).warnings == ["The pool's settings name this network: xo:migrationNetwork"])
    }
  }

  // MARK: Refusals of other hosts

  @Test(arguments: ["HOST_OFFLINE", "CANNOT_CONTACT_HOST"]) func aHostThatFailsInTheMidst(_ code: String) async throws {
    try await ChangeHost.quick(.pool) { host in
      // Two hosts lack it: they get it one after the other.
      #expect(await host.run(try await host.plan(.new("77", on: "bond0", pool: false))) == .done)
      let before = try await host.poolPicture()
      let plan = try await host.plan(.new("77", on: "bond0"))
      let third = await host.row("host", ["name_label": "xcp3"])
      await host.host.failNext("VLAN.create", with: [code, third], skipping: 1, after: code == "CANNOT_CONTACT_HOST")
      let outcome = await host.run(plan)
      if code == "CANNOT_CONTACT_HOST", outcome == .done { return }
      guard case .undone(let reason) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(reason.contains(code), "\(reason)")
      #expect(try await host.poolPicture() == before)
    }
  }

  /// XAPI's best effort at plugging: the host that lacks it is named.
  @Test func aVLANThatIsNotPluggedSomewhereIsNamed() async throws {
    try await ChangeHost.quick(.pool) { host in
      #expect(await host.run(try await host.plan(.new("77", on: "bond0"))) == .done)
      let second = await host.row("PIF", ["VLAN": 77, "host": .string(await host.row("host", ["name_label": "xcp2"]))])
      await host.host.mutate(class: "PIF", ref: second, field: "currently_attached", value: false)
      let spots = ["xcp1", "xcp2", "xcp3"]
      let database = try await host.database()
      let at = spots.compactMap { name in
        database.hosts.all.first { $0.record.nameLabel == name }.map { VLANSpot(host: $0.record.uuid, hostName: name, base: "bond0") }
      }
      let action = VLANAction.create(tag: 77, at: at, network: .uuid(try await host.uuid("VLAN 77")), isPoolWide: true)
      #expect(action.lack(try await host.scene()) == "XAPI said it was done, but VLAN 77 is not plugged on bond0 of xcp2")
    }
  }

  // MARK: The MTU of networks that are there

  @Test func aNetworkKeepsItsMTUUnlessItIsAsked() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.turnOff("xcp3")
      #expect(await host.run(try await host.plan(.new("77", on: "eth2", mtu: 9000))) == .done)
      await host.mutate("host_metrics", [:], "live", true)
      // Joined to what the others have: no MTU of its own.
      let joined = try await host.plan(.new("77", on: "eth2", mtu: 1500))
      #expect(joined.steps.map(\.sentence) == ["Create VLAN 77 on eth2 of xcp3"])
      #expect(joined.notices.contains("Network \"VLAN 77\" is there already and keeps its MTU of 9000"))
      // Chosen, and asked for.
      var chosen = VLANRequest.existing(78, on: "bond0", try await host.uuid("Private lab"))
      chosen.mtu = 1400
      let plan = try await host.plan(chosen)
      #expect(plan.differences.contains(.init("MTU", now: "1500", after: "1400")))
      #expect(plan.steps.first?.sentence == "Set the MTU of network \"Private lab\" to 1400")
    }
  }

  /// What the plan for a network's MTU forbids is forbidden where the number is only written down.
  @Test func theManagementNetworkKeepsItsMTU() async throws {
    try await ChangeHost.quick(.pool) { host in
      var edit = NetworkEdit(try await host.uuid("Management"))
      edit.mtu = 9000
      let wide = try await host.plan(edit)
      #expect(wide.blocking.contains { $0.hasPrefix("Management of xcp1, xcp2, xcp3 is on \"Management\"") })
      edit = NetworkEdit(try await host.uuid("Storage A"))
      edit.mtu = 9216
      #expect(try await host.plan(edit).blocking == [])
      await host.mutate("network", ["name_label": "Management"], "MTU", 9000)
      await host.mutate("network", ["name_label": "DMZ"], "MTU", 9000)
      edit = NetworkEdit(try await host.uuid("Management"))
      edit.mtu = 1500
      #expect(try await host.plan(edit).blocking == ["Networks of VLANs on it have a larger MTU: \"DMZ\" (9000)"])
    }
  }
}
