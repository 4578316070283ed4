/// An IPv4 address and how many of its bits name the network: `10.0.4.12/24`.
public struct IPv4Prefix: Hashable, Sendable {
  public let address: IPv4Address
  /// 0 to 32.
  public let length: Int

  /// - Parameter length: brought into 0 to 32.
  public init(_ address: IPv4Address, length: Int) {
    self.address = address
    self.length = min(max(length, 0), 32)
  }

  /// Reads `10.0.4.12/24`.
  public init(parsing text: String) throws(AddressError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw AddressError("a slash and the prefix length must follow, such as /24") }
    self.init(
      try IPv4Address(parsing: String(parts[0])), length: try PrefixLength.parse(parts[1], most: 32))
  }

  public var netmask: IPv4Address { Self.netmask(length: length) }
  /// The first address of the network.
  public var network: IPv4Address { IPv4Address(bits: address.bits & netmask.bits) }
  /// The last address of the network.
  public var last: IPv4Address { IPv4Address(bits: address.bits | ~netmask.bits) }

  public func contains(_ other: IPv4Address) -> Bool { other.bits & netmask.bits == network.bits }

  /// True for the two addresses that no host can have, the network's own and its broadcast. A /31 has neither
  /// (RFC 3021), a /32 neither.
  public func isEdge(_ other: IPv4Address) -> Bool { length <= 30 && (other == network || other == last) }

  // MARK: Netmasks

  public static func netmask(length: Int) -> IPv4Address {
    IPv4Address(bits: length <= 0 ? 0 : UInt32.max << UInt32(32 - min(length, 32)))
  }

  /// The prefix length of a netmask: `255.255.255.0`, or a length, `24` or `/24`.
  public static func length(ofNetmask text: String) throws(AddressError) -> Int {
    let plain = text.hasPrefix("/") ? text.dropFirst() : text[...]
    if !plain.contains(".") { return try PrefixLength.parse(plain, most: 32) }
    let mask = try IPv4Address(parsing: String(plain))
    let length = mask.bits.nonzeroBitCount
    guard netmask(length: length) == mask else {
      throw AddressError("a netmask is ones from the left without a gap, such as 255.255.255.0")
    }
    return length
  }
}

extension IPv4Prefix: CustomStringConvertible {
  public var description: String { "\(address)/\(length)" }
}

/// An IPv6 address and how many of its bits name the network: `2001:db8::12/64`.
public struct IPv6Prefix: Hashable, Sendable {
  public let address: IPv6Address
  /// 0 to 128.
  public let length: Int

  /// - Parameter length: brought into 0 to 128.
  public init(_ address: IPv6Address, length: Int) {
    self.address = address
    self.length = min(max(length, 0), 128)
  }

  /// Reads `2001:db8::12/64`.
  public init(parsing text: String) throws(AddressError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw AddressError("a slash and the prefix length must follow, such as /64") }
    self.init(
      try IPv6Address(parsing: String(parts[0])), length: try PrefixLength.parse(parts[1], most: 128))
  }

  /// The first address of the network.
  public var network: IPv6Address { IPv6Address(high: address.high & mask.high, low: address.low & mask.low) }
  /// The last address of the network.
  public var last: IPv6Address { IPv6Address(high: address.high | ~mask.high, low: address.low | ~mask.low) }

  public func contains(_ other: IPv6Address) -> Bool {
    other.high & mask.high == network.high && other.low & mask.low == network.low
  }

  /// True for the network's own address, which all its routers share (RFC 4291 section 2.6.1). A /127 has none (RFC
  /// 6164), a /128 neither.
  public func isRouterAnycast(_ other: IPv6Address) -> Bool { length <= 126 && other == network }

  private var mask: (high: UInt64, low: UInt64) {
    func ones(_ count: Int) -> UInt64 { count <= 0 ? 0 : count >= 64 ? .max : UInt64.max << UInt64(64 - count) }
    return (ones(length), ones(length - 64))
  }
}

extension IPv6Prefix: CustomStringConvertible {
  public var description: String { "\(address)/\(length)" }
}

enum PrefixLength {
  static func parse(_ text: Substring, most: Int) throws(AddressError) -> Int {
    let digits = text.utf8
    guard !digits.isEmpty, digits.count <= 3, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(text)
    else { throw AddressError("the prefix length is a number from 0 to \(most)") }
    guard digits.count == 1 || digits.first != UInt8(ascii: "0") else {
      throw AddressError("\(text) begins with a zero")
    }
    guard length <= most else { throw AddressError("a prefix is at most /\(most)") }
    return length
  }
}
