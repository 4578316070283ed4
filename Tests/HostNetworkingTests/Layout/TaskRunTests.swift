import JSON
import SimulatedHost
import Testing
import XenAPI

/// Calls as tasks, and reading the database step by step: what a restore stands on.
struct TaskRunTests {
  @Test func aTaskAnswersItsResult() async throws {
    try await LayoutHost.with(.standalone) { host in
      let eth1 = try await host.pif("eth1")
      let network = try await host.client.call("network.create", [["name_label": "T", "other_config": [:]]]).string ?? ""
      let outcome = await host.client.runTask("VLAN.create", [.string(eth1), 5, .string(network)])
      guard case .success(let ref) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(await host.host.record(class: "VLAN", ref: ref)?["tag"] == 5)
      #expect(await host.host.refs(class: "task").isEmpty)
    }
  }

  @Test func aRefusalHasItsCode() async throws {
    try await LayoutHost.with(.standalone) { host in
      let eth0 = try await host.pif("eth0")
      let outcome = await host.client.runTask("PIF.unplug", [.string(eth0)])
      #expect(outcome == .failure(.failure(XenFailure(code: "PIF_IS_MANAGEMENT_INTERFACE", parameters: [eth0]))))
      #expect(await host.host.refs(class: "task").isEmpty)
    }
  }

  @Test func anEndThatDoesNotComeIsNotMadeUp() async throws {
    try await LayoutHost.with(.standalone) { host in
      await host.host.setTaskTime(.seconds(30))
      let eth1 = try await host.pif("eth1")
      let outcome = await host.client.runTask("PIF.plug", [.string(eth1)], limit: .milliseconds(300))
      #expect(outcome == .unknown(.transport(.timedOut(.milliseconds(300)))))
    }
  }

  @Test func nobodyThereIsAFailure() async {
    let client = XenClient(.unixSocket(path: "/nonexistent/xapi"))
    #expect(await client.runTask("PIF.plug", ["OpaqueRef:x"]) == .failure(.transport(.absent)))
  }

  @Test func theReaderSeesEveryChange() async throws {
    try await LayoutHost.with(.pool) { host in
      var reader = DatabaseReader(host.client)
      let first = try await reader.read()
      #expect(first.vlans.count == 36)
      // VMs and their VIFs are not asked for.
      #expect(first.vms.isEmpty)
      let rows = await host.host.refs(class: "VLAN")
      await host.host.destroyRow(class: "VLAN", ref: rows[0])
      #expect(try await reader.read().vlans.count == 35)
      // A deletion that XAPI has forgotten shows in its counts only.
      await host.host.destroyRowSilently(class: "VLAN", ref: rows[1])
      #expect(try await reader.read().vlans.count == 34)
    }
  }
}
