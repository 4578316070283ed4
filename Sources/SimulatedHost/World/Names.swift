/// Makes uuids and MAC addresses. With a seed the same ones come every time, so that pictures and tests stay alike.
struct Names: Sendable {
  private var state: UInt64?

  /// Random names.
  init() { state = nil }

  /// The same names for the same seed.
  init(seed: UInt64) { state = seed }

  /// SplitMix64 (Steele, Lea, Flood 2014): good enough for names.
  mutating func next() -> UInt64 {
    guard var state else { return UInt64.random(in: .min ... .max) }
    state &+= 0x9e37_79b9_7f4a_7c15
    self.state = state
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A version 4 uuid (RFC 9562).
  mutating func uuid() -> String {
    let high = (next() & 0xffff_ffff_ffff_0fff) | 0x4000
    let low = (next() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000
    return String(unsafeUninitializedCapacity: 36) { buffer in
      var at = 0
      for (index, byte) in (0..<16).map({ index in
        UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index % 8)))
      }).enumerated() {
        if index == 4 || index == 6 || index == 8 || index == 10 {
          buffer[at] = UInt8(ascii: "-")
          at += 1
        }
        buffer[at] = Self.digit(byte >> 4)
        buffer[at + 1] = Self.digit(byte & 15)
        at += 2
      }
      return at
    }
  }

  /// A locally administered unicast MAC address.
  mutating func mac() -> String {
    let bits = next()
    return (0..<6).map { index in
      let byte = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index))
      let shown = index == 0 ? byte & 0xfc | 2 : byte
      return String(decoding: [Self.digit(shown >> 4), Self.digit(shown & 15)], as: UTF8.self)
    }.joined(separator: ":")
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
  }
}
