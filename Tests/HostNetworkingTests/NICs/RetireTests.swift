import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// The way to take a NIC out of the machine, through the real client and the simulated host's socket.
struct RetireTests {
  private func states(_ path: RetirePath) -> [String] { path.steps.map { "\($0.stage) \($0.state)" } }

  private func needs(_ path: RetirePath) -> [String] { path.steps.first?.needs.map { ($0.isRequired ? "! " : "- ") + $0.text } ?? [] }

  private func choices(_ path: RetirePath) -> [String] {
    path.steps.filter { $0.state == .now }.flatMap(\.needs).flatMap(\.choices).map(\.text)
  }

  // MARK: The way

  @Test func whatUsesItIsListedWithWhatCanBeDone() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.vlan(20, on: "eth1", "Office")
      try await host.vlan(30, on: "eth1", "Voice")
      try await host.set("eth1", "disallow_unplug", true)
      _ = try await host.client.call("PIF.reconfigure_ip", [host.ref("eth1"), "Static", "10.0.21.11", "255.255.255.0", "", ""])
      let path = try await host.path("eth1")
      #expect(states(path) == ["free now", "unplug later", "takeOut later", "forget later", "network later"])
      #expect(
        needs(path) == [
          "! It carries VLANs 20 and 30 (network \"Office\" and network \"Voice\")", "! VM jenkins runs on its network",
          "- It has an address of its own, 10.0.21.11/24: storage, migration or backups may go over it", "! It is protected against unplugging",
        ])
      let choices = choices(path)
      for choice in [
        "Move VLANs 20 and 30 to eth0, on the same networks", "Move VLANs 20 and 30 to eth2, on the same networks", "Destroy VLANs 20 and 30",
        "Destroy VLAN 20 only", "Move the VIFs to network \"Pool-wide network 2\" (eth2)", "Remove the address", "Lift the protection",
      ] {
        #expect(choices.contains(choice), "\(choices)")
      }
      #expect(!choices.contains { $0.contains("Office") && $0.hasPrefix("Move the VIFs") }, "that rests on it as well")
    }
  }

  @Test func managementBondsTunnelsAndFunctions() async throws {
    try await ChangeHost.quick(.pool) { host in
      let path = try await host.path("eth1")
      #expect(needs(path)[0] == "! Management is on bond0, which rests on it")
      #expect(needs(path)[1].hasPrefix("! It is a member of bond0 with eth0: XAPI takes no member out of a bond"))
      guard case .byHand(let line)? = path.steps[0].needs[1].choices.first?.way else {
        Issue.record("\(path.steps[0].needs[1].choices)")
        return
      }
      #expect(line.hasPrefix("xe bond-destroy uuid="))
    }
    try await ChangeHost.quick(.standalone) { host in
      try await host.tunnel(over: "eth3", "Private 7")
      try await host.sriov(on: "eth3", "Functions")
      await host.cluster("eth3")
      let needs = needs(try await host.path("eth3"))
      #expect(needs.contains("! tunnel0 runs over eth3") && needs.contains("! SR-IOV is enabled on it"))
      #expect(needs.contains { $0.hasPrefix("! The cluster of this pool talks over eth3") })
    }
  }

  /// From the first look to the end, with the boot in its midst.
  @Test func theWholeWay() async throws {
    try await ChangeHost.quick(.standalone) { host in
      // Running VMs hold its network, a halted one has a VIF there.
      let own = try #require(try await host.scene().tree["eth3"]?.pif.network)
      try await host.vif(of: "nas", on: own.json)
      try await host.vlan(20, on: "eth3", "Office")
      let office = try #require(try await host.scene().network(bridge: "xapi1")).description
      let uuid = try #require(try await host.scene().tree["eth2"]?.pif.network.flatMap { network in network })
      let target = try #require(try await host.scene().database.networks[uuid]?.uuid)
      // Its VLANs to another NIC, its VIFs to another network, whether their VMs run or not.
      #expect(await host.run(try await host.plan(.retireNIC(RetireRequest(device: "eth3", .moveVLANs([20], to: "eth1"))))) == .done)
      #expect(try await host.scene().tree["VLAN 20 on eth1"]?.pif.network?.description == office)
      #expect(await host.run(try await host.plan(.retireNIC(RetireRequest(device: "eth3", .moveVIFs(toNetwork: target))))) == .done)
      let nas = await host.host.refs(class: "VIF", where: ["MAC": "5e:1b:0a:00:00:07"])
      #expect(await host.host.record(class: "VIF", ref: nas[0])?["network"] == uuid.json)
      #expect(states(try await host.path("eth3")) == ["free done", "unplug now", "takeOut later", "forget later", "network later"])
      #expect(await host.run(try await host.plan(.unplug("eth3"))) == .done)
      let out = try await host.path("eth3")
      #expect(states(out) == ["free done", "unplug done", "takeOut now", "forget later", "network later"])
      #expect(out.runningVMs.map(\.name) == ["jenkins", "mail", "nas", "web-frontend"])
      // Switched off, pulled, started again.
      await host.host.removeCard(device: "eth3", atBoot: true)
      await host.host.boot()
      let booted = try await host.path("eth3")
      #expect(states(booted) == ["free done", "unplug done", "takeOut done", "forget now", "network later"])
      #expect(await host.run(try await host.plan(.forgetNIC("eth3"))) == .done)
      #expect(states(try await host.path("eth3")) == ["free done", "unplug done", "takeOut done", "forget done", "network now"])
      #expect(await host.run(try await host.plan(.retireNIC(RetireRequest(device: "eth3", .destroyNetwork)))) == .done)
      let end = try await host.path("eth3")
      #expect(end.isOver)
      #expect(try await host.scene().network(bridge: "xenbr3") == nil)
    }
  }

  /// Other hosts' interfaces, and the VMs of anybody, keep a network.
  @Test func aNetworkThatOthersUseStays() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.host.removeCard(device: "eth3")
      #expect(try await host.code("PIF.forget", host.ref("eth3")) == "")
      let step = try #require(try await host.path("eth3").steps.last)
      #expect(step.state == .done)
      #expect(step.text.hasPrefix("Network \"Storage B\" stays: eth3 of xcp2 and eth3 of xcp3 are on it, VMs file-archive and object-store"))
      let plan = try await host.plan(.retireNIC(RetireRequest(device: "eth3", .destroyNetwork)))
      #expect(plan.isBlocked && plan.steps.isEmpty)
      #expect(plan.blocking.first?.contains("eth3 of xcp2") == true)
    }
  }

  /// VMs of other hosts reach the network through those.
  @Test func onlyVIFsOfThisHostAreMovedInAPool() async throws {
    try await ChangeHost.quick(.pool) { host in
      let scene = try await host.scene()
      let target = try #require(scene.database.networks[scene.tree["eth3"]?.pif.network]?.uuid)
      let plan = try await host.plan(.retireNIC(RetireRequest(device: "eth2", .moveVIFs(toNetwork: target))))
      #expect(plan.differences.map(\.name) == ["postgres-主"])
      #expect(plan.consequences.contains("VM postgres-备 stays on it: other hosts have that network"))
      #expect(plan.lines.count == 1 && plan.lines[0].hasPrefix("xe vif-move uuid=") && plan.lines[0].hasSuffix(" network-uuid=\(target)"))
    }
  }

  // MARK: Refusals

  /// A name that is not a NIC's is never said to be out of the machine.
  @Test func onlyNICsAreTakenOut() async throws {
    try await ChangeHost.quick(.pool) { host in
      for (name, words) in [("bond0", "bond0 is a bond"), ("VLAN 10 on bond0", "VLAN 10 on bond0 is a VLAN")] {
        guard case .failure(let problem) = await RetireLook(host.client, host.system).path(of: name) else {
          Issue.record("\(name) has a way out")
          continue
        }
        #expect("\(problem)".contains(words), "\(problem)")
        for work in [RetireRequest.Work.removeAddress, .destroyNetwork] {
          #expect(try await host.plan(.retireNIC(RetireRequest(device: name, work))).blocking == ["\(words): only a NIC is taken out of the machine"])
        }
      }
      for name in ["eth77", ""] {
        let path = try await host.path(name)
        #expect(!path.isKnown, "\(name)")
      }
      #expect(try await host.path("eth3").isKnown)
      // Its card and its record are gone, its network is still there.
      await host.host.removeCard(device: "eth3")
      #expect(try await host.code("PIF.forget", host.ref("eth3")) == "")
      #expect(try await host.path("eth3").isKnown)
    }
  }

  /// XAPI deletes what VIFs are left on a network: what has come onto it since the plan was made keeps it.
  @Test(arguments: [ChangeAction.destroyNetwork(mark: "themark"), .destroyBridgeNetwork("xenbr9"), .destroyEmptyNetwork("the-network")])
  func aNetworkThatSomebodyHasTakenIsNotDestroyed(_ action: ChangeAction) async throws {
    try await ChangeHost.quick(.standalone) { host in
      let network = await host.host.createRow(
        class: "network",
        ["uuid": "the-network", "name_label": "Lab", "bridge": "xenbr9", "managed": true, "other_config": [ChangeAction.markKey: "themark"]])
      try await host.vif(of: "old-erp", on: .string(network), attached: false)
      var hands = ChangeHands(host.client, host.system)
      await #expect(throws: ChangeFailure("network \"Lab\" is in use (1 VIF) and was left: move those away first")) {
        try await hands.perform(action)
      }
      let vifs = await host.host.refs(class: "VIF", where: ["network": .string(network)])
      let vif = try #require(vifs.first)
      let elsewhere = try #require(try await host.scene().tree["eth3"]?.pif.network)
      _ = try await host.client.call("VIF.move", [.string(vif), elsewhere.json])
      #expect(try await hands.perform(action) == .done)
      #expect(try await host.scene().network(uuid: "the-network") == nil)
    }
  }

  @Test func aVLANThatRunningVMsUseIsNotMoved() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let office = try await host.vlan(20, on: "eth1", "Office")
      try await host.vif(of: "nas", on: office)
      let vlan = try #require(try await host.scene().vlan(20, on: "eth1")?.pif.vlanMasterOf)
      for work in [RetireRequest.Work.moveVLANs([20], to: "eth2"), .destroyVLANs([20])] {
        let plan = try await host.plan(.retireNIC(RetireRequest(device: "eth1", work)))
        #expect(plan.blocking == ["VM nas runs here on network \"Office\", which VLAN 20 on eth1 feeds"])
        #expect(plan.steps.isEmpty)
      }
      #expect(try await host.code("VLAN.destroy", vlan.json) == "VIF_IN_USE")
    }
  }

  @Test func whereVLANsAndVIFsCannotGo() async throws {
    try await ChangeHost.quick(.pool) { host in
      func told(_ device: String, _ work: RetireRequest.Work) async throws -> String {
        try await host.plan(.retireNIC(RetireRequest(device: device, work))).blocking.joined(separator: "; ")
      }
      try await host.vlan(20, on: "eth3", "Lab")
      #expect(try await told("eth3", .moveVLANs([20], to: "bond0")) == "bond0 has a VLAN 20 already")
      #expect(try await told("eth3", .moveVLANs([20], to: "eth0")) == "eth0 is a member of bond0, which has the traffic")
      #expect(try await told("eth3", .moveVLANs([20], to: "VLAN 10 on bond0")).contains("neither"))
      #expect(try await told("eth3", .moveVLANs([21], to: "eth2")) == "There is no VLAN 21 on eth3")
      let scene = try await host.scene()
      let member = try #require(scene.database.networks[scene.tree["eth0"]?.pif.network]?.uuid)
      #expect(try await told("eth3", .moveVIFs(toNetwork: member)).contains("is a member of bond0"))
      let vif = await host.host.refs(class: "VIF", where: ["network": try #require(scene.tree["eth3"]?.pif.network).json])[0]
      #expect(try await host.code("VIF.move", .string(vif), try #require(scene.network(uuid: member)).json) == "HOST_CANNOT_ATTACH_NETWORK")
    }
  }

  // MARK: Failures

  struct Whole: Sendable, CustomTestStringConvertible {
    var work: RetireRequest.Work
    var steps: Int
    var call: String
    var testDescription: String { "\(work), \(call)" }
  }

  static let wholes = [
    Whole(work: .moveVLANs([20, 30], to: "eth2"), steps: 8, call: "VLAN.destroy"),
    Whole(work: .moveVLANs([20, 30], to: "eth2"), steps: 8, call: "VLAN.create"),
    Whole(work: .destroyVLANs([20, 30]), steps: 2, call: "VLAN.destroy"), Whole(work: .removeAddress, steps: 1, call: "PIF.reconfigure_ip"),
    Whole(work: .allowUnplug, steps: 1, call: "PIF.set_disallow_unplug"), Whole(work: .moveVIFs(toNetwork: "eth2"), steps: 1, call: "VIF.move"),
  ]

  /// Whatever step fails, what was done before it is taken back.
  @Test(arguments: wholes) func aStepThatFailsTakesTheOthersBack(_ whole: Whole) async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.vlan(20, on: "eth1", "Office")
      let voice = try await host.vlan(30, on: "eth1", "Voice")
      let vlan = try await host.ref("VLAN 20 on eth1")
      _ = try await host.client.call("PIF.reconfigure_ip", [vlan, "Static", "10.0.33.1", "255.255.255.0", "", "10.0.33.2"])
      _ = try await host.client.call("PIF.set_disallow_unplug", [try await host.ref("VLAN 30 on eth1"), true])
      try await host.set("VLAN 20 on eth1", "other_config", ["domain": "lab.example"])
      try await host.set("VLAN 30 on eth1", "other_config", ["mtu": "1400"])
      _ = voice
      try await host.set("VLAN 30 on eth1", "disallow_unplug", false)
      _ = try await host.client.call("PIF.reconfigure_ip", [host.ref("eth1"), "Static", "10.0.21.11", "255.255.255.0", "", ""])
      try await host.set("eth1", "disallow_unplug", true)
      var work = whole.work
      if case .moveVIFs = work {
        let scene = try await host.scene()
        work = .moveVIFs(toNetwork: try #require(scene.database.networks[scene.tree["eth2"]?.pif.network]?.uuid))
      }
      let before = try await host.wholePicture()
      let plan = try await host.plan(.retireNIC(RetireRequest(device: "eth1", work)))
      #expect(plan.blocking == [])
      if case .moveVLANs = work {} else { #expect(plan.steps.count == whole.steps) }
      for place in 0...plan.steps.count {
        #expect(await host.run(plan.failing(after: place)) == .undone(reason: "eth77 is not there"))
        #expect(try await host.wholePicture() == before, "after \(place)")
      }
      for isAfter in [false, true] {
        await host.host.failNext(whole.call, with: ["INTERNAL_ERROR", "simulated"], after: isAfter)
        guard case .undone = await host.run(plan) else {
          Issue.record("it was not taken back")
          return
        }
        #expect(try await host.wholePicture() == before, "\(isAfter)")
      }
      #expect(await host.run(plan) == .done)
      #expect(try await host.wholePicture() != before)
    }
  }

  /// What was set up of a VLAN goes with it.
  @Test func aMovedVLANKeepsItsSettings() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let office = try await host.vlan(20, on: "eth1", "Office")
      let vlan = try await host.ref("VLAN 20 on eth1")
      _ = try await host.client.call("PIF.reconfigure_ip", [vlan, "Static", "10.0.33.1", "255.255.255.0", "", ""])
      try await host.set("VLAN 20 on eth1", "other_config", ["domain": "lab.example"])
      let plan = try await host.plan(.retireNIC(RetireRequest(device: "eth1", .moveVLANs([20], to: "eth2"))))
      #expect(plan.lines.contains { $0.hasPrefix("xe vlan-destroy uuid=") } && plan.lines.contains { $0.hasPrefix("xe vlan-create pif-uuid=") })
      #expect(await host.run(plan) == .done)
      let moved = try #require(try await host.scene().tree["VLAN 20 on eth2"]?.pif)
      #expect(moved.network?.json == office)
      #expect(moved.ip == "10.0.33.1" && moved.otherConfig["domain"] == "lab.example" && moved.currentlyAttached)
    }
  }

  /// What is written of it is in force as well, there and on the way back; one that was not plugged is not plugged afterwards.
  @Test func aMovedVLANIsAsItWas() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.vlan(20, on: "eth1", "Office")
      try await host.vlan(30, on: "eth1", "Voice")
      try await host.set("VLAN 20 on eth1", "other_config", ["mtu": "1400"])
      try await host.set("VLAN 20 on eth1", "primary_address_type", "IPv6")
      _ = try await host.client.call("PIF.plug", [try await host.ref("VLAN 20 on eth1")])
      _ = try await host.client.call("PIF.unplug", [try await host.ref("VLAN 30 on eth1")])
      func isAsItWas(on base: String) async throws {
        let scene = try await host.scene()
        let office = try #require(scene.vlan(20, on: base)?.pif)
        #expect(office.mtu == 1400 && office.currentlyAttached && office.primaryAddressType == .ipv6, "on \(base): \(office)")
        #expect(scene.vlan(30, on: base)?.pif.currentlyAttached == false, "on \(base)")
      }
      try await isAsItWas(on: "eth1")
      let plan = try await host.plan(.retireNIC(RetireRequest(device: "eth1", .moveVLANs([20, 30], to: "eth2"))))
      #expect(await host.run(plan.failing(after: plan.steps.count)) == .undone(reason: "eth77 is not there"))
      try await isAsItWas(on: "eth1")
      #expect(await host.run(plan) == .done)
      try await isAsItWas(on: "eth2")
    }
  }

  @Test func whatGoesOverAMovedVLANIsWarnedOf() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.vlan(20, on: "eth1", "Office")
      try await host.vlan(30, on: "eth1", "Voice")
      _ = try await host.client.call("PIF.reconfigure_ip", [host.ref("VLAN 20 on eth1"), "Static", "10.0.33.1", "255.255.255.0", "", ""])
      try await host.set("VLAN 20 on eth1", "other_config", ["defaultroute": "true"])
      func told(_ tag: Int) async throws -> [String] {
        try await host.plan(.retireNIC(RetireRequest(device: "eth1", .moveVLANs([tag], to: "eth2")))).hazards.filter { $0.weight == .warning }.map(\.text)
      }
      let office = try await told(20)
      #expect(office.contains("VLAN 20 on eth1 has an address of its own, 10.0.33.1/24: storage, migration or backups that go over it are cut for a moment"))
      #expect(office.contains("This host's default route goes over VLAN 20 on eth1: it is cut for a moment"))
      let voice = try await told(30)
      #expect(!voice.contains { $0.contains("for a moment") }, "\(voice)")
    }
  }
}
