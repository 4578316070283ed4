import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Every kind of plan about bonds, on a host that is made ready for it.
struct BondCase: Sendable, CustomTestStringConvertible {
  let name: String
  let scenario: Scenario
  let intent: BondIntent
  let prepare: @Sendable (ChangeHost) async throws -> Void

  init(_ name: String, _ scenario: Scenario, _ intent: BondIntent, _ prepare: @escaping @Sendable (ChangeHost) async throws -> Void = { _ in }) {
    (self.name, self.scenario, self.intent, self.prepare) = (name, scenario, intent, prepare)
  }

  var testDescription: String { name }

  private static let lacp = BondRequest(members: ["eth1", "eth2"], mode: .lacp, properties: ["lacp-time": "fast"], vlans: [42])
  private static let storage = BondRequest(members: ["eth2", "eth3"], mode: .balanceSLB, isPoolWide: true)

  /// bond0 of eth1 and eth2 with VLANs, VMs, addresses, other-config.
  private static let furnished: @Sendable (ChangeHost) async throws -> Void = { host in
    try await host.furnish()
    let outcome = await host.run(try await host.plan(.create(lacp)))
    #expect(outcome == .done)
    _ = try await host.client.call("PIF.add_to_other_config", [try await host.ref("bond0"), "bond-updelay", "1000"])
    let row = try #require(try await host.scene().tree["bond0"]?.pif.bondMasterOf.first)
    _ = try await host.client.call("Bond.add_to_other_config", [row.json, "who", "me"])
  }

  /// bond1 of eth2 and eth3 on all hosts, without management.
  private static let spread: @Sendable (ChangeHost) async throws -> Void = { host in
    await host.detachStorage()
    let outcome = await host.run(try await host.plan(.create(storage)))
    #expect(outcome == .done)
  }

  private static let idle: @Sendable (ChangeHost) async throws -> Void = { await $0.detachStorage() }

  static let all: [BondCase] = [
    BondCase("create", .standalone, .create(BondRequest(members: ["eth1", "eth2"], mode: .balanceSLB))) { try await $0.furnish() },
    BondCase("create under management", .standalone, .create(BondRequest(members: ["eth1", "eth0"], mode: .activeBackup))),
    BondCase("create with VLANs on top", .standalone, .create(lacp)) { try await $0.furnish() },
    BondCase("create pool-wide", .pool, .create(storage), idle),
    BondCase("add", .standalone, .addMember("eth3", bond: "bond0"), furnished),
    BondCase("take out", .standalone, .removeMember("eth2", bond: "bond0"), furnished),
    BondCase("take the primary out", .standalone, .removeMember("eth1", bond: "bond0"), furnished),
    BondCase("take the primary out under management", .pool, .removeMember("eth0", bond: "bond0")),
    BondCase("take out pool-wide", .pool, .removeMember("eth3", bond: "bond1", isPoolWide: true), spread),
    BondCase(
      "set", .standalone,
      .set(BondSettingsRequest(bond: "bond0", properties: ["hashing_algorithm": "src_mac", "lacp-aggregation-key": "7"], upDelay: "500")), furnished),
    BondCase("set the mode under management, pool-wide", .pool, .set(BondSettingsRequest(bond: "bond0", mode: .activeBackup, upDelay: "5", isPoolWide: true))),
    BondCase("destroy", .standalone, .destroy("bond0", withNetwork: true), furnished),
    BondCase("destroy under management", .pool, .destroy("bond0", withNetwork: true)),
    BondCase("destroy pool-wide", .pool, .destroy("bond1", withNetwork: true, isPoolWide: true), spread),
  ]
}
