import JSON
import Testing

@testable import SimulatedHost

@Suite struct CallTests {
  private func code(_ client: TestClient, _ method: String, _ parameters: JSONValue...) async throws -> [String] {
    let answer = try await client.raw(method, parameters)
    guard let error = answer["error"] else { return [] }
    return [error["message"]?.string ?? "?"] + (error["data"]?.array ?? []).compactMap(\.string)
  }

  @Test func aMemberRelaysFailuresAsArrays() async throws {
    try await withServer(.member) { client in
      let session = try await client.login()
      let answer = try await client.raw("PIF.get_record", session, "OpaqueRef:nope")
      #expect(answer["error"] == ["HANDLE_INVALID", "PIF", "OpaqueRef:nope"])
      #expect(answer["id"] == 1)
      #expect(answer["jsonrpc"] == "2.0")
      // What a member serves itself fails as an object.
      let local = try await client.raw("host.local_assert_healthy", "OpaqueRef:nope")
      #expect(local["error"]?["message"] == "SESSION_INVALID")
    }
  }

  @Test func emergencyRefusesAllButLocalCalls() async throws {
    try await withServer(.emergency) { client in
      for method in ["session.login_with_password", "pool.get_all_records", "no.such_call"] {
        let answer = try await client.raw(method, "root", "")
        #expect(answer == ["jsonrpc": "2.0", "error": ["HOST_HAS_NO_MANAGEMENT_IP"], "id": 0])
      }
      let session = try await client.call("session.slave_local_login_with_password", "root", "")
      #expect(try await client.call("host.is_in_emergency_mode", session) == true)
      #expect(try await code(client, "host.local_assert_healthy", session) == ["HOST_HAS_NO_MANAGEMENT_IP"])
      #expect(try await client.call("session.local_logout", session) == "")
      #expect(try await code(client, "host.is_in_emergency_mode", session).first == "SESSION_INVALID")
    }
  }

  @Test func unknownAndUnsimulatedAreToldApart() async throws {
    try await withServer(.standalone) { client in
      let session = try await client.login()
      #expect(try await code(client, "PIF.fly", session) == ["MESSAGE_METHOD_UNKNOWN", "PIF.fly"])
      #expect(
        try await code(client, "VM.start", session, "x", false, false) == ["INTERNAL_ERROR", "not simulated: VM.start"])
      #expect(try await code(client, "VIF.get_trunks", session, "x") == ["MESSAGE_METHOD_UNKNOWN", "VIF.get_trunks"])
    }
  }

  @Test func oldSpellingWithAnUnderscore() async throws {
    try await withServer(.standalone) { client in
      let session = try await client.login()
      #expect(try await client.call("PIF_metrics_get_all", session).array?.count == 4)
      #expect(try await client.call("PIF_get_all", session).array?.count == 4)
    }
  }

  @Test func mapsAndSets() async throws {
    try await withServer(.standalone) { client in
      let session = try await client.login()
      let network = try #require(try await client.call("network.get_all", session).array?.first)
      _ = try await client.call("network.add_to_other_config", session, network, "k", "v")
      #expect(
        try await code(client, "network.add_to_other_config", session, network, "k", "w")
          == ["MAP_DUPLICATE_KEY", "network", "other_config", network.string ?? "", "k"])
      _ = try await client.call("network.remove_from_other_config", session, network, "k")
      _ = try await client.call("network.remove_from_other_config", session, network, "k")
      _ = try await client.call("network.add_tags", session, network, "t")
      _ = try await client.call("network.add_tags", session, network, "t")
      #expect(try await client.call("network.get_tags", session, network) == ["t"])
      #expect(
        try await code(client, "network.set_bridge", session, network, "b") == [
          "MESSAGE_METHOD_UNKNOWN", "network.set_bridge",
        ])
    }
  }

  @Test func networksWithVIFsOrPIFsStay() async throws {
    try await withServer(.pool) { client in
      let session = try await client.login()
      func network(_ name: String) async throws -> JSONValue {
        try #require(try await client.call("network.get_by_name_label", session, .string(name)).array?.first)
      }
      #expect(try await code(client, "network.destroy", session, network("DMZ")).prefix(1) == ["NETWORK_CONTAINS_VIF"])
      #expect(try await code(client, "network.destroy", session, network("Heartbeat")).count == 4)
      let himn = try await network("Host internal management network")
      #expect(
        try await code(client, "network.destroy", session, himn) == [
          "CANNOT_DESTROY_SYSTEM_NETWORK", himn.string ?? "",
        ])
    }
  }

  @Test func vlanChecks() async throws {
    let host = SimulatedHost(scenario: .pool)
    try await withServer(host) { client in
      let session = try await client.login()
      func pif(_ match: JSONObject) async throws -> JSONValue {
        .string(try #require(await host.refs(class: "PIF", where: match).first))
      }
      let member = try await pif(["device": "eth0"])
      let upper = try await pif(["VLAN": 10])
      let base = try await pif(["device": "bond0", "VLAN": -1])
      let lab = try await client.call("network.create", session, ["name_label": "x", "other_config": [:]])
      func create(_ pif: JSONValue, _ tag: JSONValue) async throws -> [String] {
        try await code(client, "VLAN.create", session, pif, tag, lab)
      }
      #expect(try await create(member, 7) == ["CANNOT_ADD_VLAN_TO_BOND_SLAVE", member.string ?? ""])
      #expect(try await create(upper, 7) == ["PIF_IS_VLAN", upper.string ?? ""])
      #expect(try await create(base, 4095) == ["VLAN_TAG_INVALID", "4095"])
      #expect(try await create(base, 10) == ["PIF_VLAN_EXISTS", "bond0"])
      #expect(try await create(base, 7) == [])
      #expect(try await create(base, 8).first == "NETWORK_ALREADY_CONNECTED")
    }
  }

  @Test func aScanFindsNewCardsAndLeavesThemUnplugged() async throws {
    let host = SimulatedHost(scenario: .standalone)
    await host.addCard(device: "eth4", mac: "0c:c4:7a:00:00:44", position: 4)
    try await withServer(host) { client in
      let session = try await client.login()
      let hosts = try await client.call("host.get_all", session)
      for _ in 0..<2 { _ = try await client.call("PIF.scan", session, hosts.array?[0] ?? .null) }
      let found = await host.refs(class: "PIF", where: ["device": "eth4"])
      #expect(found.count == 1)
      let record = try #require(await host.record(class: "PIF", ref: found[0]))
      #expect(record["currently_attached"] == false)
      #expect(await host.refs(class: "network", where: ["bridge": "xenbr4"]).count == 1)
    }
  }

  @Test func loggingOutEndsAWaitingListener() async throws {
    try await withServer(.standalone) { client in
      let session = try await client.login()
      let token = try await client.call(
        "event.inject", session, "pool", client.call("pool.get_all", session).array?[0] ?? "")
      async let waiting = client.raw("event.from", session, ["vlan"], token, 600.0)
      try await Task.sleep(for: .milliseconds(200))
      _ = try await client.call("session.logout", session)
      #expect(try await waiting["error"]?["message"] == "SESSION_INVALID")
    }
  }

  @Test func filters() throws {
    let database = Scenario.standalone.world().database
    let table = try #require(database.table("PIF"))
    func count(_ text: String) throws -> Int {
      let filter = try RecordFilter(text)
      return table.rows.values.filter { filter.matches(table.schema, $0) }.count
    }
    #expect(try count("true") == 4)
    #expect(try count(#"not field "management" = "true""#) == 3)
    #expect(try count(#"(field "device" = "eth1") or field "MTU" = "9000""#) == 1)
    #expect(try count(#"field "device" = "eth1" and false"#) == 0)
    for bad in ["", "field", "(true", "true)", "bogus", #"field "a" = b"#] {
      #expect(throws: APIError.self) { try RecordFilter(bad) }
    }
  }
}
