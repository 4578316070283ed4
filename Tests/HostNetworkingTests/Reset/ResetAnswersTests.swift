import HostNetworking
import Testing

@Suite struct ResetAnswersTests {
  static let facts: ResetFacts = {
    var facts = ResetFacts()
    facts.role = .member(coordinator: "10.0.4.11")
    facts.devices = ["eth0", "eth1"].map { ResetDevice(name: $0) }
    facts.now.device = "bond0"
    facts.now.members = ["eth0", "eth1"]
    facts.managementBridge = "xapi0"
    return facts
  }()

  static func good() -> ResetAnswers {
    var answers = ResetAnswers()
    answers.device = "eth0"
    answers.mode = .fixed
    (answers.ip, answers.netmask, answers.gateway) = ("10.0.4.12", "255.255.255.0", "10.0.4.1")
    answers.modeV6 = .fixed
    (answers.ipv6, answers.gatewayV6) = ("fd00::12/64", "fe80::1")
    answers.dns = "10.0.4.2, fd00::2"
    answers.searchDomains = "lab.example example.org"
    answers.vlan = "42"
    answers.coordinator = "10.0.4.13"
    return answers
  }

  @Test func takesWhatIsRight() throws {
    let check = Self.good().checked(against: Self.facts)
    #expect(check.problems.isEmpty, "\(check.problems)")
    let request = try #require(check.request)
    #expect(request.vlan == 42)
    #expect(request.ipv4 == .fixed(try IPv4Prefix(parsing: "10.0.4.12/24"), gateway: IPv4Address("10.0.4.1")))
    #expect(request.dns.map(\.description) == ["10.0.4.2", "fd00::2"])
    #expect(request.searchDomains == ["lab.example", "example.org"])
    #expect(ResetRequest(request.json) == request)
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let field: ResetAnswers.Field
    let text: String
    var says = ""
    var testDescription: String { "\(field) = \(text.debugDescription)" }
  }

  static let bad: [Bad] = [
    Bad(field: .device, text: "", says: "choose"), Bad(field: .device, text: "side-12-eth0", says: "renaming"),
    Bad(field: .device, text: "eth7", says: "eth7"), Bad(field: .device, text: "bond0", says: "bond"),
    Bad(field: .device, text: "eth0'"), Bad(field: .device, text: "a=b"), Bad(field: .device, text: "eth0\nX"),
    Bad(field: .vlan, text: "4095", says: "4094"), Bad(field: .vlan, text: "-1"), Bad(field: .vlan, text: "x"),
    Bad(field: .vlan, text: "99999999999999999999"),
    Bad(field: .ip, text: ""), Bad(field: .ip, text: "10.0.4"), Bad(field: .ip, text: "10.0.4.300", says: "300"),
    Bad(field: .ip, text: "10.0.4.0", says: "network"), Bad(field: .ip, text: "10.0.4.255", says: "broadcast"),
    Bad(field: .ip, text: "127.0.0.1"), Bad(field: .ip, text: "224.0.0.5", says: "multicast"),
    Bad(field: .ip, text: "0.0.0.0"), Bad(field: .ip, text: "255.255.255.255"), Bad(field: .ip, text: "10.0.4.12/24", says: "netmask"),
    Bad(field: .ip, text: "10.0.04.12", says: "zero"),
    Bad(field: .netmask, text: ""), Bad(field: .netmask, text: "255.0.255.0", says: "gap"), Bad(field: .netmask, text: "0"),
    Bad(field: .netmask, text: "33"), Bad(field: .netmask, text: "254.0.0.0"),
    Bad(field: .gateway, text: "10.0.5.1", says: "not on the link"), Bad(field: .gateway, text: "10.0.4.12", says: "own"),
    Bad(field: .gateway, text: "10.0.4.255", says: "broadcast"), Bad(field: .gateway, text: "10.0.4.0"),
    Bad(field: .gateway, text: "gw"),
    Bad(field: .ipv6, text: ""), Bad(field: .ipv6, text: "fd00::12", says: "slash"), Bad(field: .ipv6, text: "fd00::12/129"),
    Bad(field: .ipv6, text: "::1/64"), Bad(field: .ipv6, text: "::/64"), Bad(field: .ipv6, text: "ff02::1/64", says: "multicast"),
    Bad(field: .ipv6, text: "fe80::5/64", says: "link-local"), Bad(field: .ipv6, text: "fd00::/64", says: "routers"),
    Bad(field: .ipv6, text: "::ffff:10.0.4.12/96"), Bad(field: .ipv6, text: "fd00::12/8"),
    Bad(field: .gatewayV6, text: "fd01::1", says: "not on the link"), Bad(field: .gatewayV6, text: "fd00::12", says: "own"),
    Bad(field: .gatewayV6, text: "ff02::2"), Bad(field: .gatewayV6, text: "fe80::1%eth0", says: "zone"),
    Bad(field: .dns, text: "dns.example", says: "dns.example"), Bad(field: .dns, text: "10.0.4.2,10.0.4.2", says: "twice"),
    Bad(field: .dns, text: "127.0.0.1"), Bad(field: .dns, text: "10.0.4.2'"), Bad(field: .dns, text: "0.0.0.0"),
    Bad(field: .searchDomains, text: "a=b"), Bad(field: .searchDomains, text: "lab.example LAB.example", says: "twice"),
    Bad(field: .searchDomains, text: "lab..example"),
    Bad(field: .coordinator, text: "xcp1.lab", says: "not an address"), Bad(field: .coordinator, text: "10.0.4.12", says: "itself"),
    Bad(field: .coordinator, text: "fd00::12", says: "itself"), Bad(field: .coordinator, text: "224.0.0.1"),
  ]

  /// The field is named, and only that one; everything else is still taken.
  @Test(arguments: bad)
  func namesTheFieldAndTheRule(_ bad: Bad) {
    var answers = Self.good()
    answers[bad.field] = bad.text
    let check = answers.checked(against: Self.facts)
    #expect(check.request == nil)
    let refused = check.problems.filter(\.isRefused)
    #expect(Set(refused.map(\.field)) == [bad.field], "\(refused)")
    #expect(check.refusal(of: bad.field)?.contains(bad.says) ?? false || bad.says.isEmpty, "\(refused)")
  }

  @Test func tellsEverythingAtOnce() {
    var answers = Self.good()
    (answers.ip, answers.netmask, answers.dns, answers.vlan) = ("x", "y", "z", "w")
    let refused = answers.checked(against: Self.facts).problems.filter(\.isRefused).map(\.field)
    #expect(Set(refused) == [.ip, .netmask, .dns, .vlan])
  }

  @Test func smallPrefixesHaveRulesOfTheirOwn() {
    func check(_ ip: String, _ mask: String, _ gateway: String) -> ResetCheck {
      var answers = Self.good()
      (answers.ip, answers.netmask, answers.gateway) = (ip, mask, gateway)
      return answers.checked(against: Self.facts)
    }
    #expect(check("10.0.4.12", "31", "10.0.4.13").request != nil)
    #expect(check("10.0.4.12", "31", "10.0.4.14").refusal(of: .gateway) != nil)
    #expect(check("10.0.4.12", "32", "").request != nil)
    #expect(check("10.0.4.12", "32", "10.0.4.1").refusal(of: .gateway)?.contains("/32") == true)
    #expect(check("10.0.4.12", "30", "10.0.4.13").refusal(of: .ip)?.contains("network") == true)
  }

  @Test func anAddressOfSomeKindThereMustBe() {
    var answers = Self.good()
    (answers.mode, answers.modeV6, answers.coordinator) = (.none, .none, "")
    #expect(answers.checked(against: Self.facts).refusal(of: .mode) != nil)
  }

  @Test func whatIsNotUsedIsNotLookedAt() throws {
    var answers = Self.good()
    (answers.mode, answers.modeV6) = (.dhcp, .autoconf)
    (answers.ip, answers.ipv6, answers.dns) = ("nonsense", "nonsense", "nonsense")
    let check = answers.checked(against: Self.facts)
    let request = try #require(check.request)
    #expect(request.ipv4 == .dhcp && request.ipv6 == .autoconf && request.dns.isEmpty && request.searchDomains.isEmpty)
    // But it is said: somebody gave it for a reason.
    #expect(Set(check.problems.map(\.field)).isSuperset(of: [.mode, .modeV6, .dns, .searchDomains]))
  }

  @Test func searchDomainsNeedAServer() {
    var answers = Self.good()
    answers.dns = ""
    #expect(answers.checked(against: Self.facts).refusal(of: .searchDomains)?.contains("DNS") == true)
  }

  @Test func aCoordinatorNeedsNoCoordinator() throws {
    var facts = Self.facts
    facts.role = .standalone
    let check = Self.good().checked(against: facts)
    #expect(try #require(check.request).coordinator == nil)
    #expect(check.problems.map(\.field) == [.coordinator])
  }

  @Test func withoutTheKernelsWordADeviceIsTakenWithARemark() {
    var facts = Self.facts
    facts.devicesProblem = "/sys/class/net is missing"
    var answers = Self.good()
    answers.device = "eth7"
    let check = answers.checked(against: facts)
    #expect(check.request != nil)
    #expect(check.problems.map(\.field) == [.device])
  }

  @Test func answersBeginWithWhatThereIs() throws {
    var facts = Self.facts
    facts.now.vlan = 20
    facts.now.ipv4 = .fixed(try IPv4Prefix(parsing: "10.0.4.12/24"), gateway: IPv4Address("10.0.4.1"))
    facts.now.dns = [.v4(IPv4Address(bits: 0x0a000402))]
    facts.devices[0].link = .down
    facts.devices[1].link = .up
    let answers = facts.answers
    // Of a bond's NICs one that has a link.
    #expect(answers.device == "eth1")
    #expect(answers.vlan == "20" && answers.mode == .fixed && answers.ip == "10.0.4.12")
    let check = answers.checked(against: facts)
    #expect(check.request != nil, "\(check.problems)")
  }
}
