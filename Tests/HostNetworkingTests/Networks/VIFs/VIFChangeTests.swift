import JSON
import SimulatedHost
import Testing
import TestSupport
import XenAPI

@testable import HostNetworking

/// VIFs of VMs on the simulated host.
@Suite struct VIFChangeTests {
  private func plan(_ intent: VIFIntent, _ host: ChangeHost) async throws -> ChangePlan { try VIFPlanner(intent, try await host.facts()).plan() }

  private func list(_ host: ChangeHost) async throws -> VIFList { VIFList(try await host.facts()) }

  private func texts(_ plan: ChangePlan) -> String { plan.hazards.map { "\($0.weight) \($0.text)" }.joined(separator: "\n") }

  private func row(_ vm: String, _ host: ChangeHost, device: String = "0") async throws -> VIFList.Row {
    try #require(try await list(host).rows.first { $0.vm == vm && $0.device == device })
  }

  @Test func aVIFIsCreatedPluggedUnpluggedAndTakenBack() async throws {
    try await ChangeHost.with(.pool) { host in
      let before = try await list(host)
      let vm = try #require(before.vms.first { $0.name == "web-01" })
      let network = try #require(before.networks.first { $0.name == "Voice" })
      let create = try await plan(.create(vm: vm.uuid, network: network.uuid, mac: ""), host)
      #expect(!create.isBlocked && create.steps.count == 2)
      #expect(create.steps[0].commands == ["VIF=$(xe vif-create vm-uuid=\(vm.uuid) network-uuid=\(network.uuid) device=1)"])
      #expect(await host.run(create) == .done)
      let made = try await row("web-01", host, device: "1")
      #expect(made.isPlugged && made.network == "Voice" && made.mac.hasPrefix("02:"))
      let unplug = try await plan(.unplug(vif: made.uuid), host)
      #expect(await host.run(unplug) == .done)
      #expect(try await !row("web-01", host, device: "1").isPlugged)
      #expect(try await plan(.unplug(vif: made.uuid), host).isEmpty)
      let plug = try await plan(.plug(vif: made.uuid), host)
      #expect(await host.run(plug) == .done)
      var hands = ChangeHands(host.client, host.system)
      for step in create.steps.reversed() { for action in step.undo { _ = try await hands.perform(action) } }
      #expect(try await list(host) == before)
    }
  }

  @Test func whateverStepFailsNoVIFIsLeftBehind() async throws {
    try await ChangeHost.with(.pool) { host in
      let before = try await list(host)
      let vm = try #require(before.vms.first { $0.name == "web-01" })
      let network = try #require(before.networks.first { $0.name == "Voice" })
      for failing in 0..<2 {
        var plan = try await plan(.create(vm: vm.uuid, network: network.uuid, mac: "02:16:3e:00:00:01"), host)
        plan.steps[failing].action = .plug("eth9")
        guard case .undone = await host.run(plan) else { throw ChangeFailure("step \(failing) was not taken back") }
        #expect(try await list(host) == before)
      }
    }
  }

  @Test func whatXAPIWouldRefuseIsToldBefore() async throws {
    try await ChangeHost.with(.pool) { host in
      let all = try await list(host)
      let vm = try #require(all.vms.first { $0.name == "web-01" })
      let voice = try #require(all.networks.first { $0.name == "Voice" })
      let member = try #require(all.networks.first { $0.name == "Pool-wide network 0" })
      for (mac, hazard) in [("nonsense", "nonsense is no MAC address"), ("03:00:00:00:00:01", "is a multicast MAC address")] {
        let plan = try await plan(.create(vm: vm.uuid, network: voice.uuid, mac: mac), host)
        #expect(plan.isBlocked && texts(plan).contains(hazard))
      }
      let own = try await row("web-02", host)
      #expect(texts(try await plan(.create(vm: vm.uuid, network: voice.uuid, mac: own.mac), host)).contains("web-02 has the MAC \(own.mac) already"))
      let bonded = try await plan(.move(vif: try await row("web-01", host).uuid, network: member.uuid), host)
      #expect(bonded.isBlocked && texts(bonded).contains("is the network of a bond's member"))
      let halted = try await plan(.unplug(vif: try await row("ci-runner", host).uuid), host)
      #expect(halted.isBlocked && texts(halted).contains("ci-runner does not run"))
      let move = try await plan(.move(vif: try await row("web-01", host).uuid, network: voice.uuid), host)
      #expect(!move.isBlocked && move.steps[0].commands[0].hasPrefix("xe vif-move uuid="))
      await #expect(throws: ChangeProblem.self) { try await self.plan(.plug(vif: "nobody"), host) }
    }
  }

  /// The codes that XAPI answers with, from the simulated one.
  @Test func errorsComeInWords() async throws {
    try await ChangeHost.with(.pool) { host in
      let row = try await row("web-01", host)
      let halted = try await self.row("ci-runner", host)
      let facts = try await host.facts()
      let scene = ChangeScene(facts.database, host: facts.host)
      func code(_ method: String, _ parameters: [JSONValue]) async -> String {
        do throws(XenError) {
          _ = try await host.client.call(method, parameters)
          return "none"
        } catch {
          return error.failure?.code ?? "\(error)"
        }
      }
      let vif = try #require(scene.vif(uuid: row.uuid)).ref.json
      let idle = try #require(scene.vif(uuid: halted.uuid)).ref.json
      #expect(await code("VIF.plug", [vif]) == "DEVICE_ALREADY_ATTACHED")
      #expect(await code("VIF.destroy", [vif]) == "OPERATION_NOT_ALLOWED")
      #expect(await code("VIF.plug", [idle]) == "VM_BAD_POWER_STATE")
      #expect(await code("VIF.unplug", [vif]) == "none")
      #expect(await code("VIF.unplug", [vif]) == "DEVICE_ALREADY_DETACHED")
      let record: JSONValue = [
        "device": "0", "network": try #require(scene.network(uuid: row.networkUUID)).json, "VM": try #require(scene.vm(uuid: row.vmUUID)).json,
        "MAC": "", "MTU": 1500, "other_config": [:], "qos_algorithm_type": "", "qos_algorithm_params": [:],
      ]
      #expect(await code("VIF.create", [record]) == "DEVICE_ALREADY_EXISTS")
    }
  }

  @Test func actionsAreReadAsTheyWereWritten() {
    for action in [
      VIFAction.create(vm: "v", network: "n", device: "1", mac: ""), .destroy(vm: "v", device: "1"), .move(vif: "f", network: "n"),
      .plugged(vm: "v", device: "1", true),
    ] {
      #expect(ChangeAction(ChangeAction.vifs(action).json) == .vifs(action))
    }
  }
}
