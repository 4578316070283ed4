import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

@Suite(.serialized) struct HostViewTests {
  private func view(_ scenario: Scenario) async throws -> HostView {
    let simulated = try await SimulatedView(scenario)
    let view = try await simulated.view()
    await simulated.close()
    return try #require(view)
  }

  @Test func aSingleHostIsAlone() async throws {
    let view = try await view(.standalone)
    #expect(view.role == .standalone)
    #expect(view.interfaces.map(\.device) == ["eth0", "eth1", "eth2", "eth3"])
    #expect(view.management?.name == "eth0")
    #expect(view.facts?.poolHosts == 1)
  }

  @Test func theCoordinatorKnowsItsPool() async throws {
    let view = try await view(.pool)
    #expect(view.role == .coordinator(pool: "Rack 4", hosts: 3))
    #expect(view.name == "xcp1")
    let bond = try #require(view.interfaces.first { $0.device == "bond0" && $0.vlans.count > 0 })
    #expect(bond.kind == .bond(mode: .lacp, members: ["eth0", "eth1"]))
    #expect(bond.vlans.count == 12)
    #expect(bond.link == .partly(up: 2, of: 2))
    #expect(view.interfaces.filter { $0.memberOf == "bond0" }.map(\.device) == ["eth0", "eth1"])
  }

  @Test func vlansFollowWhatTheyStandOnByTag() async throws {
    let view = try await view(.pool)
    let names = view.interfaces.prefix(14).map(\.name)
    #expect(names.first == "bond0")
    let tags = view.interfaces.compactMap { if case .vlan(let tag, "bond0") = $0.kind { tag } else { nil } }
    #expect(tags == tags.sorted() && tags.count == 12)
    #expect(names.dropFirst().prefix(12).allSatisfy { $0.hasPrefix("VLAN ") })
  }

  @Test func aMemberNamesItsCoordinator() async throws {
    let view = try await view(.member)
    #expect(view.role == .member(pool: "Rack 4", coordinator: "xcp1", address: "10.0.4.11"))
    #expect(view.name == "xcp2")
    #expect(view.management?.address == "10.0.4.12")
  }

  @Test func aNICWithoutLinkThatVMsUseIsFound() async throws {
    let view = try await view(.pool)
    let finding = try #require(view.findings.first)
    #expect(finding.text == "eth3 has no link, but 2 VMs here use its network \"Storage B\".")
    let eth3 = try #require(view.interfaces.first { $0.device == "eth3" })
    #expect(finding.place == .interface(eth3.id))
  }

  @Test func aStrandedHostHasItsTroublesFirst() async throws {
    let view = try await view(.stranded)
    #expect(view.findings.filter { $0.weight == .trouble }.count == 2)
    #expect(view.findings.map(\.weight) == view.findings.map(\.weight).sorted(by: >))
    #expect(view.management?.address == "")
  }

  @Test func networksKnowKindAndUsers() async throws {
    let view = try await view(.pool)
    func kind(_ name: String) -> NetworkView.Kind? { view.networks.first { $0.name == name }?.kind }
    #expect(kind("Management") == .bond)
    #expect(kind("DMZ") == .vlan(tag: 10))
    #expect(kind("Private lab") == .privateToHost)
    #expect(kind("Storage B") == .external)
    #expect(view.networks.last?.kind == .hostInternal)
    #expect(view.networks.first { $0.name == "Storage B" }?.runningVMs.count == 2)
    #expect(view.networks.first { $0.name == "DMZ" }?.hosts == 3)
  }

  @Test func guestsAreCountedWithoutTemplatesAndControlDomains() async throws {
    let view = try await view(.pool)
    #expect(view.vms.count == 20)
    #expect(!view.vms.contains { $0.name.hasPrefix("Control domain") })
  }

  @Test func withoutXAPIThereIsWhatTheHostItselfKnows() async throws {
    let simulated = try await SimulatedView(.xapiDown)
    let silent = try await simulated.view { $0.connection == .silent(.transport(.absent)) && $0.sources.names != nil }
    await simulated.close()
    let view = try #require(silent)
    #expect(view.product == "XCP-ng 8.3.0")
    #expect(view.facts == nil)
    #expect(view.interfaces.map(\.name) == ["eth0", "eth1", "eth2", "eth3"])
    #expect(view.management?.address == "10.0.4.11")
    #expect(view.networks.contains { $0.name == "Pool-wide network 0" })
  }

  /// A tool that hangs hides what it alone could tell, and nothing else.
  @Test func aToolThatHangsHidesNothingElse() async throws {
    let simulated = try await SimulatedView(.xapiDown)
    await simulated.host.setTool("ovs-vsctl", .hang)
    simulated.watch.retryNow()
    let view = try await simulated.view { view in
      view.interfaces.contains { $0.isManagement && $0.addresses == ["10.0.4.11/24"] && $0.link == .up }
    }
    #expect(view?.interfaces.count == 4)
    await simulated.close()
  }

  /// While XAPI hangs, the kernel still tells of a cable that is pulled.
  @Test func linksAreLiveWhileXAPIHangs() async throws {
    let simulated = try await SimulatedView(.standalone)
    #expect(try await simulated.view { $0.facts != nil && $0.sources.links?.origin == .tools } != nil)
    await simulated.host.setFault(.hang)
    await simulated.host.setCarrier(device: "eth1", up: false)
    simulated.watch.retryNow()
    let view = try await simulated.view { $0.interfaces.contains { $0.name == "eth1" && $0.link == .down } }
    #expect(view?.facts != nil, "what XAPI told stays")
    await simulated.close()
  }

  @Test func aCutOffMemberSaysWhy() async throws {
    let simulated = try await SimulatedView(.emergency)
    let view = try await simulated.view {
      $0.connection == .emergency(XenFailure(code: "HOST_HAS_NO_MANAGEMENT_IP"))
    }
    await simulated.close()
    #expect(view != nil)
  }

  /// Which VMs a NIC of this host serves is another question than who uses the network in the pool.
  @Test func aMembersNICsServeTheVMsThatRunThere() async throws {
    let view = try await view(.member)
    let eth3 = try #require(view.interfaces.first { $0.device == "eth3" })
    let storage = try #require(view.networks.first { $0.name == "Storage B" })
    #expect(storage.runningVMs.count == 2)
    #expect(eth3.vms.isEmpty)
    #expect(!view.findings.contains { $0.place == .interface(eth3.id) })
  }

  @Test func vmsOfTheSameNameCountEach() async throws {
    let simulated = try await SimulatedView(.pool)
    #expect(try await simulated.view() != nil)
    for ref in await simulated.host.refs(class: "VM", where: ["is_control_domain": false]) {
      await simulated.host.mutate(class: "VM", ref: ref, field: "name_label", value: "Debian")
    }
    let view = try #require(try await simulated.view { $0.vms.allSatisfy { $0.name == "Debian" } })
    #expect(view.networks.first { $0.name == "Storage B" }?.runningVMs == ["Debian", "Debian"])
    await simulated.close()
  }

  // MARK: Live

  @Test func aPulledCableShowsByItself() async throws {
    let simulated = try await SimulatedView(.pool)
    #expect(try await simulated.view() != nil)
    await simulated.host.setCarrier(device: "eth1", up: false)
    let degraded = try await simulated.view { view in
      view.findings.contains { $0.text == "bond0 has 1 of 2 links." }
    }
    #expect(degraded != nil)
    await simulated.close()
  }

  @Test func aRestartOfTheToolstackIsSurvivedWithWhatWasKnown() async throws {
    let simulated = try await SimulatedView(.pool)
    #expect(try await simulated.view() != nil)
    async let restart: Void = simulated.host.restartToolstack()
    let silent = try await simulated.view { if case .silent = $0.connection { true } else { false } }
    #expect(silent?.interfaces.count == 17)
    await restart
    #expect(try await simulated.view { $0.connection == .live } != nil)
    await simulated.close()
  }

  @Test(arguments: SimulatedHost.Fault.allCases)
  func everyFaultIsAStateAndNoCrash(fault: SimulatedHost.Fault) async throws {
    let simulated = try await SimulatedView(.standalone, options: .init(fault: fault, faultAfter: 3))
    #expect(try await simulated.view() != nil, "the first answers are good ones")
    let silent = try await simulated.view { if case .silent = $0.connection { true } else { false } }
    #expect(silent?.interfaces.count == 4, "what was known stays")
    await simulated.close()
  }
}

@Suite struct MaskTests {
  @Test(arguments: [
    ("255.255.255.0", 24), ("0.0.0.0", 0), ("255.255.255.255", 32), ("255.255.252.0", 22), ("255.0.255.0", nil), ("", nil),
    ("255.255.255", nil), ("255.255.255.256", nil), ("a.b.c.d", nil),
  ] as [(String, Int?)])
  func masksWithoutGapsHaveALength(mask: String, length: Int?) {
    #expect(prefixLength(ofMask: mask) == length)
  }
}
