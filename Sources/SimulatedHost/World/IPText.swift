import Glibc

/// IPv4 texts, checked the way XAPI checks them.
enum IPv4Text {
  /// The four bytes as a number; nil when the text is no dotted quad.
  static func number(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
      guard !part.isEmpty, part.utf8.count <= 3, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let byte = UInt32(part), byte < 256
      else { return nil }
      number = number << 8 | byte
    }
    return number
  }

  static func isValid(_ text: String) -> Bool { number(text) != nil }

  /// A netmask's ones come before its zeros; XAPI does not check that, networkd stumbles over it.
  static func isContiguousMask(_ text: String) -> Bool {
    guard let mask = number(text) else { return false }
    return (~mask &+ 1) & ~mask == 0
  }

  /// The length of a netmask's ones; nil when it is no mask.
  static func prefix(ofMask text: String) -> Int? {
    guard isContiguousMask(text), let mask = number(text) else { return nil }
    return mask.nonzeroBitCount
  }

  /// The netmask of a prefix length.
  static func mask(ofPrefix length: Int) -> String {
    text(length <= 0 ? 0 : ~0 << UInt32(32 - min(length, 32)))
  }

  static func text(_ number: UInt32) -> String {
    [24, 16, 8, 0].map { String(number >> UInt32($0) & 255) }.joined(separator: ".")
  }
}

/// IPv6 texts, checked the way XAPI checks them.
enum IPv6Text {
  /// `address/prefix`, prefix 0 to 128.
  static func isValidCIDR(_ text: String) -> Bool {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count == 2, let prefix = Int(halves[1]), (0...128).contains(prefix) else { return false }
    return isValid(String(halves[0]))
  }

  /// The sixteen bytes; nil when the text is no address.
  static func bytes(_ text: String) -> [UInt8]? {
    var address = in6_addr()
    guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
    return withUnsafeBytes(of: &address) { Array($0) }
  }

  /// The first eight bytes.
  static func prefix64(_ text: String) -> [UInt8]? { bytes(text).map { Array($0.prefix(8)) } }

  /// Two spellings of one address, or of addresses that agree in their first bits.
  static func isSame(_ one: String, _ other: String, prefix: Int = 128) -> Bool {
    guard let left = bytes(one), let right = bytes(other) else { return false }
    return (0..<min(prefix, 128)).allSatisfy { bit in
      (left[bit / 8] ^ right[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
    }
  }

  /// An address of RFC 4291, as the C library reads them.
  static func isValid(_ text: String) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET6, text, &address) == 1
  }
}

/// MAC addresses.
enum MACText {
  /// Six bytes of two hexadecimal digits, with colons.
  static func isValid(_ text: String) -> Bool {
    let bytes = text.split(separator: ":", omittingEmptySubsequences: false)
    return bytes.count == 6 && bytes.allSatisfy { $0.count == 2 && UInt8($0, radix: 16) != nil && !$0.hasPrefix("+") }
  }
}
