import JSON

/// A reference to an object of XAPI's database, typed by what it points at. XAPI writes `OpaqueRef:` and a uuid;
/// callers treat it as opaque. Null references (`OpaqueRef:NULL`, or an empty string) never become a `Ref`: they are
/// nil.
public struct Ref<Target>: Hashable, Sendable {
  private let identity: Identity

  /// Nearly every reference is a prefix and a uuid, and a large pool has hundreds of thousands of them: held as two
  /// words they need no allocation. Anything else is kept as it came.
  private enum Identity: Hashable, Sendable {
    case uuid(UInt64, UInt64)
    case text(String)
  }

  /// nil for the null reference.
  public init?(_ text: String) {
    var text = text
    guard let ref = text.withUTF8({ Self(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
    self = ref
  }

  init?(utf8: UnsafeRawBufferPointer) {
    if utf8.isEmpty || utf8.elementsEqual(RefText.null.utf8) { return nil }
    identity =
      if utf8.count == 46, utf8.starts(with: RefText.prefix.utf8), let (high, low) = RefText.words(utf8) {
        .uuid(high, low)
      } else {
        .text(String(decoding: utf8, as: UTF8.self))
      }
  }
}

extension Ref: CustomStringConvertible {
  /// The reference as XAPI writes it.
  public var description: String {
    switch identity {
    case .uuid(let high, let low): RefText.prefix + RefText.uuid(high, low)
    case .text(let text): text
    }
  }

  /// The reference as a parameter of a call.
  public var json: JSONValue { .string(description) }
}

/// How XAPI writes references.
enum RefText {
  static let prefix = "OpaqueRef:"
  static let null = "OpaqueRef:NULL"

  /// The two halves of a lower-case uuid that starts at byte 10; nil when it is not one (the text must survive
  /// unchanged).
  static func words(_ utf8: UnsafeRawBufferPointer) -> (UInt64, UInt64)? {
    var words: (UInt64, UInt64) = (0, 0)
    var digits = 0
    for index in 10..<46 {
      let byte = utf8[index]
      if index == 18 || index == 23 || index == 28 || index == 33 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: return nil
      }
      if digits < 16 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
      digits += 1
    }
    return words
  }

  static func uuid(_ high: UInt64, _ low: UInt64) -> String {
    func hex(_ value: UInt64, _ digits: Int) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: digits - text.utf8.count) + text
    }
    return hex(high >> 32, 8) + "-" + hex(high >> 16 & 0xffff, 4) + "-" + hex(high & 0xffff, 4) + "-"
      + hex(low >> 48, 4) + "-" + hex(low & 0xffff_ffff_ffff, 12)
  }
}
