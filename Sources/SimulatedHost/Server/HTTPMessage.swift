/// The head of a request: its first line and headers, names in lower case.
struct HTTPHead: Sendable {
  let method: String
  /// Without the query.
  let path: String
  let version: String
  let headers: [String: String]

  /// nil when the first line is not one of HTTP.
  init?(_ bytes: some Collection<UInt8>) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
    guard let first = lines.first else { return nil }
    let words = first.split(separator: " ")
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
    method = String(words[0])
    path = String(words[1].prefix { $0 != "?" })
    version = String(words[2])
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...]
      headers[line[..<colon].lowercased()] = String(value.drop { $0 == " " })
    }
    self.headers = headers
  }

  var contentLength: Int? { headers["content-length"].flatMap(Int.init) }

  /// HTTP/1.1 keeps the connection unless told otherwise, 1.0 the other way round.
  var keepsAlive: Bool {
    switch headers["connection"]?.lowercased() {
    case "close": false
    case "keep-alive": true
    default: version != "HTTP/1.0"
    }
  }
}

/// An answer: header names, order and casing as XAPI writes them.
struct HTTPResponse: Sendable {
  var status: Int
  var reason: String
  var version: String
  var headers: [(String, String)]
  /// The body in pieces, sent one after the other.
  var body: [[UInt8]]
  /// The server closes the connection after this.
  var closes: Bool

  var contentLength: Int { body.reduce(0) { $0 + $1.count } }

  var head: [UInt8] {
    let lines = ["\(version) \(status) \(reason)"] + headers.map { "\($0.0): \($0.1)" }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  private static let anyOrigin = [
    ("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Headers", "X-Requested-With"),
  ]

  static func ok(_ head: HTTPHead, _ body: [[UInt8]], type: String = "application/json") -> HTTPResponse {
    var response = HTTPResponse(
      status: 200, reason: "OK", version: head.version, headers: [], body: body, closes: !head.keepsAlive)
    response.headers =
      [
        ("content-length", String(response.contentLength)),
        ("connection", head.keepsAlive ? "keep-alive" : "close"),
        ("cache-control", "no-cache, no-store"), ("content-type", type),
      ] + anyOrigin
    return response
  }

  /// The answer to a browser's question whether it may ask.
  static func options(_ head: HTTPHead) -> HTTPResponse {
    HTTPResponse(
      status: 200, reason: "OK", version: head.version,
      headers: [
        ("content-length", "0"), ("connection", head.keepsAlive ? "keep-alive" : "close"),
        ("cache-control", "no-cache, no-store"),
      ] + anyOrigin + [("Access-Control-Allow-Methods", "PUT")],
      body: [], closes: !head.keepsAlive)
  }

  /// XAPI announces to close here, and does not.
  static func notFound(_ head: HTTPHead) -> HTTPResponse {
    let page =
      "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\"> <html><head> <title>404 Not Found</title> </head><body> "
      + "<h1>Not Found</h1> <p>The requested URL \(head.path) was not found on this server.</p> <hr>"
      + "<address>Xapi Server</address></body></html>"
    return HTTPResponse(
      status: 404, reason: "Not Found", version: head.version,
      headers: [
        ("content-length", String(page.utf8.count)), ("connection", "close"), ("cache-control", "no-cache, no-store"),
      ],
      body: [Array(page.utf8)], closes: false)
  }

  /// An exception outside of any call: a page with the exception's text, and the end of the connection.
  static func internalError(_ exception: String, version: String = "HTTP/1.1") -> HTTPResponse {
    let page =
      "<html><body><h1>HTTP 500 internal server error</h1>An unexpected error occurred; please wait a while and try "
      + "again. If the problem persists, please contact your support representative.<h1> Additional information </h1>"
      + escape(exception) + "</body></html>"
    return HTTPResponse(
      status: 500, reason: "Internal Error", version: version,
      headers: [
        ("content-length", String(page.utf8.count)), ("content-type", "text/html"), ("connection", "close"),
        ("cache-control", "no-cache, no-store"),
      ],
      body: [Array(page.utf8)], closes: true)
  }

  private static func escape(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&apos;"
      default: String(character)
      }
    }.joined()
  }
}
