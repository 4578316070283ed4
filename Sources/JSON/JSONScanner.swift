/// Why a text is not JSON, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Sendable, Hashable {
    case unexpectedEnd
    case unexpectedByte(UInt8)
    case badNumber
    case badEscape
    case tooDeep
    case trailingBytes
  }

  public let reason: Reason
  /// Bytes before the place where reading stopped.
  public let offset: Int

  public init(reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String {
    let what =
      switch reason {
      case .unexpectedEnd: "unexpected end of input"
      case .unexpectedByte(let byte):
        (0x20..<0x7f).contains(byte) ? "unexpected '\(Character(UnicodeScalar(byte)))'" : "unexpected byte \(byte)"
      case .badNumber: "malformed number"
      case .badEscape: "malformed escape in a string"
      case .tooDeep: "nested too deeply"
      case .trailingBytes: "text after the value"
      }
    return "\(what) at byte \(offset)"
  }
}

/// Walks over JSON text (RFC 8259) in memory without building anything that was not asked for.
///
/// XAPI answers tens of megabytes on a large pool; reading records straight from the bytes spares the memory of a tree of
/// values. The buffer must outlive the scanner.
public struct JSONScanner {
  public let bytes: UnsafeRawBufferPointer
  public private(set) var offset: Int

  /// Deeper nesting than this is refused: nothing XAPI or the host's tools print comes near it.
  public static let maximumDepth = 128

  public init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  /// The kind of a value, told by its first byte.
  public enum Kind: Sendable { case object, array, string, number, bool, null }

  public func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: offset) }

  private func unexpected() -> JSONError {
    offset < bytes.count ? error(.unexpectedByte(bytes[offset])) : error(.unexpectedEnd)
  }

  @inline(__always)
  public mutating func skipSpace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x0a, 0x0d, 0x09: offset += 1
      default: return
      }
    }
  }

  /// The kind of the next value; leaves the scanner at its first byte.
  public mutating func peek() throws(JSONError) -> Kind {
    skipSpace()
    guard offset < bytes.count else { throw error(.unexpectedEnd) }
    switch bytes[offset] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), 0x30...0x39: return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: throw unexpected()
    }
  }

  /// Nothing but white space may be left.
  public mutating func end() throws(JSONError) {
    skipSpace()
    if offset < bytes.count { throw error(.trailingBytes) }
  }

  @inline(__always)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(JSONError) {
    skipSpace()
    guard take(byte) else { throw unexpected() }
  }

  // MARK: Containers

  public mutating func beginObject() throws(JSONError) { try expect(UInt8(ascii: "{")) }
  public mutating func beginArray() throws(JSONError) { try expect(UInt8(ascii: "[")) }

  /// The next member's name (the bytes between the quotes, escapes not resolved), with the scanner left at its value;
  /// nil when the object ends. `first` must be true right after `beginObject()`, and is cleared.
  public mutating func nextKey(_ first: inout Bool) throws(JSONError) -> Range<Int>? {
    guard try more(until: UInt8(ascii: "}"), &first) else { return nil }
    skipSpace()
    let key = try stringBody()
    try expect(UInt8(ascii: ":"))
    skipSpace()
    return key.range
  }

  /// True when the array has another element, with the scanner left at it. `first` as in `nextKey`.
  public mutating func nextElement(_ first: inout Bool) throws(JSONError) -> Bool {
    try more(until: UInt8(ascii: "]"), &first)
  }

  private mutating func more(until close: UInt8, _ first: inout Bool) throws(JSONError) -> Bool {
    skipSpace()
    if take(close) {
      return false
    }
    if !first { try expect(UInt8(ascii: ",")) }
    first = false
    skipSpace()
    return true
  }

  // MARK: Values

  /// Where a string's content lies, and whether it has escapes.
  private mutating func stringBody() throws(JSONError) -> (range: Range<Int>, escaped: Bool) {
    guard take(UInt8(ascii: "\"")) else { throw unexpected() }
    let start = offset
    var escaped = false
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset += 1
        return (start..<(offset - 1), escaped)
      case UInt8(ascii: "\\"):
        escaped = true
        offset += 2
      default: offset += 1
      }
    }
    offset = bytes.count
    throw error(.unexpectedEnd)
  }

  /// The bytes of the next string when it has no escapes; nil (and the scanner unmoved) when it has.
  public mutating func plainString() throws(JSONError) -> Range<Int>? {
    skipSpace()
    let start = offset
    let body = try stringBody()
    if body.escaped {
      offset = start
      return nil
    }
    return body.range
  }

  /// The next string. Bytes that are not UTF-8 become U+FFFD.
  public mutating func string() throws(JSONError) -> String {
    skipSpace()
    let body = try stringBody()
    return body.escaped ? try unescape(body.range) : text(body.range)
  }

  /// The text of a range of the input, as it stands.
  public func text(_ range: Range<Int>) -> String {
    String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
  }

  private func unescape(_ range: Range<Int>) throws(JSONError) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(range.count)
    var index = range.lowerBound
    func hex4(_ at: Int) throws(JSONError) -> UInt16 {
      guard at + 4 <= range.upperBound, let value = UInt16(text(at..<at + 4), radix: 16) else {
        throw JSONError(reason: .badEscape, offset: at)
      }
      return value
    }
    while index < range.upperBound {
      let byte = bytes[index]
      guard byte == UInt8(ascii: "\\") else {
        out.append(byte)
        index += 1
        continue
      }
      guard index + 1 < range.upperBound else { throw JSONError(reason: .badEscape, offset: index) }
      let code = bytes[index + 1]
      index += 2
      switch code {
      case UInt8(ascii: "n"): out.append(0x0a)
      case UInt8(ascii: "t"): out.append(0x09)
      case UInt8(ascii: "r"): out.append(0x0d)
      case UInt8(ascii: "b"): out.append(0x08)
      case UInt8(ascii: "f"): out.append(0x0c)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(code)
      case UInt8(ascii: "u"):
        let high = try hex4(index)
        index += 4
        var scalar = UInt32(high)
        if (0xd800..<0xdc00).contains(high), index + 6 <= range.upperBound, bytes[index] == UInt8(ascii: "\\"),
          bytes[index + 1] == UInt8(ascii: "u")
        {
          let low = try hex4(index + 2)
          if (0xdc00..<0xe000).contains(low) {
            scalar = 0x10000 + ((UInt32(high) - 0xd800) << 10) + (UInt32(low) - 0xdc00)
            index += 6
          }
        }
        out.append(contentsOf: Array(String(UnicodeScalar(scalar) ?? "\u{fffd}").utf8))
      default: throw JSONError(reason: .badEscape, offset: index - 1)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The next number: `.int` when it is written without fraction and exponent and fits 64 bits, else `.double`.
  public mutating func number() throws(JSONError) -> JSONValue {
    skipSpace()
    let start = offset
    var whole = true
    scan: while offset < bytes.count {
      switch bytes[offset] {
      case 0x30...0x39, UInt8(ascii: "-"): offset += 1
      case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        whole = false
        offset += 1
      default: break scan
      }
    }
    let digits = text(start..<offset)
    if whole, let value = Int64(digits) { return .int(value) }
    guard let value = Double(digits) else { throw JSONError(reason: .badNumber, offset: start) }
    return .double(value)
  }

  public mutating func bool() throws(JSONError) -> Bool {
    skipSpace()
    if take(literal: "true") { return true }
    if take(literal: "false") { return false }
    throw unexpected()
  }

  public mutating func null() throws(JSONError) {
    skipSpace()
    guard take(literal: "null") else { throw unexpected() }
  }

  private mutating func take(literal: StaticString) -> Bool {
    let count = literal.utf8CodeUnitCount
    guard offset + count <= bytes.count else { return false }
    for index in 0..<count where bytes[offset + index] != literal.utf8Start[index] { return false }
    offset += count
    return true
  }

  /// Steps over the next value, whatever it is.
  public mutating func skip() throws(JSONError) { try skip(depth: 0) }

  private mutating func skip(depth: Int) throws(JSONError) {
    guard depth < Self.maximumDepth else { throw error(.tooDeep) }
    var first = true
    switch try peek() {
    case .object:
      try beginObject()
      while try nextKey(&first) != nil { try skip(depth: depth + 1) }
    case .array:
      try beginArray()
      while try nextElement(&first) { try skip(depth: depth + 1) }
    case .string: _ = try stringBody()
    case .number: _ = try number()
    case .bool: _ = try bool()
    case .null: try null()
    }
  }

  /// The next value as a tree.
  public mutating func value() throws(JSONError) -> JSONValue { try value(depth: 0) }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth < Self.maximumDepth else { throw error(.tooDeep) }
    var first = true
    switch try peek() {
    case .object:
      try beginObject()
      var object = JSONObject()
      while let key = try nextKey(&first) {
        let name = bytes[key].contains(UInt8(ascii: "\\")) ? try unescape(key) : text(key)
        object.append(name, try value(depth: depth + 1))
      }
      return .object(object)
    case .array:
      try beginArray()
      var array: [JSONValue] = []
      while try nextElement(&first) { array.append(try value(depth: depth + 1)) }
      return .array(array)
    case .string: return .string(try string())
    case .number: return try number()
    case .bool: return .bool(try bool())
    case .null:
      try null()
      return .null
    }
  }
}

extension JSONValue {
  /// Reads one value; anything but white space after it is an error.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    self = try scanner.value()
    try scanner.end()
  }

  public init(parsing bytes: [UInt8]) throws(JSONError) {
    let parsed = bytes.withUnsafeBytes { buffer in
      Result { () throws(JSONError) -> JSONValue in try JSONValue(parsing: buffer) }
    }
    self = try parsed.get()
  }

  public init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }
}
