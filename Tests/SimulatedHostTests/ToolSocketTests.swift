import Glibc
import JSON
import Testing

@testable import SimulatedHost

/// Commands from another process: `POST /tool`.
@Suite struct ToolSocketTests {
  private func run(_ client: TestClient, _ request: JSONValue) async throws -> (status: Int, answer: JSONValue) {
    let answer = try await client.post("/tool", request.encoded)
    return (answer.status, try JSONValue(parsing: answer.body))
  }

  /// A host with XAPI's socket and the one for commands.
  private func withBoth(
    _ scenario: Scenario, options: SimulatedHost.Options = .init(),
    _ work: (SimulatedHost, _ xapi: TestClient, _ tools: TestClient) async throws -> Void
  ) async throws {
    try await Bench.with(SimulatedHost(scenario: scenario, options: options)) { bench in
      let path = "/tmp/xcpconsole-tools-\(getpid())-\(UInt32.random(in: 0 ... .max))"
      try await bench.host.startTools(socketPath: path + ".t")
      try await bench.host.start(socketPath: path + ".x")
      try await work(bench.host, TestClient(path: path + ".x"), TestClient(path: path + ".t"))
      await bench.host.stop()
      #expect(access(path + ".t", F_OK) != 0 && access(path + ".x", F_OK) != 0)
    }
  }

  @Test func answersAsTheCommandDoes() async throws {
    try await withBoth(.standalone) { _, xapi, tools in
      for client in [xapi, tools] {
        let active = try await run(client, ["argv": ["systemctl", "is-active", "xapi"]])
        #expect(active.status == 200)
        #expect(active.answer == ["code": 0, "output": "active\n", "errors": ""])
        let wrong = try await run(client, ["argv": ["ethtool", "eth9"]])
        #expect(wrong.answer["code"] == 75 && wrong.answer["errors"]?.string?.hasPrefix("Cannot get") == true)
        #expect(try await run(client, ["argv": ["nosuchtool"]]).answer == ["missing": true])
      }
      // XAPI does not live on the other one.
      #expect(try await tools.post("/jsonrpc", Array("{}".utf8)).status == 404)
      #expect(try await tools.post("/simulate", Array("{}".utf8)).status == 200)
    }
  }

  @Test func bytesSurvive() {
    let all = (0...255).map { UInt8($0) }
    #expect(ByteText.bytes(ByteText.text(all)) == all)
    #expect(ByteText.text(all).unicodeScalars.count == 256)
    #expect(ByteText.bytes("é€") == nil)
    // Bytes that would join into one character where they are looked at as text.
    let flags = Array("🇨🇭\r\n".utf8)
    #expect(ByteText.bytes(ByteText.text(flags)) == flags)
  }

  @Test(arguments: [#"{}"#, #"{"argv": []}"#, #"{"argv": [1]}"#, "[", #"{"argv": ["ip"], "input": "€"}"#])
  func refusesWhatIsNoCommand(_ body: String) async throws {
    try await withBoth(.standalone) { _, _, tools in
      let answer = try await tools.post("/tool", Array(body.utf8))
      #expect(answer.status == 400)
      #expect(try JSONValue(parsing: answer.body)["error"]?.string?.isEmpty == false)
    }
  }

  @Test func endsAtItsLimit() async throws {
    try await withBoth(.standalone) { host, _, tools in
      await host.setTool("ip", .hang)
      let ended = try await run(tools, ["argv": ["ip", "addr"], "limit": 50])
      #expect(ended.answer == ["timedOut": true])
      // Others are not held up by one that hangs.
      async let hanging = run(tools, ["argv": ["ip", "addr"], "limit": 60_000])
      #expect(try await run(tools, ["argv": ["ethtool", "eth0"]]).answer["code"] == 0)
      await host.stop()
      _ = try? await hanging
    }
  }

  /// Commands run whatever becomes of XAPI.
  @Test(arguments: SimulatedHost.Fault.allCases) func faultsOfXAPIDoNotTouchIt(_ fault: SimulatedHost.Fault) async throws {
    try await withBoth(.standalone, options: .init(fault: fault)) { _, _, tools in
      let state = try await run(tools, ["argv": ["systemctl", "is-active", "xapi"]])
      #expect(state.answer["output"] == "active\n")
    }
  }

  @Test func outlivesXAPI() async throws {
    try await withBoth(.standalone) { _, xapi, tools in
      #expect(try await run(tools, ["argv": ["systemctl", "stop", "xapi"]]).answer["code"] == 0)
      await #expect(throws: (any Error).self) { _ = try await xapi.login() }
      #expect(try await run(tools, ["argv": ["systemctl", "is-active", "xapi"]]).answer["code"] == 3)
      #expect(try await run(tools, ["argv": ["systemctl", "start", "xapi"]]).answer["code"] == 0)
      _ = try await xapi.login()
    }
    // XAPI that has died comes with its start, or with the toolstack's.
    for command: JSONValue in [["systemctl", "start", "xapi"], ["xe-toolstack-restart"]] {
      try await withBoth(.xapiDown) { _, xapi, tools in
        let state = try await run(tools, ["argv": ["systemctl", "is-active", "xapi"]])
        #expect(state.answer["output"] == "failed\n")
        #expect(try await run(tools, ["argv": command]).answer["code"] == 0)
        _ = try await xapi.login()
      }
    }
  }
}
