/// An IPv6 address, without a zone.
public struct IPv6Address: Hashable, Sendable {
  /// The first 64 bits.
  public let high: UInt64
  /// The last 64 bits.
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads the forms of RFC 4291 section 2.2, as inet_pton(3) does.
  public init(parsing text: String) throws(AddressError) {
    guard !text.contains("%") else { throw AddressError("an IPv6 address is given without a zone (\"%...\") here") }
    let bytes = Array(text.utf8)
    guard bytes.allSatisfy({ Self.digit($0) != nil || $0 == Self.colon || $0 == Self.dot }), bytes.contains(Self.colon)
    else { throw AddressError("an IPv6 address has groups of up to four hexadecimal digits with colons between") }
    let gap = try Self.gap(in: bytes)
    var groups: [UInt16]
    if let gap {
      let front = try Self.groups(bytes[..<gap], mayEndInIPv4: false)
      let back = try Self.groups(bytes[(gap + 2)...], mayEndInIPv4: true)
      let missing = 8 - front.count - back.count
      guard missing > 0 else { throw AddressError("an IPv6 address has only eight groups") }
      groups = front + [UInt16](repeating: 0, count: missing) + back
    } else {
      groups = try Self.groups(bytes[...], mayEndInIPv4: true)
      guard groups.count == 8 else {
        throw AddressError("an IPv6 address has eight groups, this has \(groups.count)")
      }
    }
    high = groups[..<4].reduce(0) { $0 << 16 | UInt64($1) }
    low = groups[4...].reduce(0) { $0 << 16 | UInt64($1) }
  }

  /// nil when the text is not an address.
  public init?(_ text: String) {
    guard let address = try? IPv6Address(parsing: text) else { return nil }
    self = address
  }

  public var isUnspecified: Bool { high == 0 && low == 0 }
  public var isLoopback: Bool { high == 0 && low == 1 }
  /// fe80::/10.
  public var isLinkLocal: Bool { high >> 54 == 0xFE80 >> 6 }
  /// ff00::/8.
  public var isMulticast: Bool { high >> 56 == 0xFF }
  /// ::ffff:0:0/96, an IPv4 address in an IPv6 program.
  public var isMappedIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

  /// Why no host can have this address; nil when one can.
  public var reasonNotForHosts: String? {
    if isUnspecified { return "this is the address of nobody" }
    if isLoopback { return "this address never leaves the host" }
    if isMulticast { return "this is a multicast address" }
    if isMappedIPv4 { return "this is an IPv4 address in IPv6 spelling" }
    return nil
  }

  /// The eight groups, from the left.
  public var groups: [UInt16] {
    (0..<8).map { index in
      UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
    }
  }

  // MARK: Reading

  private static let colon = UInt8(ascii: ":")
  private static let dot = UInt8(ascii: ".")

  private static func digit(_ byte: UInt8) -> UInt16? {
    switch byte {
    case 0x30...0x39: UInt16(byte - 0x30)
    case 0x61...0x66: UInt16(byte - 0x61 + 10)
    case 0x41...0x46: UInt16(byte - 0x41 + 10)
    default: nil
    }
  }

  /// Where "::" stands.
  private static func gap(in bytes: [UInt8]) throws(AddressError) -> Int? {
    var gap: Int?
    for index in bytes.indices.dropLast() where bytes[index] == colon && bytes[index + 1] == colon {
      guard gap == nil else { throw AddressError("\"::\" can stand only once") }
      gap = index
    }
    return gap
  }

  private static func groups(_ bytes: ArraySlice<UInt8>, mayEndInIPv4: Bool) throws(AddressError) -> [UInt16] {
    guard !bytes.isEmpty else { return [] }
    var groups: [UInt16] = []
    let parts = bytes.split(separator: colon, omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if part.contains(dot) {
        guard mayEndInIPv4, index == parts.count - 1 else { throw AddressError("an IPv4 part can only be the last") }
        let tail = try IPv4Address(parsing: String(decoding: part, as: UTF8.self))
        groups += [UInt16(tail.bits >> 16), UInt16(truncatingIfNeeded: tail.bits)]
        continue
      }
      guard !part.isEmpty else { throw AddressError("a colon stands where a group should") }
      guard part.count <= 4 else {
        throw AddressError("\(String(decoding: part.prefix(12), as: UTF8.self)) has more than four digits")
      }
      groups.append(part.reduce(0) { $0 << 4 | (digit($1) ?? 0) })
    }
    guard groups.count <= 8 else { throw AddressError("an IPv6 address has only eight groups") }
    return groups
  }
}

extension IPv6Address: Comparable {
  public static func < (left: IPv6Address, right: IPv6Address) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

extension IPv6Address: CustomStringConvertible {
  /// The spelling of RFC 5952: lower case, the longest run of zero groups as "::", an IPv4-mapped address with dots.
  public var description: String {
    if isMappedIPv4 { return "::ffff:\(IPv4Address(bits: UInt32(truncatingIfNeeded: low)))" }
    let groups = groups
    var best = 0..<0
    var start = 0
    while start < 8 {
      let end = groups[start...].firstIndex { $0 != 0 } ?? 8
      if end - start > best.count { best = start..<end }
      start = max(end, start) + 1
    }
    func text(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
    // A single zero group is not shortened (section 4.2.2).
    guard best.count >= 2 else { return text(groups[...]) }
    return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
  }
}
