import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Another MTU for a network of a pool.
@Suite struct NetworkMTUTests {
  private func request(_ name: String, _ mtu: Int, _ host: ChangeHost) async throws -> NetworkMTURequest {
    try NetworkMTURequest(naming: name, mtu: mtu, try await host.facts())
  }

  private func plan(_ name: String, _ mtu: Int, _ host: ChangeHost) async throws -> ChangePlan {
    try await TuningPlanning(host.client, host.system).plan(.networkMTU(try await request(name, mtu, host)))
  }

  private func mtus(_ host: ChangeHost) async throws -> [String] {
    let database = try await host.scene().database
    return database.networks.all.map { "\($0.record.nameLabel) \($0.record.mtu)" }.sorted()
      + database.pifs.all.map { "\($0.record.uuid) \($0.record.mtu)" }.sorted()
  }

  @Test func everyHostOfThePoolIsPlugged() async throws {
    try await ChangeHost.with(.pool) { host in
      let plan = try await plan("Storage A", 1500, host)
      #expect(plan.title == "MTU 1500 for network \"Storage A\"")
      #expect(plan.steps.map(\.sentence) == [
        "Set the MTU of network \"Storage A\" to 1500", "Plug eth2 of xcp1 anew with an MTU of 1500",
        "Plug eth2 of xcp2 anew with an MTU of 1500", "Plug eth2 of xcp3 anew with an MTU of 1500",
      ])
      #expect(plan.consequences.contains { $0.hasPrefix("2 running VMs keep their packet size") && $0.contains("postgres") })
      #expect(!plan.isProvisional)
      #expect(await host.run(plan) == .done)
      let tuning = try await TuningLook(host.client, host.system).tuning(of: "eth2").get()
      #expect(tuning.mtu == 1500)
      #expect(try await self.plan("eth2", 1500, host).isEmpty)
    }
  }

  /// Whichever host does not take it, those before it are plugged back.
  @Test(arguments: 0..<4)
  func aFailureOnAnyHostPutsAllBack(_ step: Int) async throws {
    try await ChangeHost.with(.pool) { host in
      let before = try await mtus(host)
      var plan = try await plan("Storage A", 1500, host)
      if step == 0 {
        await host.host.failNext("network.set_MTU", with: ["INTERNAL_ERROR", "no"])
      } else {
        plan.steps[step].action = .applyMTU(pif: "nowhere", name: "eth2 of nobody", mtu: 1500)
      }
      guard case .undone(let why) = await host.run(plan) else {
        Issue.record("not undone")
        return
      }
      #expect(step == 0 || why == "eth2 of nobody is not there any more")
      #expect(try await mtus(host) == before)
    }
  }

  /// XAPI refuses the plug itself: the number is put back as well.
  @Test func aPlugThatFailsPutsTheNumberBack() async throws {
    try await ChangeHost.with(.pool) { host in
      let before = try await mtus(host)
      let plan = try await plan("Storage A", 1500, host)
      await host.host.failNext("PIF.plug", with: ["PIF_CONFIGURATION_ERROR", "x", "script error"])
      guard case .undone = await host.run(plan) else {
        Issue.record("not undone")
        return
      }
      #expect(try await mtus(host) == before)
    }
  }

  @Test func managementStaysAt1500() async throws {
    try await ChangeHost.with(.pool) { host in
      let plan = try await plan("Management", 9000, host)
      #expect(plan.isBlocked)
      #expect(plan.hazards.contains { $0.weight == .blocking && $0.text.hasPrefix("Management of xcp1, xcp2, xcp3 is on") })
      // Back to what is supported is always allowed, on trial.
      for ref in await host.host.refs(class: "network", where: ["name_label": "Management"]) {
        await host.host.mutate(class: "network", ref: ref, field: "MTU", value: 9000)
      }
      for ref in await host.host.refs(class: "PIF", where: ["device": "bond0", "management": true]) {
        await host.host.mutate(class: "PIF", ref: ref, field: "MTU", value: 9000)
      }
      let back = try await self.plan("Management", 1500, host)
      #expect(!back.isBlocked && back.isProvisional)
    }
  }

  @Test func aVLANTakesNoMoreThanWhatIsBelow() async throws {
    try await ChangeHost.with(.pool) { host in
      let large = try await plan("DMZ", 9000, host)
      #expect(large.hazards.contains { $0.weight == .blocking && $0.text == "VLAN 10 on bond0 lies on bond0, whose network \"Management\" has an MTU of 1500" })
      let small = try await plan("Management", 1400, host)
      #expect(small.hazards.contains { $0.weight == .blocking && $0.text.hasPrefix("Networks of VLANs on it have a larger MTU: ") })
    }
  }

  @Test func hostsThatAreAwayOrHaveTheirOwnAreNamed() async throws {
    try await ChangeHost.with(.pool) { host in
      let hosts = await host.host.refs(class: "host", where: ["name_label": "xcp3"])
      for ref in hosts {
        let metrics = await host.host.record(class: "host", ref: ref)?["metrics"]?.string ?? ""
        await host.host.mutate(class: "host_metrics", ref: metrics, field: "live", value: false)
      }
      for ref in await host.host.refs(class: "host", where: ["name_label": "xcp2"]) {
        for pif in await host.host.refs(class: "PIF", where: ["device": "eth2", "host": .string(ref)]) {
          await host.host.mutate(class: "PIF", ref: pif, field: "other_config", value: ["mtu": "8000"])
        }
      }
      let plan = try await plan("Storage A", 1500, host)
      #expect(plan.steps.count == 2)
      #expect(plan.hazards.contains { $0.text.hasPrefix("xcp3 does not answer and keeps the old MTU") })
      #expect(plan.hazards.contains { $0.text.hasPrefix("eth2 of xcp2 keeps 8000") })
    }
  }

  @Test(arguments: [67, 9217])
  func theLimits(_ mtu: Int) async throws {
    try await ChangeHost.with(.standalone) { host in
      let plan = try await plan("eth1", mtu, host)
      #expect(plan.isBlocked)
    }
  }

  /// The networks of a bond's members get it as well: older XAPIs do not see to that.
  @Test func membersOfABond() async throws {
    try await ChangeHost.with(.pool) { host in
      let facts = try await host.facts()
      let scene = ChangeScene(facts.database, host: facts.host)
      let bond = try #require(scene.tree["bond0"])
      let network = try #require(facts.database.networks[bond.pif.network])
      let plan = try NetworkMTUPlanner(NetworkMTURequest(network: network.uuid, mtu: 1492), facts).plan()
      #expect(plan.steps.filter { if case .setNetworkMTU = $0.action { true } else { false } }.count == 3)
    }
  }

  /// Another host has that NIC without a bond: its storage, or its management, is on the member's network.
  @Test func aMembersNetworkThatOthersUseStays() async throws {
    try await ChangeHost.with(.pool) { host in
      let bond = try #require(try await host.scene().tree["bond0"])
      let member = try #require(try await host.scene().tree["eth1"])
      let network = try #require(member.pif.network)
      let other = try #require(await host.host.refs(class: "host", where: ["name_label": "xcp2"]).first)
      let pif = try #require(await host.host.refs(class: "PIF", where: ["device": "eth2", "host": .string(other)]).first)
      await host.host.mutate(class: "PIF", ref: pif, field: "network", value: network.json)
      let facts = try await host.facts()
      let label = try #require(facts.database.networks[network]).nameLabel
      let asked = try #require(facts.database.networks[bond.pif.network])
      let plan = try NetworkMTUPlanner(NetworkMTURequest(network: asked.uuid, mtu: 1492), facts).plan()
      let changed = plan.steps.filter { if case .setNetworkMTU = $0.action { true } else { false } }.map(\.sentence)
      #expect(changed.count == 2 && !changed.contains { $0.contains("\"\(label)\"") })
      #expect(plan.hazards.contains { $0.text == "Network \"\(label)\" of a member keeps its MTU: eth2 of xcp2 has it without the bond" }, "\(plan.hazards.map(\.text))")
    }
  }
}
