import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// VLANs thought through: what XAPI would refuse is told before, with names; and XAPI does refuse it.
@Suite struct VLANPlannerTests {
  /// The code that XAPI fails with.
  private func code(_ host: ChangeHost, _ method: String, _ parameters: [JSONValue]) async -> String {
    do {
      _ = try await host.client.call(method, parameters)
      return "done"
    } catch {
      return error.failure?.code ?? "\(error)"
    }
  }

  private func create(_ host: ChangeHost, _ base: String, _ tag: Int64, _ network: JSONValue) async -> String {
    await code(host, "VLAN.create", [.string(base), .int(tag), network])
  }

  // MARK: What is possible

  @Test func onAllHostsOfThePool() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(.new("77", on: "bond0"))
      #expect(plan.title == "VLAN 77 on bond0 of 3 hosts")
      #expect(plan.blocking == [] && plan.warnings == [])
      #expect(plan.steps.map(\.sentence) == ["Create network \"VLAN 77\"", "Create VLAN 77 on bond0 of xcp1, xcp2 and xcp3"])
      let bond = try #require(ChangeScene(try await host.database(), host: try await host.facts().host).tree["bond0"])
      #expect(plan.commands == ["NET=$(xe network-create 'name-label=VLAN 77')", "xe pool-vlan-create pif-uuid=\(bond.pif.uuid) vlan=77 network-uuid=$NET"])
      #expect(plan.differences.contains(.init("Hosts", now: "-", after: "xcp1, xcp2 and xcp3")))
      #expect(plan.differences.first?.now == "10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 200, 4000")
      #expect(!plan.isProvisional)
    }
  }

  @Test func severalTagsInOneGo() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await host.plan(.new("100-102,200", on: "eth1", name: "Tenant {tag}", pool: false, mtu: 1400))
      #expect(plan.title == "4 VLANs, 100-102,200, on eth1")
      #expect(plan.steps.count == 8)
      #expect(plan.commands.filter { $0.contains("network-create") }.first == "NET=$(xe network-create 'name-label=Tenant 100' MTU=1400)")
      #expect(plan.steps.map(\.sentence).suffix(2) == ["Create network \"Tenant 200\"", "Create VLAN 200 on eth1"])
      #expect(await host.run(plan) == .done)
      let database = try await host.database()
      #expect(database.vlans.all.map(\.record.tag).sorted() == [100, 101, 102, 200])
      let tenants = database.networks.all.map(\.record).filter { $0.nameLabel.hasPrefix("Tenant") }
      #expect(tenants.count == 4 && tenants.allSatisfy { $0.mtu == 1400 && $0.pifs.count == 1 })
      // The marks were only for the way back.
      #expect(tenants.allSatisfy { $0.otherConfig.isEmpty })
      #expect(try await host.plan(.new("100-102,200", on: "eth1", pool: false)).blocking.count == 4)
    }
  }

  @Test func aHostThatIsOffIsNamedAndLeftOut() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.turnOff("xcp3")
      let plan = try await host.plan(.new("77", on: "bond0"))
      #expect(plan.warnings == ["Host xcp3 is switched off or cut off: the VLAN comes there when XAPI starts"])
      #expect(plan.steps.last?.sentence == "Create VLAN 77 on bond0 of xcp1 and xcp2")
      #expect(await host.run(plan) == .done)
      #expect(try await host.networkRow("VLAN 77")?.pifs.count == 2)
      // Back again, it gets what the others have, on the same network.
      await host.mutate("host_metrics", [:], "live", true)
      let rest = try await host.plan(.new("77", on: "bond0", name: "Another"))
      #expect(rest.notices == ["Hosts xcp1 and xcp2 have VLAN 77 already, on network \"VLAN 77\": it is used for all"])
      #expect(rest.steps.map(\.sentence) == ["Create VLAN 77 on bond0 of xcp3"])
      #expect(rest.commands.count == 1 && rest.commands[0].hasPrefix("xe vlan-create pif-uuid="))
      #expect(await host.run(rest) == .done)
      #expect(try await host.networkRow("VLAN 77")?.pifs.count == 3)
    }
  }

  @Test func alsoFromAMember() async throws {
    try await ChangeHost.quick(.member) { host in
      let own = try await host.plan(.new("77", on: "bond0", pool: false))
      #expect(own.steps.last?.sentence == "Create VLAN 77 on bond0 of xcp2")
      #expect(own.consequences.contains("no other host gets the VLAN: VMs on it stay on this one"))
      #expect(await host.run(own) == .done)
      // What this host has alone is told, and used, when all get it.
      let all = try await host.plan(.new("77", on: "bond0"))
      #expect(all.notices.first == "Host xcp2 has VLAN 77 already, on network \"VLAN 77\": it is used for all")
      #expect(await host.run(all) == .done)
      #expect(try await host.networkRow("VLAN 77")?.pifs.count == 3)
    }
  }

  @Test func hostsWithoutSuchAnInterfaceAreNamed() async throws {
    try await ChangeHost.quick(.pool) { host in
      let bond = await host.pif("bond0", of: "xcp3")
      for vlan in await host.host.refs(class: "VLAN", where: ["tagged_PIF": .string(bond)]) { await host.host.destroyRow(class: "VLAN", ref: vlan) }
      await host.host.destroyRow(class: "PIF", ref: bond)
      let plan = try await host.plan(.new("77", on: "bond0"))
      #expect(plan.warnings == ["Host xcp3 has no interface on network \"Management\", on which bond0 is: no VLAN is made there"])
    }
  }

  @Test func onAPrivateNetworkThatIsThere() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(.existing(77, on: "bond0", try await host.uuid("Private lab")))
      #expect(plan.blocking == [])
      #expect(plan.consequences.contains("VMs on the network reach the VLAN from then on: gitlab"))
      #expect(plan.steps.map(\.sentence) == ["Create VLAN 77 on bond0 of xcp1, xcp2 and xcp3"])
      #expect(await host.run(plan) == .done)
      #expect(try await host.networkRow("Private lab")?.pifs.count == 3)
    }
  }

  // MARK: What XAPI refuses

  @Test func aTagThatIsThereAlready() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(.new("20", on: "bond0"))
      #expect(plan.blocking == ["VLAN 20 is on bond0 of xcp1, xcp2 and xcp3 already, on network \"Büro Zürich\""])
      let spare = try await host.addNetwork("spare")
      #expect(await create(host, await host.pif("bond0", of: "xcp1"), 20, spare.ref) == "PIF_VLAN_EXISTS")
      #expect(await code(host, "pool.create_VLAN_from_PIF", [.string(await host.pif("bond0", of: "xcp1")), spare.ref, 20]) == "PIF_VLAN_EXISTS")
    }
  }

  @Test func hostsThatHaveItOnDifferentNetworks() async throws {
    try await ChangeHost.quick(.pool) { host in
      for (name, owner) in [("One", "xcp1"), ("Two", "xcp2")] {
        let network = try await host.addNetwork(name)
        #expect(await create(host, await host.pif("bond0", of: owner), 77, network.ref) == "done")
      }
      let plan = try await host.plan(.new("77", on: "bond0"))
      #expect(plan.blocking == ["VLAN 77 is on different networks already: \"One\" on xcp1 and \"Two\" on xcp2"])
    }
  }

  @Test func whatCannotCarryAVLAN() async throws {
    try await ChangeHost.quick(.pool) { host in
      let spare = try await host.addNetwork("spare")
      #expect(try await host.plan(.new("5", on: "VLAN 20 on bond0")).blocking == ["VLAN 20 on bond0 is a VLAN, which cannot carry another one"])
      let upper = await host.row("PIF", ["VLAN": 20, "host": .string(await host.row("host", ["name_label": "xcp1"]))])
      #expect(await create(host, upper, 5, spare.ref) == "PIF_IS_VLAN")
      #expect(try await host.plan(.new("5", on: "eth0")).blocking == ["eth0 is a member of bond0, which has the traffic"])
      #expect(await create(host, await host.pif("eth0", of: "xcp1"), 5, spare.ref) == "CANNOT_ADD_VLAN_TO_BOND_SLAVE")
      #expect(try await host.plan(.new("5", on: "eth9")).blocking == ["This host has no interface eth9"])
      #expect(try await host.plan(.new("5", on: "eth9")).steps == [])
    }
  }

  @Test func tunnelsAndWhatIsSetAside() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let (overlay, spare) = (try await host.addNetwork("overlay"), try await host.addNetwork("spare"))
      _ = try await host.client.call("tunnel.create", [.string(await host.pif("eth0")), overlay.ref, "gre"])
      #expect(try await host.plan(.new("5", on: "tunnel0", pool: false)).blocking == ["tunnel0 is the end of a tunnel, which cannot carry a VLAN"])
      #expect(await create(host, await host.row("PIF", ["device": "tunnel0"]), 5, spare.ref) == "IS_TUNNEL_ACCESS_PIF")
      await host.mutate("PIF", ["device": "eth2"], "managed", false)
      #expect(try await host.plan(.new("5", on: "eth2", pool: false)).blocking == ["eth2 is set aside: XAPI does not manage it"])
      #expect(await create(host, await host.pif("eth2"), 5, spare.ref) == "PIF_UNMANAGED")
    }
  }

  @Test func whatIsDifferentOnAnotherHost() async throws {
    try await ChangeHost.quick(.pool) { (host) async throws in
      let other = await host.pif("eth2", of: "xcp2")
      await host.host.mutate(class: "PIF", ref: other, field: "managed", value: false)
      #expect(try await host.plan(.new("5", on: "eth2")).blocking == ["eth2 of xcp2 is set aside: XAPI does not manage it"])
      await host.host.mutate(class: "PIF", ref: other, field: "managed", value: true)
      await host.host.mutate(class: "PIF", ref: other, field: "bond_slave_of", value: .string(await host.row("Bond", ["master": .string(await host.pif("bond0", of: "xcp2"))])))
      #expect(try await host.plan(.new("5", on: "eth2")).blocking == ["eth2 of xcp2 is a member of bond0 there"])
      // This host alone is not concerned.
      #expect(try await host.plan(.new("5", on: "eth2", pool: false)).blocking == [])
    }
  }

  @Test func networksThatCannotTakeIt() async throws {
    try await ChangeHost.quick(.pool) { host in
      let bond = await host.pif("bond0", of: "xcp1")
      #expect(
        try await host.plan(.existing(77, on: "bond0", try await host.uuid("Storage A"))).blocking == [
          "eth2 of xcp1, eth2 of xcp2 and eth2 of xcp3 are on network \"Storage A\" already: a host has one interface on a network"
        ])
      #expect(await create(host, bond, 77, .string(await host.row("network", ["name_label": "Storage A"]))) == "NETWORK_ALREADY_CONNECTED")
      let spare = try await host.addNetwork("spare")
      await host.mutate("network", ["name_label": "spare"], "managed", false)
      #expect(try await host.plan(.existing(77, on: "bond0", spare.uuid)).blocking == ["Network \"spare\" is not controlled by XAPI"])
      #expect(await create(host, bond, 77, spare.ref) == "NETWORK_UNMANAGED")
      // XAPI itself would let it happen.
      let own = try await host.uuid("Host internal management network")
      #expect(try await host.plan(.existing(77, on: "bond0", own)).blocking.first?.hasSuffix("is XAPI's own, between the control domain and guests") == true)
      #expect(try await host.plan(.existing(77, on: "bond0", "gone")).blocking == ["The network is not there any more"])
      var two = VLANRequest.existing(77, on: "bond0", try await host.uuid("Private lab"))
      two.tags = TagList([77, 78])
      #expect(try await host.plan(two).blocking == ["A network takes one VLAN, and 2 are asked for"])
    }
  }

  @Test func virtualFunctionsKeepToThemselves() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.mutate("PIF", ["device": "eth1"], "capabilities", ["sriov"])
      let (functions, tagged) = (try await host.addNetwork("functions"), try await host.addNetwork("tagged"))
      _ = try await host.client.call("network_sriov.create", [.string(await host.pif("eth1")), functions.ref])
      let logical = await host.row("PIF", ["network": functions.ref])
      #expect(try await host.plan(.existing(9, on: "eth2", functions.uuid, pool: false)).blocking.contains { $0.contains("is for virtual functions (SR-IOV on eth1)") })
      // On the functions themselves a VLAN is possible, on a network of its own.
      let plan = try await host.plan(.existing(9, on: "SR-IOV on eth1", tagged.uuid, pool: false))
      #expect(plan.blocking == [])
      #expect(await host.run(plan) == .done)
      #expect(try await host.networkRow("tagged")?.pifs.count == 1)
      #expect(await create(host, logical, 10, .string(await host.row("network", ["bridge": "xenbr3"]))) == "NETWORK_ALREADY_CONNECTED")
    }
  }

  /// Networks that another host's interface has made one for functions, or one for bridges.
  @Test func mixesOverThePool() async throws {
    try await ChangeHost.quick(.pool) { host in
      let (functions, tagged, bridged) = (try await host.addNetwork("functions"), try await host.addNetwork("tagged"), try await host.addNetwork("bridged"))
      await host.mutate("PIF", ["device": "eth3"], "capabilities", ["sriov"])
      for owner in ["xcp1", "xcp2"] {
        _ = try await host.client.call("network_sriov.create", [.string(await host.pif("eth3", of: owner)), functions.ref])
      }
      let own = await host.logical("xcp1")
      #expect(await create(host, await host.logical("xcp2"), 9, tagged.ref) == "done")
      #expect(await create(host, await host.pif("eth2", of: "xcp2"), 9, bridged.ref) == "done")
      let ordinary = try await host.plan(.existing(9, on: "eth2", tagged.uuid, pool: false))
      #expect(ordinary.blocking == ["Network \"tagged\" is for virtual functions (VLAN 9 on eth3 of xcp2): no ordinary VLAN can be on it"])
      #expect(await create(host, await host.pif("eth2", of: "xcp1"), 9, tagged.ref) == "NETWORK_INCOMPATIBLE_WITH_VLAN_ON_BRIDGE")
      let function = try await host.plan(.existing(9, on: "SR-IOV on eth3", bridged.uuid, pool: false))
      #expect(function.blocking == ["VLAN 9 on eth2 of xcp2 is on network \"bridged\", and no virtual function: both cannot share it"])
      #expect(await create(host, own, 9, bridged.ref) == "NETWORK_INCOMPATIBLE_WITH_VLAN_ON_SRIOV")
      // Another model of card there.
      let card = try #require(await host.host.record(class: "PIF", ref: await host.pif("eth3", of: "xcp2"))?["PCI"]?.string)
      await host.host.mutate(class: "PCI", ref: card, field: "device_name", value: "Another card")
      let models = try await host.plan(.existing(9, on: "SR-IOV on eth3", tagged.uuid, pool: false))
      #expect(models.blocking.contains { $0.contains("is another model (Another card)") }, "\(models.blocking)")
      #expect(await create(host, own, 9, tagged.ref) == "NETWORK_HAS_INCOMPATIBLE_VLAN_ON_SRIOV_PIFS")
    }
  }

  /// XAPI knows them from 26.17 on.
  @Test func vifsWithTagsOfTheirOwn() async throws {
    try await ChangeHost.quick(.pool) { host in
      let request = VLANRequest.existing(77, on: "bond0", try await host.uuid("Private lab"))
      var facts = try await host.poolFacts()
      #expect(VLANCreatePlanner(request, facts).plan().blocking == [])
      let ref = await host.row("VIF", ["network": .string(await host.row("network", ["name_label": "Private lab"]))])
      var record = try #require(await host.host.record(class: "VIF", ref: ref))
      record.append("trunks", [5, 6])
      let event: JSONValue = ["id": "1", "timestamp": "0.0", "class": "vif", "operation": "mod", "ref": .string(ref), "snapshot": .object(record)]
      let batch: JSONValue = ["events": [event], "valid_ref_counts": [:], "token": "t"]
      let bytes = Array(batch.description.utf8)
      try bytes.withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        _ = try EventBatch(&scanner, into: &facts.change.database)
      }
      #expect(
        VLANCreatePlanner(request, facts).plan().blocking == [
          "Network \"Private lab\" has VIFs that carry VLANs of their own (trunks): gitlab"
        ])
    }
  }

  @Test func aVLANOfTheKernelItself() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.host.setKernelVLAN(device: "eth1", tag: 42)
      #expect(try await host.plan(.new("41,42", on: "eth1", pool: false)).blocking == ["This host's kernel has a VLAN 42 on eth1 that XAPI did not make"])
      let spare = try await host.addNetwork("spare")
      #expect(await create(host, await host.pif("eth1"), 42, spare.ref) == "VLAN_IN_USE")
      await host.host.setKernelVLAN(device: "eth1", tag: 42, isThere: false)
      #expect(try await host.plan(.new("42", on: "eth1", pool: false)).blocking == [])
      #expect(await create(host, await host.pif("eth1"), 4095, spare.ref) == "VLAN_TAG_INVALID")
    }
  }

  // MARK: Good to know

  @Test func namesAndTraps() async throws {
    try await ChangeHost.quick(.pool) { host in
      #expect(try await host.plan(.new("5", on: "bond0", name: " ")).blocking == ["The new network needs a name"])
      #expect(try await host.plan(.new("5-7", on: "bond0", name: "Same")).blocking == ["All 3 networks would be called \"Same\""])
      #expect(try await host.plan(.new("5", on: "bond0", name: "DMZ")).warnings.first?.hasPrefix("There is already a network called \"DMZ\"") == true)
      #expect(try await host.plan(.new("0", on: "bond0")).warnings.first?.hasPrefix("Tag 0 is no VLAN of its own") == true)
      #expect(try await host.plan(.new("1", on: "bond0")).notices.first?.hasPrefix("VLAN 1 is the untagged one of many switches") == true)
      let long = try await host.plan(.new("5", on: "bond0", mtu: 9000))
      #expect(long.warnings == ["bond0 carries packets of 1500 bytes, the VLAN would promise 9000: longer ones are lost"])
      #expect(long.hazards.first?.remedy?.contains("network \"Management\"") == true)
      #expect(try await host.plan(.new("5", on: "eth2", mtu: 9000)).warnings == [])
      // The cable of the first host's second storage path is out.
      #expect(try await host.plan(.new("5", on: "eth3")).notices == ["eth3 has no link"])
    }
  }
}

extension ChangeHost {
  /// An untagged interface by its device, of this host or of the one called so.
  func pif(_ device: String, of owner: String? = nil) async -> String {
    var match: JSONObject = ["device": .string(device), "VLAN": -1]
    if let owner { match.append("host", .string(await row("host", ["name_label": .string(owner)]))) }
    for ref in await host.refs(class: "PIF", where: match) {
      if await host.record(class: "PIF", ref: ref)?["sriov_logical_PIF_of"]?.array?.isEmpty != false { return ref }
    }
    return "?"
  }

  /// The interface of the virtual functions.
  func logical(_ owner: String) async -> String {
    for ref in await host.refs(class: "PIF", where: ["host": .string(await row("host", ["name_label": .string(owner)])), "VLAN": -1]) {
      if await host.record(class: "PIF", ref: ref)?["sriov_logical_PIF_of"]?.array?.isEmpty == false { return ref }
    }
    return "?"
  }

  func turnOff(_ name: String) async {
    let ref = await row("host", ["name_label": .string(name)])
    guard let metrics = await host.record(class: "host", ref: ref)?["metrics"]?.string else { return }
    await host.mutate(class: "host_metrics", ref: metrics, field: "live", value: false)
  }
}
