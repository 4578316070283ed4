/// How XAPI puts values into its database's attributes.
enum XapiText {
  /// Undoes XAPI's own escaping of white space: `%.` blank, `%t`, `%n`, `%r`, `%%`, and `%_` (two blanks) of older
  /// releases.
  static func unprotected(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
    var out: [UInt8] = []
    var escaped = false
    for byte in text.utf8 {
      guard escaped else {
        escaped = byte == UInt8(ascii: "%")
        if !escaped { out.append(byte) }
        continue
      }
      escaped = false
      switch byte {
      case UInt8(ascii: "."): out.append(0x20)
      case UInt8(ascii: "t"): out.append(0x09)
      case UInt8(ascii: "n"): out.append(0x0a)
      case UInt8(ascii: "r"): out.append(0x0d)
      case UInt8(ascii: "_"): out += [0x20, 0x20]
      case UInt8(ascii: "%"): out.append(byte)
      default: out += [UInt8(ascii: "%"), byte]
      }
    }
    if escaped { out.append(UInt8(ascii: "%")) }
    return HostText.string(out)
  }

  /// A set, `('a' 'b')`; empty when the text is not one.
  static func set(_ text: String) -> [String] {
    var parser = Parser(text)
    guard case .list(let items)? = parser.expression(0) else { return [] }
    return items.compactMap(\.atom)
  }

  /// A map, `(('k' 'v') ('l' 'w'))`; pairs that are none are passed over.
  static func map(_ text: String) -> [String: String] {
    var parser = Parser(text)
    guard case .list(let items)? = parser.expression(0) else { return [:] }
    var map: [String: String] = [:]
    for case .list(let pair) in items where pair.count == 2 {
      if let key = pair[0].atom, let value = pair[1].atom { map[key] = value }
    }
    return map
  }

  private enum Expression {
    case atom(String)
    case list([Expression])

    var atom: String? { if case .atom(let text) = self { text } else { nil } }
  }

  /// S-expressions: lists in parentheses, atoms in single or double quotes with backslash escapes, or bare.
  private struct Parser {
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func expression(_ depth: Int) -> Expression? {
      while at < bytes.count, HostText.isSpace(bytes[at]) { at += 1 }
      guard at < bytes.count, depth < 8 else { return nil }
      switch bytes[at] {
      case UInt8(ascii: "("): return list(depth)
      case UInt8(ascii: ")"): return nil
      case UInt8(ascii: "'"), UInt8(ascii: "\""): return quoted(bytes[at])
      default: return bare()
      }
    }

    private mutating func list(_ depth: Int) -> Expression? {
      at += 1
      var items: [Expression] = []
      while let item = expression(depth + 1) { items.append(item) }
      guard at < bytes.count, bytes[at] == UInt8(ascii: ")") else { return nil }
      at += 1
      return .list(items)
    }

    private mutating func quoted(_ quote: UInt8) -> Expression? {
      at += 1
      var text: [UInt8] = []
      while at < bytes.count, bytes[at] != quote {
        if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count { at += 1 }
        text.append(bytes[at])
        at += 1
      }
      guard at < bytes.count else { return nil }
      at += 1
      return .atom(HostText.string(text))
    }

    private mutating func bare() -> Expression? {
      let start = at
      while at < bytes.count, !HostText.isSpace(bytes[at]), !"()".utf8.contains(bytes[at]) { at += 1 }
      return .atom(HostText.string(bytes[start..<at]))
    }
  }
}
