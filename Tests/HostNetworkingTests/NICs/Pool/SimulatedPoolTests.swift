import Dom0
import Foundation
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Pools behind the real client and socket.
struct SimulatedPoolTests {
  private func comparison(_ own: ChangeHost) async throws -> PoolComparison {
    try await PoolLook(own.client, own.system).comparison().get()
  }

  /// The first host's cable is out, and nothing else differs.
  @Test(arguments: [Scenario.pool, .member]) func thePoolHasOneCableOut(scenario: Scenario) async throws {
    try await ChangeHost.with(scenario) { own in
      let found = try await comparison(own)
      #expect(found.differences.map(\.text) == ["eth3 has no link on xcp1, but on xcp2 and xcp3"])
      #expect(!found.isUneven && found.source == .xapi)
      #expect(found.hosts.map(\.name) == ["xcp1", "xcp2", "xcp3"])
      #expect(found.hosts.map(\.isHere) == (scenario == .pool ? [true, false, false] : [false, true, false]))
      #expect(found.rows.map(\.name) == ["eth0", "eth1", "eth2", "eth3", "bond0", "bond0 VLANs", "bond0.90", "management"])
      #expect(found.rows.filter(\.differs).map(\.name) == ["eth3"])
    }
  }

  @Test func aSingleHostHasNobodyToCompareWith() async throws {
    try await ChangeHost.with(.standalone) { own in
      let found = try await comparison(own)
      #expect(found.isAlone && found.differences.isEmpty)
    }
  }

  /// NICs exchanged on one host, another bond mode on another, a slower link on a third.
  @Test func threePlantedDifferencesAreFoundAndNoOthers() async throws {
    try await ChangeHost.with(.pool) { own in
      let host = own.host
      func pif(_ name: String, _ device: String) async throws -> String {
        let owner = try #require(await host.refs(class: "host", where: ["hostname": .string(name)]).first)
        return try #require(
          await host.refs(class: "PIF", where: ["host": .string(owner), "device": .string(device), "VLAN": -1]).first)
      }
      func field(_ ref: String, _ name: String, of owner: String = "PIF") async -> String {
        await host.record(class: owner, ref: ref)?[name]?.string ?? ""
      }
      let (two, three) = (try await pif("xcp2", "eth2"), try await pif("xcp2", "eth3"))
      let (a, b) = (await field(two, "PCI"), await field(three, "PCI"))
      await host.mutate(class: "PIF", ref: two, field: "PCI", value: .string(b))
      await host.mutate(class: "PIF", ref: three, field: "PCI", value: .string(a))
      let bond = try await pif("xcp3", "bond0")
      let ref = try #require(await host.refs(class: "Bond", where: ["master": .string(bond)]).first)
      await host.mutate(class: "Bond", ref: ref, field: "mode", value: "active-backup")
      await host.mutate(class: "Bond", ref: ref, field: "properties", value: [:])
      let slow = await field(try await pif("xcp1", "eth0"), "metrics")
      await host.mutate(class: "PIF_metrics", ref: slow, field: "speed", value: 100)
      let found = try await comparison(own)
      #expect(
        found.differences.map(\.text) == [
          "eth2 and eth3 of xcp2 are the other way round (by PCI position)", "bond0 of xcp3 has mode active-backup, on the others lacp",
          "eth0 of xcp1 is slower: 100 Mb/s, on the others 1 Gb/s", "eth3 has no link on xcp1, but on xcp2 and xcp3",
        ])
      let (second, third) = (await field(two, "MAC"), await field(three, "MAC"))
      #expect(found.differences[0].mending[1] == .init("interface-rename --update eth2=\(third) eth3=\(second)", on: "xcp2"))
      #expect(found.rows.filter(\.differs).map(\.name) == ["eth0", "eth2", "eth3", "bond0"])
    }
  }

  /// With XAPI gone, the saved database tells of settings; links it does not know.
  @Test(arguments: [Scenario.pool, .member]) func withoutXAPITheSavedDatabaseIsCompared(scenario: Scenario) async throws {
    try await ChangeHost.with(scenario) { own in
      _ = await own.host.runTool(["systemctl", "stop", "xapi"])
      let found = try await comparison(own)
      guard case .saved = found.source else {
        Issue.record("\(found.source)")
        return
      }
      #expect(found.hosts.map(\.name) == ["xcp1", "xcp2", "xcp3"])
      #expect(found.hosts.contains { $0.isHere } && found.hosts.contains { $0.isCoordinator })
      #expect(!found.differences.contains { $0.kind == .link })
      #expect(found.rows.map(\.name).contains("bond0 VLANs"))
      for path in ["/var/lib/xcp/state.db", "/var/lib/xcp/state-backup.xml"] { try? FileManager.default.removeItem(atPath: own.folder + path) }
      guard case .failure(let problem) = await PoolLook(own.client, own.system).comparison() else {
        Issue.record("compared without anything")
        return
      }
      #expect(problem.text.hasPrefix("the pool cannot be looked at:"))
      #expect(problem.remedy?.contains("XAPI on this host must answer") == true)
    }
  }
}
