import JSON

/// The facts of one class as text: one field, enum or call a line. See `ClassSchema.init(_:product:)` for the form.
struct SchemaText: Sendable {
  let name: String
  let text: String
}

/// A field of a class.
struct FieldSchema: Sendable {
  /// Who may write: only XAPI, the constructor, or anybody through `set_…`.
  enum Access: String, Sendable { case readOnly = "RO", constructor = "C", readWrite = "RW" }

  let name: String
  let type: FieldType
  let access: Access
  let initial: JSONValue
  /// `"name":` as JSON text: written once per row, so it is prepared once.
  let key: [UInt8]
}

/// A call of a class that is not merely a field's getter or setter.
struct CallSchema: Sendable {
  struct Parameter: Sendable {
    let name: String
    let type: FieldType
    /// May be left out at the end.
    let optional: Bool
  }

  let name: String
  /// The first parameter on the wire is a session that is not listed in `parameters`. Logins have none.
  let needsSession: Bool
  /// Answers `MESSAGE_REMOVED`.
  let removed: Bool
  let parameters: [Parameter]
  /// nil: the call answers the empty string.
  let result: FieldType?
}

/// A class of XAPI's data model: its fields in wire order, its enums and its calls.
struct ClassSchema: Sendable {
  let name: String
  /// The name that events use.
  let eventName: String
  private(set) var fields: [FieldSchema] = []
  private(set) var indexes: [String: Int] = [:]
  private(set) var enums: [String: [String]] = [:]
  private(set) var calls: [String: CallSchema] = [:]
  /// Generic calls that the class does not have (`get_all` of session).
  private(set) var missing: Set<String> = []

  /// Reads a schema's lines:
  /// - `RO name: type`, `C …`, `RW …`: a field; ` = value` gives a default other than the type's zero, ` @26.17` says
  ///   that XCP-ng 8.3's XAPI (26.1.3) lacks it;
  /// - `enum name: value value`;
  /// - `call name(parameter: type, optional?: type) -> type`; `open …` is a call without session; ` removed` at the end;
  /// - `no name`: a generic call the class lacks.
  init(_ source: SchemaText, product: Product) {
    name = source.name
    eventName = source.name.lowercased()
    for line in source.text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      guard words.count == 2 else { continue }
      let rest = words[1].split(separator: " ").joined(separator: " ")
      switch words[0] {
      case "enum": addEnum(rest)
      case "call": addCall(rest, needsSession: true)
      case "open": addCall(rest, needsSession: false)
      case "no": missing.insert(rest)
      default:
        if let access = FieldSchema.Access(rawValue: String(words[0])) { addField(rest, access, product) }
      }
    }
  }

  func field(_ name: String) -> FieldSchema? { indexes[name].map { fields[$0] } }

  private mutating func addField(_ text: String, _ access: FieldSchema.Access, _ product: Product) {
    var text = text[...]
    if text.hasSuffix(" @26.17") {
      guard product == .xapi26_17 else { return }
      text = text.dropLast(7)
    }
    let halves = text.split(separator: ": ", maxSplits: 1)
    let definition = halves[1].split(separator: " = ", maxSplits: 1)
    guard let type = FieldType(definition[0]) else { return }
    let initial = definition.count == 2 ? Self.initial(definition[1], type) : type.zero
    let name = String(halves[0])
    indexes[name] = fields.count
    fields.append(
      FieldSchema(name: name, type: type, access: access, initial: initial, key: Array("\"\(name)\":".utf8)))
  }

  private static func initial(_ text: Substring, _ type: FieldType) -> JSONValue {
    switch type {
    case .int: return .int(Int64(text) ?? 0)
    case .float: return .double(Double(text.hasSuffix(".") ? text + "0" : text) ?? 0)
    case .bool: return .bool(text == "true")
    case .set: return .array(text.dropFirst().dropLast().split(separator: " ").compactMap { Int64($0) }.map { .int($0) })
    case .map: return (try? JSONValue(parsing: text.split(separator: " ->").joined(separator: ":"))) ?? type.zero
    default: return .string(text.hasPrefix("\"") ? String(text.dropFirst().dropLast()) : String(text))
    }
  }

  private mutating func addEnum(_ text: String) {
    let halves = text.split(separator: ":", maxSplits: 1)
    enums[String(halves[0])] = halves.count < 2 ? [] : halves[1].split(separator: " ").map(String.init)
  }

  private mutating func addCall(_ text: String, needsSession: Bool) {
    guard let open = text.firstIndex(of: "(") else { return }
    var rest = text[text.index(after: open)...]
    let removed = rest.hasSuffix(" removed")
    if removed { rest = rest.dropLast(8) }
    var result: FieldType?
    var list = rest.dropLast()
    if let close = Self.closing(rest) {
      list = rest[..<close]
      let tail = rest[rest.index(after: close)...]
      if tail.hasPrefix(" -> ") { result = FieldType(tail.dropFirst(4)) }
    }
    let parameters = list.split(separator: ", ").compactMap { part -> CallSchema.Parameter? in
      let halves = part.split(separator: ": ", maxSplits: 1)
      guard halves.count == 2, let type = FieldType(halves[1]) else { return nil }
      let optional = halves[0].hasSuffix("?")
      return CallSchema.Parameter(name: String(optional ? halves[0].dropLast() : halves[0]), type: type, optional: optional)
    }
    let name = String(text[..<open])
    calls[name] = CallSchema(
      name: name, needsSession: needsSession, removed: removed, parameters: parameters, result: result)
  }

  /// The parenthesis that closes the parameter list; map types have parentheses of their own.
  private static func closing(_ text: Substring) -> Substring.Index? {
    var depth = 1
    for index in text.indices {
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" { depth -= 1 }
      if depth == 0 { return index }
    }
    return nil
  }
}
