import JSON
import Testing

@testable import SimulatedHost

@Suite struct SteeringTests {
  private func steer(_ client: TestClient, _ wish: JSONValue) async throws -> (status: Int, answer: JSONValue) {
    let answer = try await client.post("/simulate", wish.encoded)
    return (answer.status, try JSONValue(parsing: answer.body))
  }

  @Test func pullsCablesAndBondsFollow() async throws {
    let host = SimulatedHost(scenario: .pool)
    try await withServer(host) { client in
      let answer = try await steer(client, ["carrier": ["device": "eth0", "up": false]])
      #expect(answer.status == 200)
      let session = try await client.login()
      let inventory = host.inventory.split(separator: "\n").first { $0.hasPrefix("INSTALLATION_UUID") }
      let uuid = String(try #require(inventory).dropFirst(19).dropLast())
      let here = try await client.call("host.get_by_uuid", session, .string(uuid))
      let pifs = try #require(try await client.call("host.get_PIFs", session, here).array)
      var bond: JSONValue = .null
      for pif in pifs where try await client.call("PIF.get_device", session, pif) == "eth0" {
        bond = try await client.call("PIF.get_bond_slave_of", session, pif)
      }
      #expect(try await client.call("Bond.get_links_up", session, bond) == 1)
      let master = try await client.call("Bond.get_master", session, bond)
      let metrics = try await client.call("PIF.get_metrics", session, master)
      #expect(try await client.call("PIF_metrics.get_carrier", session, metrics) == true)
      #expect(try await client.call("PIF_metrics.get_speed", session, metrics) == 1000)
      _ = try await steer(client, ["carrier": ["device": "eth0", "up": true]])
      #expect(try await client.call("PIF_metrics.get_speed", session, metrics) == 2000)
    }
  }

  @Test func setsCreatesAndDestroys() async throws {
    try await withServer(.standalone) { client in
      let session = try await client.login()
      let set: JSONValue = [
        "set": ["class": "PIF", "match": ["device": "eth1"], "field": "MTU", "value": 9000],
        "create": ["class": "network", "fields": ["name_label": "New"]],
      ]
      #expect(try await steer(client, set).answer == ["changed": 2])
      let made = try await client.call("network.get_by_name_label", session, "New")
      #expect(made.array?.count == 1)
      let gone: JSONValue = ["destroy": ["class": "network", "match": ["name_label": "New"], "silent": true]]
      #expect(try await steer(client, gone).answer == ["changed": 1])
      #expect(try await client.call("network.get_by_name_label", session, "New") == [])
    }
  }

  @Test func refusesWhatItDoesNotKnow() async throws {
    try await withServer(.standalone) { client in
      for wish: JSONValue in [
        [], ["nonsense": 1], ["fault": "fire"], ["carrier": ["device": "eth0"]], ["set": ["class": "Nope"]],
        ["set": ["class": "PIF", "field": "nope", "value": 1]],
      ] {
        let answer = try await steer(client, wish)
        #expect(answer.status == 400, "\(wish)")
        #expect(answer.answer["error"]?.string?.isEmpty == false)
      }
    }
  }

  @Test func isServedDuringAFault() async throws {
    try await withServer(.standalone, options: .init(fault: .close)) { client in
      #expect(try await steer(client, ["fault": .null]).status == 200)
      _ = try await client.login()
    }
  }

  @Test func aRestartLosesSessionsAndComesBack() async throws {
    try await withServer(.standalone) { client in
      let session = try await client.login()
      _ = try await steer(client, ["restart": ["seconds": 0.2]])
      var refused = false
      var answer: JSONValue?
      for _ in 0..<400 where !(refused && answer != nil) {
        answer = try? await client.raw("pool.get_all", session)
        refused = refused || answer == nil
        try await Task.sleep(for: .milliseconds(25))
      }
      #expect(refused)
      #expect(answer?["error"]?["message"] == "SESSION_INVALID")
    }
  }
}
