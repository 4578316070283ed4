import Glibc
import HostNetworking
import Testing

/// Held against the C library, which everything else on the host reads addresses with.
@Suite struct AddressTests {
  /// A generator that makes the same numbers every time.
  struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var mixed = state
      mixed ^= mixed >> 33
      return mixed &* 0xff51_afd7_ed55_8ccd
    }
  }

  private func system(_ family: Int32, _ text: String) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
    return inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }

  private func bytes(_ address: IPv4Address) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address.bits >> UInt32($0)) }
  }

  private func bytes(_ address: IPv6Address) -> [UInt8] {
    address.groups.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
  }

  /// Texts near addresses: right ones, damaged ones, noise.
  private func texts(_ alphabet: String, _ count: Int, _ seed: UInt64, _ good: (inout Seeded) -> String) -> [String] {
    var random = Seeded(state: seed)
    let letters = Array(alphabet)
    return (0..<count).map { round in
      var text = Array(good(&random))
      if round % 3 == 0 { return String(text) }
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0...text.count, using: &random)
        let letter = letters[Int.random(in: 0..<letters.count, using: &random)]
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text.insert(letter, at: place)
        case 1 where place < text.count: text.remove(at: place)
        case _ where place < text.count: text[place] = letter
        default: break
        }
      }
      return String(text)
    }
  }

  @Test func readsIPv4AsTheSystemDoes() {
    let texts = texts("0123456789. /a", 30_000, 1) { random in
      (0..<4).map { _ in "\(Int.random(in: 0...260, using: &random))" }.joined(separator: ".")
    }
    var accepted = 0
    for text in texts + ["", ".", "1.2.3.4.", "1..2.3", "01.2.3.4", "0.0.0.0", "255.255.255.255", "1.2.3.4\n", "1.2.3.0004"] {
      let ours = IPv4Address(text).map(bytes)
      #expect(ours == system(AF_INET, text), "\(text)")
      if ours != nil { accepted += 1 }
    }
    #expect(accepted > 8000)
  }

  @Test func readsIPv6AsTheSystemDoes() {
    let texts = texts("0123456789abcdefABCDEF:::..%/g", 40_000, 2) { random in
      var groups = (0..<8).map { _ in String(UInt16.random(in: 0...0xffff, using: &random), radix: 16) }
      switch Int.random(in: 0..<5, using: &random) {
      case 0:
        let from = Int.random(in: 0..<8, using: &random)
        let to = Int.random(in: from...7, using: &random)
        return groups[..<from].joined(separator: ":") + "::" + groups[(to + 1)...].joined(separator: ":")
      case 1:
        groups.removeLast(2)
        return (groups + ["10.\(Int.random(in: 0...300, using: &random)).3.4"]).joined(separator: ":")
      case 2: return "::\(groups[0]):192.0.2.\(Int.random(in: 0...255, using: &random))"
      default: return groups.joined(separator: ":")
      }
    }
    var accepted = 0
    let edges = [
      "", ":", "::", ":::", "::1", "1::", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "1::2::3",
      "::1.2.3.4", "1.2.3.4::", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "12345::", "::g", "fe80::1%eth0", "1:2:3:4:5:6:7:8:9",
    ]
    for text in texts + edges {
      let ours = IPv6Address(text).map(bytes)
      #expect(ours == system(AF_INET6, text), "\(text)")
      if ours != nil { accepted += 1 }
    }
    #expect(accepted > 8000)
  }

  @Test func printsIPv6AsRFC5952AsksFor() {
    var random = Seeded(state: 3)
    for _ in 0..<20_000 {
      // Many zero groups: that is where the rules bite.
      let groups = (0..<8).map { _ in
        Bool.random(using: &random) ? UInt64(0) : UInt64.random(in: 0...0xffff, using: &random) >> UInt64.random(in: 0...12, using: &random)
      }
      let address = IPv6Address(
        high: groups[..<4].reduce(0) { $0 << 16 | $1 }, low: groups[4...].reduce(0) { $0 << 16 | $1 })
      #expect(IPv6Address(address.description) == address)
      // The system prints dots for a form that RFC 5952 does not ask for.
      guard address.high != 0 || address.low >> 32 != 0 else { continue }
      var buffer = [CChar](repeating: 0, count: 64)
      let theirs = inet_ntop(AF_INET6, bytes(address), &buffer, 64).map { String(cString: $0) }
      #expect(address.description == theirs)
    }
    #expect("\(IPv6Address(high: 0, low: 1))" == "::1")
    #expect("\(IPv6Address(high: 0, low: 0))" == "::")
  }

  @Test func masksAreOnesFromTheLeft() throws {
    for length in 0...32 {
      let mask = IPv4Prefix.netmask(length: length)
      #expect(mask.bits.leadingZeroBitCount == (length == 0 ? 32 : 0))
      #expect(try IPv4Prefix.length(ofNetmask: "\(mask)") == length)
      #expect(try IPv4Prefix.length(ofNetmask: "/\(length)") == length)
      if length > 1, length < 32 {
        #expect(throws: AddressError.self) { try IPv4Prefix.length(ofNetmask: "\(IPv4Address(bits: mask.bits ^ 1 << 31))") }
      }
    }
    for text in ["", "33", "024", "-1", "255.0.255.0", "255.255.255", "24 ", "a"] {
      #expect(throws: AddressError.self, "\(text)") { try IPv4Prefix.length(ofNetmask: text) }
    }
  }

  @Test func prefixesKnowTheirEdges() throws {
    let wide = try IPv4Prefix(parsing: "10.0.4.12/24")
    #expect("\(wide.network)" == "10.0.4.0" && "\(wide.last)" == "10.0.4.255")
    #expect(wide.isEdge(wide.network) && wide.isEdge(wide.last) && !wide.isEdge(wide.address))
    // RFC 3021: both addresses of a /31 are hosts.
    let pair = try IPv4Prefix(parsing: "10.0.4.12/31")
    #expect(!pair.isEdge(pair.network) && !pair.isEdge(pair.last) && pair.contains(pair.last))
    var random = Seeded(state: 4)
    for _ in 0..<5000 {
      let address = IPv4Address(bits: UInt32.random(in: 0 ... .max, using: &random))
      let other = IPv4Address(bits: UInt32.random(in: 0 ... .max, using: &random))
      let prefix = IPv4Prefix(address, length: Int.random(in: 0...32, using: &random))
      #expect(prefix.contains(other) == (other >= prefix.network && other <= prefix.last))
      let six = IPv6Address(
        high: UInt64.random(in: 0 ... .max, using: &random), low: UInt64.random(in: 0 ... .max, using: &random))
      let long = IPv6Prefix(six, length: Int.random(in: 0...128, using: &random))
      #expect(long.contains(six) && long.network <= six && six <= long.last)
      #expect(try IPv6Prefix(parsing: "\(long)") == long)
      #expect(try IPv4Prefix(parsing: "\(prefix)") == prefix)
    }
    let anycast = try IPv6Prefix(parsing: "2001:db8::/64")
    #expect(anycast.isRouterAnycast(anycast.address))
    let link = try IPv6Prefix(parsing: "2001:db8::/127")
    #expect(!link.isRouterAnycast(link.address))
  }

  @Test(arguments: [
    ("example.com", true), ("lab", true), ("a-b.c_d.", true), ("", false), (".", false), ("a..b", false), ("-a.b", false),
    ("a-.b", false), ("a b", false), ("a=b", false), ("a'b", false), (String(repeating: "a", count: 63) + ".b", true),
    (String(repeating: "a", count: 64) + ".b", false), (String(repeating: "a.", count: 127) + "bb", false), ("ü.de", false),
  ])
  func domainNames(text: String, isOne: Bool) { #expect((DomainName.problem(text) == nil) == isOne, "\(text)") }
}
