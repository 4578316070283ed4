/// Bytes read as ISO 8859-1, where every byte is a character: for text that may hold raw octets.
enum Latin1 {
  static func utf8(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(where: { $0 >= 0x80 }) else { return bytes }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + 64)
    for byte in bytes {
      if byte < 0x80 {
        out.append(byte)
      } else {
        out.append(0xc0 | byte >> 6)
        out.append(0x80 | byte & 0x3f)
      }
    }
    return out
  }

  /// The octets of a text; nil when it holds a character beyond ISO 8859-1.
  static func octets(_ text: String) -> [UInt8]? {
    var out: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      out.append(byte)
    }
    return out
  }

  /// What a text meant when its bytes were UTF-8 all along; else the text itself.
  static func repaired(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x80 }), let octets = octets(text) else { return text }
    return String(validating: octets, as: UTF8.self) ?? text
  }

  /// Where a byte of the UTF-8 form stood in the original.
  static func offset(_ offset: Int, inUTF8 bytes: [UInt8]) -> Int {
    bytes[..<min(offset, bytes.count)].count { $0 & 0xc0 != 0x80 }
  }
}
