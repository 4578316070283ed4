import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// New networks, and what is changed of those that are there.
@Suite struct NetworkPlannerTests {
  @Test func aPrivateNetworkIsMade() async throws {
    try await ChangeHost.quick(.pool) { host in
      let draft = NetworkDraft(
        name: "Lab 2's", description: "No way out", mtu: 9000, tags: ["lab", "old stuff"], lockingMode: .disabled, purpose: [NetworkPurpose.nbd])
      let plan = try await host.plan(draft)
      #expect(plan.blocking == [])
      #expect(
        plan.commands == [
          #"NET=$(xe network-create 'name-label=Lab 2'\''s' 'name-description=No way out' MTU=9000)"#,
          "xe network-param-add uuid=$NET param-name=tags param-key=lab", "xe network-param-add uuid=$NET param-name=tags 'param-key=old stuff'",
          "xe network-param-set uuid=$NET default-locking-mode=disabled", "xe network-param-add uuid=$NET param-name=purpose param-key=nbd",
        ])
      #expect(await host.run(plan) == .done)
      let made = try #require(try await host.networkRow("Lab 2's"))
      #expect(made.mtu == 9000 && made.nameDescription == "No way out" && Set(made.tags) == ["lab", "old stuff"] && made.pifs.isEmpty)
      #expect(made.defaultLockingMode == .disabled && made.purpose == ["nbd"])
      #expect(made.otherConfig.isEmpty)
      // Again the same name is allowed, and told.
      #expect(try await host.plan(draft).warnings.first?.hasPrefix("There is another network called \"Lab 2's\"") == true)
      #expect(try await host.plan(NetworkDraft(name: "")).blocking == ["The network needs a name"])
      #expect(try await host.plan(NetworkDraft(name: "x", mtu: 20)).blocking == ["An MTU of 20 is not possible: it goes from 68 to 9216"])
      #expect(try await host.plan(NetworkDraft(name: "x", mtu: 1000)).warnings == ["IPv6 does not work below an MTU of 1280"])
    }
  }

  @Test func everythingOfANetworkCanBeChangedAndGoesBack() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.mutate("VIF", [:], "currently_attached", false)
      let before = try await host.poolPicture()
      var edit = NetworkEdit(try await host.uuid("Private lab"))
      (edit.name, edit.description, edit.mtu) = ("Quarantine", "", 1400)
      (edit.lockingMode, edit.purpose, edit.tags) = (.disabled, [NetworkPurpose.nbd], ["sealed"])
      let plan = try await host.plan(edit)
      #expect(plan.blocking == [])
      #expect(
        plan.steps.map(\.sentence) == [
          "Call the network \"Quarantine\"", "Remove the network's description", "Set the MTU of network \"Private lab\" to 1400",
          "Stop VIFs on the network that have no locking mode of their own", "Let disks be read over the network (nbd)", "Label the network sealed",
        ])
      #expect(
        plan.commands == [
          "xe network-param-set uuid=\(edit.network) name-label=Quarantine", "xe network-param-set uuid=\(edit.network) name-description=",
          "xe network-param-set uuid=\(edit.network) MTU=1400", "xe network-param-set uuid=\(edit.network) default-locking-mode=disabled",
          "xe network-param-add uuid=\(edit.network) param-name=purpose param-key=nbd",
          "xe network-param-remove uuid=\(edit.network) param-name=tags param-key=lab", "xe network-param-add uuid=\(edit.network) param-name=tags param-key=sealed",
        ])
      #expect(plan.consequences.contains { $0.contains("firewalls open the port of NBD") })
      // Whatever step fails, all is as before.
      for place in plan.steps.indices {
        var broken = plan
        broken.steps[place].action = .plug("eth77")
        #expect(await host.run(broken, looksAgain: false) == .undone(reason: "eth77 is not there"))
        #expect(try await host.poolPicture() == before, "step \(place)")
      }
      #expect(await host.run(plan) == .done)
      let changed = try #require(try await host.networkRow("Quarantine"))
      #expect(changed.mtu == 1400 && changed.defaultLockingMode == .disabled && changed.purpose == ["nbd"] && changed.tags == ["sealed"])
      #expect(try await host.plan(edit).isEmpty)
    }
  }

  @Test func attachedVIFsAreInTheWayOfAnotherLockingMode() async throws {
    try await ChangeHost.quick(.pool) { host in
      var edit = NetworkEdit(try await host.uuid("DMZ"))
      edit.lockingMode = .disabled
      #expect(
        try await host.plan(edit).blocking == [
          "VIFs of proxy, web-01 and web-02 are attached to the network: XAPI changes its locking mode only while none is"
        ])
      do {
        _ = try await host.client.call("network.set_default_locking_mode", [.string(await host.row("network", ["name_label": "DMZ"])), "disabled"])
        Issue.record("XAPI let it happen")
      } catch {
        #expect((error as? XenError)?.failure?.code == "VIF_IN_USE")
      }
    }
  }

  @Test func oneKindOfNBDInAPool() async throws {
    try await ChangeHost.quick(.pool) { host in
      var edit = NetworkEdit(try await host.uuid("Backup"))
      edit.purpose = [NetworkPurpose.insecureNBD]
      #expect(await host.run(try await host.plan(edit)) == .done)
      var other = NetworkEdit(try await host.uuid("DMZ"))
      other.purpose = [NetworkPurpose.nbd]
      #expect(
        try await host.plan(other).blocking == [
          "Network \"Backup\" is for insecure_nbd, and XAPI allows one kind of NBD in a pool, not nbd beside it"
        ])
      let network = JSONValue.string(await host.row("network", ["name_label": "DMZ"]))
      do {
        _ = try await host.client.call("network.add_purpose", [network, "nbd"])
        Issue.record("XAPI let it happen")
      } catch {
        #expect((error as? XenError)?.failure?.code == "NETWORK_INCOMPATIBLE_PURPOSES")
      }
      // The same network may change from one to the other.
      edit.purpose = [NetworkPurpose.nbd]
      #expect(await host.run(try await host.plan(edit)) == .done)
      #expect(try await host.networkRow("Backup")?.purpose == ["nbd"])
      edit.purpose = [NetworkPurpose.nbd, NetworkPurpose.insecureNBD]
      #expect(try await host.plan(edit).isBlocked)
    }
  }

  @Test func unmanagedAndWider() async throws {
    try await ChangeHost.quick(.pool) { host in
      var edit = NetworkEdit(try await host.uuid("Private lab"))
      await host.mutate("network", ["name_label": "Private lab"], "managed", false)
      edit.purpose = [NetworkPurpose.nbd]
      #expect(try await host.plan(edit).blocking == ["XAPI does not manage network \"Private lab\" and gives it no purpose"])
      do {
        _ = try await host.client.call("network.add_purpose", [.string(await host.row("network", ["name_label": "Private lab"])), "nbd"])
        Issue.record("XAPI let it happen")
      } catch {
        #expect((error as? XenError)?.failure?.code == "NETWORK_UNMANAGED")
      }
      var wide = NetworkEdit(try await host.uuid("DMZ"))
      wide.mtu = 9000
      let plan = try await host.plan(wide)
      #expect(plan.blocking == ["VLAN 10 on bond0 lies on bond0, whose network \"Management\" has an MTU of 1500"])
      #expect(plan.consequences.first?.hasPrefix("the MTU is noted only: on xcp1, xcp2 and xcp3 it takes effect when the interface is plugged anew") == true)
      await #expect(throws: ChangeProblem.self) { _ = try await host.plan(NetworkEdit("gone")) }
      await #expect(throws: ChangeProblem.self) { _ = try await host.plan(NetworkRemoval("gone")) }
    }
  }
}
