import Glibc
import JSON
import Testing

@testable import SimulatedHost

@Suite struct ServingTests {
  @Test(arguments: [Scenario.standalone, .pool])
  func logsInAndReads(scenario: Scenario) async throws {
    try await withServer(scenario) { client in
      let session = try await client.login()
      let hosts = try await client.call("host.get_all_records", session)
      #expect(hosts.object?.count == (scenario == .pool ? 3 : 1))
      let answer = try await client.call("event.from", session, ["pif", "host", "pool"], "", 30.0)
      let events = try #require(answer["events"]?.array)
      #expect(events.allSatisfy { $0["operation"] == "add" && $0["snapshot"]?.object != nil })
      #expect(answer["valid_ref_counts"]?["pif"] == .int(Int64(events.filter { $0["class"] == "pif" }.count)))
      _ = try await client.call("session.logout", session)
      await #expect(throws: TestClient.Failure(text: "SESSION_INVALID \(session.string ?? "")")) {
        try await client.call("PIF.get_all", session)
      }
    }
  }

  @Test func aChangeWakesAListener() async throws {
    let host = SimulatedHost(scenario: .standalone)
    try await withServer(host) { client in
      let session = try await client.login()
      let first = try await client.call("event.from", session, ["PIF_metrics"], "", 0.0)
      let token = try #require(first["token"])
      async let next = client.call("event.from", session, ["pif_metrics"], token, 60.0)
      await host.setCarrier(device: "eth1", up: false)
      let events = try #require(try await next["events"]?.array)
      #expect(events.map { $0["operation"] } == ["mod"])
      #expect(events.first?["snapshot"]?["carrier"] == false)
    }
  }

  @Test func xapiDownMakesNoSocketButHasAnInventory() async throws {
    let host = SimulatedHost(scenario: .xapiDown)
    try await withServer(host) { client in
      #expect(throws: TestClient.Failure.self) { try client.connect() }
    }
    #expect(host.inventory.contains("MANAGEMENT_INTERFACE='xenbr0'"))
  }

  @Test func aFileThatIsNoSocketIsLeftAlone() async throws {
    let path = "/tmp/xcpconsole-test-\(getpid()).txt"
    let file = open(path, O_CREAT | O_WRONLY, 0o600)
    close(file)
    defer { unlink(path) }
    await #expect(throws: SimulationError.notASocket(path: path)) {
      try await SimulatedHost(scenario: .standalone).start(socketPath: path)
    }
    #expect(access(path, F_OK) == 0)
  }

  @Test func aServedSocketIsNotTakenOver() async throws {
    try await withServer(.standalone) { client in
      await #expect(throws: SimulationError.inUse(path: client.path)) {
        try await SimulatedHost(scenario: .standalone).start(socketPath: client.path)
      }
    }
  }

  /// Somebody else's socket is never removed: neither by a host that serves none, nor by one that could not bind.
  @Test(arguments: [Scenario.xapiDown, .standalone])
  func anotherServersSocketStays(scenario: Scenario) async throws {
    try await withServer(.standalone) { client in
      let other = SimulatedHost(scenario: scenario)
      await #expect(throws: SimulationError.inUse(path: client.path)) { try await other.start(socketPath: client.path) }
      await other.stop()
      #expect(access(client.path, F_OK) == 0)
      _ = try await client.login()
    }
  }
}
