import Dom0
import SimulatedHost
import TerminalUI
import TestSupport
import Testing

@testable import ConsoleUI
@testable import HostNetworking

@Suite(.serialized) struct NICScreenTests {
  /// A console in front of a simulated host, in its list of interfaces at one NIC, and what its tools tell of that.
  private func desk(_ scenario: Scenario, _ device: String, columns: Int = 80, rows: Int = 24) async throws -> (Desk, NICDetails) {
    let simulated = try await SimulatedView(scenario)
    let view = try #require(try await simulated.view { $0.facts != nil && $0.sources.links != nil })
    let details = await NICLook(simulated.system).details(of: device)
    await simulated.close()
    var desk = Desk(size: Size(columns: columns, rows: rows))
    desk.sees(view)
    desk.press(.character("2"), .character("/"))
    desk.type(device)
    desk.press(.enter)
    return (desk, details)
  }

  private func sample(_ device: String, _ desk: Desk, rx: UInt64, errors: UInt64 = 0, carrier: Bool = true) -> CounterSample {
    var sample = CounterSample(device: device, instant: desk.clock.now.instant)
    (sample.index, sample.isUp, sample.hasCarrier, sample.speed) = (3, true, carrier, carrier ? 1000 : nil)
    sample.counters = NetworkDevice.Counters(
      receivedBytes: rx, receivedPackets: rx / 1000, receiveErrors: errors, receiveDrops: 12, sentBytes: rx / 2, sentPackets: 0,
      sendErrors: 0, sendDrops: 0)
    return sample
  }

  // MARK: Details

  @Test func theFirstPageAnswersWhatPeopleComeFor() async throws {
    var (desk, details) = try await desk(.standalone, "eth0")
    desk.press(.enter)
    #expect(desk.errands.names == ["lookAtNIC"])
    #expect(desk.screen.contains("eth0: asking"))
    var partly = NICDetails(device: "eth0", instant: details.instant)
    partly.kernel = details.kernel
    partly.link = details.link
    desk.hears(.nic(partly))
    #expect(desk.screen.contains("eth0: asking for driver, permanent MAC, offloads and 7 more"))
    desk.hears(.nic(details))
    for words in [
      "─ eth0 ─", "up, 1 Gb/s, full duplex, autonegotiation on", "sw-r4-a, port GigabitEthernet1/0/7, \"xcp1 eth0\", VLAN 1, 10.0.4.250",
      "MANAGEMENT", "addresses are on xenbr0", "the card's own", "b blink", "a actions", "w watch",
    ] { #expect(desk.text.contains(words), "\(words)") }
    #expect(!desk.screen.contains("asking"))
    // The rest is a page further down.
    desk.press(.end)
    for words in ["on: rx tx sg tso gso gro", "RX 200 of 511", "Combined 4 of 8", "rx on, tx on", "the driver does not tell", "Partner   100baseT/Full"] {
      #expect(desk.text.contains(words), "\(words)")
    }
  }

  @Test func aWideScreenShowsItAtOnce() async throws {
    var (desk, details) = try await desk(.manyNICs, "eth7", columns: 160, rows: 50)
    desk.press(.enter)
    desk.hears(.nic(details))
    for bytes in [0, 500_000, 3_000_000] as [UInt64] {
      desk.hears(.counters(sample("eth7", desk, rx: bytes)))
      desk.clock.advance(seconds: 1)
    }
    for words in [
      "UUID", "SR-IOV", "Modes", "FINISAR CORP.", "light in 0.8317 mW / -0.80 dBm", "Offloads", "rx_missed_errors",
      "rx 20 Mb/s, 2.5k packets/s", "tx 10 Mb/s", "most 20 Mb/s", "received", "3 MB", "errors and drops +0/s",
    ] { #expect(desk.text.contains(words), "\(words)") }
    #expect(desk.screen.contains("█"))
  }

  @Test func whatMovesMoves() async throws {
    var (desk, details) = try await desk(.standalone, "eth0")
    desk.press(.enter)
    desk.hears(.nic(details))
    #expect(desk.screen.contains("rx counting..."))
    desk.hears(.counters(sample("eth0", desk, rx: 1_000_000)))
    desk.clock.advance(seconds: 2)
    desk.hears(.counters(sample("eth0", desk, rx: 2_000_000, errors: 6)))
    #expect(desk.screen.contains("rx 4 Mb/s, 500 packets/s"))
    #expect(desk.screen.contains("errors rx 6 tx 0 (+3/s), drops rx 12 tx 0 (+0/s)"))
    // The counters were set back: no rate is better than a wrong one.
    desk.clock.advance(seconds: 2)
    desk.hears(.counters(sample("eth0", desk, rx: 10)))
    #expect(desk.screen.contains("rx counting..."))
    // Another NIC's are not ours.
    desk.hears(.counters(sample("eth1", desk, rx: 99)))
    #expect(desk.screen.contains("errors rx 0"))
  }

  @Test func aLinkThatGoesIsSeenAndAskedAbout() async throws {
    var (desk, details) = try await desk(.standalone, "eth1")
    desk.press(.enter)
    desk.hears(.nic(details))
    desk.hears(.counters(sample("eth1", desk, rx: 1)))
    desk.clock.advance(seconds: 1)
    desk.hears(.counters(sample("eth1", desk, rx: 1, carrier: false)))
    #expect(desk.screen.contains("DOWN: no carrier") && desk.screen.contains("out of reach: without a link"))
    #expect(desk.errands.names == ["lookAtNIC", "lookAtNIC"])
  }

  @Test func whyNoSwitchIsKnownIsSaid() async throws {
    var (desk, details) = try await desk(.standalone, "eth0")
    desk.press(.enter)
    for (part, words) in [
      (.failed(.refused(tool: "lldptool", exit: .code(255), message: "Failed to connect to lldpad - clif_open: Connection refused")),
        "systemctl start lldpad"),
      (.failed(.tool(.missing(tool: "lldptool"))), "install lldpad"), (.known(.silence("lldptool")), "nothing heard by LLDP"),
      (.known(.deaf("lldptool")), "lldptool set-lldp -i eth0 adminStatus=rx"),
      (.failed(.tool(.timedOut(tool: "lldptool", after: .seconds(5)))), "gave no answer within 5 s"),
    ] as [(NICDetails.Part<LLDPAnswer>, String)] {
      details.lldp = part
      desk.hears(.nic(details))
      #expect(desk.text.contains(words), "\(words)")
    }
  }

  @Test func anEarlierLookThatTookLongerTellsNothingNew() async throws {
    var (desk, details) = try await desk(.standalone, "eth0")
    desk.press(.enter)
    desk.hears(.nic(details))
    let old = NICDetails(device: "eth0", instant: details.instant - .seconds(1))
    desk.hears(.nic(old))
    #expect(!desk.screen.contains("asking"))
  }

  @Test func whatOnlyTheKernelKnowsHasAPage() async throws {
    let simulated = try await SimulatedView(.manyNICs)
    let view = try #require(try await simulated.view { $0.facts != nil && $0.sources.links != nil })
    let details = await NICLook(simulated.system).details(of: "eth14")
    let links = LinkWatch.once(simulated.system)
    await simulated.close()
    var desk = Desk()
    desk.sees(view)
    desk.press(.character("2"), .character("w"))
    desk.hears(.links(links))
    for words in ["Links: 11 of 16 up", "eth14", "NOT IN XAPI", "half renamed"] { #expect(desk.screen.contains(words), "\(words)") }
    #expect(desk.lines.contains { $0.contains("eth14 ") && $0.contains("off") })
    desk.press(.end, .up, .enter)
    desk.hears(.nic(details))
    #expect(desk.text.contains("XAPI has no PIF for it") && desk.screen.contains("off: nobody has set it up"))
  }

  // MARK: The watch

  private func snapshot(_ desk: Desk, _ links: [WatchedLink], news: [String] = []) -> LinkSnapshot {
    var snapshot = LinkSnapshot(instant: desk.clock.now.instant)
    (snapshot.links, snapshot.news) = (links, news)
    return snapshot
  }

  private func links(_ desk: Desk, pulled: String? = nil) -> [WatchedLink] {
    ["eth0", "eth1", "eth2", "eth3"].map { name in
      var link = WatchedLink(device: name, mac: "02:00:00:00:00:01", link: name == pulled ? .down : .up, isUp: true)
      (link.speed, link.duplex, link.receiving, link.sending) = (1000, .full, 1250, 0)
      if name == pulled { (link.changed, link.changes, link.speed) = (desk.clock.now.instant, 1, nil) }
      return link
    }
  }

  private func verdict(_ desk: inout Desk, _ report: ErrandReport) -> Verdict { desk.update(report) }

  @Test func theLineOfAPulledCableIsMarkedForSomeSeconds() async throws {
    var (desk, _) = try await desk(.standalone, "eth0")
    desk.press(.escape, .character("w"))
    #expect(desk.screen.contains("Looking..."))
    desk.hears(.links(snapshot(desk, links(desk))))
    #expect(desk.lines.contains { $0.contains("> eth0") && $0.contains("10 kb/s") && $0.contains("MANAGEMENT") })
    let pulled = links(desk, pulled: "eth2")
    desk.hears(.links(snapshot(desk, pulled, news: ["eth2"])))
    let row = try #require(desk.lines.first { $0.contains("eth2") })
    #expect(row.contains("* eth2") && row.contains("DOWN") && row.contains("0 s"))
    // The lines stay where they are.
    #expect(desk.lines.firstIndex { $0.contains("eth2") } == 5)
    desk.clock.advance(seconds: 7)
    desk.tick()
    let later = try #require(desk.lines.first { $0.contains("eth2") })
    #expect(!later.contains("*") && later.contains("7 s"))
    // On top when asked for; the choice stays with its NIC.
    desk.press(.character("o"))
    #expect(desk.lines[3].contains("eth2") && desk.lines.contains { $0.contains("> eth0") })
  }

  @Test func itBeepsWhenAskedTo() async throws {
    var (desk, _) = try await desk(.standalone, "eth0")
    desk.press(.escape, .character("w"))
    desk.hears(.links(snapshot(desk, links(desk))))
    #expect(verdict(&desk, .links(snapshot(desk, links(desk, pulled: "eth1"), news: ["eth1"]))) == .continue)
    desk.press(.character("b"))
    #expect(desk.screen.contains("4 up, beeps") && desk.screen.contains("b no beep"))
    #expect(verdict(&desk, .links(snapshot(desk, links(desk, pulled: "eth1"), news: ["eth1"]))) == .beep)
    #expect(verdict(&desk, .links(snapshot(desk, links(desk)))) == .continue)
  }

  @Test func aWideWatchShowsNetworkMACAndCard() async throws {
    var (desk, _) = try await desk(.standalone, "eth0", columns: 160, rows: 50)
    desk.press(.escape, .character("w"))
    desk.hears(.links(snapshot(desk, links(desk))))
    #expect(desk.lines.contains { $0.contains("Pool-wide network 0") && $0.contains("02:00:00:00:00:01") && $0.contains("Broadcom") })
  }

  // MARK: The light

  @Test func theLightIsWantedAsLongAsItsPageIsOpen() async throws {
    var (desk, _) = try await desk(.standalone, "eth0")
    desk.press(.enter, .character("b"))
    #expect(desk.watched == [.counters("eth0"), .blink("eth0", seconds: 30)])
    #expect(desk.screen.contains("Telling eth0 to blink..."))
    desk.hears(.blinking("eth0", .blinking))
    desk.clock.advance(seconds: 12)
    desk.tick()
    #expect(desk.screen.contains("The light of eth0 is blinking") && desk.screen.contains("by itself in 0:18"))
    // The next NIC, another time, the first one again.
    desk.press(.character("n"))
    #expect(desk.watched.contains(.blink("eth1", seconds: 30)) && !desk.watched.contains(.blink("eth0", seconds: 30)))
    desk.press(.right, .left, .character("t"))
    #expect(desk.watched.contains(.blink("eth1", seconds: 60)))
    desk.press(.enter)
    #expect(desk.watched == [.counters("eth0")] && desk.screen.contains("was told to stop"))
    // What is late of it is no news.
    desk.hears(.blinking("eth1", .blinking))
    #expect(desk.screen.contains("was told to stop"))
    desk.press(.enter)
    desk.hears(.blinking("eth1", .ended))
    #expect(desk.watched == [.counters("eth0")] && desk.screen.contains("The time is over"))
    desk.press(.enter, .escape)
    #expect(desk.watched == [.counters("eth0")])
  }

  @Test func whoCannotBlinkGetsAnotherWay() async throws {
    var (desk, _) = try await desk(.standalone, "eth0")
    desk.press(.enter, .character("b"))
    desk.hears(.blinking("eth0", .failed("eth0 cannot blink: its driver has no command for the light (Operation not supported)")))
    #expect(desk.text.contains("its driver has no command for the light") && desk.text.contains("watch the links"))
    #expect(desk.watched == [.counters("eth0")])
  }
}
