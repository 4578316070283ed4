import Dom0
import SimulatedHost
import Synchronization
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// What is said of a host's connection after a reset or a restore.
struct LayoutVerifyTests {
  private func verdicts(
    _ host: LayoutHost, _ layout: NetworkLayout?, silent: Set<String> = []
  ) async -> [LayoutVerify.Check: LayoutVerify.Verdict] {
    var probes = FakeProbes()
    probes.echo = { FakeProbes.echoes($0, lost: silent.contains("\($0.address)") ? $0.count : 0) }
    probes.dns = { _, server in silent.contains("\(server)") ? .silent("no answer") : .reply(DNSReply()) }
    probes.tcp = { address, _ in silent.contains("\(address)") ? .silent("no answer") : .connected(after: .zero) }
    let found = Mutex<[LayoutVerify.Check: LayoutVerify.Verdict]>([:])
    let verify = LayoutVerify(client: host.client, system: host.view.system, layout: layout, probes: probes)
    await verify.run(limit: .seconds(5)) { check, verdict in found.withLock { $0[check] = verdict } }
    return found.withLock { $0 }
  }

  @Test func aHealthyCoordinator() async throws {
    try await LayoutHost.with(.pool) { host in
      let layout = try await host.layout()
      let verdicts = await verdicts(host, layout)
      #expect(verdicts[.xapi] == .good("answers"))
      #expect(verdicts[.link] == .good("bond0 is up"))
      #expect(verdicts[.address] == .good("10.0.4.11/24 on bond0"))
      #expect(verdicts[.gateway] == .good("10.0.4.1 answers"))
      #expect(verdicts[.dns] == .good("10.0.4.2, 10.0.4.3 answer"))
      #expect(verdicts[.coordinator] == .none("this host is the coordinator"))
      #expect(verdicts[.layout] == .good("all is as it was saved"))
    }
  }

  @Test func whatIsWrongIsSaid() async throws {
    try await LayoutHost.with(.member) { host in
      let layout = try await host.layout()
      await host.host.setCarrier(device: "eth1", up: false)
      for ref in await host.host.refs(class: "VLAN", where: ["tag": 20]) {
        let upper = await host.host.record(class: "VLAN", ref: ref)?["untagged_PIF"]?.string ?? ""
        await host.host.destroyRow(class: "VLAN", ref: ref)
        await host.host.destroyRow(class: "PIF", ref: upper)
      }
      let verdicts = await verdicts(host, layout, silent: ["10.0.4.1", "10.0.4.3", "10.0.4.11"])
      #expect(verdicts[.link] == .bad("1 of 2 links of bond0 are up"))
      #expect(verdicts[.gateway] == .bad("10.0.4.1: no answer"))
      #expect(verdicts[.dns] == .good("10.0.4.2 answers; 10.0.4.3: no answer"))
      #expect(verdicts[.coordinator] == .bad("10.0.4.11: no answer"))
      #expect(verdicts[.layout] == .bad("not back yet: VLAN 20 on bond0"))
    }
  }

  @Test func withoutXAPITheFilesSpeak() async throws {
    try await LayoutHost.with(.pool) { host in
      _ = await host.host.runTool(["systemctl", "stop", "xapi"])
      let verdicts = await verdicts(host, nil)
      guard case .bad = verdicts[.xapi] else {
        Issue.record("\(String(describing: verdicts[.xapi]))")
        return
      }
      #expect(verdicts[.gateway] == .good("10.0.4.1 answers"))
      #expect(verdicts[.link] == .good("xapi1 is up"))
      #expect(verdicts[.address] == .none("10.0.4.11/24 on xapi1 by /var/lib/xcp/networkd.db"))
      #expect(verdicts[.layout] == .none("XAPI must answer first"))
      #expect(!verdicts.values.contains(.looking))
    }
  }
}
