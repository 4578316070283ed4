import Testing

@testable import HostNetworking

struct DoctorTargetTests {
  @Test(arguments: [
    "10.0.4.1", "10.0.4.1:443", "fd00::1", "[fd00::1]:443", "xcp2", "xcp2.example:22", "_ldap.example",
  ]) func whatIsReadIsSpelledAlike(text: String) throws {
    #expect("\(try DoctorTarget(parsing: text))" == text)
  }

  @Test func otherSpellingsAreTaken() throws {
    #expect("\(try DoctorTarget(parsing: "[FD00::1]"))" == "fd00::1")
    #expect("\(try DoctorTarget(parsing: "xcp2.example."))" == "xcp2.example")
    #expect("\(try DoctorTarget("fd00::1", port: "443"))" == "[fd00::1]:443")
    #expect("\(try DoctorTarget("[fd00::1]", port: ""))" == "fd00::1")
  }

  @Test(arguments: [
    ("", "an address or a name is missing"), ("10.0.4.256", "256 is more than 255"), ("10.0.4", "an IPv4 address has four numbers with dots between"),
    ("xcp2:0", "a port is a number from 1 to 65535"), ("xcp2:65536", "a port is a number from 1 to 65535"),
    ("xcp2:+1", "a port is a number from 1 to 65535"), ("xcp2:", "a port is a number from 1 to 65535"),
    ("[fd00::1", "the closing bracket is missing"), ("[fd00::1]443", "after the bracket comes a colon and a port"),
    ("a b", "a b may hold letters, digits, dots and hyphens only"), ("a..b", "a..b has two dots in a row"),
  ]) func whatCannotBeMeantIsRefused(text: String, reason: String) {
    #expect(throws: AddressError(reason)) { try DoctorTarget(parsing: text) }
  }
}
