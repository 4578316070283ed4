import JSON

/// The filter language of `get_all_records_where`: `field "x" = "y"`, `true`, `false`, `and`, `or`, `not`, parentheses.
struct RecordFilter: Sendable {
  private indirect enum Node: Sendable {
    case constant(Bool)
    case equal(field: String, value: String)
    case not(Node)
    case and(Node, Node)
    case or(Node, Node)
  }

  private let root: Node

  init(_ text: String) throws(APIError) {
    var tokens = try Self.tokens(text)[...]
    guard let root = Self.expression(&tokens), tokens.isEmpty else {
      throw APIError("INVALID_VALUE", text, "Stdlib.Parsing.Parse_error")
    }
    self.root = root
  }

  func matches(_ schema: ClassSchema, _ row: Row) -> Bool { Self.matches(root, schema, row) }

  private static func matches(_ node: Node, _ schema: ClassSchema, _ row: Row) -> Bool {
    switch node {
    case .constant(let value): value
    case .equal(let field, let value): schema.indexes[field].map { text(row.values[$0]) == value } ?? false
    case .not(let inner): !matches(inner, schema, row)
    case .and(let left, let right): matches(left, schema, row) && matches(right, schema, row)
    case .or(let left, let right): matches(left, schema, row) || matches(right, schema, row)
    }
  }

  /// Values are compared as the database stores them.
  private static func text(_ value: JSONValue) -> String { value.string ?? value.description }

  private enum Token: Equatable {
    case word(String)
    case quoted(String)
    case symbol(Character)
  }

  private static func tokens(_ text: String) throws(APIError) -> [Token] {
    var tokens: [Token] = []
    var rest = text[...]
    while let next = rest.first {
      switch next {
      case " ", "\t", "\n": rest = rest.dropFirst()
      case "(", ")", "=":
        tokens.append(.symbol(next))
        rest = rest.dropFirst()
      case "\"":
        let body = rest.dropFirst().prefix { $0 != "\"" }
        tokens.append(.quoted(String(body)))
        rest = rest.dropFirst(body.count + 2)
      default:
        let word = String(rest.prefix { $0.isLetter })
        guard ["field", "true", "false", "and", "or", "not"].contains(word) else {
          throw APIError("INVALID_VALUE", text, "Failure(\"lexing: empty token\")")
        }
        tokens.append(.word(word))
        rest = rest.dropFirst(word.count)
      }
    }
    return tokens
  }

  private static func expression(_ tokens: inout ArraySlice<Token>) -> Node? {
    guard var left = term(&tokens) else { return nil }
    while let token = tokens.first, token == .word("and") || token == .word("or") {
      tokens = tokens.dropFirst()
      guard let right = term(&tokens) else { return nil }
      left = token == .word("and") ? .and(left, right) : .or(left, right)
    }
    return left
  }

  private static func term(_ tokens: inout ArraySlice<Token>) -> Node? {
    guard let token = tokens.popFirst() else { return nil }
    switch token {
    case .word("true"): return .constant(true)
    case .word("false"): return .constant(false)
    case .word("not"): return term(&tokens).map(Node.not)
    case .symbol("("):
      let inner = expression(&tokens)
      return tokens.popFirst() == .symbol(")") ? inner : nil
    case .word("field"):
      guard case .quoted(let field)? = tokens.popFirst(), tokens.popFirst() == .symbol("="),
        case .quoted(let value)? = tokens.popFirst()
      else { return nil }
      return .equal(field: field, value: value)
    default: return nil
    }
  }
}
