import SimulatedHost
import Testing

@testable import Dom0
@testable import HostNetworking

/// What "Keep this change?" says of LACP below management.
struct PendingLACPTests {
  private static let silent =
    "not negotiated: The switch does not speak LACP with bond0. Set up LACP on its ports. Meanwhile one link works alone (fallback)"

  @Test(arguments: [true, false])
  func theSwitchAnswersOrIsSilent(hasLACP: Bool) async throws {
    try await ChangeHost.quick(.standalone) { host in
      if !hasLACP { await host.host.setWiring(Wiring(segments: [], hasLACP: false)) }
      try await host.bond(["eth1", "eth2"], "lacp")
      let verdict = await PendingLACP(["eth2", "eth1"], host.system).verdict()
      #expect(verdict == (hasLACP ? .good("negotiated with 00:1c:73:aa:bb:cc on 2 links") : .bad(Self.silent)))
    }
  }

  @Test func withoutLinksNobodyCanAnswer() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"], "lacp")
      for card in ["eth1", "eth2"] { await host.host.setCarrier(device: card, up: false) }
      #expect(await PendingLACP(["eth1", "eth2"], host.system).verdict() == .bad("not negotiated: no NIC of bond0 has a link"))
    }
  }

  @Test func thereIsNoLineWithoutLACP() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"])
      #expect(await PendingLACP(["eth1", "eth2"], host.system).verdict() == nil)
      #expect(await PendingLACP(["eth0"], host.system).verdict() == nil)
    }
  }

  @Test func oneLinkOutsideTheGroupIsNotWell() {
    var live = BondLive(bond: "bond0", instant: .now, backend: .kernel)
    var member = BondLive.Member(name: "eth1")
    member.hasLink = true
    live.members = [member]
    live.lacp = BondLive.LACP(isNegotiated: true, fallsBack: nil, rate: nil, partners: ["00:1c:73:aa:bb:cc"], advice: "The NICs are parted.")
    #expect(PendingLACP.verdict(of: live) == .bad("not on every link: The NICs are parted"))
    live.lacp = BondLive.LACP(isNegotiated: true, fallsBack: nil, rate: nil, partners: [], advice: nil)
    #expect(PendingLACP.verdict(of: live) == .good("negotiated with the switch on 1 link"))
  }
}
