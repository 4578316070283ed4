import JSON
import Synchronization
import TestSupport
import Testing
import XenAPI

@testable import Dom0
@testable import HostNetworking

/// The ladder without a network: every line red once, with its sentence, and what it keeps others from.
struct LadderTests {
  private static let gateway4 = InternetAddress.v4(IPv4Address(bits: 0x0a00_0401))

  private func wrong(_ change: (inout DoctorScene) -> Void) async -> [String] {
    var scene = DoctorScene()
    change(&scene)
    return await scene.wrong()
  }

  private func report(_ change: (inout DoctorScene) -> Void) async -> DoctorReport {
    var scene = DoctorScene()
    change(&scene)
    return await scene.report()
  }

  private func text(_ report: DoctorReport, _ rung: DoctorRung, _ subject: String = "") -> String? {
    report.lines.first { $0.id == DoctorLine.ID(rung, subject) }?.text
  }

  @Test func allIsWell() async {
    let report = await DoctorScene().report()
    #expect(report.verdict == .good)
    #expect(report.lines.allSatisfy { if case .ok = $0.state { true } else { false } }, "\(report.lines.map(\.text))")
    #expect(
      report.lines.map(\.title) == [
        "Link", "Speed", "Bond", "Address", "Address IPv6", "Duplicate", "Duplicate IPv6", "Way out", "Way out IPv6", "VLAN",
        "Gateway", "Gateway IPv6", "Loss", "Loss IPv6", "Packets", "Packets IPv6", "Packets beyond", "DNS 10.0.4.2",
        "DNS 10.9.0.2", "A name", "Time", "Coordinator", "Pool", "XAPI",
      ])
    #expect(text(report, .link) == "eth0 and eth1 are up")
    #expect(text(report, .bond) == "active-backup, eth0 is in use")
    #expect(text(report, .speed) == "10 Gb/s, full duplex, each")
    #expect(text(report, .address, "IPv6") == "fd00:4::12/64 on VLAN 20 on bond0, by autoconf")
    #expect(text(report, .vlan) == "VLAN 20: the gateway answers")
    #expect(text(report, .time) == "synchronized with 10.9.0.3, less than 1 ms off")
    #expect(text(report, .coordinator) == "xcp1 (10.0.4.11) answers at port 443 in 1.0 ms")
    #expect(text(report, .xapi) == "XAPI answers, and port 443 of 10.0.4.12 is open")
  }

  // MARK: The host itself

  @Test func links() async {
    #expect(await wrong { $0.facts.management?.nics[1].hasLink = false } == ["Link: eth1 has no link"])
    #expect(
      await wrong {
        $0.facts.management?.nics[0].hasLink = false
        $0.facts.management?.nics[1].hasLink = false
      } == ["Link: eth0 and eth1 have no link"])
    #expect(await wrong { $0.facts.management?.nics[0].isMissing = true } == ["Link: eth0 is not in this machine"])
    #expect(
      await wrong {
        $0.facts.management?.nics[0].isUp = false
        $0.facts.management?.nics[0].hasLink = false
      } == ["Link: eth0 is switched off"])
    let none = await report { $0.facts.management = nil }
    #expect(none.troubles.map(\.text) == ["there is no management interface"])
  }

  /// What hangs on the cable is not tried, and not red.
  @Test func aCableThatIsOutExplainsTheRest() async {
    let report = await report {
      $0.facts.management?.nics[0].hasLink = false
      $0.facts.management?.nics[1].hasLink = false
      $0.probes = .dead
      $0.probes.tcp = { address, _ in "\(address)" == "10.0.4.12" ? .connected(after: .zero) : .silent("no answer") }
    }
    #expect(report.troubles.map(\.text) == ["eth0 and eth1 have no link"])
    for rung in [DoctorRung.vlan, .duplicate, .gateway, .loss, .mtu, .name, .coordinator, .members] {
      #expect(text(report, rung) == "not tried: no link", "\(rung)")
    }
    #expect(text(report, .dns, "10.9.0.2") == "not tried: no link")
    #expect(text(report, .time)?.hasPrefix("synchronized") == true)
  }

  @Test func speeds() async {
    #expect(await wrong { $0.facts.management?.nics[1].duplex = .half } == ["Speed: eth1 works at half duplex"])
    let differ = await report { $0.facts.management?.nics[1].speed = 1000 }
    #expect(text(differ, .speed) == "the NICs of VLAN 20 on bond0 differ: eth0 10 Gb/s, eth1 1 Gb/s")
    #expect(differ.verdict == .notice)
    let slow = await report { for index in 0...1 { $0.facts.management?.nics[index].speed = 100 } }
    #expect(text(slow, .speed) == "only 100 Mb/s")
  }

  @Test func bonds() async {
    let silent = await wrong {
      $0.facts.management?.bond?.mode = .lacp
      $0.facts.management?.bond?.state?.lacp = .configured
    }
    #expect(silent == ["Bond: the switch does not speak LACP with bond0"])
    let parted = await wrong {
      func member(_ name: String, _ partner: String) -> SwitchLACP.Member {
        var party = SwitchLACP.Party(state: ["synchronized", "collecting"])
        party.systemID = partner
        return SwitchLACP.Member(
          name: name, word: .current, isAttached: true, mayEnable: true, actor: SwitchLACP.Party(state: []), partner: party)
      }
      $0.facts.management?.bond?.mode = .lacp
      $0.facts.management?.bond?.lacp = SwitchLACP(
        name: "bond0", members: [member("eth0", "02:00:00:00:00:01"), member("eth1", "02:00:00:00:00:02")])
    }
    #expect(parted == ["Bond: The NICs of bond0 end in different groups or switches: eth0; eth1"])
    let idle = await wrong {
      for index in 0...1 { $0.facts.management?.bond?.state?.members[index].isEnabled = false }
    }
    #expect(idle == ["Bond: bond0 uses none of its NICs"])
  }

  @Test func addresses() async {
    #expect(
      await wrong { $0.facts.management?.ipv4.configured = ["10.0.4.99/24"] }
        == ["Address: 10.0.4.99/24 is set up, but VLAN 20 on bond0 does not have it; it has 10.0.4.12/24"])
    let dhcp = await report {
      $0.facts.management?.ipv4.mode = .dhcp
      $0.facts.management?.ipv4.configured = []
      $0.facts.management?.ipv4.addresses = []
      $0.facts.management?.ipv4.routes = []
      $0.facts.management?.ipv4.configuredGateway = ""
      $0.facts.management?.ipv4.lease = LocalFacts.Lease(address: "10.0.4.12", ends: nil)
    }
    #expect(dhcp.troubles.map(\.text) == ["no address: no answer from DHCP"])
    #expect(dhcp.troubles[0].word?.meaning.contains("The last one it gave was 10.0.4.12.") == true)
    #expect(text(dhcp, .duplicate) == "not tried: no address")
    #expect(text(dhcp, .route) == "not tried: no address")
    #expect(text(dhcp, .gateway) == "no gateway is set")
    #expect(
      await wrong { $0.facts.management?.ipv6.addresses = [] } == ["Address IPv6: no IPv6 address: no router announces a network"])
    #expect(
      await wrong { $0.facts.management?.ipv6.addresses?[0].isDuplicate = true }
        == ["Address IPv6: somebody else has fd00:4::12: the kernel does not use it"])
    #expect(await wrong { $0.facts.management?.hasBridge = false }.first == "Address: the bridge xapi1 is not there")
  }

  @Test func routes() async {
    func routed(_ routes: [(String, String)]) -> [LocalFacts.Gateway] {
      routes.map { LocalFacts.Gateway(address: $0.0, device: $0.1, isIPv6: false) }
    }
    #expect(
      await wrong { $0.facts.management?.ipv4.routes = [] }
        == ["Way out: no default route, though the gateway 10.0.4.1 is set up"])
    #expect(
      await wrong { $0.facts.management?.ipv4.routes = routed([("10.0.4.1", "xapi1"), ("10.8.0.1", "xenbr2")]) }
        == ["Way out: 2 default routes: 10.0.4.1 on xapi1 and 10.8.0.1 on xenbr2"])
    #expect(
      await wrong { $0.facts.management?.ipv4.routes = routed([("10.8.0.1", "xenbr2")]) }
        == ["Way out: the default route leads through xenbr2, not through management (xapi1)"])
    #expect(
      await wrong { $0.facts.management?.ipv4.routes = routed([("10.0.5.1", "xapi1")]) }
        == ["Way out: the gateway 10.0.5.1 is not in the network of 10.0.4.12/24"])
  }

  // MARK: The link

  @Test func duplicates() async {
    let taken = await wrong {
      $0.probes.duplicate = { address, link in
        #expect(link == ProbeLink("xapi1"))
        return address.isIPv6 ? .free : .taken([Neighbour(mac: "02:00:00:00:00:99", after: .milliseconds(1))])
      }
    }
    #expect(taken == ["Duplicate: 10.0.4.12 is also in use by 02:00:00:00:00:99"])
  }

  @Test func gateways() async {
    let silent = await report { scene in
      scene.probes.neighbour = { address, _ in
        "\(address)" == "10.0.4.1" ? .silent : .answers(Neighbour(mac: "02:00:00:00:00:01", after: .zero), others: [])
      }
      scene.probes.dns = { _, server in
        #expect("\(server)" == "10.0.4.2", "asked beyond a dead gateway")
        return .reply(DNSReply(addresses: [Self.gateway4]))
      }
    }
    #expect(silent.troubles.map(\.text) == ["the gateway 10.0.4.1 does not answer"])
    #expect(text(silent, .loss) == "not tried: the gateway does not answer")
    #expect(text(silent, .dns, "10.9.0.2") == "not tried: the gateway does not answer")
    #expect(text(silent, .mtu, "beyond") == "not tried: the gateway does not answer")
    // With IPv6 the gateway answers: the tag is right.
    #expect(text(silent, .vlan) == "VLAN 20: the gateway answers")
    let two = await report {
      $0.probes.neighbour = { _, _ in
        .answers(Neighbour(mac: "a", after: .zero), others: [Neighbour(mac: "b", after: .zero)])
      }
    }
    #expect(text(two, .gateway) == "2 machines answer for the gateway 10.0.4.1: a and b")
    #expect(two.verdict == .notice)
  }

  @Test func vlans() async {
    let elsewhere = await report {
      $0.probes = .dead
      $0.probes.tags = { address, device, tags in
        #expect(device == "eth0")
        #expect(tags == [nil, 30])
        return "\(address)" == "10.0.4.1" ? .answers([Neighbour(mac: "02:00:00:00:00:01", tag: 30, after: .zero)]) : .silent
      }
    }
    #expect(text(elsewhere, .vlan) == "10.0.4.1 answers on VLAN 30, not on VLAN 20")
    let word = elsewhere.lines.first { $0.id.rung == .vlan }?.word
    #expect(
      word?.remedy
        == "Either change the switch port: let it carry VLAN 20 tagged. Or put management on VLAN 30: menu item Management interface.")
    let nowhere = await report { $0.probes = .dead }
    #expect(text(nowhere, .vlan) == "not tried: nobody answers, with this tag or another")
  }

  @Test func losses() async {
    #expect(
      await wrong { $0.probes.echo = { FakeProbes.echoes($0, lost: $0.count == 5 && !$0.address.isIPv6 ? 2 : 0) } }
        == ["Loss: 2 of 5 pings to 10.0.4.1 are lost"])
    let mute = await report { $0.probes.echo = { FakeProbes.echoes($0, lost: $0.address == Self.gateway4 ? $0.count : 0) } }
    #expect(text(mute, .loss) == "10.0.4.1 answers no ping")
    #expect(text(mute, .mtu) == "not tried: the gateway answers no ping")
    #expect(mute.verdict == .notice)
  }

  @Test func packetSizes() async {
    #expect(
      await wrong {
        $0.facts.management?.mtu = 9000
        $0.probes.pathMTU = { address, request in
          address == Self.gateway4 ? .blackHole(passes: 1500, lost: 1504) : .whole(request.most)
        }
      } == ["Packets: packets of more than 1500 bytes do not reach the gateway, though the MTU of xapi1 is 9000"])
    let far = await report {
      $0.probes.pathMTU = { address, request in
        "\(address)" == "10.9.0.2" ? .blackHole(passes: 1400, lost: 1404) : .whole(request.most)
      }
    }
    #expect(far.troubles.map(\.title) == ["Packets beyond"])
    #expect(far.troubles[0].word?.remedy.contains("lower the MTU of management's network to 1400") == true)
  }

  // MARK: Names, time, pool

  @Test func names() async {
    #expect(
      await wrong {
        $0.probes.dns = { _, server in
          "\(server)" == "10.9.0.2" ? .silent("no answer within 1.6 s") : .reply(DNSReply(addresses: [Self.gateway4]))
        }
      } == ["DNS 10.9.0.2: 10.9.0.2: no answer within 1.6 s"])
    #expect(
      await wrong { $0.probes.dns = { _, _ in .reply(DNSReply(code: 5)) } }
        == [
          "DNS 10.0.4.2: 10.0.4.2 refuses to answer this host", "DNS 10.9.0.2: 10.9.0.2 refuses to answer this host",
          "A name: time.example is not known (10.0.4.2: refuses to answer us (REFUSED); 10.9.0.2: refuses to answer us (REFUSED))",
        ])
    #expect(
      await wrong { $0.probes.dns = { _, _ in .reply(DNSReply(code: 3)) } }
        == ["A name: time.example is not known (10.0.4.2: no such name (NXDOMAIN); 10.9.0.2: no such name (NXDOMAIN))"])
    let closed = await report {
      $0.facts.timeServers = ["10.9.0.3"]
      $0.facts.nameToTry = DoctorFacts.anyName
      $0.probes.dns = { _, _ in .reply(DNSReply(code: 2)) }
    }
    #expect(closed.verdict == .notice)
    let none = await report { $0.facts.nameServers = [] }
    #expect(text(none, .dns) == "no DNS server is set up")
    let differ = await report {
      $0.probes.dns = { _, server in
        "\(server)" == "10.9.0.2" ? .reply(DNSReply(code: 3)) : .reply(DNSReply(addresses: [Self.gateway4]))
      }
    }
    #expect(text(differ, .name) == "time.example is 10.0.4.1 by 10.0.4.2, but 10.9.0.2: no such name (NXDOMAIN)")
  }

  @Test func clocks() async {
    #expect(
      await wrong {
        $0.facts.timeSources = .success([])
        $0.probes.time = { _ in .reply(TimeReply(stratum: 2, offset: -7300, after: .milliseconds(3))) }
      } == ["Time: the clock is 2 hours ahead of time.example"])
    #expect(
      await wrong {
        $0.facts.timeSources = nil
        $0.probes.time = { _ in .silent("no answer") }
      } == ["Time: no time server answers: time.example"])
    #expect(
      await wrong {
        $0.facts.timeSources = .success([])
        $0.probes.time = { _ in .reply(TimeReply(stratum: 16, offset: 0, isUnsynchronized: true, after: .zero)) }
      } == ["Time: time.example does not know the time itself"])
    let none = await report {
      $0.facts.timeSources = .success([])
      $0.facts.timeServers = []
    }
    #expect(text(none, .time) == "no time server is set up")
  }

  @Test func pools() async {
    func tcp(_ silent: String, _ answer: TCPAnswer) -> @Sendable (InternetAddress, UInt16) -> TCPAnswer {
      { address, port in
        #expect(port == 443)
        return "\(address)" == silent ? answer : .connected(after: .zero)
      }
    }
    #expect(
      await wrong { $0.probes.tcp = tcp("10.0.4.11", .refused(after: .zero)) }
        == ["Coordinator: the coordinator xcp1 (10.0.4.11) refuses connections at port 443"])
    #expect(
      await wrong { $0.probes.tcp = tcp("10.0.4.11", .silent("no answer within 1.6 s")) }
        == ["Coordinator: the coordinator xcp1 (10.0.4.11) does not answer: no answer within 1.6 s"])
    #expect(
      await wrong { $0.probes.tcp = tcp("10.0.4.13", .silent("no answer")) }
        == ["Pool: xcp3 (10.0.4.13) does not answer (port 443)"])
    #expect(
      await wrong { $0.probes.tcp = tcp("10.0.4.12", .refused(after: .zero)) }
        == ["XAPI: XAPI answers on this host, but not at 10.0.4.12, port 443"])
    #expect(
      await wrong { $0.facts.xapi = .silent("XAPI is not running: its socket is not there") }
        == ["XAPI: XAPI is not running: its socket is not there"])
    let alone = await report {
      $0.facts.coordinator = nil
      $0.facts.members = []
    }
    #expect(text(alone, .coordinator) == "this host is the coordinator")
    #expect(alone.verdict == .good)
  }

  /// Every line that can be red says what it means and what to do.
  @Test func everythingDeadIsExplained() async {
    let report = await report {
      $0.probes = .dead
      $0.facts.timeSources = nil
      $0.facts.xapi = .silent("XAPI gave no answer in 1 s")
    }
    #expect(report.verdict == .bad)
    for line in report.troubles {
      #expect(line.word.map { !$0.meaning.isEmpty && !$0.remedy.isEmpty && !$0.text.hasSuffix(".") } == true, "\(line.title)")
    }
    #expect(report.troubles.map(\.title).contains("Gateway"))
    #expect(report.lines.allSatisfy { $0.state.isOver })
  }

  // MARK: Time and order

  /// The budget, added up: nothing here depends on how fast this machine is.
  @Test func theLongestWayUpFitsIntoTheWhole() {
    let timing = DoctorTiming()
    #expect(timing.longest < timing.whole)
    #expect(timing.whole + CommandLimits.grace < .seconds(6))
    // When all is well, only the silence after the question for duplicates is waited for.
    #expect(timing.duplicate < .seconds(1))
  }

  private enum CommandLimits {
    /// How long a tool that was killed may take to go (Dom0's CommandRun).
    static let grace = Duration.milliseconds(500)
  }

  /// A probe that keeps to no limit does not hold the doctor up.
  @Test func theEndComesWhateverHangs() async {
    var timing = DoctorTiming()
    timing.whole = .milliseconds(50)
    let news = Mutex<[DoctorNews]>([])
    let report = await Doctor.run(DoctorScene.healthy, HangingProbes(), timing) { new in news.withLock { $0.append(new) } }
    #expect(report.lines.allSatisfy { $0.state.isOver })
    #expect(text(report, .gateway) == "not tried: it took too long")
    // What was told line by line is what was returned in the end.
    var told: [DoctorLine] = []
    for new in news.withLock({ $0 }) {
      switch new {
      case .began(let lines): told = lines
      case .line(let line): if let place = told.firstIndex(where: { $0.id == line.id }) { told[place] = line }
      }
    }
    #expect(told == report.lines)
  }

  @Test func aReportIsJSON() async throws {
    let report = await report { $0.probes.tcp = { _, _ in .silent("no answer") } }
    let json = try JSONValue(parsing: Array(report.json.description.utf8))
    #expect(json["host"]?.string == "xcp2")
    #expect(json["verdict"]?.string == "bad")
    let line = json["lines"]?.array?.first { $0["rung"]?.string == "coordinator" }
    #expect(line?["state"]?.string == "bad")
    #expect(line?["means"]?.string?.isEmpty == false && line?["next"]?.string?.isEmpty == false)
    #expect(json["lines"]?.array?.contains { $0["subject"]?.string == "10.9.0.2" } == true)
  }
}

/// Nobody ever answers, and no limit is kept.
private struct HangingProbes: NetworkProbes {
  private func hang() async { try? await Task.sleep(for: .seconds(3600)) }

  func duplicate(of: InternetAddress, on: ProbeLink, limit: Duration) async -> DuplicateAnswer {
    await hang()
    return .free
  }
  func answers(gateway: InternetAddress, on: ProbeLink, limit: Duration) async -> NeighbourAnswer {
    await hang()
    return .silent
  }
  func tags(answering: InternetAddress, on: String, asking: [Int?], limit: Duration) async -> TagAnswer {
    await hang()
    return .silent
  }
  func echo(_ request: EchoRequest) async -> EchoAnswer {
    await hang()
    return EchoAnswer()
  }
  func pathMTU(to: InternetAddress, _ request: PathMTURequest) async -> PathMTUAnswer {
    await hang()
    return .silent
  }
  func dns(_ question: DNSQuestion, at: InternetAddress, on: String?, limit: Duration) async -> DNSAnswer {
    await hang()
    return .silent("")
  }
  func time(of: InternetAddress, on: String?, limit: Duration) async -> TimeAnswer {
    await hang()
    return .silent("")
  }
  func tcp(_ address: InternetAddress, port: UInt16, on: String?, limit: Duration) async -> TCPAnswer {
    await hang()
    return .silent("")
  }
}
