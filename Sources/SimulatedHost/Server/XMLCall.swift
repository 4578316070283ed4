/// Just enough XML-RPC for a call with string arguments.
struct XMLCall: Sendable {
  let method: String
  let parameters: [String]

  init?(_ body: [UInt8]) {
    let text = String(decoding: body, as: UTF8.self)
    guard text.first == "<", let name = Self.contents(of: "methodName", in: text[...]).first else { return nil }
    method = name
    parameters = Self.contents(of: "string", in: text[...])
  }

  private static func contents(of element: String, in text: Substring) -> [String] {
    let (open, close) = ("<\(element)>", "</\(element)>")
    var found: [String] = []
    var rest = text
    while let start = range(of: open, in: rest), let end = range(of: close, in: rest[start.upperBound...]) {
      found.append(unescape(rest[start.upperBound..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    return found
  }

  private static func range(of needle: String, in text: Substring) -> Range<Substring.Index>? {
    var start = text.startIndex
    while start < text.endIndex {
      if text[start...].hasPrefix(needle) { return start..<text.index(start, offsetBy: needle.count) }
      start = text.index(after: start)
    }
    return nil
  }

  private static func unescape(_ text: Substring) -> String {
    var out = ""
    var rest = text
    while let next = rest.first {
      if let (name, character) = entities.first(where: { rest.hasPrefix($0.0) }) {
        out.append(character)
        rest = rest.dropFirst(name.count)
      } else {
        out.append(next)
        rest = rest.dropFirst()
      }
    }
    return out
  }

  private static let entities: [(String, Character)] = [
    ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"),
  ]

  private static func escape(_ text: String) -> String {
    text.map { character in entities.prefix(3).first { $0.1 == character }?.0 ?? String(character) }.joined()
  }

  static func success(_ value: String) -> String {
    answer(status: "Success", name: "Value", value: escape(value))
  }

  static func failure(_ error: [String]) -> String {
    let items = error.map { "<value>\(escape($0))</value>" }.joined()
    return answer(status: "Failure", name: "ErrorDescription", value: "<array><data>\(items)</data></array>")
  }

  private static func answer(status: String, name: String, value: String) -> String {
    "<?xml version=\"1.0\"?><methodResponse><params><param><value><struct>"
      + "<member><name>Status</name><value>\(status)</value></member>"
      + "<member><name>\(name)</name><value>\(value)</value></member>"
      + "</struct></value></param></params></methodResponse>"
  }
}
