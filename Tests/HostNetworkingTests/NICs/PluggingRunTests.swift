import JSON
import SimulatedHost
import Synchronization
import Testing
import XenAPI

@testable import HostNetworking

/// Scanning, introducing, plugging, unplugging and forgetting, through the real client and the simulated host's socket.
struct PluggingRunTests {
  // MARK: Scan

  @Test func aNewCardIsToldBeforeItAppears() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.putCard("eth4")
      let plan = try await host.plan(.scanNICs(plugs: true))
      #expect(plan.title == "Look for new NICs: eth4 will appear")
      #expect(plan.differences == [.init("eth4", now: "not known to XAPI", after: "known and plugged")])
      #expect(
        plan.consequences.first
          == "eth4 (0c:c4:7a:00:00:44, igb, PCI 0000:3b:00.4, link not known before it is plugged) comes onto a new network with the bridge xenbr4")
      let scene = try await host.scene()
      let own = scene.database.hosts[scene.host]?.uuid ?? ""
      #expect(
        plan.lines == [
          "xe pif-scan host-uuid=\(own)",
          "xe pif-plug uuid=$(xe pif-list host-uuid=\(own) device=eth4 physical=true --minimal)",
        ])
      let notes = Mutex<[String]>([])
      let outcome = await ChangeRun(plan, client: host.client, system: host.system, settings: host.settings()).run { _, state in
        if case .done(let note) = state, !note.isEmpty { notes.withLock { $0.append(note) } }
      }
      #expect(outcome == .done)
      #expect(notes.withLock { $0 } == ["eth4 appeared (0c:c4:7a:00:00:44, network \"Pool-wide network 4\")"])
      #expect(try await host.scene().tree["eth4"]?.pif.currentlyAttached == true)
    }
  }

  @Test func withoutPluggingItIsNotAttached() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.putCard("eth4")
      let plan = try await host.plan(.scanNICs(plugs: false))
      #expect(plan.steps.count == 1)
      #expect(plan.consequences.contains { $0.hasPrefix("eth4 is not attached until it is plugged") })
      #expect(await host.run(plan) == .done)
      #expect(try await host.scene().tree["eth4"]?.pif.currentlyAttached == false)
    }
  }

  /// The network of another time, or of another host, has the bridge already.
  @Test func itLandsOnTheNetworkThatHasItsBridge() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.host.createRow(class: "network", ["name_label": "Storage C", "bridge": "xenbr4", "managed": true])
      await host.putCard("eth4")
      let plan = try await host.plan(.scanNICs(plugs: true))
      #expect(plan.consequences.first?.hasSuffix("comes onto network \"Storage C\", which has its bridge xenbr4") == true)
      #expect(plan.steps.first?.undo == [.forgetNIC("eth4")], "the network is not this change's")
    }
  }

  @Test func aScanWithoutAnythingNewSaysSo() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await host.plan(.scanNICs(plugs: true))
      #expect(plan.title == "Look for new NICs: there is none")
      #expect(plan.consequences == ["XAPI knows every NIC that the kernel has already: eth0, eth1, eth2 and eth3"])
      #expect(!plan.isBlocked && plan.steps.count == 1)
      #expect(await host.run(plan) == .done)
    }
  }

  @Test func recordsOfNICsThatAreGoneAreNamed() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.host.removeCard(device: "eth3")
      let plan = try await host.plan(.scanNICs(plugs: true))
      let notice = try #require(plan.hazards.first)
      #expect(notice.text == "eth3 is known to XAPI, but not in this machine: a scan never removes a record")
      #expect(notice.remedy?.contains("xcpconsole nic forget eth3") == true)
      #expect(await host.run(plan) == .done)
      #expect(try await host.scene().tree["eth3"] != nil)
    }
  }

  /// A card that nobody saw beforehand is named all the same.
  @Test func whatAppearsUnforeseenIsNamed() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await host.plan(.scanNICs(plugs: true))
      await host.putCard("eth5", "0c:c4:7a:00:00:55")
      var hands = ChangeHands(host.client, host.system)
      let done = try await hands.perform(plan.steps[0].action)
      #expect(done == .found("eth5 appeared (0c:c4:7a:00:00:55, network \"Pool-wide network 5\")"))
    }
  }

  /// Its name goes with the next boot.
  @Test func aHalfRenamedNICIsNotPlugged() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.putCard("side-1842-eth15", "0c:c4:7a:00:00:66")
      let plan = try await host.plan(.scanNICs(plugs: true))
      #expect(plan.steps.count == 1 && plan.differences.map(\.after) == ["known, not plugged"])
      #expect(plan.consequences.contains { $0.hasPrefix("side-1842-eth15 is not plugged: its name is that of a renaming that failed") })
      #expect(plan.hazards.contains { $0.remedy == "Reboot first: the renaming is tried again" })
    }
  }

  // MARK: Others

  @Test func introducing() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.putCard("eth4")
      let plan = try await host.plan(.introduceNIC("eth4", plugs: true))
      #expect(plan.lines.first?.hasSuffix(" device=eth4 mac=0c:c4:7a:00:00:44") == true)
      #expect(await host.run(plan) == .done)
      #expect(try await host.scene().tree["eth4"]?.pif.currentlyAttached == true)
    }
  }

  @Test func unpluggingTellsWhatIsLost() async throws {
    try await ChangeHost.quick(.standalone) { host in
      _ = try await host.client.call("PIF.reconfigure_ip", [host.ref("eth3"), "Static", "10.0.21.11", "255.255.255.0", "", ""])
      try await host.set("eth3", "other_config", ["static-routes": "10.9.0.0/16/10.0.21.1"])
      try await host.vlan(42, on: "eth3", "Lab")
      let plan = try await host.plan(.unplug("eth3"))
      #expect(!plan.isBlocked && !plan.isProvisional)
      #expect(plan.differences.contains(.init("Address", now: "10.0.21.11/24", after: "none while it is unplugged")))
      let told = plan.consequences.joined(separator: "\n")
      for words in ["VLAN 42 on eth3 stays plugged", "The route 10.9.0.0/16/10.0.21.1 goes", "VM old-erp is started here", "when it starts the next time"] {
        #expect(told.contains(words), "\(told)")
      }
      #expect(plan.warnings.contains { $0.contains("has an address of its own") })
      #expect(await host.run(plan) == .done)
      let scene = try await host.scene()
      #expect(scene.tree["eth3"]?.pif.currentlyAttached == false)
      #expect(scene.tree["VLAN 42 on eth3"]?.pif.currentlyAttached == true)
      #expect(try await host.plan(.unplug("eth3")).isEmpty)
      #expect(await host.run(try await host.plan(.plug("eth3"))) == .done)
      #expect(try await host.scene().tree["eth3"]?.pif.currentlyAttached == true)
    }
  }

  /// What carries management below is taken down on trial only.
  @Test func unpluggingBelowManagementIsOnTrial() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.vlan(42, on: "eth3", "Lab")
      let vlan = try await host.ref("VLAN 42 on eth3")
      _ = try await host.client.call("PIF.reconfigure_ip", [vlan, "DHCP", "", "", "", ""])
      _ = try await host.client.call("host.management_reconfigure", [vlan])
      let before = try await host.wholePicture()
      let plan = try await host.plan(.unplug("eth3"))
      #expect(plan.isProvisional && !plan.isBlocked)
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.2)) else {
        Issue.record("it is not on trial")
        return
      }
      try await host.untilOver()
      #expect(try await host.wholePicture() == before)
    }
  }

  @Test func whatRestsOnItComesBackToo() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.sriov(on: "eth3", "Functions")
      try await host.tunnel(over: "eth3", "Private 7")
      let plan = try await host.plan(.unplug("eth3"))
      #expect(plan.consequences.contains("tunnel0, which rests on it, is unplugged with it"))
      let before = try await host.wholePicture()
      #expect(await host.run(plan.failing(after: 1)) == .undone(reason: "eth77 is not there"))
      #expect(try await host.wholePicture() == before)
    }
  }

  /// A NIC with everything that can be set up on it comes back as it was.
  @Test(arguments: [true, false]) func forgettingIsTakenBackWhole(_ isPlugged: Bool) async throws {
    try await ChangeHost.quick(.standalone) { host in
      let eth3 = try await host.ref("eth3")
      _ = try await host.client.call("PIF.reconfigure_ip", [eth3, "Static", "10.0.21.11", "255.255.255.0", "10.0.21.1", "10.0.21.2"])
      _ = try await host.client.call("PIF.reconfigure_ipv6", [eth3, "Static", "fd00::11/64", "fd00::1", ""])
      _ = try await host.client.call("PIF.set_property", [eth3, "gro", "off"])
      if !isPlugged { _ = try await host.client.call("PIF.unplug", [eth3]) }
      try await host.set("eth3", "other_config", ["ethtool-tso": "off", "domain": "lab.example", "management_purpose": "Storage"])
      _ = try await host.client.call("PIF.set_disallow_unplug", [eth3, true])
      let before = try await host.wholePicture()
      let plan = try await host.plan(.forgetNIC("eth3"))
      #expect(plan.differences.contains(.init("Settings", now: "domain, ethtool-tso, management_purpose", after: "lost")))
      #expect(await host.run(plan.failing(after: 1)) == .undone(reason: "eth77 is not there"))
      #expect(try await host.wholePicture() == before)
      // Taken back twice it is the same.
      var hands = ChangeHands(host.client, host.system)
      for action in plan.steps[0].undo { #expect(try await hands.perform(action) == .wasSo, "\(action)") }
    }
  }

  /// The session comes in over a NIC that has nothing to do with management: nobody could take it back by hand.
  @Test func forgettingWhatTheSessionComesInOverIsOnTrial() async throws {
    try await ChangeHost.quick(.standalone) { host in
      _ = try await host.client.call("PIF.reconfigure_ip", [host.ref("eth3"), "Static", "10.0.21.11", "255.255.255.0", "", ""])
      var facts = try await PluggingLook(host.client, host.system).facts()
      #expect(!ForgetPlanner("eth3", facts).plan().isProvisional)
      facts.change.session.local = "10.0.21.11"
      let plan = ForgetPlanner("eth3", facts).plan()
      #expect(plan.isProvisional && plan.expectation?.interface == "eth0")
      let before = try await host.wholePicture()
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.2), looksAgain: false) else {
        Issue.record("it is not on trial")
        return
      }
      try await host.untilOver()
      #expect(try await host.wholePicture() == before)
      // What is gone carries no session: there is nothing to wait for.
      await host.host.removeCard(device: "eth3")
      var gone = try await PluggingLook(host.client, host.system).facts()
      gone.change.session.local = "10.0.21.11"
      #expect(!ForgetPlanner("eth3", gone).plan().isProvisional)
    }
  }

  @Test func whatIsGoneIsForgottenForGood() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.host.removeCard(device: "eth3")
      let plan = try await host.plan(.forgetNIC("eth3"))
      #expect(plan.warnings.contains("The card is not there: this cannot be taken back"))
      // XAPI says no and has done it: then it is done.
      await host.host.failNext("PIF.forget", with: ["INTERNAL_ERROR", "simulated"], after: true)
      #expect(await host.run(plan) == .done)
      #expect(try await host.scene().tree["eth3"] == nil)
    }
  }

  // MARK: Failures

  struct Whole: Sendable, CustomTestStringConvertible {
    var intent: Intent
    var steps: Int
    var call: String
    var testDescription: String { "\(intent)" }
  }

  static let wholes = [
    Whole(intent: .scanNICs(plugs: true), steps: 2, call: "PIF.scan"), Whole(intent: .introduceNIC("eth4", plugs: true), steps: 2, call: "PIF.introduce"),
    Whole(intent: .scanNICs(plugs: true), steps: 2, call: "PIF.plug"), Whole(intent: .unplug("eth3"), steps: 1, call: "PIF.unplug"),
    Whole(intent: .forgetNIC("eth3"), steps: 1, call: "PIF.forget"),
  ]

  /// Whatever step fails, what was done before it is taken back.
  @Test(arguments: wholes) func aStepThatFailsTakesTheOthersBack(_ whole: Whole) async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.putCard("eth4")
      let before = try await host.wholePicture()
      let plan = try await host.plan(whole.intent)
      #expect(plan.steps.count == whole.steps)
      for place in 0...whole.steps {
        #expect(await host.run(plan.failing(after: place)) == .undone(reason: "eth77 is not there"))
        #expect(try await host.wholePicture() == before)
      }
      await host.host.failNext(whole.call, with: ["INTERNAL_ERROR", "simulated"])
      guard case .undone = await host.run(plan) else {
        Issue.record("it was not taken back")
        return
      }
      #expect(try await host.wholePicture() == before)
    }
  }

  @Test func actionsCanBeWrittenDown() throws {
    let actions: [ChangeAction] = [
      .scanNICs(expecting: ["eth4"]), .introduceNIC("eth4", mac: "0c:c4:7a:00:00:44", managed: false), .forgetNIC("eth4"),
      .setDisallowUnplug("eth4", true), .setProperties("eth4", ["gro": "off"]), .destroyBridgeNetwork("xenbr4"),
      .moveVIFs(["a", "b"], from: "c", to: "d"), .destroyEmptyNetwork("e"),
    ]
    for action in actions { #expect(ChangeAction(action.json) == action) }
  }
}

extension ChangePlan {
  /// The same with a step in it that fails.
  func failing(after place: Int) -> ChangePlan {
    var plan = self
    plan.steps.insert(ChangeStep(0, "Plug what is not there", commands: [], action: .plug("eth77")), at: place)
    plan.steps = plan.steps.numbered
    return plan
  }
}
