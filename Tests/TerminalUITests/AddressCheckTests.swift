import Testing

@testable import TerminalUI

@Suite struct AddressCheckTests {
  @Test(arguments: ["10.0.4.12", "0.0.0.0", "255.255.255.255"]) func goodIPv4(text: String) {
    #expect(AddressCheck.ipv4(text) == .valid)
  }

  @Test(arguments: ["1", "10.", "10.0.4", "10.0.4."]) func unfinishedIPv4(text: String) {
    guard case .incomplete = AddressCheck.ipv4(text) else { Issue.record("\(AddressCheck.ipv4(text))"); return }
  }

  @Test(arguments: [
    "256.0.0.1": "256 is more than 255", "10.0.4.12.1": "an IPv4 address has only four numbers",
    "10.0.x": "\"x\" has no place in an IPv4 address", "10..4": "there is no number before a dot",
    "10.01.4.1": "01 begins with a zero", "10.0.4.1 ": "\" \" has no place in an IPv4 address",
    ".1": "there is no number before a dot", "99999999999999999999": "999999999999 is more than 255",
    "１0.0.0.1": "\"１\" has no place in an IPv4 address",
  ]) func badIPv4(text: String, reason: String) {
    #expect(AddressCheck.ipv4(text) == .invalid(reason))
  }

  @Test(arguments: [
    "::", "::1", "fe80::1", "2001:db8::4", "1:2:3:4:5:6:7:8", "1::", "::ffff:10.0.4.1", "1:2:3:4:5:6:7::",
  ])
  func goodIPv6(text: String) {
    #expect(AddressCheck.ipv6(text) == .valid)
  }

  @Test(arguments: ["f", "2001:db8:", "1:2:3:4:5:6:7", ":", "::ffff:10.0"]) func unfinishedIPv6(text: String) {
    guard case .incomplete = AddressCheck.ipv6(text) else { Issue.record("\(AddressCheck.ipv6(text))"); return }
  }

  @Test(arguments: [
    "1::2::3", ":::", "12345::", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "fe80::1%eth0", ":1", "10.0.4.1:1",
    "::300.1.1.1",
  ])
  func badIPv6(text: String) {
    guard case .invalid = AddressCheck.ipv6(text) else { Issue.record("\(AddressCheck.ipv6(text))"); return }
  }

  @Test func prefixes() {
    #expect(AddressCheck.cidr("10.0.4.12/24") == .valid)
    #expect(AddressCheck.cidr("10.0.4.12/0") == .valid)
    #expect(AddressCheck.cidr("2001:db8::4/128") == .valid)
    #expect(AddressCheck.cidr("10.0.4.12").reason?.contains("/24") == true)
    #expect(AddressCheck.cidr("::1").reason?.contains("/64") == true)
    #expect(AddressCheck.cidr("10.0.4.12/33") == .invalid("a prefix is at most /32"))
    #expect(AddressCheck.cidr("::1/129") == .invalid("a prefix is at most /128"))
    #expect(AddressCheck.cidr("10.0.4/24") == .invalid("an IPv4 address has four numbers, this has 3"))
    #expect(AddressCheck.cidr("10.0.4.12/2x") == .invalid("the prefix length is a number"))
    #expect(AddressCheck.cidr("10.0.4.12/024") == .invalid("024 begins with a zero"))
    #expect(AddressCheck.cidr("/24") == .invalid("the address is missing before the slash"))
    #expect(AddressCheck.cidr("") == .empty)
  }
}
