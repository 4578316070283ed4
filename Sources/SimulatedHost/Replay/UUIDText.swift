/// Finds uuids in text: refs and generated names are told apart by nothing else.
enum UUIDText {
  private static let length = 36

  /// A text cut at its uuids: `texts.count == uuids.count + 1`.
  struct Parts: Equatable {
    var texts: [String] = []
    var uuids: [String] = []
  }

  static func parts(_ text: String) -> Parts {
    let bytes = Array(text.utf8)
    var parts = Parts()
    var plain = 0
    var index = 0
    while index + length <= bytes.count {
      if isUUID(bytes[index..<index + length]) {
        parts.texts.append(String(decoding: bytes[plain..<index], as: UTF8.self))
        parts.uuids.append(String(decoding: bytes[index..<index + length], as: UTF8.self))
        index += length
        plain = index
      } else {
        index += 1
      }
    }
    parts.texts.append(String(decoding: bytes[plain...], as: UTF8.self))
    return parts
  }

  /// The text with its uuids exchanged.
  static func replace(_ text: String, _ other: (String) -> String) -> String {
    let parts = parts(text)
    if parts.uuids.isEmpty { return text }
    var result = parts.texts[0]
    for (uuid, text) in zip(parts.uuids, parts.texts.dropFirst()) { result += other(uuid) + text }
    return result
  }

  private static func isUUID(_ bytes: ArraySlice<UInt8>) -> Bool {
    var at = bytes.startIndex
    for group in [8, 4, 4, 4, 12] {
      if at != bytes.startIndex {
        guard bytes[at] == UInt8(ascii: "-") else { return false }
        at += 1
      }
      for _ in 0..<group {
        switch bytes[at] {
        case 0x30...0x39, 0x61...0x66: at += 1
        default: return false
        }
      }
    }
    return true
  }
}
