import Dom0
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// What stands in the way of a change of management, told before XAPI tells it in codes.
struct ManagementPlannerTests {
  private func hazards(
    _ scenario: Scenario, _ request: ManagementRequest, _ prepare: (ChangeHost) async throws -> Void = { _ in },
    facts change: (inout ChangeFacts) -> Void = { _ in }
  ) async throws -> [Hazard] {
    var found: [Hazard] = []
    try await ChangeHost.with(scenario) { host in
      try await prepare(host)
      var facts = try await host.facts()
      change(&facts)
      found = ManagementPlanner(request, facts, mark: "m").plan().hazards
    }
    return found
  }

  private func blocks(_ hazards: [Hazard]) -> [String] { hazards.filter { $0.weight == .blocking }.map(\.text) }

  @Test func highAvailabilityIsNamed() async throws {
    let hazards = try await hazards(.standalone, .fixed(.interface("eth0"), "10.0.4.15/24")) { host in
      await host.switchOn("ha_enabled")
    }
    #expect(blocks(hazards) == ["High availability is on: XAPI moves no management and changes no address while it is"])
    #expect(hazards.first?.remedy?.contains("xe pool-ha-disable") == true)
  }

  @Test func aFencedHostIsTakenForOneUnderHighAvailability() async throws {
    let hazards = try await hazards(.standalone, .fixed(.interface("eth0"), "10.0.4.15/24")) { _ in
    } facts: {
      $0.isHAArmed = true
    }
    #expect(blocks(hazards).count == 1)
  }

  @Test func theRedoLogIsNamed() async throws {
    let hazards = try await hazards(.standalone, .fixed(.interface("eth0"), "10.0.4.15/24")) { host in
      await host.switchOn("redo_log_enabled")
    }
    #expect(blocks(hazards) == ["The redo log is on: XAPI changes no address while it is"])
  }

  @Test func theClusterIsNamedWithItsInterface() async throws {
    let request = try ManagementRequest.fixed(.interface("eth1"), "10.0.9.15/24", gateway: nil)
    let cluster: (ChangeHost) async throws -> Void = { host in
      let isMade = await host.host.addCluster(device: "eth0")
      #expect(isMade)
    }
    let hazards = try await hazards(.standalone, request, cluster)
    #expect(
      blocks(hazards) == ["The cluster of this pool talks over eth0: its address cannot change while it does"])
    #expect(hazards.first?.remedy == "Keep the address there")
    var keeping = request
    keeping.keepsOldAddress = true
    #expect(blocks(try await self.hazards(.standalone, keeping, cluster)) == [])
  }

  @Test func aMemberOfABondSendsToTheBond() async throws {
    let hazards = try await hazards(.pool, .fixed(.interface("eth0"), "10.0.9.15/24", gateway: nil))
    #expect(blocks(hazards) == ["eth0 is a member of bond0, which has the traffic"])
    #expect(hazards.first { $0.weight == .blocking }?.remedy == "Choose bond0")
    let onTop = try await self.hazards(.pool, .fixed(.newVLAN(tag: 7, on: "eth0"), "10.0.9.15/24", gateway: nil))
    #expect(blocks(onTop) == ["eth0 is a member of bond0, which has the traffic"])
  }

  @Test func aVLANOnAVLANIsRefused() async throws {
    let hazards = try await hazards(.pool, .fixed(.newVLAN(tag: 7, on: "VLAN 20 on bond0"), "10.0.9.15/24", gateway: nil))
    #expect(blocks(hazards) == ["A VLAN goes on a NIC or a bond, and VLAN 20 on bond0 is neither"])
  }

  @Test func aVLANThatIsThereIsNotMadeAgain() async throws {
    let hazards = try await hazards(.pool, .fixed(.newVLAN(tag: 20, on: "bond0"), "10.0.9.15/24", gateway: nil))
    #expect(blocks(hazards) == ["VLAN 20 on bond0 is there already"])
  }

  /// Another host's address is named with its owner.
  @Test func anAddressOfThePoolIsNamedWithItsOwner() async throws {
    var owner = ""
    var address = ""
    try await ChangeHost.with(.pool) { host in
      let facts = try await host.facts()
      let other = try #require(facts.database.hosts.all.first { $0.ref != facts.host })
      owner = other.record.nameLabel
      address = other.record.address
      let plan = try await host.plan(.fixed(.interface("bond0"), "\(address)/24"))
      #expect(blocks(plan.hazards) == ["\(address) is the address of bond0 of \(owner)"])
    }
    #expect(!owner.isEmpty && !address.isEmpty)
  }

  @Test func theCoordinatorIsToldWhoLooksForIt() async throws {
    try await ChangeHost.with(.pool) { host in
      let plan = try await host.plan(.fixed(.interface("bond0"), "10.0.4.99/24"))
      #expect(plan.consequences.contains { $0.hasPrefix("This is the coordinator: ") && $0.contains("xe pool-recover-slaves") })
      #expect(blocks(plan.hazards) == [])
    }
  }

  @Test func aMemberCannotTurnToTheOtherFamily() async throws {
    let request = ManagementRequest(
      target: .interface("bond0"), ipv4: .none, ipv6: .fixed(try IPv6Prefix(parsing: "fd00::12/64"), gateway: nil), primary: .ipv6)
    let hazards = try await hazards(.member, request)
    #expect(blocks(hazards) == ["On a pool member the main address cannot turn from IPv4 to IPv6"])
  }

  @Test func aMainAddressThatWouldNotBeThereIsRefused() async throws {
    let request = ManagementRequest(target: .interface("eth0"), ipv4: .none, ipv6: .autoconf, primary: .ipv4)
    #expect(
      blocks(try await hazards(.standalone, request)) == [
        "IPv4 shall be the main address, and eth0 would have none of that kind"
      ])
  }

  @Test func nothingToDoIsSaid() async throws {
    try await ChangeHost.with(.standalone) { host in
      let facts = try await host.facts()
      let now = try #require(ChangeScene(facts.database, host: facts.host).tree.management?.pif)
      let length = try IPv4Prefix.length(ofNetmask: now.netmask)
      let request = try ManagementRequest.fixed(
        .interface("eth0"), "\(now.ip)/\(length)", gateway: now.gateway, dns: now.dnsServers)
      let plan = try await host.plan(request)
      #expect(plan.steps == [])
      #expect(blocks(plan.hazards) == ["Management is like that already: there is nothing to change"])
    }
  }

  @Test func aCableThatIsOutIsSaid() async throws {
    let hazards = try await hazards(.standalone, .fixed(.interface("eth3"), "10.0.9.15/24", gateway: nil))
    #expect(hazards.contains { $0.weight == .warning && $0.text == "eth3 has no link: nobody would reach this host there" })
  }

  @Test func theSessionThatEndsIsToldWhereToConfirm() async throws {
    try await ChangeHost.with(.standalone) { host in
      var facts = try await host.facts()
      facts.session = ChangeFacts.Session(peer: "10.0.4.77", local: "10.0.4.11")
      let plan = ManagementPlanner(try .fixed(.interface("eth0"), "10.0.4.15/24"), facts, mark: "m").plan()
      #expect(plan.consequences.contains { $0.contains("10.0.4.77") && $0.contains("xcpconsole pending --keep") })
    }
  }

  @Test func managementOfAMemberIsNotSwitchedOff() async throws {
    try await ChangeHost.with(.member) { host in
      let plan = DisableManagementPlanner(try await host.facts()).plan()
      #expect(blocks(plan.hazards).count == 1)
      #expect(blocks(plan.hazards).first?.hasPrefix("This host is a pool member: without management it would lose ") == true)
    }
  }

  /// A VLAN that another host of the pool has on the same network is put on that network.
  @Test func aVLANOfThePoolGoesOnItsNetwork() async throws {
    try await ChangeHost.with(.pool) { host in
      let facts = try await host.facts()
      let scene = ChangeScene(facts.database, host: facts.host)
      var gone: InterfaceTree.Node?
      // One that no VM of this host uses.
      for node in scene.tree.nodes where node.kind == .vlan && gone == nil {
        let row = try #require(node.pif.vlanMasterOf)
        if (try? await host.client.call("VLAN.destroy", [row.json])) != nil { gone = node }
      }
      let vlan = try #require(gone)
      let network = try #require(facts.database.networks[vlan.pif.network])
      let plan = try await host.plan(.fixed(.newVLAN(tag: Int(vlan.pif.vlan), on: "bond0"), "10.0.9.15/24", gateway: nil))
      #expect(plan.steps.first?.action == .createVLAN(tag: Int(vlan.pif.vlan), on: "bond0", network: .uuid(network.uuid)))
    }
  }
}
