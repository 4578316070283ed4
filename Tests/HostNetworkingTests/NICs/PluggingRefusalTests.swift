import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Each thing that XAPI refuses is told before the call, by a hazard that names what stands in the way.
struct PluggingRefusalTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var code: String
    var intent: Intent
    var says: [String]
    var scenario = Scenario.standalone
    var prepare: @Sendable (ChangeHost) async throws -> Void = { _ in }
    var call: @Sendable (ChangeHost) async throws -> String
    var testDescription: String { "\(intent): \(code)" }
  }

  private static func unplug(
    _ code: String, _ name: String = "eth3", _ says: String..., in scenario: Scenario = .standalone,
    _ prepare: @escaping @Sendable (ChangeHost) async throws -> Void = { _ in }
  ) -> Case {
    Case(code: code, intent: .unplug(name), says: says, scenario: scenario, prepare: prepare) {
      try await $0.code("PIF.unplug", $0.ref(name))
    }
  }

  private static func forget(
    _ code: String, _ name: String = "eth3", _ says: String..., in scenario: Scenario = .standalone,
    _ prepare: @escaping @Sendable (ChangeHost) async throws -> Void = { _ in }
  ) -> Case {
    Case(code: code, intent: .forgetNIC(name), says: says, scenario: scenario, prepare: prepare) {
      try await $0.code("PIF.forget", $0.ref(name))
    }
  }

  private static func plug(
    _ code: String, _ name: String, _ says: String..., in scenario: Scenario = .standalone,
    _ prepare: @escaping @Sendable (ChangeHost) async throws -> Void = { _ in }
  ) -> Case {
    Case(code: code, intent: .plug(name), says: says, scenario: scenario, prepare: prepare) {
      try await $0.code("PIF.plug", $0.ref(name))
    }
  }

  private static func introduce(
    _ code: String, _ device: String, _ mac: String, _ says: String..., prepare: @escaping @Sendable (ChangeHost) async throws -> Void = { _ in }
  ) -> Case {
    Case(code: code, intent: .introduceNIC(device, plugs: false), says: says, prepare: prepare) {
      try await $0.code("PIF.introduce", $0.scene().host.json, .string(mac), .string(device), true)
    }
  }

  static let cases: [Case] = [
    unplug("PIF_IS_MANAGEMENT_INTERFACE", "eth0", "eth0 carries management"),
    unplug("VIF_IN_USE", "eth1", "VM jenkins runs here on network \"Pool-wide network 1\""),
    unplug("PIF_DOES_NOT_ALLOW_UNPLUG", "eth3", "eth3 is protected") { try await $0.set("eth3", "disallow_unplug", true) },
    unplug("HA_IS_ENABLED", "eth3", "High availability is on", "eth3") { await $0.switchOn("ha_enabled") },
    unplug("REDO_LOG_IS_ENABLED", "eth3", "The redo log is on", "eth3") { await $0.switchOn("redo_log_enabled") },
    unplug("PIF_UNMANAGED", "eth3", "XAPI does not manage it") { try await $0.set("eth3", "managed", false) },
    unplug("PIF_HAS_FCOE_SR_IN_USE", "eth3", "Storage \"LUN 7\" is attached over FCoE", "eth3") { try await $0.fcoe("eth3", "LUN 7") },
    unplug("PIF_IS_MANAGEMENT_INTERFACE", "bond0", "bond0 carries management", in: .pool),
    unplug("VIF_IN_USE", "VLAN 10 on bond0", "VM web-01 runs here on network \"DMZ\"", in: .pool),
    // What rests on it is unplugged first, and held to the same.
    unplug("VIF_IN_USE", "eth3", "VM jenkins runs here on network \"Functions\", which SR-IOV on eth3 feeds") { host in
      try await host.sriov(on: "eth3", "Functions")
      let network = await host.host.refs(class: "network", where: ["name_label": "Functions"])[0]
      try await host.vif(of: "jenkins", on: .string(network))
    },
    unplug("VIF_IN_USE", "eth3", "VM jenkins runs here on network \"Private 7\", which tunnel0 feeds") { host in
      try await host.tunnel(over: "eth3", "Private 7")
      let network = await host.host.refs(class: "network", where: ["name_label": "Private 7"])[0]
      try await host.vif(of: "jenkins", on: .string(network))
    },
    forget("PIF_IS_MANAGEMENT_INTERFACE", "eth0", "eth0 carries management: it cannot be forgotten"),
    forget("PIF_ALREADY_BONDED", "eth1", "eth1 is a member of bond0", in: .pool),
    forget("PIF_ALREADY_BONDED", "bond0", "bond0 is a bond", in: .stranded) { try await $0.set("bond0", "management", false) },
    forget("PIF_VLAN_STILL_EXISTS", "eth3", "VLAN 42 on eth3 is still there") { try await $0.vlan(42, on: "eth3", "Lab") },
    forget("PIF_VLAN_STILL_EXISTS", "VLAN 10 on bond0", "is a VLAN", in: .pool),
    forget("PIF_TUNNEL_STILL_EXISTS", "eth3", "tunnel0 runs over eth3") { try await $0.tunnel(over: "eth3", "Private 7") },
    forget("PIF_TUNNEL_STILL_EXISTS", "tunnel0", "tunnel0 is a tunnel end") { try await $0.tunnel(over: "eth3", "Private 7") },
    forget("HA_IS_ENABLED", "eth3", "High availability is on", "forgotten") { await $0.switchOn("ha_enabled") },
    forget("REDO_LOG_IS_ENABLED", "eth3", "The redo log is on", "forgotten") { await $0.switchOn("redo_log_enabled") },
    forget("CANNOT_FORGET_SRIOV_LOGICAL", "SR-IOV on eth3", "belongs to an SR-IOV network") { try await $0.sriov(on: "eth3", "Functions") },
    forget("PIF_SRIOV_STILL_EXISTS", "eth3", "SR-IOV is enabled on eth3") { try await $0.sriov(on: "eth3", "Functions") },
    forget("CLUSTERING_ENABLED", "eth3", "The cluster of this pool talks over eth3") { await $0.cluster("eth3") },
    plug("CANNOT_PLUG_BOND_SLAVE", "eth1", "eth1 is a member of bond0", in: .pool),
    plug("TRANSPORT_PIF_NOT_CONFIGURED", "tunnel0", "tunnel0 runs over eth3, which has no IPv4 address") { host in
      try await host.tunnel(over: "eth3", "Private 7")
      _ = try await host.client.call("PIF.unplug", [try await host.ref("tunnel0")])
      _ = try await host.client.call("PIF.reconfigure_ip", [try await host.ref("eth3"), "None", "", "", "", ""])
    },
    plug("PIF_UNMANAGED", "eth3", "XAPI does not manage it") { host in
      try await host.set("eth3", "managed", false)
      try await host.set("eth3", "currently_attached", false)
    },
    introduce("DUPLICATE_PIF_DEVICE_NAME", "eth3", "", "XAPI has a record of eth3 already"),
    introduce(
      "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS", "eth9", "0c:c4:7a:00:00:99", "no NIC eth9"),
    introduce("MAC_INVALID", "eth4", "", "no MAC address that XAPI takes: 00:11:zz") { await $0.putCard("eth4", "00:11:zz") },
  ]

  @Test(arguments: cases) func whatXAPIRefusesIsToldBefore(_ refusal: Case) async throws {
    try await ChangeHost.quick(refusal.scenario) { host in
      try await refusal.prepare(host)
      let plan = try await host.plan(refusal.intent)
      let told = plan.blocking.joined(separator: "\n")
      for words in refusal.says { #expect(told.contains(words), "\(told)") }
      #expect(plan.isBlocked)
      #expect(try await refusal.call(host) == refusal.code)
    }
  }

  /// The coordinator takes this member for dead.
  @Test func aHostThatThePoolDoesNotHear() async throws {
    try await ChangeHost.quick(.member) { host in
      let own = try await host.scene()
      let metrics = try #require(own.database.hosts[own.host]?.metrics)
      await host.host.mutate(class: "host_metrics", ref: metrics.description, field: "live", value: false)
      for intent in [Intent.scanNICs(plugs: true), .unplug("eth3"), .forgetNIC("eth3")] {
        #expect(try await host.plan(intent).blocking.contains { $0.hasPrefix("xcp1 does not hear xcp2") }, "\(intent)")
      }
    }
  }

  @Test func remediesSayWhatToType() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.set("eth3", "disallow_unplug", true)
      let uuid = try #require(try await host.scene().tree["eth3"]).pif.uuid
      let remedies = try await host.plan(.unplug("eth3")).hazards.compactMap(\.remedy)
      #expect(remedies.contains("Lift that first: xe pif-param-set uuid=\(uuid) disallow-unplug=false"))
    }
  }

  /// No answer is not the answer that there is no storage.
  @Test(arguments: ["PBD.get_all_records", "SR.get_all_records"]) func storageThatXAPIDoesNotTellOf(_ call: String) async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.fcoe("eth3", "LUN 7")
      for intent in [Intent.unplug("eth3"), .forgetNIC("eth3")] {
        await host.host.failNext(call, with: ["INTERNAL_ERROR", "simulated"])
        let plan = try await host.plan(intent)
        #expect(plan.warnings.contains("eth3 can carry storage over FCoE, and XAPI did not tell whether any is attached"), "\(plan.hazards)")
      }
      await host.host.failNext(call, with: ["INTERNAL_ERROR", "simulated"])
      #expect(try await host.path("eth3").steps[0].needs.contains { $0.text.contains("XAPI did not tell") && !$0.isRequired })
    }
  }

  /// XAPI does not look at VIFs when it forgets a NIC.
  @Test func forgettingWhatVMsUseIsWarnedOf() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let plan = try await host.plan(.forgetNIC("eth1"))
      #expect(!plan.isBlocked)
      #expect(plan.warnings.contains { $0.hasPrefix("VM jenkins runs here on its network and loses it") })
      #expect(try await host.code("PIF.forget", host.ref("eth1")) == "")
    }
  }
}
