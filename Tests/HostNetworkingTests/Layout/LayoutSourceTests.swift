import Dom0
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Layouts taken without XAPI, and where they are kept.
struct LayoutSourceTests {
  /// Without what the files do not tell.
  private func stripped(_ layout: NetworkLayout) -> NetworkLayout {
    var copy = layout
    for index in copy.nics.indices {
      copy.nics[index].vendor = ""
      copy.nics[index].model = ""
    }
    copy.networks.sort { $0.id < $1.id }
    return copy
  }

  @Test(arguments: [Scenario.pool, .member])
  func theSavedDatabaseTellsNearlyAll(scenario: Scenario) async throws {
    try await LayoutHost.with(scenario) { host in
      let fromXAPI = try await host.layout()
      _ = await host.host.runTool(["systemctl", "stop", "xapi"])
      let client = XenClient(.unixSocket(path: host.view.socket))
      let source = LayoutSource(client: client, system: host.view.system)
      let layout = try await source.take(at: 1_795_368_005, why: "a test", limit: .seconds(2))
      #expect(layout.taken.from == .savedDatabase)
      #expect(layout.taken.missing.contains { $0.hasPrefix("it is as XAPI saved it to /var/lib/xcp/state") })
      #expect(layout.taken.missing.contains { $0.contains("XAPI is not running") })
      #expect(stripped(layout).difference(from: stripped(fromXAPI)) == [])
      // And it restores like the other.
      let read = try NetworkLayout(parsing: layout.encoded, name: "x")
      #expect(read == layout)
    }
  }

  @Test func theDaemonsFileTellsWhatIsConfigured() async throws {
    try await LayoutHost.with(.pool) { host in
      let fromXAPI = try await host.layout()
      _ = await host.host.runTool(["systemctl", "stop", "xapi"])
      let system = host.view.system
      try system.remove(XapiDatabase.coordinatorPath)
      try system.remove(XapiDatabase.memberPath)
      let layout = try LayoutSource(client: nil, system: system).fromFiles(at: 1, why: "a test")
      #expect(layout.taken.from == .hostFiles)
      #expect(layout.bonds.map(\.members) == [["eth0", "eth1"]])
      #expect(layout.bonds.first?.mode == .lacp)
      #expect(layout.management == "bond0")
      #expect(layout.interface("bond0")?.ipv4 == fromXAPI.interface("bond0")?.ipv4)
      #expect(Set(layout.nics.map(\.mac)).isSubset(of: Set(fromXAPI.nics.map(\.mac))))
      #expect(layout.interface("eth2")?.network == fromXAPI.interface("eth2")?.network)
      // It is good enough to get the host back on the network.
      _ = await host.host.runTool(["systemctl", "start", "xapi"])
      try await host.reset()
      let plan = try await host.plan(layout)
      let outcome = await host.run(plan)
      #expect(outcome.isComplete, "\(outcome.states)")
      let after = try await host.layout()
      #expect(after.management == "bond0")
      #expect(after.network(try #require(after.interface("bond0")?.network))?.name == "Management")
    }
  }

  @Test func withoutAnythingTheReasonsAreTold() async throws {
    try await LayoutHost.with(.standalone) { host in
      _ = await host.host.runTool(["systemctl", "stop", "xapi"])
      let system = host.view.system
      for path in [XapiDatabase.coordinatorPath, XapiDatabase.memberPath, NetworkdDB.path] { try system.remove(path) }
      #expect {
        try LayoutSource(client: nil, system: system).fromFiles(at: 1, why: "")
      } throws: { error in
        "\(error)".contains("networkd.db is missing") && "\(error)".contains("state")
      }
    }
  }

  @Test func theStoreKeepsEveryLayout() async throws {
    try await LayoutHost.with(.standalone) { host in
      let (system, store) = (host.view.system, LayoutStore(host.view.system))
      #expect(try store.list().isEmpty)
      #expect(throws: LayoutError.unknown(name: "latest")) { try store.read("latest") }
      var layout = try await host.layout()
      let first = try store.save(layout)
      #expect(first == "/var/lib/xcpconsole/layouts/20261122T172005Z.json")
      #expect(try system.status(first).mode == 0o600)
      layout.taken.why = "again"
      #expect(try store.save(layout) == "/var/lib/xcpconsole/layouts/20261122T172005Z-2.json")
      layout.taken.at += 3600
      _ = try store.save(layout)
      // What others put there does no harm.
      try system.replace(LayoutStore.folder + "/notes.txt", with: Array("hello".utf8))
      try system.replace(LayoutStore.folder + "/20300101T000000Z.json", with: Array("{\"format\":".utf8))
      try system.makeFolder(LayoutStore.folder + "/old.json")
      let entries = try store.list()
      #expect(
        entries.map(\.name) == [
          "old.json", "20300101T000000Z.json", "20261122T182005Z.json", "20261122T172005Z-2.json",
          "20261122T172005Z.json",
        ])
      #expect(throws: LayoutError.self) { try entries[0].layout.get() }
      #expect(throws: LayoutError.self) { try entries[1].layout.get() }
      #expect(try store.read("latest").path.hasSuffix("20261122T182005Z.json"))
      #expect(try store.read("20261122T172005Z-2").layout.taken.why == "again")
      #expect(throws: LayoutError.unknown(name: "nope")) { try store.read("nope") }
      #expect(throws: LayoutError.unknown(name: "../x")) { try store.read("../x") }
    }
  }

  @Test func aFullDiskLeavesTheStoreAsItWas() async throws {
    try await LayoutHost.with(.standalone) { host in
      let layout = try await host.layout()
      let full = HostSystem(
        root: host.view.system.root,
        gate: FileGate { (change) throws(HostFileError) in
          if case .write(let path, _) = change { throw .notChanged(path: path, reason: "No space left on device") }
        })
      #expect { try LayoutStore(full).save(layout) } throws: { "\($0)".contains("No space left on device") }
      #expect(try LayoutStore(host.view.system).list().isEmpty)
      #expect(try host.view.system.names(in: LayoutStore.folder) == [])
    }
  }
}
