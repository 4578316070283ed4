import Dom0
import JSON
import SimulatedHost
import Synchronization
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// Packet sizes on the networks of a simulated pool: its own ping knows how long packets may be.
struct MTUCheckTests {
  private func check(
    _ own: ChangeHost, _ address: String, size: Int? = nil, from: String? = nil, client: Bool = true, _ probes: (any NetworkProbes)? = nil
  ) async throws -> MTUCheckReport {
    let target = try DoctorTarget(address, port: "").place
    let request = MTUCheckRequest(target, size: size, interface: from)
    return await MTUCheck(request, own.system, client: client ? own.client : nil, probes: probes ?? .byTools(own.system)).run()
  }

  @Test func storageTakesJumboFramesButForOneSwitchPort() async throws {
    try await ChangeHost.with(.pool) { own in
      let good = try await check(own, "10.0.20.12")
      #expect(good.verdict == .fits(9000))
      #expect(good.way?.interface == "eth2" && good.way?.device == "xenbr2" && good.way?.gateway == nil)
      #expect(
        good.way?.layers.map { "\($0.name) \($0.mtu ?? 0)" } == [
          "network \"Storage A\" 9000", "eth2, as XAPI noted it 9000", "bridge xenbr2 9000", "NIC eth2 9000",
        ])
      let hole = try await check(own, "10.0.20.13")
      #expect(hole.verdict == .blackHole(passes: 1500, lost: 1504))
      #expect(hole.tries.map(\.size) == [9000, 576, 1500, 1504])
      #expect(hole.meaning.hasPrefix("Jumbo frames do not pass") && hole.remedy.hasPrefix("Set MTU 9000 on every switch port"))
      #expect(try await check(own, "10.0.20.13", size: 1500).verdict == .fits(1500))
    }
  }

  @Test func aRouterThatSaysSoIsQuoted() async throws {
    try await ChangeHost.with(.pool) { own in
      await own.host.setPathLimit("1.1.1.1", most: 1400, by: "10.0.4.1")
      let found = try await check(own, "1.1.1.1")
      let router = try InternetAddress(parsing: "10.0.4.1")
      #expect(found.verdict == .limited(to: 1400, by: router))
      #expect(found.way?.gateway == "10.0.4.1" && found.way?.interface == "bond0")
      #expect(found.text == "only packets of up to 1400 bytes reach 1.1.1.1: 10.0.4.1 lets no longer ones pass, and says so")
    }
  }

  /// What this host itself does not send is no fault of the network.
  @Test func ownLimitsAreTold() async throws {
    try await ChangeHost.with(.pool) { own in
      let small = try await check(own, "10.0.4.2", size: 9000)
      #expect(small.verdict == .ownLimit(1500))
      #expect(small.remedy.contains("MTU of its network"))
      #expect(small.way?.layers.filter { ($0.mtu ?? 9000) < 9000 }.isEmpty == false)
      // XAPI's setting is changed, and the bridge is as before.
      for network in await own.host.refs(class: "network", where: ["name_label": "Management"]) {
        await own.host.mutate(class: "network", ref: network, field: "MTU", value: 9000)
      }
      let waiting = try await check(own, "10.0.4.2", size: 9000)
      if case .ownLimit = waiting.verdict {
        #expect(waiting.meaning.contains("takes effect when the interface is plugged again"))
        #expect(waiting.remedy.contains("xe pif-plug uuid=\(waiting.way?.interfaceUUID ?? "?")"))
      }
      // A VLAN is looked at down to the NICs of the bond below.
      let vlan = try await check(own, "10.0.90.20")
      #expect(vlan.way?.interface == "VLAN 90 on bond0")
      #expect(vlan.way?.layers.map(\.kind) == [.network, .interface, .bridge, .lowerNetwork, .lowerBridge, .nic, .nic])
      #expect(vlan.fits)
    }
  }

  @Test func whatCannotBeTestedSaysWhy() async throws {
    try await ChangeHost.with(.pool) { own in
      let cases: [(String, String?, String)] = [
        ("10.0.30.9", "eth3", "eth3 has no IPv4 address: nothing can be sent from it"),
        ("10.0.4.2", "eth0", "eth0 belongs to bond0: choose bond0"), ("10.0.4.2", "eth9", "this host has no interface eth9"),
        ("10.0.4.11", nil, "10.0.4.11 is this host's own address"), ("2001:db8::1", nil, "this host has no route to 2001:db8::1"),
        ("nobody.example.invalid", nil, "no DNS server of this host knows nobody.example.invalid"),
      ]
      for (address, interface, why) in cases {
        let found = try await check(own, address, from: interface)
        #expect(found.text == "not tested: \(why)" && !found.isKnown)
      }
      #expect(try await check(own, "10.0.20.99").verdict == .silent(isThere: false))
      // It answers on the link, but no ping.
      var probes = FakeProbes()
      probes.echo = { FakeProbes.echoes($0, lost: $0.count) }
      #expect(try await check(own, "10.0.20.12", probes).verdict == .silent(isThere: true))
    }
  }

  /// From the host's own files and tools alone.
  @Test func itWorksWithoutXAPI() async throws {
    try await ChangeHost.with(.pool) { own in
      let found = try await check(own, "10.0.20.13", client: false)
      #expect(found.verdict == .blackHole(passes: 1500, lost: 1504))
      #expect(found.way?.layers.map(\.name) == ["bridge xenbr2", "NIC eth2"])
    }
  }

  @Test func progressIsToldAsItComes() async throws {
    try await ChangeHost.with(.pool) { own in
      let news = Mutex<[String]>([])
      let request = MTUCheckRequest(try DoctorTarget("10.0.20.13", port: "").place)
      await MTUCheck(request, own.system, client: own.client, probes: .byTools(own.system)).run { heard in
        news.withLock { $0.append(String("\(heard)".prefix { $0 != "(" })) }
      }
      #expect(news.withLock { $0 } == ["way", "tried", "tried", "tried", "tried", "over"])
    }
  }

  @Test func thoseThatThisHostKnowsAreOffered() async throws {
    try await ChangeHost.with(.pool) { own in
      let found = await MTULook(own.system, client: own.client).places()
      #expect(
        found.places.map { "\($0.who) \($0.target) \($0.interface)" } == [
          "storage \"ISO library\" 10.0.90.20 VLAN 90 on bond0", "storage \"iSCSI A\" 10.0.20.200 eth2",
          "xcp2 10.0.90.12 VLAN 90 on bond0", "xcp3 10.0.90.13 VLAN 90 on bond0", "xcp2 10.0.20.12 eth2", "xcp3 10.0.20.13 eth2",
          "xcp2 10.0.4.12 bond0", "xcp3 10.0.4.13 bond0", "gateway 10.0.4.1 bond0", "DNS server 10.0.4.2 bond0",
          "DNS server 10.0.4.3 bond0",
        ])
      #expect(found.sources.map(\.name) == ["bond0", "VLAN 90 on bond0", "eth2"])
      #expect(found.sources.last?.mtu == 9000 && found.silence == nil)
      let alone = await MTULook(own.system, client: nil).places()
      #expect(alone.silence == "XAPI was not asked")
      #expect(alone.places.map(\.who) == ["gateway", "DNS server", "DNS server"])
    }
  }

  @Test func serversOfStorageAreReadFromWhateverNamesThem() {
    #expect(MTUStorage.servers("10.0.20.50") == ["10.0.20.50"])
    #expect(MTUStorage.servers("10.0.20.50,10.0.21.50") == ["10.0.20.50", "10.0.21.50"])
    #expect(MTUStorage.servers("10.0.20.50:3260,10.0.21.50:3260") == ["10.0.20.50", "10.0.21.50"])
    #expect(MTUStorage.servers("nas.example:/export/isos") == ["nas.example"])
    #expect(MTUStorage.servers("\\\\nas\\share") == ["nas"] && MTUStorage.servers("//nas/share") == ["nas"])
    #expect(MTUStorage.servers("[fd00::5]:3260") == ["fd00::5"] && MTUStorage.servers("fd00::5") == ["fd00::5"])
    #expect(MTUStorage.servers("/var/opt/isos").isEmpty && MTUStorage.servers("").isEmpty)
  }
}
