import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// The form's rules, against what a real client reads of a simulated pool.
@Suite(.serialized) struct ManagementAnswersTests {
  private func facts(_ scenario: Scenario = .pool) async throws -> ChangeFacts {
    let host = try await LayoutHost(scenario)
    do {
      let facts = try await ChangeLook(host.client, host.view.system).facts()
      await host.close()
      return facts
    } catch {
      await host.close()
      throw error
    }
  }

  /// Right in every field, on a NIC that has nothing yet.
  private func good(_ place: ManagementAnswers.Place = .interface("eth3")) -> ManagementAnswers {
    var answers = ManagementAnswers(place)
    answers.tag = "77"
    answers.mode = .fixed
    (answers.ip, answers.netmask, answers.gateway) = ("10.0.5.50", "24", "10.0.5.1")
    answers.modeV6 = .fixed
    (answers.ipv6, answers.gatewayV6) = ("fd00::12/64", "fe80::1")
    answers.dns = "10.0.4.2, fd00::2"
    answers.searchDomains = "lab.example"
    answers.hostname = "xcp1.lab.example"
    return answers
  }

  @Test func takesWhatIsRight() async throws {
    let facts = try await facts()
    let check = good().checked(against: facts)
    #expect(check.problems.isEmpty, "\(check.problems)")
    let request = try #require(check.request)
    #expect(request.target == .interface("eth3"))
    #expect(request.ipv4 == .fixed(try IPv4Prefix(parsing: "10.0.5.50/24"), gateway: IPv4Address("10.0.5.1")))
    #expect(request.dns.map(\.description) == ["10.0.4.2", "fd00::2"])
    #expect(request.hostname == "xcp1.lab.example")
    #expect(request.primary == .ipv4)
    #expect(!request.keepsOldAddress)
    let vlan = try #require(good(.newVLAN(on: "bond0")).checked(against: facts).request)
    #expect(vlan.target == .newVLAN(tag: 77, on: "bond0"))
    #expect(vlan.target.name == "VLAN 77 on bond0")
  }

  /// Each wrong answer is refused by its field, with the names and rules a person needs.
  @Test func namesTheFieldAndTheRule() async throws {
    let facts = try await facts()
    typealias Bad = (ManagementAnswers.Field, String, (inout ManagementAnswers) -> Void)
    let wrong: [Bad] = [
      (.interface, "choose bond0", { $0.place = .interface("eth0") }),
      (.interface, "no interface eth9", { $0.place = .interface("eth9") }),
      (.base, "choose bond0", { $0.place = .newVLAN(on: "eth1") }),
      (.base, "is a VLAN itself", { $0.place = .newVLAN(on: "VLAN 10 on bond0") }),
      (.tag, "missing", { ($0.place, $0.tag) = (.newVLAN(on: "bond0"), " ") }),
      (.tag, "0 to 4094", { ($0.place, $0.tag) = (.newVLAN(on: "bond0"), "4095") }),
      (.tag, "0 to 4094", { ($0.place, $0.tag) = (.newVLAN(on: "bond0"), "-1") }),
      (.tag, "0 to 4094", { ($0.place, $0.tag) = (.newVLAN(on: "bond0"), "x") }),
      (.tag, "VLAN 10 on bond0 is there already, network \"DMZ\"", { ($0.place, $0.tag) = (.newVLAN(on: "bond0"), "10") }),
      (.mode, "both off", { ($0.mode, $0.modeV6) = (.none, .none) }),
      (.ip, "missing", { $0.ip = "" }), (.ip, "not an IPv4 address", { $0.ip = "10.0.5" }),
      (.ip, "netmask", { $0.ip = "10.0.5.50/24" }), (.ip, "broadcast", { $0.ip = "10.0.5.255" }),
      (.netmask, "gap", { $0.netmask = "255.0.255.0" }), (.netmask, "missing", { $0.netmask = "" }),
      (.gateway, "not on the link", { $0.gateway = "10.0.6.1" }),
      (.gateway, "own address", { $0.gateway = "10.0.5.50" }),
      (.ip, "belongs to xcp2", { ($0.ip, $0.gateway) = ("10.0.4.12", "10.0.4.1") }),
      (.ip, "belongs to eth2 already", { ($0.ip, $0.gateway) = ("10.0.20.11", "10.0.20.1") }),
      (.gateway, "own address on eth2", { ($0.ip, $0.gateway) = ("10.0.20.50", "10.0.20.11") }),
      (.ipv6, "slash", { $0.ipv6 = "fd00::12" }), (.gatewayV6, "not on the link", { $0.gatewayV6 = "fd01::1" }),
      (.dns, "not an address", { $0.dns = "dns.example" }), (.dns, "twice", { $0.dns = "10.0.4.2 10.0.4.2" }),
      (.searchDomains, "two dots", { $0.searchDomains = "lab..example" }),
      (.hostname, "underscore", { $0.hostname = "xcp_1" }), (.hostname, "hyphen", { $0.hostname = "-xcp1" }),
      (.hostname, "letters", { $0.hostname = "xcp 1" }), (.hostname, "dot", { $0.hostname = "xcp1." }),
    ]
    for (field, says, change) in wrong {
      var answers = good()
      change(&answers)
      let check = answers.checked(against: facts)
      #expect(check.request == nil, "\(field) \(says)")
      #expect(Set(check.problems.filter(\.isRefused).map(\.field)) == [field], "\(check.problems)")
      #expect(check.refusal(of: field)?.contains(says) == true, "\(says): \(check.problems)")
    }
  }

  @Test func theAddressThatMovesIsFreeUnlessItStays() async throws {
    let facts = try await facts()
    var answers = good()
    (answers.ip, answers.gateway) = ("10.0.4.11", "10.0.4.1")
    #expect(answers.checked(against: facts).request != nil, "\(answers.checked(against: facts).problems)")
    answers.keepsOldAddress = true
    #expect(answers.checked(against: facts).refusal(of: .ip)?.contains("belongs to bond0") == true)
    // On the interface that has it already it is no clash, and there is nothing old to keep.
    answers.place = .interface("bond0")
    let request = try #require(answers.checked(against: facts).request)
    #expect(!request.keepsOldAddress)
    #expect(!answers.uses(.keepsOldAddress, facts))
  }

  @Test func twoInterfacesInOneNetworkAreToldOf() async throws {
    let facts = try await facts()
    var answers = good()
    (answers.ip, answers.gateway) = ("10.0.20.50", "10.0.20.1")
    let check = answers.checked(against: facts)
    #expect(check.request != nil)
    #expect(check.problems.contains { $0.field == .ip && !$0.isRefused && $0.text.contains("eth2 has 10.0.20.11") }, "\(check.problems)")
  }

  @Test func thePrimaryFamilyIsOneThatHasAnAddress() async throws {
    let facts = try await facts()
    var answers = good()
    answers.primary = .ipv6
    #expect(answers.checked(against: facts).request?.primary == .ipv6)
    answers.modeV6 = .none
    #expect(answers.primaryInUse == .ipv4)
    #expect(!answers.uses(.primary, facts))
    (answers.mode, answers.modeV6) = (.none, .autoconf)
    #expect(answers.primaryInUse == .ipv6)
    // Servers are set by hand with autoconf as well, and not with DHCP.
    #expect(answers.uses(.dns, facts))
    answers.modeV6 = .dhcp
    #expect(!answers.uses(.dns, facts))
    #expect(answers.checked(against: facts).request?.dns.isEmpty == true)
  }

  @Test func answersBeginWithTheInterfacesOwnSettingsOrManagements() async throws {
    let facts = try await facts()
    let storage = ManagementAnswers(prefilledFor: .interface("eth2"), facts)
    #expect(storage.ip == "10.0.20.11" && storage.addresses.mode == .fixed)
    for place in [ManagementAnswers.Place.interface("eth3"), .interface("bond0"), .newVLAN(on: "bond0")] {
      let answers = ManagementAnswers(prefilledFor: place, facts)
      #expect(answers.ip == "10.0.4.11" && answers.netmask == "255.255.255.0" && answers.gateway == "10.0.4.1", "\(place)")
      #expect(answers.dns.contains("10.0.4.2"))
      #expect(answers.hostname == facts.hostname)
    }
    // Taken as it is, it asks for what there is: no other name, the same address.
    let same = ManagementAnswers(prefilledFor: .interface("bond0"), facts).checked(against: facts)
    #expect(same.request?.hostname == nil && same.request != nil, "\(same.problems)")
  }

  @Test func whatCannotCarryManagementSaysWhy() async throws {
    let candidates = try await facts().candidates
    func candidate(_ name: String) throws -> ManagementCandidate { try #require(candidates.first { $0.name == name }) }
    #expect(try candidate("eth0").refusal == "eth0 belongs to bond0: choose bond0")
    #expect(try candidate("bond0").refusal == nil)
    #expect(try candidate("bond0").isManagement)
    #expect(try candidate("VLAN 10 on bond0").refusal == nil)
    #expect(try candidate("VLAN 10 on bond0").refusalOfVLAN?.contains("is a VLAN itself") == true)
    #expect(try candidate("eth3").link == .down)
    for tunnel in candidates where tunnel.name.hasPrefix("tunnel") { #expect(tunnel.refusal?.contains("tunnel") == true) }
    for sriov in candidates where sriov.name.hasPrefix("SR-IOV") { #expect(sriov.refusal?.contains("for VMs") == true) }
  }
}
