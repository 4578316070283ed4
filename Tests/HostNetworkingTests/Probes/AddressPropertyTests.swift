import Glibc
import Testing

@testable import HostNetworking

/// Our reading of addresses against the C library's, over many texts: whole addresses, and such with a few characters changed.
struct AddressPropertyTests {
  /// inet_pton(3): the bytes, or nil.
  private static func reference(_ text: String, _ family: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
    return inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }

  /// There is no text on which the two differ: leading zeros, zones and old short forms (`10.1`) are refused by both.
  private static func agrees4(_ text: String) -> Bool { IPv4Address(text)?.bytes == reference(text, AF_INET) }
  private static func agrees6(_ text: String) -> Bool { IPv6Address(text)?.bytes == reference(text, AF_INET6) }

  @Test func wholeIPv4AddressesAreRead() {
    var random = SeededNumbers(seed: 4)
    var wrong: [String] = []
    for _ in 0..<20_000 {
      let address = IPv4Address(bits: UInt32(truncatingIfNeeded: random.next()))
      let isRight = Self.reference("\(address)", AF_INET) == address.bytes && IPv4Address("\(address)") == address
      if !isRight { wrong.append("\(address)") }
    }
    #expect(wrong == [])
  }

  @Test func changedIPv4AddressesAreJudgedAlike() {
    var random = SeededNumbers(seed: 44)
    var wrong: [String] = []
    for _ in 0..<40_000 {
      let text = mutate(ipv4Text(&random), alphabet: "0123456789...aA:x -+/%", &random)
      if !Self.agrees4(text) { wrong.append(text) }
    }
    #expect(wrong == [])
  }

  @Test func wholeIPv6AddressesAreRead() {
    var random = SeededNumbers(seed: 6)
    var wrong: [String] = []
    for _ in 0..<20_000 {
      let address = ipv6(&random)
      let isRight = Self.reference("\(address)", AF_INET6) == address.bytes && IPv6Address("\(address)") == address
      if !isRight { wrong.append("\(address)") }
    }
    #expect(wrong == [])
  }

  /// Our spelling is the C library's, but for IPv4 addresses in it: RFC 5952 section 5 wants dots where the prefix is known, and
  /// glibc also writes the old IPv4-compatible ones so.
  @Test func addressesAreSpelledAlike() {
    var random = SeededNumbers(seed: 66)
    var wrong: [String] = []
    for _ in 0..<20_000 {
      let address = ipv6(&random)
      var bytes = address.bytes
      var text = [CChar](repeating: 0, count: 64)
      inet_ntop(AF_INET6, &bytes, &text, 64)
      let reference = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let isCompatible = address.high == 0 && address.low >> 32 == 0 && address.low > 0xffff
      if !isCompatible, "\(address)" != reference { wrong.append("\(address)") }
    }
    #expect(wrong == [])
  }

  @Test func changedIPv6AddressesAreJudgedAlike() {
    var random = SeededNumbers(seed: 666)
    var wrong: [String] = []
    for _ in 0..<50_000 {
      let text = mutate(ipv6Text(&random), alphabet: "0123456789abcdefABCDEF::::..g% /", &random)
      if !Self.agrees6(text) { wrong.append(text) }
    }
    #expect(wrong == [])
  }

  @Test func anyTextAtAllIsJudgedAlike() {
    var random = SeededNumbers(seed: 9)
    var wrong: [String] = []
    let alphabet = Array(":::...0123456789abf")
    for _ in 0..<40_000 {
      let text = String((0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? ":" })
      if !Self.agrees4(text) || !Self.agrees6(text) { wrong.append(text) }
    }
    #expect(wrong == [])
  }

  // MARK: Texts

  private func ipv4Text(_ random: inout SeededNumbers) -> String {
    "\(IPv4Address(bits: UInt32(truncatingIfNeeded: random.next())))"
  }

  /// With runs of zeros, as real ones have, and now and then an IPv4 address in it.
  private func ipv6(_ random: inout SeededNumbers) -> IPv6Address {
    let groups = (0..<8).map { _ in
      Bool.random(using: &random) ? 0 : UInt64(random.next() & (Bool.random(using: &random) ? 0xff : 0xffff))
    }
    let high = groups[..<4].reduce(0) { $0 << 16 | $1 }
    let low = groups[4...].reduce(0) { $0 << 16 | $1 }
    return Int.random(in: 0..<10, using: &random) == 0
      ? IPv6Address(high: 0, low: 0xffff << 32 | low & 0xffff_ffff) : IPv6Address(high: high, low: low)
  }

  /// In one of the many spellings that are allowed.
  private func ipv6Text(_ random: inout SeededNumbers) -> String {
    let address = ipv6(&random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return "\(address)"
    case 1: return "\(address)".uppercased()
    case 2: return address.groups.map { String($0, radix: 16) }.joined(separator: ":")
    default:
      let front = address.groups[..<6].map { String($0, radix: 16) }.joined(separator: ":")
      return "\(front):\(IPv4Address(bits: UInt32(truncatingIfNeeded: address.low)))"
    }
  }

  /// None to four changes: a character more, one less, another one, a piece twice.
  private func mutate(_ text: String, alphabet: String, _ random: inout SeededNumbers) -> String {
    var text = Array(text)
    let letters = Array(alphabet)
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let place = Int.random(in: 0...text.count, using: &random)
      let letter = letters.randomElement(using: &random) ?? ":"
      switch Int.random(in: 0..<4, using: &random) {
      case 0: text.insert(letter, at: place)
      case 1 where place < text.count: text.remove(at: place)
      case 2 where place < text.count: text[place] = letter
      default: text.insert(contentsOf: text[..<place].suffix(3), at: place)
      }
    }
    return String(text)
  }
}

/// Numbers by chance that are the same at every run (xorshift64*).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_f491_4f6c_dd1d
  }
}
