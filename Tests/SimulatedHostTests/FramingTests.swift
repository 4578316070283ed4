import JSON
import Testing

@testable import SimulatedHost

/// What the recorded section on HTTP does not reach.
@Suite struct FramingTests {
  @Test func bodiesHaveALimit() async throws {
    try await withServer(.standalone) { client in
      let text = String(repeating: "x", count: SimulatedHost.longestBody)
      let tooLong: JSONValue = ["jsonrpc": "2.0", "method": .string(text), "params": [], "id": 1]
      // The server answers and closes without reading the body, so sending may fail half way.
      let connection = try client.connect()
      defer { connection.close() }
      try connection.send(Array("POST /jsonrpc HTTP/1.1\r\nContent-Length: \(tooLong.encoded.count)\r\n\r\n".utf8))
      let seen = await connection.readAvailable(quiet: .seconds(60))
      #expect(String(decoding: seen.bytes, as: UTF8.self).hasPrefix("HTTP/1.1 500 "))
      #expect(seen.end != .quiet)

      let padding = String(repeating: "x", count: SimulatedHost.longestBody - 200)
      let answer = try await client.raw("session.login_with_password", "root", .string(padding))
      #expect(answer["result"] != nil)
    }
  }

  @Test func requestsMayArriveInCrumbs() async throws {
    try await withServer(.standalone) { client in
      let body = #"{"method":"session.login_with_password","params":["root",""],"id":"a"}"#
      let bytes = Array("POST /jsonrpc HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
      let connection = try client.connect()
      defer { connection.close() }
      for start in stride(from: 0, to: bytes.count, by: 7) {
        try connection.send(Array(bytes[start..<min(start + 7, bytes.count)]))
        try await Task.sleep(for: .milliseconds(1))
      }
      let answer = try await connection.readResponse()
      #expect(answer.status == 200)
      #expect(try JSONValue(parsing: answer.body)["id"] == "a")
      #expect(try JSONValue(parsing: answer.body)["error"] == .null)
    }
  }

  @Test func negativeLengthsAreRefused() async throws {
    try await withServer(.standalone) { client in
      let seen = try await client.exchange(
        Array("POST /jsonrpc HTTP/1.1\r\nContent-Length: -1\r\n\r\n".utf8), quiet: .seconds(60))
      #expect(seen.hasPrefix("HTTP/1.1 500 "))
    }
  }

  @Test func aClientThatLeavesEarlyDoesNoHarm() async throws {
    try await withServer(.standalone) { client in
      let session = try await client.login()
      for _ in 0..<5 {
        let connection = try client.connect()
        let call: JSONValue = [
          "jsonrpc": "2.0", "method": "event.from", "params": [session, ["*"], "", 30.0], "id": 1,
        ]
        try connection.send(
          Array("POST /jsonrpc HTTP/1.1\r\nContent-Length: \(call.encoded.count)\r\n\r\n".utf8) + call.encoded)
        connection.close()
      }
      #expect(try await client.call("pool.get_all", session).array?.count == 1)
    }
  }
}
