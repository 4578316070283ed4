import Dom0
import JSON
import SimulatedHost
import Synchronization
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// Addresses beside management, and the path to storage, on the simulated host.
@Suite struct AddressChangeTests {
  private func set(_ interface: String, _ address: String?, gateway: String? = nil, protects: Bool = false, purpose: String = "") throws -> AddressRequest {
    let gateway = try gateway.map { try IPv4Address(parsing: $0) }
    return AddressRequest(
      interface: interface, ipv4: try address.map { .fixed(try IPv4Prefix(parsing: $0), gateway: gateway) } ?? .none, purpose: purpose, isProtected: protects)
  }

  private func texts(_ plan: ChangePlan, _ weight: Hazard.Weight) -> String {
    plan.hazards.filter { $0.weight == weight }.map(\.text).joined(separator: "\n")
  }

  private func takeBack(_ plan: ChangePlan, _ host: ChangeHost) async throws {
    var hands = ChangeHands(host.client, host.system)
    for step in plan.steps.reversed() { for action in step.undo { _ = try await hands.perform(action) } }
  }

  /// What an operator sees, with what addresses bring along.
  private func picture(_ host: ChangeHost) async throws -> [String] {
    let scene = try await host.scene()
    let extras = scene.tree.nodes.map { "\($0.name) \($0.pif.disallowUnplug) \($0.pif.otherConfig.sorted { $0.key < $1.key })" }
    let networks = scene.database.networks.all.map { "\($0.record.nameLabel) \($0.record.mtu) \($0.record.otherConfig.sorted { $0.key < $1.key })" }.sorted()
    return try await host.picture() + extras + networks
  }

  @Test func aStorageAddressIsSetWithItsPurposeAndTakenBack() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let before = try await picture(host)
      let plan = try AddressPlanner(try set("eth2", "10.0.20.11/24", protects: true, purpose: "Storage"), try await host.facts()).plan()
      #expect(!plan.isBlocked && !plan.isProvisional)
      #expect(
        plan.steps.flatMap(\.commands).map { $0.split(separator: " ").dropFirst().first.map { String($0) } ?? "" } == [
          "pif-param-set", "pif-reconfigure-ip", "pif-param-set",
        ])
      #expect(await host.run(plan) == .done)
      let pif = try #require(try await host.scene().tree["eth2"]?.pif)
      #expect(pif.ip == "10.0.20.11" && pif.netmask == "255.255.255.0" && pif.disallowUnplug && pif.otherConfig["management_purpose"] == "Storage")
      let row = try #require(AddressList(try await host.facts()).rows.first { $0.interface == "eth2" })
      #expect(row.addresses == ["10.0.20.11/24"] && row.isProtected && row.purpose == "Storage")
      #expect(try AddressPlanner(try set("eth2", "10.0.20.11/24", protects: true, purpose: "Storage"), try await host.facts()).plan().isEmpty)
      try await takeBack(plan, host)
      #expect(try await picture(host) == before)
    }
  }

  @Test func xapisRulesAndThoseItDoesNotKnowAreToldBefore() async throws {
    try await ChangeHost.quick(.pool) { host in
      let facts = try await host.facts()
      let cases: [(AddressRequest, String)] = [
        (try set("bond0", "10.0.5.1/24"), "bond0 carries management"), (try set("eth0", "10.0.5.1/24"), "eth0 is a member of bond0"),
        (try set("eth3", "10.0.20.12/24"), "10.0.20.12 is the address of eth2 of xcp2"), (try set("eth3", "10.0.4.12/16"), "10.0.4.12 is the address of bond0 of xcp2"),
        (try set("eth3", "10.0.21.0/24"), "10.0.21.0 is the network itself"), (try set("eth3", "10.0.21.255/24"), "10.0.21.255 is the broadcast address"),
        (try set("eth3", "10.0.21.1/4"), "/4 makes most of the internet local"), (try set("eth3", "127.0.0.1/8"), "127 addresses never leave the host"),
        (try set("eth3", "10.0.21.1/24", gateway: "10.0.22.1"), "10.0.22.1 cannot be the gateway of 10.0.21.1/24"),
      ]
      for (request, hazard) in cases {
        let plan = try AddressPlanner(request, facts).plan()
        #expect(texts(plan, .blocking).contains(hazard), "\(plan.hazards)")
      }
      let same = try AddressPlanner(try set("eth3", "10.0.4.99/24"), facts).plan()
      #expect(texts(same, .warning).contains("bond0 has 10.0.4.11/24, which is the same network, and carries management"))
      #expect(texts(same, .warning).contains("eth3 has no link"))
      let gateway = try AddressPlanner(try set("eth3", "10.0.21.11/24", gateway: "10.0.21.1"), facts).plan()
      #expect(texts(gateway, .notice).contains("kept on record and not used"))
      let lost = try AddressPlanner(try set("eth2", nil, protects: true), facts).plan()
      #expect(texts(lost, .warning).contains("What uses 10.0.20.11 of eth2 is cut off"))
      #expect(throws: ChangeProblem.self) { try AddressPlanner(try self.set("eth9", nil), facts) }
      var probes = FakeProbes()
      probes.duplicate = { _, _ in .taken([Neighbour(mac: "02:00:00:00:00:09", after: .zero)]) }
      let taken = try await AddressIntent.set(try set("eth2", "10.0.20.50/24", protects: true)).plan(host.client, host.system, probes)
      #expect(texts(taken, .blocking).contains("10.0.20.50 is in use: a machine on xenbr2 answers there (MAC 02:00:00:00:00:09)"))
    }
  }

  @Test(arguments: ["ha_enabled", "redo_log_enabled"]) func guardsOfThePoolAreToldBefore(_ flag: String) async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.switchOn(flag)
      let facts = try await host.facts()
      let plan = try AddressPlanner(try set("eth2", "10.0.20.11/24"), facts).plan()
      #expect(texts(plan, .blocking).contains(flag == "ha_enabled" ? "High availability is on" : "The redo log is on"))
      // Flags alone are no matter of theirs.
      #expect(!(try AddressPlanner(try set("eth2", nil, protects: true), facts).plan().isBlocked))
    }
  }

  /// XAPI notes the kernel's link-local address beside the one that was given.
  @Test func aFixedIPv6AddressBesideDHCP() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let address = try IPv6Prefix(parsing: "fd00:5::5/64")
      var request = AddressRequest(interface: "eth1", ipv4: .dhcp, ipv6: .fixed(address, gateway: nil))
      #expect(await host.run(try AddressPlanner(request, try await host.facts()).plan()) == .done)
      let pif = try #require(try await host.scene().tree["eth1"]?.pif)
      #expect(pif.ipv6.first == "fd00:5::5/64" && pif.ipv6.count == 2 && pif.ipv6[1].hasPrefix("fe80:"))
      // There is nothing left to do, and IPv4 alone can change.
      #expect(try AddressPlanner(request, try await host.facts()).plan().steps.isEmpty)
      request.ipv4 = .none
      #expect(await host.run(try AddressPlanner(request, try await host.facts()).plan()) == .done)
      request.ipv4 = .dhcp
      #expect(await host.run(try AddressPlanner(request, try await host.facts()).plan()) == .done)
      #expect(IPv6Settings(try #require(try await host.scene().tree["eth1"]?.pif)).address == "fd00:5::5/64")
    }
  }

  /// The default route moves: that may cut management off.
  @Test func theDefaultRouteIsMovedOnTrial() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let before = try await picture(host)
      var request = try set("eth2", "10.0.20.11/24", gateway: "10.0.20.1")
      request.isDefaultRoute = true
      let plan = try AddressPlanner(request, try await host.facts()).plan()
      #expect(plan.isProvisional && texts(plan, .warning).contains("The default route would leave by eth2"))
      guard case .waiting = await host.run(plan, host.settings(confirmWithin: 0.3)) else { throw ChangeFailure("it did not wait") }
      try await host.untilOver()
      #expect(try await picture(host) == before)
    }
  }

  // MARK: The path to storage

  private func storage(_ mtu: Int = 9000, tag: Int? = 20) throws -> StorageRequest {
    StorageRequest(base: "eth2", tag: tag, address: try IPv4Prefix(parsing: "10.0.20.11/24"), mtu: mtu, target: InternetAddress("10.0.20.100"))
  }

  @Test func aStoragePathIsBuiltFromTheBottomUpAndTakenBack() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let before = try await picture(host)
      let plan = try StoragePlanner(try storage(), try await host.facts(), mark: "themark").plan()
      #expect(!plan.isBlocked)
      #expect(await host.run(plan) == .done)
      let scene = try await host.scene()
      let node = try #require(scene.tree["VLAN 20 on eth2"])
      let network = try #require(scene.database.networks[node.pif.network])
      #expect(network.nameLabel == "Storage 20" && network.mtu == 9000 && network.otherConfig[ChangeAction.markKey] == nil)
      #expect(node.pif.ip == "10.0.20.11" && node.pif.currentlyAttached && node.pif.disallowUnplug && node.pif.mtu == 9000)
      #expect(scene.tree["eth2"]?.pif.mtu == 9000)
      // And back: the mark is gone by then, so the network stays, as nobody's.
      try await takeBack(plan, host)
      #expect(difference(before, try await picture(host)).allSatisfy { $0.hasPrefix("+ Storage 20") })
    }
  }

  @Test func untaggedTheInterfaceItselfIsUsed() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let before = try await picture(host)
      let plan = try StoragePlanner(try storage(tag: nil), try await host.facts()).plan()
      #expect(await host.run(plan) == .done)
      let pif = try #require(try await host.scene().tree["eth2"]?.pif)
      #expect(pif.ip == "10.0.20.11" && pif.mtu == 9000)
      try await takeBack(plan, host)
      #expect(try await host.scene().tree["eth2"]?.pif.mtu == 1500)
      #expect(try await picture(host) == before)
    }
  }

  @Test func aStoragePathThatCannotBeIsRefused() async throws {
    try await ChangeHost.quick(.pool) { host in
      let facts = try await host.facts()
      var request = try storage()
      request.base = "eth0"
      #expect(texts(try StoragePlanner(request, facts).plan(), .blocking).contains("eth0 is a member of bond0"))
      request.base = "bond0"
      let raised = try StoragePlanner(request, facts).plan()
      #expect(texts(raised, .blocking).contains("Management of xcp1, xcp2 and xcp3 is on \"Management\": another MTU than 1500 is not supported there"))
      request.mtu = 1500
      #expect(try !StoragePlanner(request, facts).plan().isProvisional)
      request.tag = nil
      #expect(texts(try StoragePlanner(request, facts).plan(), .blocking).contains("bond0 carries management"))
      request = try storage()
      request.mtu = 20
      request.tag = 5000
      #expect(texts(try StoragePlanner(request, facts).plan(), .blocking).contains("68 to 9216"))
      #expect(texts(try StoragePlanner(request, facts).plan(), .blocking).contains("0 to 4094"))
      request = try storage()
      request.target = InternetAddress("10.99.0.1")
      #expect(texts(try StoragePlanner(request, facts).plan(), .warning).contains("10.99.0.1 is not in 10.0.20.0/24"))
    }
  }

  // MARK: The test of it

  private func lines(_ test: PathTest, _ host: ChangeHost, _ probes: FakeProbes) async -> PathTest.Result {
    let last = Mutex<PathTest.Result?>(nil)
    await test.carryOut(host.system, probes) { result in last.withLock { $0 = result } }
    return last.withLock { $0 } ?? PathTest.Result(lines: [], isOver: false)
  }

  @Test func theTestTellsWhereThePathEnds() async throws {
    try await ChangeHost.quick(.pool) { host in
      let own = try IPv4Prefix(parsing: "10.0.20.11/24")
      let target = try #require(InternetAddress("10.0.20.100"))
      let test = PathTest(own: own, target: target, mtu: 9000)
      let good = await lines(test, host, FakeProbes())
      #expect(good.isGood && good.lines.map(\.name) == ["Address", "Answers", "Packet size"])
      var probes = FakeProbes()
      probes.pathMTU = { _, _ in .blackHole(passes: 1500, lost: 1504) }
      let hole = await lines(test, host, probes)
      #expect(!hole.isGood && hole.lines.last?.text.contains("vanish without a word") == true)
      let silent = await lines(test, host, .dead)
      #expect(silent.isOver && !silent.isGood && silent.lines.last?.text.contains("does not answer") == true)
      let elsewhere = await lines(PathTest(own: try IPv4Prefix(parsing: "10.0.33.1/24"), target: target, mtu: 1500), host, FakeProbes())
      #expect(elsewhere.isOver && elsewhere.lines.count == 1 && elsewhere.lines[0].text.contains("is on no interface"))
    }
  }

  @Test func actionsAreReadAsTheyWereWritten() {
    for action in [AddressAction.protect("eth2", true), .protect("VLAN 20 on eth2", false), .mtu(mark: "m", 9000)] {
      #expect(ChangeAction(ChangeAction.addresses(action).json) == .addresses(action))
    }
    #expect(AddressAction(["set": "of tomorrow"]) == nil)
  }
}
