import JSON

/// The facts of one class as text: one field, enum or call a line. See `ClassSchema.init(_:product:)` for the form.
struct SchemaText: Sendable {
  let name: String
  let text: String
}

/// A field of a class.
struct FieldSchema: Sendable {
  /// Who may write: only XAPI, the constructor, or anybody through `set_…`.
  enum Access: String, Sendable {
    case readOnly = "RO"
    case constructor = "C"
    case readWrite = "RW"
  }

  let name: String
  let type: FieldType
  let access: Access
  let initial: JSONValue
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
  /// What comes before each field's value in a record's JSON text: `{"uuid":`, `,"device":`.
  private(set) var keys: [[UInt8]] = []
  private(set) var indexes: [String: Int] = [:]
  private(set) var enums: [String: [String]] = [:]
  /// Calls as text, by name: there are hundreds, and few are ever asked for.
  private var callTexts: [String: (text: Substring, needsSession: Bool)] = [:]
  /// Generic calls that the class does not have (`get_all` of session).
  private(set) var missing: Set<String> = []

  /// Reads a schema's lines:
  /// - `RO name: type`, `C …`, `RW …`: a field; ` = value` gives a default other than the type's zero, ` @26.17` says
  ///   that XCP-ng 8.3's XAPI (26.1.3) lacks it, ` @26` that XCP-ng 8.2's (1.249) does;
  /// - `enum name: value value`;
  /// - `call name(parameter: type, optional?: type) -> type`; `open …`: a call without session; ` removed` at the end;
  /// - `no name`: a generic call the class lacks.
  init(_ source: SchemaText, product: Product) {
    name = source.name
    eventName = source.name.lowercased()
    for full in source.text.utf8.split(separator: UInt8(ascii: "\n")) {
      var line = full
      if Substring(line).hasSuffix(Self.sinceTwentySix) {
        if product == .xapi1_249 { continue }
        line = line.dropLast(Self.sinceTwentySix.utf8.count)
      }
      guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { continue }
      let rest = Substring(line[line.index(after: space)...])
      switch Substring(line[..<space]) {
      case "enum": addEnum(rest)
      case "call": addCall(rest, needsSession: true)
      case "open": addCall(rest, needsSession: false)
      case "no": missing.insert(String(rest))
      case "RO": addField(rest, .readOnly, product)
      case "C": addField(rest, .constructor, product)
      case "RW": addField(rest, .readWrite, product)
      default: break
      }
    }
  }

  private static let sinceTwentySix = " @26"

  /// The call of that name which is not a field's getter or setter.
  func call(_ name: String) -> CallSchema? {
    callTexts[name].map { Self.call(name, $0.text, needsSession: $0.needsSession) }
  }

  var callNames: [String] { callTexts.keys.sorted() }

  func field(_ name: String) -> FieldSchema? { indexes[name].map { fields[$0] } }

  private mutating func addField(_ text: Substring, _ access: FieldSchema.Access, _ product: Product) {
    var text = text
    if text.hasSuffix(" @26.17") {
      guard product == .xapi26_17 else { return }
      text = text.dropLast(7)
    }
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
    let name = String(text[..<colon])
    var definition = text[text.utf8.index(colon, offsetBy: 2)...]
    var value: Substring?
    if let equals = definition.utf8.firstIndex(of: UInt8(ascii: "=")) {
      value = definition[definition.utf8.index(equals, offsetBy: 2)...]
      definition = definition[..<definition.utf8.index(before: equals)]
    }
    guard let type = FieldType(definition) else { return }
    let initial = value.map { Self.initial($0, type) } ?? type.zero
    indexes[name] = fields.count
    keys.append(Array("\(keys.isEmpty ? "{" : ",")\"\(name)\":".utf8))
    fields.append(FieldSchema(name: name, type: type, access: access, initial: initial))
  }

  private static func initial(_ text: Substring, _ type: FieldType) -> JSONValue {
    switch type {
    case .int: return .int(Int64(text) ?? 0)
    case .float: return .double(Double(text.hasSuffix(".") ? text + "0" : text) ?? 0)
    case .bool: return .bool(text == "true")
    case .set:
      return .array(text.dropFirst().dropLast().split(separator: " ").compactMap { Int64($0) }.map { .int($0) })
    case .map: return (try? JSONValue(parsing: text.split(separator: " ->").joined(separator: ":"))) ?? type.zero
    default: return .string(text.hasPrefix("\"") ? String(text.dropFirst().dropLast()) : String(text))
    }
  }

  private mutating func addEnum(_ text: Substring) {
    let words = text.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
    guard let name = words.first else { return }
    enums[String(name.dropLast())] = Array(words.dropFirst())
  }

  private mutating func addCall(_ text: Substring, needsSession: Bool) {
    guard let open = text.utf8.firstIndex(of: UInt8(ascii: "(")) else { return }
    callTexts[String(text[..<open])] = (text[text.utf8.index(after: open)...], needsSession)
  }

  private static func call(_ name: String, _ text: Substring, needsSession: Bool) -> CallSchema {
    var rest = text.split(separator: " ").joined(separator: " ")[...]
    let removed = rest.hasSuffix(" removed")
    if removed { rest = rest.dropLast(8) }
    var result: FieldType?
    var list = rest.dropLast()
    if let close = closing(rest) {
      list = rest[..<close]
      let tail = rest[rest.index(after: close)...]
      if tail.hasPrefix(" -> ") { result = FieldType(tail.dropFirst(4)) }
    }
    let parameters = list.split(separator: ", ").compactMap { part -> CallSchema.Parameter? in
      let halves = part.split(separator: ": ", maxSplits: 1)
      guard halves.count == 2, let type = FieldType(halves[1]) else { return nil }
      let optional = halves[0].hasSuffix("?")
      return CallSchema.Parameter(
        name: String(optional ? halves[0].dropLast() : halves[0]), type: type, optional: optional)
    }
    return CallSchema(
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
