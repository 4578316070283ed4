import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// The end of VLANs and networks: who is in the way, by name; and XAPI does refuse it.
@Suite struct VLANDestroyTests {
  private func tags(_ text: String, on base: String, pool: Bool = true, network: Bool = false) throws -> VLANRemoval {
    VLANRemoval(.tags(try TagList(parsing: text), on: base), isPoolWide: pool, withNetwork: network)
  }

  private func code(_ host: ChangeHost, _ method: String, _ ref: String) async -> String {
    do {
      _ = try await host.client.call(method, [.string(ref)])
      return "done"
    } catch {
      return error.failure?.code ?? "\(error)"
    }
  }

  private func vlan(_ host: ChangeHost, _ tag: Int64, of owner: String) async -> String {
    await host.row("VLAN", ["tag": .int(tag), "tagged_PIF": .string(await host.pif("bond0", of: owner))])
  }

  private func blocked(_ host: ChangeHost, _ removal: VLANRemoval) async -> [String] { (try? await host.plan(removal))?.blocking ?? ["?"] }

  @Test func vmsThatUseItAreNamedWithTheirHosts() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(try tags("10", on: "bond0", network: true))
      #expect(
        plan.blocking == [
          "VM web-01 is running on network \"DMZ\" on xcp1", "VM web-02 is running on network \"DMZ\" on xcp2", "VM proxy is running on network \"DMZ\" on xcp3",
        ])
      #expect(await code(host, "VLAN.destroy", await vlan(host, 10, of: "xcp1")) == "VIF_IN_USE")
      // One host is enough for that one alone.
      #expect(try await host.plan(try tags("10", on: "bond0", pool: false)).blocking == ["VM web-01 is running on network \"DMZ\" on xcp1"])
    }
  }

  @Test func anUnusedOneGoesWithItsNetwork() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(try tags("4000", on: "bond0", network: true))
      #expect(plan.blocking == [] && plan.warnings == [])
      #expect(plan.title == "Remove VLAN 4000 on bond0 from 3 hosts")
      #expect(plan.steps.map(\.sentence) == ["Remove VLAN 4000 from bond0 of xcp1, xcp2 and xcp3", "Remove network \"Heartbeat\""])
      #expect(plan.commands.filter { $0.hasPrefix("xe vlan-destroy uuid=") }.count == 3)
      #expect(await host.run(plan) == .done)
      #expect(try await host.networkRow("Heartbeat") == nil)
      #expect(try await host.plan(try tags("4000", on: "bond0")).blocking == ["bond0 has no VLAN 4000, on no host"])
      #expect(try await host.plan(try tags("5", on: "eth77")).blocking == ["This host has no interface eth77"])
    }
  }

  @Test func anAddressAndHaltedVMsAreTold() async throws {
    try await ChangeHost.quick(.pool) { host in
      let storage = try await host.plan(try tags("90", on: "bond0", pool: false))
      #expect(storage.warnings == ["VLAN 90 on bond0 of xcp1 has the address 10.0.90.11, which goes with it"])
      await host.mutate("VIF", [:], "currently_attached", false)
      let plan = try await host.plan(try tags("100", on: "bond0", network: true))
      #expect(plan.blocking == [])
      #expect(plan.consequences.contains("network \"Développement\" stays: ci-runner and gitlab have VIFs on it"))
      #expect(plan.consequences.contains { $0.hasPrefix("VIFs of ci-runner and gitlab lead nowhere outside from then on") })
      #expect(plan.steps.count == 1)
    }
  }

  @Test func whatXAPIGuards() async throws {
    try await ChangeHost.quick(.pool) { host in
      let upper = await host.row("PIF", ["VLAN": 4000, "host": .string(await host.row("host", ["name_label": "xcp2"]))])
      let removal = try tags("4000", on: "bond0")
      await host.host.mutate(class: "PIF", ref: upper, field: "disallow_unplug", value: true)
      #expect(await blocked(host, removal) == ["VLAN 4000 on bond0 of xcp2 is protected against unplugging"])
      #expect(await code(host, "VLAN.destroy", await vlan(host, 4000, of: "xcp2")) == "PIF_DOES_NOT_ALLOW_UNPLUG")
      await host.host.mutate(class: "PIF", ref: upper, field: "disallow_unplug", value: false)
      await host.host.mutate(class: "PIF", ref: upper, field: "management", value: true)
      #expect(await blocked(host, removal) == ["VLAN 4000 on bond0 of xcp2 carries management: XAPI listens there"])
      #expect(await code(host, "VLAN.destroy", await vlan(host, 4000, of: "xcp2")) == "PIF_IS_MANAGEMENT_INTERFACE")
      await host.host.mutate(class: "PIF", ref: upper, field: "management", value: false)
      await host.host.mutate(class: "PIF", ref: upper, field: "managed", value: false)
      #expect(await blocked(host, removal) == ["VLAN 4000 on bond0 of xcp2 is set aside: XAPI does not manage it"])
      #expect(await code(host, "VLAN.destroy", await vlan(host, 4000, of: "xcp2")) == "PIF_UNMANAGED")
      await host.host.mutate(class: "PIF", ref: upper, field: "managed", value: true)
      await host.host.mutate(class: "PIF", ref: upper, field: "bond_slave_of", value: .string(await host.row("Bond", ["master": .string(await host.pif("bond0", of: "xcp2"))])))
      #expect(await blocked(host, removal) == ["VLAN 4000 on bond0 of xcp2 is a member of bond0 of xcp2"])
      #expect(await code(host, "VLAN.destroy", await vlan(host, 4000, of: "xcp2")) == "PIF_ALREADY_BONDED")
      await host.host.mutate(class: "PIF", ref: upper, field: "bond_slave_of", value: "OpaqueRef:NULL")
      await host.switchOn("redo_log_enabled")
      let redo = await blocked(host, removal)
      #expect(redo.first?.hasPrefix("The redo log is on") == true)
      #expect(await code(host, "VLAN.destroy", await vlan(host, 4000, of: "xcp2")) == "REDO_LOG_IS_ENABLED")
      await host.switchOn("ha_enabled")
      let ha = await blocked(host, removal)
      #expect(ha.first?.hasPrefix("High availability is on") == true)
      #expect(await code(host, "VLAN.destroy", await vlan(host, 4000, of: "xcp2")) == "HA_IS_ENABLED")
      // What is not plugged is not guarded.
      await host.mutate("PIF", ["VLAN": 4000], "currently_attached", false)
      #expect(await blocked(host, removal) == [])
    }
  }

  @Test func tunnelsOverItAreNamed() async throws {
    try await ChangeHost.quick(.pool) { host in
      let overlay = try await host.addNetwork("overlay")
      let upper = await host.row("PIF", ["VLAN": 90, "host": .string(await host.row("host", ["name_label": "xcp1"]))])
      _ = try await host.client.call("tunnel.create", [.string(upper), overlay.ref, "gre"])
      let plan = try await host.plan(try tags("90", on: "bond0", pool: false))
      #expect(plan.blocking.contains("tunnel0 of network \"overlay\" goes over VLAN 90 on bond0 of xcp1, and would stay behind without a way"))
    }
  }

  @Test func aHostThatIsOffKeepsItAndTheNetworkStays() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.turnOff("xcp3")
      let plan = try await host.plan(try tags("4000", on: "bond0", network: true))
      #expect(plan.warnings == ["Host xcp3 is switched off or cut off: the VLAN stays there"])
      #expect(plan.steps.map(\.sentence) == ["Remove VLAN 4000 from bond0 of xcp1 and xcp2"])
      #expect(plan.consequences.contains("network \"Heartbeat\" stays: VLAN 4000 on bond0 of xcp3 is on it"))
      #expect(plan.differences.first == .init("VLAN 4000", now: "on bond0 of xcp1, xcp2 and xcp3", after: "on bond0 of xcp3"))
      #expect(await host.run(plan) == .done)
      #expect(await code(host, "VLAN.destroy", await vlan(host, 4000, of: "xcp3")) == "HOST_OFFLINE")
      #expect(
        try await host.plan(NetworkRemoval(try await host.uuid("Heartbeat"))).blocking == ["VLAN 4000 on bond0 of xcp3 is on the network"])
    }
  }

  /// A row whose interface is gone goes as well.
  @Test func leftOverRowsGo() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let network = try await host.addNetwork("n")
      let row = try await host.client.call("VLAN.create", [.string(await host.pif("eth1")), 5, network.ref]).string ?? ""
      await host.host.destroyRow(class: "PIF", ref: await host.row("PIF", ["VLAN": 5]))
      #expect(await host.host.record(class: "VLAN", ref: row) != nil)
      let again = try await host.plan(.new("5", on: "eth1", pool: false))
      #expect(again.blocking == ["VLAN 5 is on xcp1 without an interface: a row that was left over"])
      let plan = try await host.plan(try tags("5", on: "eth1", pool: false))
      #expect(plan.blocking == [])
      #expect(await host.run(plan) == .done)
      #expect(await host.host.record(class: "VLAN", ref: row) == nil)
    }
  }

  // MARK: Networks

  private func blocked(_ host: ChangeHost, _ network: String, withVLANs: Bool = true) async throws -> [String] {
    try await host.plan(NetworkRemoval(try await host.uuid(network), withVLANs: withVLANs)).blocking
  }

  private func destroyed(_ host: ChangeHost, _ network: String) async -> String {
    await code(host, "network.destroy", await host.row("network", ["name_label": .string(network)]))
  }

  @Test func whatHangsOnANetworkIsNamed() async throws {
    try await ChangeHost.quick(.pool) { host in
      let used = try await blocked(host, "Storage A")
      #expect(used.first == "VIFs of postgres-主 and postgres-备 are attached to the network")
      #expect(await destroyed(host, "Storage A") == "NETWORK_CONTAINS_VIF")
      let card = try await blocked(host, "Pool-wide network 0")
      #expect(card == ["eth0 of xcp1, eth0 of xcp2 and eth0 of xcp3 are on the network"])
      #expect(await destroyed(host, "Pool-wide network 0") == "NETWORK_CONTAINS_PIF")
      let bond = try await blocked(host, "Management")
      #expect(bond == ["bond0 of xcp1, bond0 of xcp2 and bond0 of xcp3 are on the network"])
      let kept = try await blocked(host, "Heartbeat", withVLANs: false)
      #expect(kept == ["VLAN 4000 on bond0 of xcp1, VLAN 4000 on bond0 of xcp2 and VLAN 4000 on bond0 of xcp3 are on the network"])
      let free = try await blocked(host, "Heartbeat")
      #expect(free == [])
      let own = try await blocked(host, "Host internal management network")
      #expect(own.first?.contains("is XAPI's own network") == true)
      await host.mutate("VIF", [:], "currently_attached", false)
      #expect(await destroyed(host, "Host internal management network") == "CANNOT_DESTROY_SYSTEM_NETWORK")
    }
  }

  @Test func vifsThatGoSilentlyAreTold() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.mutate("VIF", [:], "currently_attached", false)
      let plan = try await host.plan(NetworkRemoval(try await host.uuid("Private lab")))
      #expect(plan.blocking == [])
      #expect(plan.warnings.first?.hasPrefix("These VMs lose their VIF on it for good, and XAPI does not say so: gitlab (VIF ") == true)
      #expect(plan.steps.map(\.sentence) == ["Remove network \"Private lab\""])
      #expect(await host.run(plan) == .done)
      #expect(try await host.networkRow("Private lab") == nil)
    }
  }

  @Test func aVLANsNetworkGoesWithItsVLANs() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(NetworkRemoval(try await host.uuid("Heartbeat")))
      #expect(plan.steps.map(\.sentence) == ["Remove VLAN 4000 from bond0 of xcp1, xcp2 and xcp3", "Remove network \"Heartbeat\""])
      #expect(await host.run(plan) == .done)
      #expect(await host.host.refs(class: "VLAN", where: ["tag": 4000]) == [])
    }
  }
}
