import JSON

/// A value that XAPI of some other version writes differently, or that makes no sense. The record lives on without it.
public struct Oddity: Hashable, Sendable {
  public let field: String
  public let expected: String
}

/// The members of one record as they lie in the answer's bytes; asking for a field decodes it.
///
/// Every getter has an answer for a field that is missing (older XAPI), null, or of the wrong type: one odd value never
/// costs the record. What was odd is noted; what is merely missing is not.
public struct RecordFields {
  private let bytes: UnsafeRawBufferPointer
  private var keys: [Range<Int>] = []
  private var values: [Range<Int>] = []
  /// Fields are mostly asked for in the order XAPI sends them: the search goes on from the last hit.
  private var cursor = 0
  public private(set) var oddities: [Oddity] = []
  /// What was asked for, when that is being recorded.
  private(set) var asked: [(name: String, kind: Kind)]?

  /// What a getter takes the field for.
  enum Kind: String, Sendable { case string, int, bool, ref, refs, strings, map, spelling, datetime }

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Has no members; learns what a record asks for.
  init(recording: Bool) {
    bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    asked = recording ? [] : nil
  }

  /// Takes in the object at the scanner, in place of the one before; leaves the scanner after it.
  mutating func scan(_ scanner: inout JSONScanner) throws(JSONError) {
    keys.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    cursor = 0
    try scanner.beginObject()
    var first = true
    while let key = try scanner.nextKey(&first) {
      let start = scanner.offset
      try scanner.skip()
      keys.append(key)
      values.append(start..<scanner.offset)
    }
  }

  private mutating func find(_ name: StaticString, _ kind: Kind) -> JSONScanner? {
    asked?.append((name.description, kind))
    let count = name.utf8CodeUnitCount
    for step in 0..<keys.count {
      var index = cursor + step
      if index >= keys.count { index -= keys.count }
      guard keys[index].count == count else { continue }
      let key = UnsafeRawBufferPointer(rebasing: bytes[keys[index]])
      if key.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: count)) {
        cursor = index + 1
        return JSONScanner(bytes, at: values[index].lowerBound)
      }
    }
    return nil
  }

  private mutating func odd(_ name: StaticString, _ expected: String) {
    oddities.append(Oddity(field: name.description, expected: expected))
  }

  /// Decodes the field `name` with `read`, or answers `missing` when it is absent, null or odd.
  private mutating func read<Value>(
    _ name: StaticString, _ kind: Kind, _ expected: String, missing: Value,
    _ read: (inout JSONScanner, JSONScanner.Kind) throws(JSONError) -> Value?
  ) -> Value {
    guard var scanner = find(name, kind), let found = try? scanner.peek(), found != .null else { return missing }
    if let value = (try? read(&scanner, found)) ?? nil { return value }
    odd(name, expected)
    return missing
  }

  public mutating func string(_ name: StaticString) -> String {
    string(name, .string)
  }

  private mutating func string(_ name: StaticString, _ kind: Kind) -> String {
    read(name, kind, "string", missing: "") { (scanner, found) throws(JSONError) in Self.text(&scanner, found) }
  }

  /// A whole number. XML-RPC's habit of writing it as a string is accepted.
  public mutating func int(_ name: StaticString, default missing: Int64 = 0) -> Int64 {
    read(name, .int, "int", missing: missing) { (scanner, kind) throws(JSONError) in
      try scanner.looseInt()
    }
  }

  public mutating func bool(_ name: StaticString, default missing: Bool = false) -> Bool {
    read(name, .bool, "bool", missing: missing) { (scanner, kind) throws(JSONError) in
      switch kind {
      case .bool: try scanner.bool()
      case .string:
        switch try scanner.string() {
        case "true": true
        case "false": false
        default: nil
        }
      default: nil
      }
    }
  }

  /// nil for the null reference and for a missing one.
  public mutating func ref<Target>(_ name: StaticString) -> Ref<Target>? {
    read(name, .ref, "reference", missing: nil) { (scanner, kind) throws(JSONError) in
      kind == .string ? .some(try scanner.ref()) : nil
    }
  }

  /// Null references are left out.
  public mutating func refs<Target>(_ name: StaticString) -> [Ref<Target>] {
    read(name, .refs, "set of references", missing: []) { (scanner, kind) throws(JSONError) in
      guard kind == .array else { return nil }
      return try scanner.elements { (scanner) throws(JSONError) in
        if try scanner.peek() == .string { return try scanner.ref() }
        try scanner.skip()
        return nil
      }
    }
  }

  /// A set of strings. Empty strings, which XAPI puts into the IPv6 addresses of new PIFs, are left out.
  public mutating func strings(_ name: StaticString) -> [String] {
    read(name, .strings, "set of strings", missing: []) { (scanner, kind) throws(JSONError) in
      guard kind == .array else { return nil }
      return try scanner.elements { (scanner) throws(JSONError) in
        let text = Self.text(&scanner, try scanner.peek())
        if text == nil { try scanner.skip() }
        return text == "" ? nil : text
      }
    }
  }

  /// A map with values of simple types, as text.
  public mutating func map(_ name: StaticString) -> [String: String] {
    read(name, .map, "map", missing: [:]) { (scanner, kind) throws(JSONError) in
      guard kind == .object else { return nil }
      var map: [String: String] = [:]
      var first = true
      try scanner.beginObject()
      while let key = try scanner.nextKey(&first) {
        if let value = Self.text(&scanner, try scanner.peek()) {
          map[scanner.text(key)] = value
        } else {
          try scanner.skip()
        }
      }
      return map
    }
  }

  /// An enumeration by its spelling, which is kept even when this program does not know it.
  public mutating func spelling<Value: Spelling>(_ name: StaticString) -> Value {
    Value(rawValue: string(name, .spelling))
  }

  /// XAPI's way to write "never" is the start of 1970.
  public mutating func date(_ name: StaticString) -> XenDate? {
    let text = string(name, .datetime)
    if text.isEmpty { return nil }
    guard let date = XenDate(text) else {
      odd(name, "datetime")
      return nil
    }
    return date == .never ? nil : date
  }

  /// A string, number or bool as text; nil, with the scanner unmoved, for anything else.
  private static func text(_ scanner: inout JSONScanner, _ kind: JSONScanner.Kind) -> String? {
    switch kind {
    case .string: try? scanner.string()
    case .number:
      switch try? scanner.number() {
      case .int(let value): String(value)
      case .double(let value): String(value)
      default: nil
      }
    case .bool: (try? scanner.bool()).map { $0 ? "true" : "false" }
    default: nil
    }
  }
}

extension JSONScanner {
  /// The next value as a whole number, also when it is written as a string; nil, and stepped over, when it is neither.
  mutating func looseInt() throws(JSONError) -> Int64? {
    switch try peek() {
    case .number:
      switch try number() {
      case .int(let value): return value
      case .double(let value): return Int64(exactly: value.rounded())
      default: return nil
      }
    case .string: return Int64(try string())
    default:
      try skip()
      return nil
    }
  }

  /// The next value, a string, as a reference.
  mutating func ref<Target>() throws(JSONError) -> Ref<Target>? {
    if let plain = try plainString() { return Ref(utf8: UnsafeRawBufferPointer(rebasing: bytes[plain])) }
    return Ref(try string())
  }

  /// The elements of the array at the scanner for which `read` has a value.
  mutating func elements<Value>(
    _ read: (inout JSONScanner) throws(JSONError) -> Value?
  ) throws(JSONError) -> [Value] {
    var elements: [Value] = []
    var first = true
    try beginArray()
    while try nextElement(&first) {
      if let value = try read(&self) { elements.append(value) }
    }
    return elements
  }
}

/// An enumeration of XAPI, open for spellings of newer versions.
public protocol Spelling: RawRepresentable<String>, Hashable, Sendable, CustomStringConvertible {
  init(rawValue: String)
}

extension Spelling {
  public var description: String { rawValue }
}
