import JSON

/// A failure as XAPI reports it: a code and its parameters.
struct APIError: Error, Hashable, Sendable {
  let code: String
  let parameters: [String]

  init(_ code: String, _ parameters: String...) {
    self.code = code
    self.parameters = parameters
  }

  init(code: String, parameters: [String]) {
    self.code = code
    self.parameters = parameters
  }

  static func internalError(_ text: String) -> APIError { APIError("INTERNAL_ERROR", text) }

  /// An exception of XAPI's runtime called Failure, printed the way it prints them.
  static func failure(_ text: String) -> APIError { APIError("INTERNAL_ERROR", "Failure(\"\(text)\")") }

  static func handleInvalid(_ name: String, _ ref: String) -> APIError { APIError("HANDLE_INVALID", name, ref) }

  /// Code and parameters in one array, as JSON-RPC 1.0 and the quirks of 2.0 have them.
  var list: JSONValue { .array(([code] + parameters).map { .string($0) }) }
}
