import Glibc
import TerminalUI
import Testing

/// What is said of an address while it is typed, against the C library's inet_pton: right is what that takes, whatever text.
struct AddressReferenceTests {
  private static func reference(_ text: String, _ family: Int32) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 16)
    return inet_pton(family, text, &bytes) == 1
  }

  private static let addresses = [
    "10.0.4.12", "255.255.255.255", "0.0.0.0", "192.168.1.100", "fd00::12", "2001:db8:0:0:1::5", "::", "::1", "1::",
    "::ffff:10.0.4.12", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:10.0.4.12", "fe80::21b:21ff:fe0d:1",
  ]

  @Test func rightIsWhatTheCLibraryTakes() {
    var numbers = SystemRandomNumberGenerator()
    let letters = Array("0123456789abcdefF:::...g% /-")
    var wrong: [String] = []
    for _ in 0..<40_000 {
      var text = Array(Self.addresses.randomElement(using: &numbers) ?? "")
      for _ in 0..<Int.random(in: 0...4, using: &numbers) {
        let place = Int.random(in: 0...text.count, using: &numbers)
        let letter = letters.randomElement(using: &numbers) ?? ":"
        switch Int.random(in: 0..<3, using: &numbers) {
        case 0: text.insert(letter, at: place)
        case 1 where place < text.count: text.remove(at: place)
        default: if place < text.count { text[place] = letter }
        }
      }
      let whole = String(text)
      let isRight4 = (AddressCheck.ipv4(whole) == .valid) == Self.reference(whole, AF_INET)
      let isRight6 = (AddressCheck.ipv6(whole) == .valid) == Self.reference(whole, AF_INET6)
      if !isRight4 || !isRight6 { wrong.append(whole) }
    }
    #expect(Array(wrong.prefix(20)) == [])
  }

  /// Typing a right address from left to right, nothing is held against it before it is complete.
  @Test(arguments: addresses) func nothingIsHeldAgainstWhoIsTyping(address: String) {
    for length in 1...address.count {
      let typed = String(address.prefix(length))
      let check = address.contains(":") ? AddressCheck.ipv6(typed) : AddressCheck.ipv4(typed)
      if case .invalid(let reason) = check { Issue.record("\(typed): \(reason)") }
    }
  }
}
