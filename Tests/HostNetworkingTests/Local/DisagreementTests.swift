import SimulatedHost
import Synchronization
import TestSupport
import Testing

@testable import Dom0
@testable import HostNetworking
@testable import XenAPI

/// Where XAPI and the kernel of one host tell different stories.
@Suite(.serialized) struct DisagreementTests {
  /// XAPI's word and the host's own, of a host in which they agree.
  private struct Witnesses {
    var live: LiveState
    var local: LocalHost

    func findings(_ change: (inout LocalHost) throws -> Void = { _ in }) throws -> [Finding] {
      var local = local
      try change(&local)
      return HostView(live, local: local).findings
    }

    func texts(_ change: (inout LocalHost) throws -> Void = { _ in }) throws -> [String] {
      try findings(change).map(\.text)
    }
  }

  private func witnesses(_ scenario: Scenario = .standalone) async throws -> Witnesses {
    let simulated = try await SimulatedView(scenario)
    let seen = Mutex<LiveState?>(nil)
    let client = XenClient(.unixSocket(path: simulated.socket))
    let monitor = LiveMonitor(client, timing: SimulatedView.quick)
    let (states, news) = AsyncStream.makeStream(of: LiveState.self)
    let following = Task { await monitor.run { news.yield($0) } }
    for await state in states where state.database != nil {
      seen.withLock { $0 = state }
      break
    }
    following.cancel()
    await following.value
    await client.logout()
    var local = LocalHost(of: simulated.system)
    await local.askTools(simulated.system)
    await simulated.close()
    return Witnesses(live: try #require(seen.withLock { $0 }), local: local)
  }

  @Test(arguments: [Scenario.standalone, .member])
  func whereTheyAgreeNothingIsSaid(scenario: Scenario) async throws {
    let both = try await witnesses(scenario)
    let texts = try both.texts()
    #expect(texts.isEmpty, "\(texts)")
  }

  @Test func links() async throws {
    let both = try await witnesses()
    let pulled = try both.texts { $0.live.change("eth1") { $0.hasCarrier = false } }
    #expect(pulled.contains("eth1 has no link, but XAPI says it has one."))
    let plugged = try both.texts { $0.live.change("eth3") { $0.hasCarrier = true } }
    #expect(plugged == ["eth3 has a link, but XAPI says it has none."])
    let justPulled = try both.texts { local in
      local.live.change("eth1") { $0.hasCarrier = false }
      local.linkChanged["eth1"] = local.live.instant - .seconds(5)
    }
    #expect(!justPulled.contains { $0.contains("XAPI says") }, "XAPI has not had the time to hear of it")
    let longAgo = try both.texts { local in
      local.live.change("eth1") { $0.hasCarrier = false }
      local.linkChanged["eth1"] = local.live.instant - .seconds(60)
    }
    #expect(longAgo.contains { $0.contains("XAPI says") })
  }

  @Test func cards() async throws {
    let both = try await witnesses()
    let devices = try #require(try? both.local.live.devices?.get())
    let mac = try #require(devices.first { $0.name == "eth1" }?.mac)
    let other = try both.texts { $0.live.change("eth1") { $0.mac = "00:11:22:33:44:55" } }
    #expect(other.contains("eth1 has the MAC 00:11:22:33:44:55, but XAPI expects \(mac)."))
    let gone = try both.texts { $0.live.devices = .success(devices.filter { $0.name != "eth1" }) }
    #expect(gone == ["eth1 is known to XAPI, but not in this machine."], "told once, whoever else misses it")
    let swapped = try both.texts { local in
      let others = devices.filter { $0.name == "eth2" || $0.name == "eth3" }.map(\.mac)
      local.live.change("eth2") { $0.mac = others[1] }
      local.live.change("eth3") { $0.mac = others[0] }
    }
    #expect(swapped.contains("eth2 is another NIC than XAPI expects: the one it means is called eth3 now."))
    let renamed = try both.texts { $0.live.change("eth1") { $0.name = "eth7" } }
    #expect(renamed.contains("eth1 is called eth7 since the last boot, but XAPI still has it as eth1."))
    let management = try both.findings { $0.live.devices = .success(devices.filter { $0.name != "eth0" }) }
    #expect(management.first?.text == "eth0 (management) is not in this machine.")
    #expect(management.first?.weight == .trouble)
    let more = try both.texts { $0.live.devices = .success(devices + [.nic(7)]) }
    #expect(more.contains("eth7 (\(HostTree.mac(7))) is in this machine, but XAPI does not know it."))
  }

  @Test func bridges() async throws {
    let both = try await witnesses()
    let lost = try both.texts { local in
      let ovs = try local.live.openVSwitch?.get()
      local.live.openVSwitch = .success(OpenVSwitch(bridges: ovs?.bridges.filter { $0.name != "xenbr1" } ?? []))
    }
    #expect(lost == ["XAPI says eth1 is attached, but its bridge xenbr1 is not there."])
  }

  @Test func theInventoryNamesAnotherBridge() async throws {
    let both = try await witnesses()
    let found = try both.texts { local in
      let inventory = try local.files.inventory.get().setting("MANAGEMENT_INTERFACE", to: "xenbr1")
      local.files.inventory = .success(inventory)
    }
    #expect(found.contains("XAPI has management on xenbr0, the inventory on xenbr1."))
  }

  @Test func anArmedHostInAPoolWithoutHA() async throws {
    let both = try await witnesses()
    let armed = try LocalDB(parsing: Array("<config><row key=\"ha.armed\" value=\"true\"/></config>".utf8))
    let found = try both.findings { $0.files.local = .success(armed) }
    #expect(found.map(\.text) == ["High availability is armed on this host, but off in the pool."])
    #expect(found.map(\.weight) == [.warning])
  }

  /// XAPI that is silent is not accused of saying anything.
  @Test func aSilentXAPISaysNothing() async throws {
    var both = try await witnesses()
    both.live.connection = .silent(.transport(.refused))
    let texts = try both.texts { $0.live.change("eth1") { $0.hasCarrier = false } }
    #expect(!texts.contains { $0.contains("XAPI says") })
  }

  @Test func identitiesAreTheSameWithAndWithoutXAPI() async throws {
    let both = try await witnesses(.member)
    var silent = LiveState()
    silent.connection = .silent(.transport(.absent))
    let with = HostView(both.live, local: both.local)
    let without = HostView(silent, local: both.local)
    #expect(with.interfaces.map(\.id) == without.interfaces.map(\.id))
    #expect(with.interfaces.map(\.kind) == without.interfaces.map(\.kind))
    #expect(with.interfaces.map(\.link) == without.interfaces.map(\.link))
    #expect(with.interfaces.map(\.addresses) == without.interfaces.map(\.addresses))
    #expect(with.management?.address == without.management?.address)
    let there = Set(with.networks.map(\.id))
    #expect(without.networks.filter { !$0.bridge.isEmpty }.allSatisfy { there.contains($0.id) })
  }
}
