import JSON

/// Which JSON-RPC a request speaks, and so its answer.
enum RPCVersion: Sendable { case v1, v2 }

/// One call as it came over the wire.
struct RPCRequest: Sendable {
  /// A body that is no call: XAPI answers HTTP 500 with this text in a page.
  struct Malformed: Error, Sendable {
    let text: String

    static func request(_ what: String) -> Malformed {
      Malformed(text: "Jsonrpc.Malformed_method_request(\"\(what)\")")
    }
  }

  let version: RPCVersion
  let id: JSONValue
  let method: String
  let parameters: [JSONValue]

  init(version: RPCVersion, id: JSONValue, method: String, parameters: [JSONValue]) {
    self.version = version
    self.id = id
    self.method = method
    self.parameters = parameters
  }

  init(body: [UInt8]) throws(Malformed) {
    guard body.contains(where: { !Self.isSpace($0) }) else {
      throw Malformed(text: "Yojson__Common.Json_error(\"Blank input data\")")
    }
    let value: JSONValue
    do { value = try JSONValue(parsing: body) } catch { throw Self.unreadable(error, body) }
    try self.init(value)
  }

  /// The version is told by the member `jsonrpc`: absent means 1.0, and only "2.0" is another.
  init(_ value: JSONValue) throws(Malformed) {
    guard let object = value.object else { throw .request("Invalid request body") }
    switch object["jsonrpc"] {
    case nil: version = .v1
    case .string("2.0"): version = .v2
    default: throw .request("Invalid field 'jsonrpc' in request body")
    }
    guard let method = object["method"]?.string else { throw .request("Invalid field 'method' in request body") }
    self.method = method
    parameters = try Self.parameters(object["params"], version)
    switch object["id"] {
    case .int(let number): id = .int(number)
    case .string(let text): id = .string(text)
    default: throw .request("Invalid field 'id' in request body")
    }
  }

  /// 1.0 insists on a list. 2.0 takes an object as one parameter, and nothing as an empty list.
  private static func parameters(_ value: JSONValue?, _ version: RPCVersion) throws(Malformed) -> [JSONValue] {
    switch (version, value) {
    case (_, .array(let list)): return list
    case (.v1, nil): throw .request("Required field params is missing")
    case (.v1, _): throw .request("Invalid field 'params' in request body")
    case (.v2, .object(let object)): return [.object(object)]
    case (.v2, nil), (.v2, .null): return []
    case (.v2, _): throw .request("Invalid field 'params' in request body")
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

  private static func unreadable(_ error: JSONError, _ body: [UInt8]) -> Malformed {
    switch error.reason {
    case .unexpectedByte(let byte):
      let token = String(decoding: [byte], as: UTF8.self)
      return Malformed(
        text:
          "Yojson__Common.Json_error(\"Line 1, bytes \(error.offset)-\(error.offset + 1):\\nInvalid token '\(token)'\")"
      )
    case .trailingBytes:
      return Malformed(
        text:
          "Yojson__Common.Json_error(\"Line 1, bytes \(error.offset)-\(body.count):\\nJunk after end of JSON value\")")
    default:
      let end = body.count
      return Malformed(
        text: "Yojson__Common.Json_error(\"Line 1, bytes \(end - 1)-\(end):\\nUnexpected end of input\")")
    }
  }
}
