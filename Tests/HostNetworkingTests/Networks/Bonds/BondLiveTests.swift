import Dom0
import JSON
import SimulatedHost
import Synchronization
import Testing
import XenAPI

@testable import HostNetworking

/// How a bond works, from the host's own files and tools.
struct BondLiveTests {
  @Test func theSwitchTellsWithXAPIDown() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"], "lacp")
      await host.host.stop()
      let live = await BondWatch("bond0", host.system).look().live
      #expect(live.isThere == true && live.mode == "balance-tcp" && live.active == "eth1")
      #expect(live.members.map(\.name) == ["eth1", "eth2"] && live.linksUp == 2)
      #expect(live.members.map(\.speed) == [1000, 10_000])
      #expect(live.lacp?.isNegotiated == true && live.lacp?.partners == ["00:1c:73:aa:bb:cc"])
      #expect(live.remarks.map(\.weight) == [.notice])
    }
  }

  @Test func aSilentSwitchIsDiagnosed() async throws {
    try await ChangeHost.quick(.standalone) { host in
      await host.host.setWiring(Wiring(segments: [], hasLACP: false))
      try await host.bond(["eth1", "eth2"], "lacp")
      let live = await BondWatch("bond0", host.system).look().live
      #expect(live.lacp?.isNegotiated == false && live.lacp?.partners == [])
      #expect(
        live.remarks.map(\.text) == [
          "The switch does not speak LACP with bond0. Set up LACP on its ports. Meanwhile one link works alone (fallback)."
        ])
    }
  }

  private final class Seen: Sendable {
    private let live = Mutex<BondLive?>(nil)
    var last: BondLive? {
      get { live.withLock { $0 } }
      set { live.withLock { $0 = newValue } }
    }
  }

  @Test func linksThatComeAndGoAreToldAtOnce() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"])
      let seen = Seen()
      let watch = BondWatch("bond0", host.system, every: .milliseconds(50))
      let task = Task { await watch.run { seen.last = $0 } }
      func waits(_ isSo: (BondLive) -> Bool) async throws -> BondLive? {
        for _ in 0..<1000 {
          if let live = seen.last, isSo(live) { return live }
          try await Task.sleep(for: .milliseconds(20))
        }
        return nil
      }
      let first = try #require(try await waits { $0.linksUp == 2 })
      #expect(first.active == "eth1" && first.members.allSatisfy { $0.since == nil })
      await host.host.setCarrier(device: "eth1", up: false)
      let second = try #require(try await waits { $0.active == "eth2" && $0.linksUp == 1 })
      #expect(second.members.first?.since != nil)
      #expect(second.remarks.first?.text.hasPrefix("eth1 has no link.") == true)
      task.cancel()
      await task.value
    }
  }

  @Test func aBondThatIsNotThereSaysSo() async throws {
    try await ChangeHost.quick(.standalone) { host in
      let live = await BondWatch("bond7", host.system).look().live
      #expect(live.isThere == false && live.members.isEmpty)
      #expect(live.remarks.first?.text.hasPrefix("bond7 is not set up") == true)
    }
  }

  @Test func theKernelsOwnBondsAreRead() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try host.system.replace(NetworkBackend.path, with: Array("bridge\n".utf8))
      try host.system.makeFolder(KernelBondStatus.folder)
      let text = """
        Bonding Mode: IEEE 802.3ad Dynamic link aggregation
        MII Status: up
        Up Delay (ms): 31000
        Down Delay (ms): 200
        Partner Mac Address: 00:00:00:00:00:00

        Slave Interface: eth1
        MII Status: up
        Speed: 1000 Mbps

        Slave Interface: eth3
        MII Status: down
        """
      try host.system.replace("\(KernelBondStatus.folder)/bond0", with: Array(text.utf8))
      let live = await BondWatch("bond0", host.system).look().live
      #expect(live.backend == .kernel && live.members.map(\.name) == ["eth1", "eth3"] && live.upDelay == 31000)
      #expect(live.lacp?.isNegotiated == false && live.lacp?.advice != nil)
      #expect(live.members.map(\.hasLink) == [true, false])
    }
  }

  /// With one member there is no bond in the switch, but a plain port.
  @Test func aBondOfOneIsAPlainPort() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1"], "lacp")
      let live = await BondWatch("bond0", host.system).look().live
      #expect(live.isPlain && live.isThere == true && live.members.map(\.name) == ["eth1"] && live.lacp == nil && live.linksUp == 1)
      #expect(live.remarks.map(\.text) == ["eth1 alone carries bond0, as a plain port: it speaks no LACP, and nothing is there to fall back on. Add a NIC."])
    }
  }

  @Test func bothEndsOfLACPAreTold() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"], "lacp")
      let ends = try #require(await BondWatch("bond0", host.system).look().live.members.first?.ends)
      #expect(ends.partner.system == "00:1c:73:aa:bb:cc" && ends.partner.port == 11 && ends.partner.key == 5)
      #expect(ends.own.state == ["activity", "aggregation", "synchronized", "collecting", "distributing"])
    }
  }

  @Test func theSwitchIsHeardOnceTheBondIsMade() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try await host.bond(["eth1", "eth2"], "lacp")
      #expect(await BondHearing(["eth2", "eth1"], host.system).run({ _ in }) == "it does, on every link")
      for card in ["eth1", "eth2"] { await host.host.setCarrier(device: card, up: false) }
      #expect(await BondHearing(["eth1", "eth2"], host.system).run({ _ in }) == "no link: nobody can answer")
    }
  }

  @Test func partedPortsOfTheKernelsBondAreNotUsed() async throws {
    try await ChangeHost.quick(.standalone) { host in
      try host.system.replace(NetworkBackend.path, with: Array("bridge\n".utf8))
      try host.system.makeFolder(KernelBondStatus.folder)
      let text = """
        Bonding Mode: IEEE 802.3ad Dynamic link aggregation
        MII Status: up
        LACP rate: fast
        Active Aggregator Info:
        \tAggregator ID: 1
        \tPartner Mac Address: 00:1c:73:aa:bb:cc

        Slave Interface: eth1
        MII Status: up
        Aggregator ID: 1

        Slave Interface: eth2
        MII Status: up
        Aggregator ID: 2
        """
      try host.system.replace("\(KernelBondStatus.folder)/bond0", with: Array(text.utf8))
      let live = await BondWatch("bond0", host.system).look().live
      #expect(live.lacp?.rate == "fast" && live.members.map(\.isUsed) == [true, false])
      #expect(live.remarks.contains { $0.text.contains("end in different groups or switches: eth1; eth2") }, "\(live.remarks)")
    }
  }

  @Test func silenceIsNoAgreement() {
    var live = BondLive(bond: "bond0", instant: .now, backend: .openVSwitch)
    live.isThere = true
    live.members = ["eth1", "eth2"].map { name in
      var member = BondLive.Member(name: name)
      (member.hasLink, member.isUsed) = (true, true)
      return member
    }
    live.lacp = BondLive.LACP(isNegotiated: false, fallsBack: true, rate: nil, partners: [], advice: nil)
    #expect(live.remarks.map(\.text) == ["All links are up, but LACP is not negotiated: one link works alone (fallback). Look at the switch ports."])
  }

  @Test func hashesAreCounted() throws {
    let text = """
      ---- bond0 ----
      bond_mode: balance-slb
      lacp_status: off
      active member mac: ec:f4:bb:c3:af:a8(eth0)

      member eth0: enabled
        active member
        may_enable: true
        hash 77: 22327 kB load
        hash 80: 5 kB load

      member eth1: enabled
        may_enable: true
      """
    let bond = try #require(try SwitchBond.parse(text).first)
    #expect(bond.members.map(\.hashes) == [2, 0] && bond.members.map(\.load) == [22332, 0])
  }
}
