import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Bonds of all hosts of a pool, changed in one go.
struct BondPoolTests {
  private func spread(_ host: ChangeHost) async throws {
    await host.detachStorage()
    let outcome = await host.run(try await host.plan(.create(BondRequest(members: ["eth2", "eth3"], mode: .balanceSLB, isPoolWide: true))))
    #expect(outcome == .done)
  }

  private func others(_ host: ChangeHost) async throws -> [BondScene] { try await host.facts().otherScenes }

  @Test func aMemberLeavesAndComesBackOnAllHosts() async throws {
    try await ChangeHost.quick(.pool) { host in
      try await spread(host)
      let plan = try await host.plan(.removeMember("eth3", bond: "bond1", isPoolWide: true))
      #expect(!plan.isProvisional && plan.title == "eth3 taken out of bond1, on 3 hosts")
      #expect(plan.steps.map(\.sentence).filter { $0.hasPrefix("Make") } == [
        "Make bond1 of eth2 on xcp2, balance-slb", "Make bond1 of eth2 on xcp3, balance-slb", "Make bond1 of eth2, balance-slb",
      ])
      // What is so on each is said once.
      #expect(plan.hazards.count { $0.text.hasPrefix("eth2 would be alone in bond1") } == 1)
      #expect(plan.hazards.contains { $0.text.hasPrefix("eth2 would be alone in bond1 on xcp2, xcp3 and this host: ") }, "\(plan.hazards.map(\.text))")
      #expect(await host.run(plan) == .done)
      func members() async throws -> [[String]] {
        let facts = try await host.facts()
        return (facts.otherScenes + [facts.bondScene]).compactMap { host in host.tree["bond1"].map { host.devices($0).sorted() } }
      }
      #expect(try await members() == [["eth2"], ["eth2"], ["eth2"]])
      #expect(await host.run(try await host.plan(.addMember("eth3", bond: "bond1", isPoolWide: true))) == .done)
      #expect(try await members() == [["eth2", "eth3"], ["eth2", "eth3"], ["eth2", "eth3"]])
    }
  }

  @Test func hostsThatAreOffOrLackItAreNamed() async throws {
    try await ChangeHost.quick(.pool) { host in
      try await spread(host)
      let others = try await others(host)
      let metrics = try #require(others[0].database.hosts[others[0].host]?.metrics)
      await host.host.mutate(class: "host_metrics", ref: metrics.description, field: "live", value: false)
      let row = try #require(others[1].tree["bond1"]?.pif.bondMasterOf.first)
      _ = try await host.client.call("Bond.destroy", [row.json])
      let set = try await host.plan(.set(BondSettingsRequest(bond: "bond1", mode: .activeBackup, isPoolWide: true)))
      #expect(set.steps.count == 1)
      #expect(set.hazards.contains { $0.text == "Nothing is changed on xcp2: it is off" && $0.remedy?.contains("XAPI does not copy") == true })
      #expect(set.hazards.contains { $0.text == "Nothing is changed on xcp3: it has no bond on this network" })
      let removal = try await host.plan(.removeMember("eth3", bond: "bond1", isPoolWide: true))
      #expect(removal.hazards.contains { $0.text == "Nothing is changed on xcp2: it is off" && $0.remedy?.contains("when it starts") == true })
      // The bond of a host that is off keeps the network.
      let destroy = try await host.plan(.destroy("bond1", withNetwork: true, isPoolWide: true))
      #expect(destroy.hazards.contains { $0.text == "xcp2 keeps its bond: it is off" })
      #expect(!destroy.steps.contains { if case .destroyEmptyNetwork = $0.action { true } else { false } })
    }
  }

  @Test func hostsWithOneReasonAreNamedTogether() async throws {
    try await ChangeHost.quick(.pool) { host in
      for other in try await others(host) {
        let eth3 = try #require(other.tree["eth3"])
        _ = try await host.client.call("Bond.create", [try await host.network("On \(other.label)"), [eth3.ref.json], "", "balance-slb", [:]])
      }
      let plan = try await host.plan(.create(BondRequest(members: ["eth2", "eth3"], mode: .balanceSLB, isPoolWide: true)))
      #expect(plan.hazards.contains { $0.text == "xcp2 and xcp3 do not get the bond: eth3 is a member of bond1 already" }, "\(plan.hazards.map(\.text))")
    }
  }

  @Test func itIsDestroyedEverywhereWithItsNetwork() async throws {
    try await ChangeHost.quick(.pool) { host in
      try await spread(host)
      #expect(await host.run(try await host.plan(.destroy("bond1", withNetwork: true, isPoolWide: true))) == .done)
      let facts = try await host.facts()
      #expect(facts.database.networks.all.allSatisfy { $0.record.nameLabel != "Bond 2+3" })
      #expect((facts.otherScenes + [facts.bondScene]).allSatisfy { $0.tree["bond1"] == nil && $0.tree["eth2"]?.pif.currentlyAttached == true })
    }
  }

  /// Management of this host is elsewhere; that of another goes over its bond.
  @Test func managementOfAnotherHostIsOnTrialToo() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.detachStorage()
      let eth2 = try await host.ref("eth2")
      _ = try await host.client.call("host.management_reconfigure", [eth2])
      let plan = try await host.plan(.set(BondSettingsRequest(bond: "bond0", mode: .activeBackup, isPoolWide: true)))
      #expect(plan.isProvisional && plan.expectation?.interface == "eth2")
      #expect(plan.hazards.contains { $0.text.hasPrefix("Management of xcp2 and xcp3 goes over their bonds too") })
    }
  }

  /// XAPI would refuse it on another host only.
  @Test func settingsThatAnotherBondCannotHaveAreMetBefore() async throws {
    try await ChangeHost.quick(.pool) { host in
      let other = try #require(try await others(host).first)
      let row = try #require(other.tree["bond0"]?.pif.bondMasterOf.first)
      _ = try await host.client.call("Bond.set_mode", [row.json, "active-backup"])
      let plan = try await host.plan(.set(BondSettingsRequest(bond: "bond0", properties: ["lacp-time": "fast"], isPoolWide: true)))
      #expect(plan.isBlocked && plan.hazards.contains { $0.text == "lacp-time is for LACP only, and the bond works as active-backup on xcp2" }, "\(plan.hazards)")
      await #expect { _ = try await host.client.call("Bond.set_property", [row.json, "lacp-time", "fast"]) } throws: {
        ($0 as? XenError)?.failure?.code == "INVALID_VALUE"
      }
    }
  }

  @Test func aTagThatAnotherHostHasIsKnown() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.detachStorage()
      let other = try #require(try await others(host).first)
      let eth3 = try #require(other.tree["eth3"])
      _ = try await host.client.call("VLAN.create", [eth3.ref.json, 77, try await host.network("Cameras")])
      let request = BondRequest(members: ["eth2", "eth3"], mode: .balanceSLB, isPoolWide: true, vlans: [77])
      let plan = try await host.plan(.create(request))
      #expect(plan.hazards.contains { $0.text.hasPrefix("VLAN 77 comes along with a member on xcp2: it is made on xcp3 and xcp1 only") }, "\(plan.hazards.map(\.text))")
      #expect(await host.run(plan) == .done)
      let facts = try await host.facts()
      let names = (facts.otherScenes + [facts.bondScene]).map { host in host.tree["VLAN 77 on bond1"].map { host.networkName($0) } }
      #expect(names == ["Cameras", "Cameras", "Cameras"])
      // Two networks for one tag cannot be made one.
      #expect(await host.run(try await host.plan(.destroy("bond1", withNetwork: true, isPoolWide: true))) == .done)
      let own = try #require(try await host.scene().tree["VLAN 77 on eth2"]?.pif.vlanMasterOf)
      _ = try await host.client.call("VLAN.destroy", [own.json])
      _ = try await host.client.call("VLAN.create", [try await host.ref("eth2"), 77, try await host.network("Doors")])
      let other77 = try await host.plan(.create(request))
      #expect(other77.isBlocked && other77.hazards.contains { $0.text.contains("one tag of the pool has one network") })
    }
  }

  @Test func clustersOfOtherHostsAreSeen() async throws {
    try await ChangeHost.quick(.pool) { host in
      let other = try #require(try await others(host).first)
      let eth2 = try #require(other.tree["eth2"])
      await host.host.createRow(class: "Cluster_host", ["PIF": eth2.ref.json, "host": other.host.json, "enabled": true, "joined": true])
      let plan = try await host.plan(.create(BondRequest(members: ["eth2", "eth3"], mode: .balanceSLB, isPoolWide: true)))
      #expect(plan.hazards.contains { $0.text.hasPrefix("The cluster of this pool talks over eth2 on xcp2") }, "\(plan.hazards.map(\.text))")
      let vlan = try #require(other.tree["VLAN 90 on bond0"])
      await host.host.createRow(class: "Cluster_host", ["PIF": vlan.ref.json, "host": other.host.json, "enabled": true, "joined": true])
      let destroy = try await host.plan(.destroy("bond0", withNetwork: false, isPoolWide: true))
      #expect(destroy.isBlocked && destroy.hazards.contains { $0.weight == .blocking && $0.text.contains("talks over VLAN 90 on bond0 on xcp2") })
    }
  }
}
