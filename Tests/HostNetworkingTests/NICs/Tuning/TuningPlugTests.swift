import Dom0
import JSON
import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// Settings that a plug applies, and what can cut off whoever sets them.
@Suite struct TuningPlugTests {
  private func plan(_ request: TuningRequest, _ host: ChangeHost) async throws -> ChangePlan { try await host.plan(.tuneNIC(request)) }

  private func tuning(_ device: String, _ host: ChangeHost) async throws -> NICTuning {
    try await TuningLook(host.client, host.system).tuning(of: device).get()
  }

  private func picture(_ device: String, _ host: ChangeHost) async throws -> [String] {
    let nic = try await tuning(device, host)
    return nic.features.map { "\($0)" } + [
      "\(nic.kept?.config.sorted { $0.key < $1.key } ?? [])", "\(String(describing: nic.linkMode)) \(nic.link?.hasLink as Any) \(nic.mtu as Any)",
    ]
  }

  private func replug(_ device: String, _ words: [String] = []) throws -> TuningRequest {
    var request = words.isEmpty ? TuningRequest(device: device) : try TuningRequest([device], words: words, .later)
    request.replugs = true
    return request
  }

  private func plug(_ device: String, _ words: [String] = [], _ host: ChangeHost) async throws -> ChangePlan {
    try await plan(try replug(device, words), host)
  }

  private func set(
    _ device: String, _ words: [String], _ lasting: TuningRequest.Lasting, _ host: ChangeHost
  ) async throws -> ChangePlan {
    try await plan(try TuningRequest([device], words: words, lasting), host)
  }

  private static let forced = ["tx=off", "speed=100", "duplex=full", "autoneg=off"]

  // MARK: Taken back

  /// A plug applies what is kept; with the keys gone another plug leaves the card as it is.
  @Test func aPlugOnTrialIsTakenBackOnTheCardAsWell() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let before = try await picture("eth0", host)
      let plan = try await plug("eth0", Self.forced, host)
      #expect(plan.isProvisional)
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.2)) else {
        Issue.record("not waiting")
        return
      }
      #expect(try await tuning("eth0", host).link?.hasLink == false)
      try await host.untilOver()
      #expect(try await picture("eth0", host) == before)
    }
  }

  @Test func soIsAPlugThatAppliesWhatWasKeptEarlier() async throws {
    try await ChangeHost.quick(.standalone) { host in
      #expect(await host.run(try await set("eth0", Self.forced, .later, host)) == .done)
      let before = try await picture("eth0", host)
      let plan = try await plug("eth0", [], host)
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.2)) else {
        Issue.record("not waiting")
        return
      }
      #expect(try await tuning("eth0", host).link?.hasLink == false)
      try await host.untilOver()
      #expect(try await picture("eth0", host) == before)
      // With XAPI silent the host's files have to do.
      try host.begin(plan, begun: 1)
      #expect(host.standing.change?.touchesNetwork == true)
    }
  }

  @Test func aBondsOtherMembersArePutBackToo() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await plug("eth0", ["tx=off"], host)
      let undo = try #require(plan.steps.last).undo
      for device in ["eth0", "eth1"] {
        #expect(undo.contains(.setLinkMode(device, LinkMode())))
        #expect(undo.contains { if case .setFeatures(device, let values) = $0 { values["tx"] == true } else { false } })
      }
    }
  }

  /// The card's settings that another MTU's plug brought along.
  @Test func theMTUOfANetworkIsTakenBackOnTheCardAsWell() async throws {
    try await ChangeHost.quick(.pool) { host in
      #expect(await host.run(try await set("eth2", ["tx=off"], .later, host)) == .done)
      let before = try await picture("eth2", host)
      var plan = try await host.plan(.networkMTU(try NetworkMTURequest(naming: "Storage A", mtu: 1500, try await host.facts())))
      plan.steps[2].action = .applyMTU(pif: "nowhere", name: "eth2 of nobody", mtu: 1500)
      guard case .undone = await host.run(plan) else {
        Issue.record("not undone")
        return
      }
      #expect(try await picture("eth2", host) == before)
    }
  }

  @Test func theWayBackOfAPlugIsAboutWhatWasAskedFor() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await plug("eth1", ["tx=off"], host)
      let back = try #require(TuningRequest(takingBack: plan, of: "eth1"))
      #expect(back.kept == ["ethtool-tx": nil] && back.features == ["tx": true] && back.link == nil && back.replugs)
    }
  }

  @Test func highAvailabilityForbidsAKeptSpeedAtThePlug() async throws {
    try await ChangeHost.quick(.standalone) { host in
      #expect(await host.run(try await set("eth0", Self.forced, .later, host)) == .done)
      await host.switchOn("ha_enabled")
      let management = try await plug("eth0", [], host)
      #expect(management.blocking.contains { $0.hasPrefix("High availability is on, and its heartbeat passes eth0") })
      #expect(try await plug("eth1", [], host).isBlocked == false)
    }
  }

  // MARK: On trial

  @Test func offloadsOfTheManagementNICAreOnTrial() async throws {
    try await ChangeHost.quick(.standalone) { host in
      for lasting in [TuningRequest.Lasting.now, .always] {
        let off = try await set("eth0", ["tx=off"], lasting, host)
        #expect(off.isProvisional && off.expectation != nil && off.warnings.contains { $0.hasPrefix("Management goes through eth0") })
      }
      #expect(try await set("eth0", ["tx=off"], .later, host).isProvisional == false)
      #expect(try await set("eth1", ["tx=off"], .always, host).isProvisional == false)
    }
  }

  /// A session over the storage network would be cut, and nobody there to put it right.
  @Test func theNICOfTheSessionIsOnTrial() async throws {
    try await ChangeHost.quick(.pool) { host in
      var facts = try await host.facts()
      let node = try #require(ChangeScene(facts.database, host: facts.host).tree["eth2"])
      for local in [nil, node.pif.ip] {
        facts.session.local = local
        let nics = await TuningLook(host.client, host.system).nics(["eth2"], .xapi(facts))
        let tune = TuningPlanner(try replug("eth2"), TuningFacts(source: .xapi(facts), nics: nics)).plan()
        let mtu = try NetworkMTUPlanner(try NetworkMTURequest(naming: "eth2", mtu: 1500, facts), facts).plan()
        for plan in [tune, mtu] {
          #expect(plan.isProvisional == (local != nil))
          #expect(plan.warnings.contains { $0.hasPrefix("You are connected through eth2") } == (local != nil))
        }
        #expect((tune.expectation?.interface == "bond0") == (local != nil))
      }
    }
  }

  /// Also without a step that needs XAPI the undo must still be true.
  @Test func aPlanThatIsNotTrueAnyMoreIsNotBegun() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let stale = try await set("eth0", ["rx-ring=300"], .now, host)
      #expect(stale.isProvisional && stale.steps.allSatisfy(\.action.isLocal))
      _ = await host.host.runTool(["ethtool", "-G", "eth0", "rx", "100"])
      #expect(await host.run(stale) == .refused("the host has changed since this was planned: look again"))
      #expect(try await tuning("eth0", host).rings?.current["RX"] == 100)

      var unplug = try await host.plan(.unplug("eth2"))
      unplug.isProvisional = true
      try await host.vlan(77, on: "eth2", "late")
      try await host.set("eth2", "disallow_unplug", true)
      #expect(await host.run(unplug) == .refused("the host has changed since this was planned: look again"))
    }
  }

  // MARK: Whether it is plugged

  @Test func whatIsNotPluggedIsLeftSo() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.set("eth2", "currently_attached", false)
      let plan = try await set("eth2", ["mtu=9000"], .always, host)
      #expect(plan.steps.map(\.action) == [.setOtherConfig("eth2", ["mtu": "9000"])])
      #expect(plan.warnings.contains("eth2 is not plugged: what is kept is applied when it is plugged"))
      #expect(await host.run(plan) == .done)
      #expect(try await host.scene().tree["eth2"]?.pif.currentlyAttached == false)
      #expect(try await plug("eth2", [], host).isEmpty)
    }
  }

  @Test func anMTUThatWasKeptOnlyIsApplied() async throws {
    try await ChangeHost.quick(.standalone) { host in
      #expect(await host.run(try await set("eth2", ["mtu=9000"], .later, host)) == .done)
      let before = try await picture("eth2", host)
      let now = try await set("eth2", ["mtu=9000"], .always, host)
      #expect(now.steps.count == 1 && now.steps[0].action.isPlug)
      #expect(try await plug("eth2", ["mtu=9000"], host).steps.map(\.action) == now.steps.map(\.action))
      // What is kept stays kept when it is taken back, and is not in force.
      var hands = ChangeHands(host.client, host.system)
      _ = try await hands.perform(now.steps[0].action)
      #expect(try await tuning("eth2", host).mtu == 9000)
      for action in now.steps[0].undo { _ = try await hands.perform(action) }
      #expect(try await picture("eth2", host) == before)
      #expect(await host.run(now) == .done)
      #expect(try await set("eth2", ["mtu=9000"], .always, host).isEmpty)
      // Asked for in so many words, it is plugged once more.
      #expect(try await plug("eth2", ["mtu=9000"], host).steps.map(\.action) == [.replug("eth2")])
    }
  }

  // MARK: Rings

  /// Rings come in multiples of 16, and nobody complains.
  private struct Rounding: ToolRunner {
    let host: SimulatedHost

    func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
      let tools = SimulatedTools(host)
      guard command.arguments.contains("-G"), let entries = command.arguments.last.flatMap({ Int($0) }) else { return try await tools.run(command) }
      _ = try await tools.run(Command(command.arguments.dropLast() + ["\((entries + 15) / 16 * 16)"]))
      return try await tools.run(Command(["ethtool", "-g", "eth1"]))
    }
  }

  @Test func aRoundedRingIsTakenTwice() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let hands = TuningHands(HostSystem(root: host.folder, tools: Rounding(host: host.host)))
      for _ in 0..<2 {
        let done = try await hands.perform(.setRings("eth1", ["RX": 300]))
        #expect(done == .found("304 entries"))
      }
      #expect(try await hands.perform(.setRings("eth1", ["RX": 304])) == .wasSo)
    }
  }
}
