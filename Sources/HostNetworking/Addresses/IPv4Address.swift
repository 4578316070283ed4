/// An IPv4 address.
public struct IPv4Address: Hashable, Sendable {
  /// The 32 bits, the first number of the dotted form highest.
  public let bits: UInt32

  public init(bits: UInt32) { self.bits = bits }

  /// Reads four decimal numbers with dots between, as inet_pton(3) does: no leading zeros (RFC 6943 section 3.1.1: some
  /// programs take them for octal), nothing before or after.
  public init(parsing text: String) throws(AddressError) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else {
      throw AddressError("an IPv4 address has four numbers with dots between")
    }
    var bits: UInt32 = 0
    for part in parts {
      guard !part.isEmpty, part.count <= 3, part.allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw AddressError("an IPv4 address has four numbers with dots between")
      }
      if part.count > 1, part.first == UInt8(ascii: "0") {
        throw AddressError("\(String(decoding: part, as: UTF8.self)) begins with a zero")
      }
      let number = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
      guard number <= 255 else { throw AddressError("\(number) is more than 255") }
      bits = bits << 8 | number
    }
    self.bits = bits
  }

  /// nil when the text is not an address.
  public init?(_ text: String) {
    guard let address = try? IPv4Address(parsing: text) else { return nil }
    self = address
  }

  /// 0.0.0.0/8: "this network" (RFC 6890).
  public var isUnspecified: Bool { bits >> 24 == 0 }
  public var isLoopback: Bool { bits >> 24 == 127 }
  /// 169.254.0.0/16 (RFC 3927).
  public var isLinkLocal: Bool { bits >> 16 == 0xA9FE }
  /// 224.0.0.0/4.
  public var isMulticast: Bool { bits >> 28 == 0xE }
  /// 240.0.0.0/4, the limited broadcast among them.
  public var isReserved: Bool { bits >> 28 == 0xF }

  /// Why no host can have this address; nil when one can.
  public var reasonNotForHosts: String? {
    if isUnspecified { return "no host can have an address that begins with 0" }
    if isLoopback { return "127 addresses never leave the host" }
    if isMulticast { return "this is a multicast address" }
    if isReserved { return bits == .max ? "this is the broadcast address" : "addresses from 240 on are reserved" }
    return nil
  }
}

extension IPv4Address: Comparable {
  public static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.bits < right.bits }
}

extension IPv4Address: CustomStringConvertible {
  public var description: String {
    "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
  }
}
