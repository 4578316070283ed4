import JSON

/// JSON-RPC 2.0 as XAPI speaks it, with the error shapes it really sends (`reference/xapi.md` §1.2).
enum RPC {
  static func request(_ method: String, _ parameters: [JSONValue], id: Int64) -> [UInt8] {
    JSONValue.object(
      JSONObject([
        ("jsonrpc", "2.0"), ("method", .string(method)), ("params", .array(parameters)), ("id", .int(id)),
      ])
    ).encoded
  }

  /// Finds the result in an answer and decodes it.
  ///
  /// The `id` is not compared: one request is under way on a connection at a time, and XAPI answers id 0 to whatever it
  /// is asked in emergency mode.
  static func result<Value>(
    of response: HTTPResponse, _ decode: (inout JSONScanner) throws(JSONError) -> Value
  ) throws(XenError) -> Value {
    guard response.status == 200 else {
      throw .http(status: response.status, detail: detail(ofPage: response.body))
    }
    let outcome = response.body.withUnsafeBytes { bytes in
      Result { () throws(XenError) -> Value in try read(bytes, decode) }
    }
    return try outcome.get()
  }

  private static func read<Value>(
    _ bytes: UnsafeRawBufferPointer, _ decode: (inout JSONScanner) throws(JSONError) -> Value
  ) throws(XenError) -> Value {
    do {
      var scanner = JSONScanner(bytes)
      var first = true
      var value: Value?
      try scanner.beginObject()
      while let key = try scanner.nextKey(&first) {
        switch scanner.text(key) {
        case "error" where try scanner.peek() != .null: throw failure(try scanner.value())
        // A 1.0 answer has both members: a null result belongs to an error that is still to come.
        case "result" where try scanner.peek() != .null: value = try decode(&scanner)
        default: try scanner.skip()
        }
      }
      try scanner.end()
      guard let value else { throw XenError.nonsense("neither result nor error") }
      return value
    } catch let error as JSONError {
      throw .nonsense("\(error)")
    } catch let error as XenError {
      throw error
    } catch {
      throw .nonsense("\(error)")
    }
  }

  /// `["CODE", parameters…]` (1.0, emergency mode, a member's relay) or `{"code": 1, "message": CODE, "data":
  /// [parameters…]}`.
  private static func failure(_ error: JSONValue) -> XenError {
    func texts(_ values: some Sequence<JSONValue>) -> [String] { values.map { $0.string ?? $0.description } }
    switch error {
    case .array(let values) where !values.isEmpty:
      let words = texts(values)
      return .failure(XenFailure(code: words[0], parameters: Array(words.dropFirst())))
    case .object(let object):
      guard let code = object["message"]?.string else { break }
      return .failure(XenFailure(code: code, parameters: texts(object["data"]?.array ?? [])))
    case .string(let code): return .failure(XenFailure(code: code))
    default: break
    }
    return .nonsense("an error of unknown shape: \(error.description.prefix(200))")
  }

  /// What XAPI's "Internal Error" page says below its heading "Additional information".
  static func detail(ofPage page: [UInt8]) -> String {
    let text = String(decoding: page.prefix(4096), as: UTF8.self)
    guard let heading = text.firstRange(of: "Additional information") else { return "" }
    var plain = ""
    var inTag = false
    for character in text[heading.upperBound...] {
      switch character {
      case "<": inTag = true
      case ">": inTag = false
      default: if !inTag { plain.append(character) }
      }
    }
    for (entity, character) in [("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&amp;", "&")] {
      plain = plain.replacing(entity, with: character)
    }
    return String(plain.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(300))
  }
}
