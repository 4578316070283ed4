import JSON
import Testing

@testable import SimulatedHost

@Suite struct FaultTests {
  private static let login = Array(
    #"{"jsonrpc":"2.0","method":"session.login_with_password","params":["root",""],"id":1}"#.utf8)
  private static let request = Array("POST /jsonrpc HTTP/1.1\r\nContent-Length: \(login.count)\r\n\r\n".utf8) + login

  private func answer(
    _ options: SimulatedHost.Options, quiet: Duration = .milliseconds(600)
  ) async throws -> (bytes: [UInt8], end: RawConnection.End) {
    try await withServer(.standalone, options: options) { client in
      let connection = try client.connect()
      defer { connection.close() }
      try connection.send(Self.request)
      return await connection.readAvailable(quiet: quiet)
    }
  }

  @Test func hangNeverAnswers() async throws {
    let seen = try await answer(.init(fault: .hang))
    #expect(seen.bytes.isEmpty)
    #expect(seen.end == .quiet)
  }

  @Test func closeEndsWithoutAnswer() async throws {
    let seen = try await answer(.init(fault: .close), quiet: .seconds(60))
    #expect(seen.bytes.isEmpty)
    #expect(seen.end == .closed)
  }

  @Test func garbageIsNotHTTP() async throws {
    let seen = try await answer(.init(fault: .garbage), quiet: .seconds(60))
    #expect(!seen.bytes.isEmpty)
    #expect(!seen.bytes.starts(with: "HTTP".utf8))
    #expect(seen.end == .closed)
  }

  @Test func http500IsAPageOfXAPIs() async throws {
    let seen = try await answer(.init(fault: .http500), quiet: .seconds(60))
    let text = String(decoding: seen.bytes, as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 500 Internal Error\r\n"))
    #expect(text.contains("content-type: text/html"))
    #expect(seen.end == .closed)
  }

  @Test func slowTrickles() async throws {
    try await withServer(.standalone, options: .init(fault: .slow)) { client in
      let connection = try client.connect()
      defer { connection.close() }
      try connection.send(Self.request)
      let first = await connection.readAvailable(quiet: .seconds(60), most: 6)
      #expect(String(decoding: first.bytes, as: UTF8.self).hasPrefix("HTTP"))
      #expect(first.bytes.count < 12)
      let next = await connection.readAvailable(quiet: .milliseconds(20))
      #expect(next.end == .quiet)
    }
  }

  @Test func refuseLeavesASocketThatNobodyServes() async throws {
    try await withServer(.standalone, options: .init(fault: .refuse)) { client in
      #expect(throws: TestClient.Failure(text: "connect: errno 111")) { try client.connect() }
    }
  }

  @Test(arguments: [SimulatedHost.Fault.close, .http500, .refuse])
  func faultsCanSetInLater(fault: SimulatedHost.Fault) async throws {
    try await withServer(.standalone, options: .init(fault: fault, faultAfter: 2)) { client in
      let session = try await client.login()
      _ = try await client.call("pool.get_all", session)
      // A connection that was accepted before the listener closed is still ended without an answer.
      await #expect(throws: TestClient.Failure.self) { try await client.call("pool.get_all", session) }
    }
  }

  @Test func faultsCanBeMended() async throws {
    let host = SimulatedHost(scenario: .standalone, options: .init(fault: .refuse))
    try await withServer(host) { client in
      await host.setFault(nil)
      _ = try await client.login()
      await host.setFault(.close)
      await #expect(throws: TestClient.Failure.self) { try await client.login() }
      await host.setFault(nil)
      _ = try await client.login()
    }
  }

  @Test func latencyDelaysAnswers() async throws {
    try await withServer(.standalone, options: .init(latency: .milliseconds(300))) { client in
      let start = ContinuousClock.now
      _ = try await client.login()
      #expect(ContinuousClock.now - start >= .milliseconds(300))
    }
  }
}
