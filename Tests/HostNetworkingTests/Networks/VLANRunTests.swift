import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// VLAN plans that fail in their midst: what they made goes, what they took away comes back.
@Suite struct VLANRunTests {
  private static let removal = VLANRemoval(.tags(TagList([90, 200, 4000]), on: "bond0"), isPoolWide: true, withNetwork: true)

  /// Backup's VIF holds its network; the other two networks go.
  private func free(_ host: ChangeHost) async {
    await host.mutate("VIF", [:], "currently_attached", false)
    await host.mutate("PBD", [:], "currently_attached", false)
    await host.mutate("network", ["name_label": "Out of band"], "other_config", ["static-routes": "10.9.0.0/16/10.0.4.1"])
    await host.mutate("network", ["name_label": "Out of band"], "tags", ["bmc"])
  }

  /// Each step in turn fails before it is done.
  @Test(arguments: 0..<4) func creationThatFailsAtAStep(_ place: Int) async throws {
    try await ChangeHost.quick(.pool) { host in
      let before = try await host.poolPicture()
      var plan = try await host.plan(.new("77,78", on: "bond0"))
      plan.steps[place].action = .plug("eth77")
      #expect(await host.run(plan, looksAgain: false) == .undone(reason: "eth77 is not there"))
      #expect(try await host.poolPicture() == before)
    }
  }

  @Test(arguments: 0..<5) func removalThatFailsAtAStep(_ place: Int) async throws {
    try await ChangeHost.quick(.pool) { host in
      await free(host)
      let before = try await host.poolPicture()
      var plan = try await host.plan(Self.removal)
      #expect(plan.blocking == [])
      #expect(plan.steps.count == 5)
      plan.steps[place].action = .plug("eth77")
      #expect(await host.run(plan, looksAgain: false) == .undone(reason: "eth77 is not there"))
      #expect(try await host.poolPicture() == before)
    }
  }

  /// Each call fails, before its work or after it: the whole is undone.
  @Test(arguments: ["network.create", "pool.create_VLAN_from_PIF"], [false, true])
  func aCallThatFailsLeavesNothing(_ call: String, _ after: Bool) async throws {
    try await ChangeHost.quick(.pool) { host in
      let before = try await host.poolPicture()
      let plan = try await host.plan(.new("77,78", on: "bond0"))
      await host.host.failNext(call, with: ["INTERNAL_ERROR", "simulated"], after: after)
      guard case .undone = await host.run(plan) else {
        Issue.record("it was done")
        return
      }
      #expect(try await host.poolPicture() == before)
    }
  }

  /// XAPI leaves the rows of a VLAN that could not be plugged.
  @Test(arguments: [false, true]) func rowsOfAFailedPlugAreTakenAway(_ isPoolWide: Bool) async throws {
    try await ChangeHost.quick(.pool) { host in
      let before = try await host.poolPicture()
      let plan = try await host.plan(.new("77", on: "bond0", pool: isPoolWide))
      await host.host.setPlugFailure(device: "bond0", message: "script error")
      guard case .undone(let reason) = await host.run(plan) else {
        Issue.record("it was done")
        return
      }
      #expect(reason.contains("PIF_CONFIGURATION_ERROR"))
      #expect(await host.host.refs(class: "VLAN", where: ["tag": 77]) == [])
      #expect(try await host.poolPicture() == before)
    }
  }

  /// A VLAN that somebody else made in the meantime stays, and so does its network.
  @Test func whatSomebodyElseMakesMeanwhileStays() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(.new("77", on: "bond0"))
      let theirs = try await host.addNetwork("Theirs")
      _ = try await host.client.call("VLAN.create", [.string(await host.pif("bond0", of: "xcp2")), 77, theirs.ref])
      guard case .undone(let reason) = await host.run(plan, looksAgain: false) else {
        Issue.record("it was done")
        return
      }
      #expect(reason == "VLAN 77 on bond0 of xcp2 is there already, on another network: look again")
      #expect(try await host.networkRow("VLAN 77") == nil)
      #expect(try await host.networkRow("Theirs")?.pifs.count == 1)
    }
  }

  /// What cannot be taken back either is told, and the rest is.
  @Test func whatIsStuckIsTold() async throws {
    try await ChangeHost.quick(.pool) { host in
      let plan = try await host.plan(.new("77", on: "bond0"))
      await host.host.failNext("pool.create_VLAN_from_PIF", with: ["INTERNAL_ERROR", "simulated"], after: true)
      await host.host.failNext("VLAN.destroy", with: ["HOST_OFFLINE", await host.row("host", ["name_label": "xcp1"])], times: 1)
      guard case .stuck(_, let left) = await host.run(plan) else {
        Issue.record("it is not stuck")
        return
      }
      #expect(left.first?.hasPrefix("Remove VLAN 77 from bond0 of xcp1, xcp2 and xcp3: ") == true)
      #expect(left.last?.hasPrefix("Remove network \"VLAN 77\": VLAN 77 on bond0 is on network \"VLAN 77\" meanwhile") == true)
      // As little as can be is left, and the plan that finishes it is there.
      #expect(await host.host.refs(class: "VLAN", where: ["tag": 77]).count == 1)
      let rest = try await host.plan(VLANRemoval(.tags(TagList([77]), on: "bond0"), isPoolWide: true, withNetwork: true))
      #expect(await host.run(rest) == .done)
      #expect(try await host.networkRow("VLAN 77") == nil)
    }
  }

  /// A removal that fails on one host is put back with addresses and settings, on networks that had to be made anew.
  @Test func aRemovalThatFailsPutsAddressesBack() async throws {
    try await ChangeHost.quick(.pool) { host in
      await free(host)
      await host.mutate("PIF", ["VLAN": 90], "other_config", ["mtu": "1400"])
      for pif in await host.host.refs(class: "PIF", where: ["VLAN": 90]) { _ = try await host.client.call("PIF.plug", [.string(pif)]) }
      let before = try await host.poolPicture()
      let plan = try await host.plan(Self.removal)
      await host.host.failNext("network.destroy", with: ["INTERNAL_ERROR", "simulated"], after: true)
      guard case .undone = await host.run(plan) else {
        Issue.record("it was done")
        return
      }
      #expect(try await host.poolPicture() == before)
    }
  }

  @Test(arguments: ["VLAN.destroy", "network.destroy"]) func aRemovalWhoseCallFails(_ call: String) async throws {
    try await ChangeHost.quick(.pool) { host in
      await free(host)
      let before = try await host.poolPicture()
      await host.host.failNext(call, with: ["INTERNAL_ERROR", "simulated"])
      guard case .undone = await host.run(try await host.plan(Self.removal)) else {
        Issue.record("it was done")
        return
      }
      #expect(try await host.poolPicture() == before)
    }
  }

  /// Each action done twice does no harm, and is the same once it was written down and read.
  @Test func actionsCanBeDoneTwiceAndWrittenDown() async throws {
    try await ChangeHost.quick(.pool) { host in
      await free(host)
      var hands = ChangeHands(host.client, host.system)
      let plans = [try await host.plan(.new("77", on: "bond0")), try await host.plan(Self.removal), try await host.plan(NetworkDraft(name: "n", tags: ["a"]))]
      for step in plans.flatMap(\.steps) {
        for action in [step.action] + step.undo {
          #expect(ChangeAction(action.json) == action, "\(action.json)")
          #expect(!action.sentence.isEmpty)
        }
        #expect(try await hands.perform(step.action) == .done, "\(step.sentence)")
        #expect(try await hands.perform(step.action) == .wasSo, "\(step.sentence)")
      }
      #expect(ChangeAction(["do": "vlans", "what": ["do": "create", "tag": 4095, "at": []]]) == nil)
      #expect(ChangeAction(["do": "vlans", "what": ["do": "destroy", "tag": 5, "at": [["host": "x"]]]]) == nil)
      #expect(ChangeAction(["do": "networks", "what": ["do": "name", "network": "x"]]) == nil)
    }
  }

  /// A VLAN that is there and not plugged is plugged.
  @Test func anUnpluggedOneIsPlugged() async throws {
    try await ChangeHost.quick(.pool) { host in
      await host.mutate("PIF", ["VLAN": 4000], "currently_attached", false)
      let plan = try await host.plan(.new("4000", on: "bond0"))
      #expect(plan.blocking == [])
      #expect(plan.commands.count == 3 && plan.commands.allSatisfy { $0.hasPrefix("xe pif-plug uuid=") })
      let before = try await host.poolPicture()
      var broken = plan
      broken.steps.append(ChangeStep(1, "Plug what is not there", commands: [], action: .plug("eth77")))
      #expect(await host.run(broken, looksAgain: false) == .undone(reason: "eth77 is not there"))
      #expect(try await host.poolPicture() == before)
      #expect(await host.run(plan) == .done)
      #expect(await host.host.refs(class: "PIF", where: ["VLAN": 4000, "currently_attached": true]).count == 3)
    }
  }
}
