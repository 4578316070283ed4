import JSON
import SimulatedHost
import TestSupport
import Testing

@testable import HostNetworking
@testable import XenAPI

/// Plans from what is known of XAPI's database already.
@Suite struct KnownDatabaseTests {
  /// Follows XAPI until it has told of everything.
  private func known(_ host: ChangeHost) async throws -> (KnownDatabase, LiveState) {
    let (states, news) = AsyncStream<LiveState>.makeStream()
    let watching = Task { [client = XenClient(.unixSocket(path: host.folder + "/var/lib/xcp/xapi"))] in
      await LiveMonitor(client, timing: SimulatedView.quick).run { news.yield($0) }
      await client.logout()
    }
    var last = LiveState()
    for await state in states where state.database != nil {
      last = state
      break
    }
    watching.cancel()
    await watching.value
    let known = KnownDatabase()
    known.hear(last)
    return (known, last)
  }

  private func names(_ host: ChangeHost, _ known: KnownDatabase) async throws -> [String] {
    try await ChangeLook(host.client, host.system, known: known).facts().database.networks.all.map(\.record.nameLabel).sorted()
  }

  @Test func whatHasChangedSinceIsSeen() async throws {
    try await ChangeHost.quick(.pool) { host in
      let (known, _) = try await known(host)
      let before = try await names(host, known)
      #expect(before == (try await host.facts().database.networks.all.map(\.record.nameLabel).sorted()))
      let made = try await host.addNetwork("A moment ago")
      #expect(try await names(host, known) == (before + ["A moment ago"]).sorted())
      _ = try await host.client.call("network.destroy", [made.ref])
      #expect(try await names(host, known) == before)
      let plan = try await ChangePlanning(host.client, host.system, FakeProbes(), known: known).plan(.vlans(.create(.new("77", on: "bond0"))))
      #expect(plan.title == "VLAN 77 on bond0 of 3 hosts" && plan.blocking == [])
      let outcome = await ChangeRun(plan, client: host.client, system: host.system, settings: host.settings()).run({ _, _ in })
      #expect(outcome == .done)
    }
  }

  /// What has not changed is not asked for: a record that is known otherwise stays as it is known.
  @Test func nothingElseIsRead() async throws {
    try await ChangeHost.quick(.pool) { host in
      let (known, state) = try await known(host)
      let ref = await host.row("network", ["name_label": "DMZ"])
      var record = try #require(await host.host.record(class: "network", ref: ref))
      record = JSONObject(record.map { ($0.0, $0.0 == "name_label" ? "As it is known" : $0.1) })
      let event: JSONValue = ["id": "1", "timestamp": "0.0", "class": "network", "operation": "mod", "ref": .string(ref), "snapshot": .object(record)]
      let bytes = Array((["events": [event], "valid_ref_counts": [:], "token": "t"] as JSONValue).description.utf8)
      var other = state
      try bytes.withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        var database = try #require(state.database)
        _ = try EventBatch(&scanner, into: &database)
        other.database = database
      }
      known.hear(other)
      let told = try await names(host, known)
      #expect(told.contains("As it is known"))
      // Of a connection that is lost nothing is believed.
      other.connection = .connecting
      known.hear(other)
      let anew = try await names(host, known)
      #expect(!anew.contains("As it is known"))
    }
  }

  /// Another XAPI, or one that forgot: everything is read anew.
  @Test func whatDoesNotFitIsReadAnew() async throws {
    var strange = LiveState()
    try await ChangeHost.quick(.standalone) { host in strange = try await known(host).1 }
    try await ChangeHost.quick(.pool) { host in
      let known = KnownDatabase()
      known.hear(strange)
      let names = try await names(host, known)
      #expect(names.contains("DMZ"))
    }
  }
}
