import Dom0
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Settings of NICs, planned and carried out on a simulated host.
@Suite struct TuningPlanTests {
  private static let preset = TuningPreset.corruption.request(["eth1"])

  private func plan(_ intent: Intent, _ host: ChangeHost) async throws -> ChangePlan {
    try await TuningPlanning(host.client, host.system).plan(intent)
  }

  private func tuning(_ device: String, _ host: ChangeHost) async throws -> NICTuning {
    try await TuningLook(host.client, host.system).tuning(of: device).get()
  }

  /// All that a change of settings can touch.
  private func picture(_ host: ChangeHost, _ devices: [String] = ["eth0", "eth1", "eth2"]) async throws -> [String] {
    var lines: [String] = []
    for device in devices {
      let tuning = try await tuning(device, host)
      lines += tuning.features.map { "\(device) \($0)" }
      lines.append("\(device) \(tuning.kept?.config.sorted { $0.key < $1.key } ?? []) \(tuning.rings?.current.sorted { $0.key < $1.key } ?? [])")
      lines.append("\(device) \(String(describing: tuning.linkMode)) \(tuning.link?.hasLink as Any) \(tuning.mtu as Any)")
    }
    return lines
  }

  @Test func aPresetIsAppliedShownAndUndone() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await picture(host)
      let plan = try await plan(.tuneNIC(Self.preset), host)
      #expect(plan.steps.map(\.action) == [.setOtherConfig("eth1", ["ethtool-tx": "off"]), .setFeatures("eth1", ["tx": false])])
      #expect(plan.steps[1].commands == ["ethtool -K eth1 tx off"])
      #expect(plan.consequences.contains { $0.hasPrefix("TSO of eth1 goes off as well") })
      #expect(plan.consequences.contains("XAPI sets it again at every plug and boot"))
      #expect(!plan.isProvisional && !plan.isBlocked)
      #expect(await host.run(plan) == .done)
      let shown = try await tuning("eth1", host)
      let tx = try #require(shown.rows.first { $0.id == "tx" })
      #expect((tx.kept, tx.now, tx.note) == ("off", "off", ""))
      let tso = try #require(shown.rows.first { $0.id == "tso" })
      #expect((tso.kept, tso.now) == ("-", "off") && tso.note == "off because TX checksum is off")
      #expect(TuningPreset.corruption.isKept(shown))
      let back = try #require(TuningRequest.waysBack(from: plan)["eth1"])
      let undo = try await self.plan(.tuneNIC(back), host)
      #expect(undo.consequences.contains("XAPI keeps nothing of it any more"))
      #expect(await host.run(undo) == .done)
      #expect(try await picture(host) == before)
      #expect(try await self.plan(.tuneNIC(back), host).isEmpty)
    }
  }

  @Test func whatIsKeptOutlivesAPlugAndABootAndTheRestDoesNot() async throws {
    try await ChangeHost.with(.standalone) { host in
      var request = TuningRequest(device: "eth1")
      request.set(.gso, false, .now)
      request.set(.tx, false, .always)
      request.rings = ["RX": 400]
      #expect(await host.run(try await plan(.tuneNIC(request), host)) == .done)
      var shown = try await tuning("eth1", host)
      #expect(shown.rows.first { $0.id == "gso" }?.note == "off by hand or by the driver, not kept")
      #expect(shown.rings?.current["RX"] == 400)
      await host.host.boot()
      shown = try await tuning("eth1", host)
      #expect(shown.features[.gso]?.isOn == true && shown.features[.tx]?.isOn == false)
      #expect(shown.rings?.current["RX"] == 200)
    }
  }

  @Test func keptOnlyWaitsForThePlug() async throws {
    try await ChangeHost.with(.standalone) { host in
      var request = TuningRequest(device: "eth1")
      request.set(.gro, false, .later)
      let plan = try await plan(.tuneNIC(request), host)
      #expect(plan.consequences.contains("Nothing changes until eth1 is plugged anew or the host boots"))
      #expect(await host.run(plan) == .done)
      let row = try #require(try await tuning("eth1", host).rows.first { $0.id == "gro" })
      #expect((row.kept, row.now, row.note, row.mark) == ("off", "on", "not applied until it is plugged anew", .warning))
      request = TuningRequest(device: "eth1")
      request.replugs = true
      #expect(await host.run(try await self.plan(.tuneNIC(request), host)) == .done)
      #expect(try await tuning("eth1", host).features[.gro]?.isOn == false)
    }
  }

  @Test(arguments: ["no", "yes", "1", ""])
  func whatXAPIDoesNotUnderstandIsTold(_ value: String) async throws {
    try await ChangeHost.with(.standalone) { host in
      for ref in await host.host.refs(class: "PIF", where: ["device": "eth1"]) {
        await host.host.mutate(
          class: "PIF", ref: ref, field: "other_config",
          value: ["ethtool-tso": .string(value), "ethtool-speed": "fast", "ethtool-duplex": "both"])
      }
      let shown = try await tuning("eth1", host)
      let row = try #require(shown.rows.first { $0.id == "tso" })
      #expect(row.kept == "\"\(value)\"" && row.mark == .warning && row.note.hasPrefix("XAPI ignores"))
      #expect(shown.rows.first { $0.id == "speed" }?.mark == .warning)
      // networkd ignores it as well.
      var request = TuningRequest(device: "eth1")
      request.replugs = true
      #expect(await host.run(try await plan(.tuneNIC(request), host)) == .done)
      #expect(try await tuning("eth1", host).features[.tso]?.isOn == true)
      // Everything as usual drops it.
      let defaults = try await plan(.tuneNIC(.defaults(["eth1"])), host)
      #expect(defaults.steps.map(\.action) == [.setOtherConfig("eth1", ["ethtool-tso": nil, "ethtool-speed": nil, "ethtool-duplex": nil])])
      #expect(await host.run(defaults) == .done)
      #expect(try await tuning("eth1", host).kept?.config == [:])
    }
  }

  // MARK: What is refused

  @Test func hazardsNameTheThing() async throws {
    try await ChangeHost.with(.standalone) { host in
      func hazards(_ words: [String], _ device: String) async throws -> [String] {
        try await plan(.tuneNIC(try TuningRequest([device], words: words, .always)), host).hazards
          .map { "\($0.weight) \($0.text)" }
      }
      let cases: [([String], String, String)] = [
        (["lro=on"], "eth1", "blocking The driver tg3 of eth1 has LRO off"), (["speed=2500"], "eth1", "blocking eth1 cannot do 2500 Mbit/s"),
        (["rx-ring=9999"], "eth1", "blocking The RX ring of eth1 has 1 to 511 entries, not 9999"),
        (["speed=100", "autoneg=off"], "eth1", "warning VMs that use it: jenkins"),
        (["tx=off", "tso=on"], "eth1", "blocking TSO of eth1 needs TX checksum, which would be off"),
        (["mtu=9000"], "eth0", "blocking Management goes through eth0"), (["tx=off"], "eth9", "blocking eth9 cannot be asked"),
      ]
      for (words, device, hazard) in cases {
        let found = try await hazards(words, device)
        #expect(found.contains { $0.hasPrefix(hazard) }, "\(words): \(found)")
      }
      let harmless = try await hazards(["tx=off"], "eth0")
      #expect(harmless.allSatisfy { !$0.hasPrefix("blocking") })
      await host.switchOn("ha_enabled")
      let underHA = try await hazards(["speed=100", "autoneg=off"], "eth0")
      #expect(underHA.contains { $0.hasPrefix("blocking High availability is on") })
    }
  }

  @Test func aBondStandsForItsMembers() async throws {
    try await ChangeHost.with(.pool) { host in
      let plan = try await plan(.tuneNIC(try TuningRequest(["bond0"], words: ["tx=off"], .always)), host)
      #expect(plan.steps.map(\.action) == [
        .setOtherConfig("eth0", ["ethtool-tx": "off"]), .setFeatures("eth0", ["tx": false]),
        .setOtherConfig("eth1", ["ethtool-tx": "off"]), .setFeatures("eth1", ["tx": false]),
      ])
      let one = try await self.plan(.tuneNIC(try TuningRequest(["eth0"], words: ["tx=off"], .always)), host)
      #expect(one.hazards.contains { $0.text == "eth0 is a member of bond0: eth1 stays as it is" })
      // Management goes over it: on trial. Here it is kept at once.
      #expect(plan.isProvisional)
      var kept = plan
      kept.isProvisional = false
      #expect(await host.run(kept) == .done)
      // Each member keeps its own, and the bond's plug applies it.
      var replug = TuningRequest(devices: ["eth0"])
      replug.replugs = true
      let plug = try await self.plan(.tuneNIC(replug), host)
      #expect(plug.steps.map(\.action) == [.replug("bond0")] && plug.isProvisional)
    }
  }

  // MARK: Without XAPI

  @Test func withoutXAPIOnlyForNow() async throws {
    try await ChangeHost.with(.standalone) { host in
      await host.host.setFault(.refuse)
      let kept = try await plan(.tuneNIC(Self.preset), host)
      #expect(kept.isBlocked && kept.hazards[0].text.hasPrefix("XAPI keeps the settings, and does not answer"))
      let live = try await plan(.tuneNIC(TuningPreset.corruption.request(["eth1"], .now)), host)
      #expect(live.steps.map(\.action) == [.setFeatures("eth1", ["tx": false])])
      #expect(await host.run(live) == .done)
      let shown = try await tuning("eth1", host)
      #expect(shown.silence != nil && shown.features[.tx]?.isOn == false && shown.rows[0].kept == "?")
      // The management NIC is known without XAPI, and what can cut it off is guarded without it.
      let forced = try await plan(.tuneNIC(try TuningRequest(["eth0"], words: ["speed=100", "autoneg=off"], .now)), host)
      #expect(forced.isProvisional && forced.expectation?.cards == ["eth0"])
      guard case .waiting = await host.run(forced, host.settings(confirmWithin: 0.3)) else {
        Issue.record("not waiting")
        return
      }
      try await host.untilOver()
      #expect(try await tuning("eth0", host).linkMode == LinkMode())
      #expect(try await tuning("eth0", host).link?.hasLink == true)
    }
  }

  // MARK: On trial

  @Test func aWrongSpeedOnManagementGoesBack() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await picture(host)
      let request = try TuningRequest(["eth0"], words: ["speed=100", "duplex=full", "autoneg=off"], .always)
      let plan = try await plan(.tuneNIC(request), host)
      #expect(plan.isProvisional && plan.expectation?.address == "10.0.4.11" && plan.expectation?.gateway == "10.0.4.1")
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.5)) else {
        Issue.record("not waiting")
        return
      }
      #expect(try await tuning("eth0", host).link?.hasLink == false)
      try await host.untilOver()
      #expect(try await picture(host) == before)
    }
  }

  /// Whichever step fails, all is as before.
  @Test(arguments: 0..<4)
  func aFailureAtAnyStepTakesEverythingBack(_ step: Int) async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await picture(host)
      let request = try TuningRequest(["eth1"], words: ["tx=off", "rx-ring=400", "speed=100"], .always)
      let plan = try await plan(.tuneNIC(request), host)
      #expect(plan.steps.count == 4)
      switch step {
      case 0: await host.host.failNext("PIF.add_to_other_config", with: ["INTERNAL_ERROR", "no"])
      case 1: await host.host.setTool("ethtool -s eth1 speed 100", .fail(code: 1, errors: "Cannot set new settings: no"))
      case 2: await host.host.setTool("ethtool -K eth1 tx off", .fail(code: 1, errors: "Cannot change tx-checksumming"))
      default: await host.host.setTool("ethtool -G eth1 rx 400", .fail(code: 81, errors: "Cannot set device ring parameters: no"))
      }
      let outcome = await host.run(plan)
      guard case .undone(let why) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(step == 0 || why.contains("Cannot"))
      #expect(try await picture(host) == before)
    }
  }

  @Test func aFailureAtThePlugTakesEverythingBack() async throws {
    try await ChangeHost.with(.standalone) { host in
      let before = try await picture(host)
      let plan = try await plan(.tuneNIC(try TuningRequest(["eth1"], words: ["mtu=9000"], .always)), host)
      #expect(plan.steps.count == 2)
      await host.host.failNext("PIF.plug", with: ["PIF_CONFIGURATION_ERROR", "x", "script error"])
      guard case .undone = await host.run(plan) else {
        Issue.record("not undone")
        return
      }
      #expect(try await picture(host) == before)
      #expect(await host.run(plan) == .done)
      #expect(try await tuning("eth1", host).mtu == 9000)
    }
  }

  // MARK: Words

  @Test(arguments: [
    ("tx", "tx: a setting is written name=value"), ("foo=on", "foo: there is no such setting"), ("tx=no", "tx: on or off, or default"),
    ("speed=fast", "speed: a number of Mbit/s"), ("speed=-1", "speed: a number"), ("duplex=both", "duplex: full or half"),
    ("duplex=full", "duplex: it goes with a speed"), ("autoneg=no", "autoneg: on or off"), ("autoneg=off", "autoneg: switched off"),
    ("rx-ring=x", "rx-ring: a number of entries"), ("mtu=10", "mtu: an MTU is 68 to 9216 bytes"), ("mtu=99999", "mtu: an MTU is"),
  ])
  func badWordsNameTheFieldAndTheRule(_ word: String, _ complaint: String) throws {
    let problem = #expect(throws: ChangeProblem.self) { try TuningRequest(["eth1"], words: [word], .always) }
    #expect(problem?.text.hasPrefix(complaint) == true, "\(problem?.text ?? "")")
  }

  @Test func cardsThatAreKnownForTroubleAreAdvised() {
    var nic = NICTuning(device: "eth0")
    (nic.driver, nic.vendor, nic.model) = ("e1000e", "8086", "15B8")
    nic.features = EthtoolFeature.parse("Features for eth0:\ntcp-segmentation-offload: on\ngeneric-segmentation-offload: on\n")
    #expect(nic.advised == [.i218])
    nic.model = "10d3"
    #expect(nic.advised.isEmpty)
  }
}
