import JSON

/// Running the host's commands from outside: POST a JSON object to `/tool`, on XAPI's socket or on the one of
/// `startTools`. Faults of XAPI do not touch it.
///
///     {"argv": ["ip", "-j", "addr"], "input": "", "limit": 5000}
///
/// `input` is what the command reads, `limit` the milliseconds after which it is killed (by default a day). The answer is
///
///     {"code": 0, "output": "…", "errors": "…"}
///     {"missing": true}       there is no such program
///     {"timedOut": true}
///
/// or status 400 and `{"error": "…"}`. Input, output and errors are bytes: each is the character of that number.
extension SimulatedHost {
  func respondToTool(_ head: HTTPHead, _ body: [UInt8]) async -> HTTPResponse {
    do {
      let answer = try await answerTool(body)
      return .ok(head, [answer.encoded])
    } catch {
      let answer: JSONValue = ["error": .string((error as? Refused)?.text ?? "\(error)")]
      var response = HTTPResponse.ok(head, [answer.encoded])
      response.status = 400
      response.reason = "Bad Request"
      return response
    }
  }

  /// The socket of `startTools`: no XAPI there.
  func respondBesideXAPI(_ head: HTTPHead, _ body: [UInt8]) async -> HTTPResponse {
    switch (head.method, head.path) {
    case ("POST", "/simulate"): await steer(head, body)
    case ("POST", "/tool"): await respondToTool(head, body)
    default: .notFound(head)
    }
  }

  private func answerTool(_ body: [UInt8]) async throws -> JSONValue {
    guard let request = try? JSONValue(parsing: body), let words = request["argv"]?.array else {
      throw Refused(text: "a command needs argv, a list of words")
    }
    let arguments = words.compactMap(\.string)
    guard arguments.count == words.count, !arguments.isEmpty else {
      throw Refused(text: "argv is a list of words, the first of them the program")
    }
    guard let input = ByteText.bytes(request["input"]?.string ?? "") else {
      throw Refused(text: "input: a character above 255 is no byte")
    }
    let limit = Duration.milliseconds(request["limit"]?.int ?? 86_400_000)
    switch await run(arguments, input, within: limit) {
    case .timeUp: return ["timedOut": true]
    case .ended(nil): return ["missing": true]
    case .ended(let tool?):
      return [
        "code": .int(Int64(tool.code)), "output": .string(ByteText.text(tool.output)),
        "errors": .string(ByteText.text(tool.errors)),
      ]
    }
  }

  private enum End: Sendable {
    case ended(SimulatedTool?)
    case timeUp
  }

  private func run(_ arguments: [String], _ input: [UInt8], within limit: Duration) async -> End {
    await withTaskGroup(of: End.self) { group in
      group.addTask { .ended(await self.runTool(arguments, input: input)) }
      group.addTask {
        try? await Task.sleep(for: limit)
        return .timeUp
      }
      let first = await group.next() ?? .timeUp
      group.cancelAll()
      return first
    }
  }
}

/// Bytes as text in which each byte is the character of that number (ISO 8859-1), so that any of them fit into JSON.
public enum ByteText {
  public static func text(_ bytes: [UInt8]) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: bytes.lazy.map { Unicode.Scalar($0) })
    return text
  }

  /// nil when a character is no byte.
  public static func bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
