import JSON

/// Sends recorded requests to a simulated host and compares its answers with those of the real XAPI.
public enum Replay {
  /// Where and how one answer differs from the recorded one.
  public struct Difference: Sendable, Hashable, CustomStringConvertible {
    /// A place in an answer. Texts are JSON.
    public struct Place: Sendable, Hashable {
      public let path: String
      public let expected: String
      public let actual: String
    }

    /// Counted from 0.
    public let exchange: Int
    /// The exchange's name in the recording.
    public let name: String
    public let place: Place

    /// One line.
    public var description: String {
      func short(_ text: String) -> String { text.count > 160 ? text.prefix(157) + "..." : text }
      let line = "#\(exchange) \(name): \(place.path): expected \(short(place.expected)), got \(short(place.actual))"
      return line.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    }
  }

  /// What a replay came to.
  public struct Report: Sendable {
    public fileprivate(set) var differences: [Difference] = []
    public fileprivate(set) var total = 0

    /// Exchanges without a difference.
    public var matched: Int { total - Set(differences.map(\.exchange)).count }

    mutating func add(_ name: String, _ places: [Difference.Place]) {
      differences += places.map { Difference(exchange: total, name: name, place: $0) }
      total += 1
    }
  }

  /// Replays a recorded section on a host that starts from the state recorded with it.
  ///
  /// Recordings of HTTP framing (`entries` instead of `exchanges`) are replayed byte by byte over a unix socket.
  /// A recording of a network reset brings its own state.
  public static func run(capture: JSONValue, state: JSONValue) async throws(SimulationError) -> Report {
    if let trigger = capture["reset_file"]?.string { return try await runReset(capture, trigger: trigger) }
    let host = try SimulatedHost(state: state)
    if let entries = capture["entries"]?.array { return try await FramingReplay.run(entries, on: host) }
    guard let exchanges = capture["exchanges"]?.array else {
      throw .badState("no recording: neither exchanges nor entries")
    }
    var comparison = Comparison(state: state, capture: capture)
    await logIn(host, for: exchanges, &comparison)
    comparison.mapping.lastToken = await host.currentToken
    var report = Report()
    var tokens: [String] = []
    for (index, exchange) in exchanges.enumerated() {
      let name = exchange["name"]?.string ?? ""
      comparison.mapping.adoptTokens(
        in: exchange["request"]?["params"] ?? .null,
        of: lastOldRow(before: index, in: exchanges).map { tokens[$0] })
      await adoptRefs(of: exchange, on: host, &comparison)
      // Where the recorder waited for events, time passed.
      if exchange["request"]?["method"]?.string == "event.from" { await host.lookAtLinks() }
      report.add(name, await replay(exchange, name, on: host, &comparison))
      tokens.append(await host.currentToken)
    }
    await host.stop()
    return report
  }

  /// The last call before an `event.from` whose new row its answer does not tell as added: that call came before the
  /// token that the recorder took, between the recorded calls, for this one.
  private static func lastOldRow(before index: Int, in exchanges: [JSONValue]) -> Int? {
    let events = exchanges[index]["response"]?["result"]?["events"]?.array
    guard let events else { return nil }
    let added = Set(events.filter { $0["operation"] == "add" }.compactMap { $0["ref"]?.string })
    return exchanges[..<index].lastIndex { exchange in
      guard exchange["request"]?["method"]?.string?.hasSuffix(".create") == true,
        let ref = exchange["response"]?["result"]?.string
      else { return false }
      return !added.contains(ref)
    }
  }

  /// The login before the recording began, unless it begins with one.
  static func logIn(_ host: SimulatedHost, for exchanges: [JSONValue], _ comparison: inout Comparison) async {
    guard let theirs = exchanges.first?["request"]?["params"]?.array?.first?.string, theirs.hasPrefix("OpaqueRef:"),
      let mine = await session(on: host)
    else { return }
    _ = comparison.same(theirs, mine)
  }

  /// A request may name a row that no answer has shown yet: the recorder looked it up in between, or recorded another
  /// installation. The newest row of the class that has no partner stands for it.
  private static func adoptRefs(of exchange: JSONValue, on host: SimulatedHost, _ comparison: inout Comparison) async {
    guard let request = try? RPCRequest(exchange["request"] ?? .null) else { return }
    let types = await host.parameterTypes(request.method)
    for (value, type) in zip(request.parameters.dropFirst(), types) {
      switch type {
      case .ref(let name): await adopt(value, name, on: host, &comparison)
      case .set(.ref(let name)):
        for element in value.array ?? [] { await adopt(element, name, on: host, &comparison) }
      default: break
      }
    }
  }

  private static func adopt(
    _ value: JSONValue, _ name: String, on host: SimulatedHost, _ comparison: inout Comparison
  ) async {
    guard let theirs = value.string, comparison.mapping.isWanted(theirs) else { return }
    let free = await host.newestRefs(class: name).first { comparison.mapping.isFree($0) }
    if let free { _ = comparison.same(theirs, free) }
  }

  static func session(on host: SimulatedHost) async -> String? {
    let login: JSONValue = [
      "jsonrpc": "2.0", "method": "session.login_with_password", "params": ["root", "", "1.0", "replay"], "id": 0,
    ]
    let answer = await send(login.encoded, to: "/jsonrpc", on: host, overTCP: false)
    return (try? JSONValue(parsing: answer.body))?["result"]?.string
  }

  static func replay(
    _ exchange: JSONValue, _ name: String, on host: SimulatedHost, _ comparison: inout Comparison
  ) async -> [Difference.Place] {
    let body: [UInt8]
    if let request = exchange["request"] {
      body = comparison.mapping.translate(request).encoded
    } else {
      body = Array(comparison.mapping.translate(exchange["request_raw"]?.string ?? "").utf8)
    }
    let answer = await send(body, to: path(name), on: host, overTCP: name.hasPrefix("tcp "))
    var found: [Difference.Place] = []
    if let status = exchange["status"]?.int, status != Int64(answer.status) {
      found.append(.init(path: "status", expected: String(status), actual: String(answer.status)))
    }
    if let recorded = exchange["response"], recorded != .null {
      let mine = (try? JSONValue(parsing: answer.body)) ?? .string(String(decoding: answer.body, as: UTF8.self))
      return found + comparison.differences(recorded, mine)
    }
    let recorded = exchange["response_raw"]?.string ?? ""
    let mine = String(decoding: answer.body, as: UTF8.self)
    return found + comparison.differences(.string(recorded), .string(mine))
  }

  /// Where a request went is told by its name alone.
  private static func path(_ name: String) -> String {
    if name.hasPrefix("posted to / ") { return "/" }
    return name == "unknown URL" ? "/no/such/url" : "/jsonrpc"
  }

  private static func send(
    _ body: [UInt8], to path: String, on host: SimulatedHost, overTCP: Bool
  ) async -> (status: Int, body: [UInt8]) {
    guard let head = HTTPHead("POST \(path) HTTP/1.1\r\nContent-Length: \(body.count)".utf8) else { return (0, []) }
    let response = await host.respond(head, body, overTCP: overTCP)
    return (response.status, Array(response.body.joined()))
  }
}
