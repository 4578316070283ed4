/// Bytes in the order of the network, for packets that we put together ourselves.
struct PacketBytes {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ byte: UInt8) { bytes.append(byte) }
  mutating func add16(_ number: UInt16) { bytes += [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)] }
  mutating func add32(_ number: UInt32) {
    add16(UInt16(number >> 16))
    add16(UInt16(truncatingIfNeeded: number))
  }
  mutating func add(_ more: some Sequence<UInt8>) { bytes += more }

  mutating func set16(_ number: UInt16, at index: Int) {
    bytes[index] = UInt8(number >> 8)
    bytes[index + 1] = UInt8(truncatingIfNeeded: number)
  }
}

/// Reads a packet that somebody else made: whatever lies beyond its end is nil, never a crash.
struct PacketReader {
  let bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }
  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  var count: Int { bytes.count }

  func byte(_ offset: Int) -> UInt8? {
    offset >= 0 && offset < bytes.count ? bytes[bytes.startIndex + offset] : nil
  }

  func number16(_ offset: Int) -> UInt16? {
    guard let high = byte(offset), let low = byte(offset + 1) else { return nil }
    return UInt16(high) << 8 | UInt16(low)
  }

  func number32(_ offset: Int) -> UInt32? {
    guard let high = number16(offset), let low = number16(offset + 2) else { return nil }
    return UInt32(high) << 16 | UInt32(low)
  }

  func part(_ offset: Int, _ length: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, length >= 0, offset + length <= bytes.count else { return nil }
    return bytes[(bytes.startIndex + offset)..<(bytes.startIndex + offset + length)]
  }

  func from(_ offset: Int) -> PacketReader { PacketReader(bytes.dropFirst(max(0, offset))) }

  func ipv4(_ offset: Int) -> IPv4Address? { number32(offset).map { IPv4Address(bits: $0) } }

  func ipv6(_ offset: Int) -> IPv6Address? { part(offset, 16).flatMap { IPv6Address(bytes: $0) } }
}

enum Checksum {
  /// RFC 1071: the ones' complement of the sum of all pairs of bytes.
  static func internet(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var sum: UInt32 = 0
    var high: UInt8?
    for byte in bytes {
      if let first = high {
        sum += UInt32(first) << 8 | UInt32(byte)
        high = nil
      } else {
        high = byte
      }
    }
    if let high { sum += UInt32(high) << 8 }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    return ~UInt16(truncatingIfNeeded: sum)
  }
}

extension IPv4Address {
  var bytes: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) } }
}

extension IPv6Address {
  var bytes: [UInt8] { groups.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] } }

  /// - Parameter bytes: sixteen; nil for any other number.
  init?(bytes: ArraySlice<UInt8>) {
    guard bytes.count == 16 else { return nil }
    self.init(
      high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// The group that whoever has this address listens to (RFC 4291 section 2.7.1).
  var solicitedNode: IPv6Address {
    IPv6Address(high: 0xff02 << 48, low: 0x1_ff00_0000 | (low & 0xff_ffff))
  }
}
