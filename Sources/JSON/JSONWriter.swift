/// Appends JSON text to a byte buffer: compact, members in the order given.
public struct JSONWriter {
  public private(set) var bytes: [UInt8]

  public init(reserving capacity: Int = 0) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// Appends text that is JSON already (punctuation, or a value rendered before).
  public mutating func raw(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  public mutating func raw(_ text: [UInt8]) { bytes.append(contentsOf: text) }

  public mutating func raw(_ text: some Collection<UInt8>) { bytes.append(contentsOf: text) }

  /// Appends a string in quotes. Only what RFC 8259 demands is escaped.
  public mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      var clean = 0
      var index = 0
      while index < utf8.count {
        let byte = utf8[index]
        if byte < 0x20 || byte == 0x22 || byte == 0x5c {
          bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[clean..<index]))
          escape(byte)
          clean = index + 1
        }
        index += 1
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[clean...]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case 0x22: raw("\\\"")
    case 0x5c: raw("\\\\")
    case 0x0a: raw("\\n")
    case 0x0d: raw("\\r")
    case 0x09: raw("\\t")
    default:
      let digits = Array("0123456789abcdef".utf8)
      raw("\\u00")
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    }
  }

  public mutating func value(_ value: JSONValue) {
    switch value {
    case .null: raw("null")
    case .bool(let value): value ? raw("true") : raw("false")
    case .int(let value): raw(String(value).utf8)
    case .double(let value): value.isFinite ? raw(value.description.utf8) : raw("null")
    case .string(let value): string(value)
    case .array(let values):
      raw("[")
      for (index, element) in values.enumerated() {
        if index > 0 { raw(",") }
        self.value(element)
      }
      raw("]")
    case .object(let object):
      raw("{")
      for (index, (key, member)) in object.enumerated() {
        if index > 0 { raw(",") }
        string(key)
        raw(":")
        self.value(member)
      }
      raw("}")
    }
  }
}

extension JSONValue {
  /// The value as compact JSON text.
  public var encoded: [UInt8] {
    var writer = JSONWriter()
    writer.value(self)
    return writer.bytes
  }
}

extension JSONValue: CustomStringConvertible {
  public var description: String { String(decoding: encoded, as: UTF8.self) }
}
