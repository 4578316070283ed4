import SimulatedHost
import TerminalUI
import TestSupport
import Testing
import XenAPI

@testable import ConsoleUI
@testable import HostNetworking

/// What the screens show of a host that has to speak for itself.
@Suite(.serialized) struct WithoutXAPITests {
  /// A host whose XAPI does not run, once its names have been read as well.
  private func silentView() async throws -> HostView {
    let simulated = try await SimulatedView(.xapiDown)
    let view = try await simulated.view { $0.sources.names != nil && $0.sources.links != nil }
    await simulated.close()
    return try #require(view)
  }

  private func desk(_ host: HostView, columns: Int = 80, rows: Int = 24) -> Desk {
    var desk = Desk(size: Size(columns: columns, rows: rows))
    desk.sees(host)
    return desk
  }

  @Test(arguments: [(80, 24), (160, 50)])
  func statusIsCompleteWithoutXAPI(columns: Int, rows: Int) async throws {
    let desk = desk(try await silentView(), columns: columns, rows: rows)
    #expect(desk.lines[0].hasPrefix("xcp1"))
    #expect(desk.lines[0].contains("XAPI down"))
    #expect(desk.lines[0].contains("10.0.4.11 eth0 up"))
    #expect(desk.screen.contains("From this host's own files and tools; names of VMs and networks from"))
    #expect(desk.screen.contains("XAPI is not running"))
    for part in [
      "Management  10.0.4.11/24, static, eth0", "Gateway     10.0.4.1", "DNS         10.0.4.2", "single host",
    ] {
      #expect(desk.screen.contains(part), "\(part) in\n\(desk.screen)")
    }
    #expect(desk.screen.contains("4 ran here at"))
  }

  @Test(arguments: [(80, 24), (160, 50)])
  func interfacesAndNetworksAreThere(columns: Int, rows: Int) async throws {
    var desk = desk(try await silentView(), columns: columns, rows: rows)
    desk.press(.character("2"))
    #expect(desk.screen.contains("Network interfaces: 4"))
    let eth0 = try #require(desk.lines.first { $0.contains(">eth0") })
    for part in ["up", "1 Gb/s", "b0:26:28:", "MANAGEMENT", "10.0.4.11/24"] { #expect(eth0.contains(part), "\(eth0)") }
    #expect(desk.screen.contains("tg3"))
    desk.press(.enter)
    #expect(desk.screen.contains("Used as"))
    #expect(!desk.screen.contains("UUID"), "XAPI's, and nobody knows it")
    desk.press(.escape, .escape, .character("3"))
    #expect(desk.screen.contains("Pool-wide network 0"))
    desk.press(.escape, .character("/"))
    desk.type("mail")
    #expect(desk.lines.contains { $0.contains("VM") && $0.contains("mail") && $0.contains("Pool-wide network") })
  }

  @Test func aHostInTroubleSaysWhatIsWrongInOrder() async throws {
    var host = try await silentView()
    host.findings = [
      Finding(
        .trouble, "eth0 (management) has no link.", remedy: "Check the cable.", place: .interface(.device("eth0"))),
      Finding(.trouble, "No management address on eth0: no answer from DHCP."),
      Finding(.warning, "firewalld runs.", remedy: "Stop it."),
    ]
    var desk = desk(host)
    #expect(desk.screen.contains("─ What is wrong ─"))
    #expect(desk.screen.contains("1 eth0 (management) has no link. Check the"))
    #expect(desk.screen.contains("2 No management address on eth0"))
    #expect(desk.screen.contains("3 firewalld runs."))
    #expect(!desk.screen.contains("Stop it."), "beside the menu only what is wrong is told at length")
    desk.press(.character("1"))
    #expect(desk.screen.contains("3 firewalld runs. Stop it."))
    desk.press(.enter)
    #expect(desk.screen.contains("Network interfaces: 4"))
  }

  @Test func aLongListOfFindingsLeavesRoomForTheRest() async throws {
    var host = try await silentView()
    host.findings = (1...9).map { Finding(.warning, "Thing \($0).") }
    let desk = desk(host)
    #expect(desk.screen.contains("Thing 5."))
    #expect(!desk.screen.contains("Thing 6."))
    #expect(desk.screen.contains("and 4 more: Status shows all"))
    #expect(desk.screen.contains("Management"))
  }

  @Test func theHeaderOfALonelyMember() async throws {
    var host = try await silentView()
    host.role = .member(pool: "", coordinator: "", address: "10.0.4.11")
    host.management?.address = ""
    host.local?.isResetPending = true
    let header = try #require(desk(host, columns: 120).lines.first)
    for part in ["xcp1", "member of pool at 10.0.4.11", "RESET PENDING", "NO ADDRESS eth0 up", "XAPI down"] {
      #expect(header.contains(part), "\(part) in \(header)")
    }
    host.management?.isAddressKnown = false
    #expect(try #require(desk(host).lines.first).contains("address ? eth0 up"), "not known is not lost")
  }

  @Test func aResetWaitsInTheHeaderAndAmongTheFindings() async throws {
    let simulated = try await SimulatedView(.xapiDown)
    _ = try await simulated.view { $0.sources.links != nil }
    try simulated.system.replace("/var/tmp/network-reset", with: Array("DEVICE=eth1\nMODE=dhcp\n".utf8))
    simulated.watch.retryNow()
    let view = try #require(try await simulated.view { $0.local?.isResetPending == true })
    await simulated.close()
    var desk = desk(view)
    #expect(desk.lines[0].contains("RESET PENDING"))
    #expect(desk.screen.contains("A network reset to eth1 waits for XAPI."))
    desk.press(.character("1"), .enter)
    #expect(!desk.screen.contains("─ Status ─"), "the line leads to the reset")
  }

  @Test func leasesTellTheirEnd() async throws {
    var host = try await silentView()
    let index = try #require(host.interfaces.firstIndex { $0.isManagement })
    host.interfaces[index].ipv4.mode = .dhcp
    var desk = desk(host)
    host.local?.lease = LocalFacts.Lease(address: "10.0.4.12", ends: desk.clock.now.wall - 60)
    desk.sees(host)
    #expect(desk.screen.contains("lease of 10.0.4.12 ended at"))
    host.local?.lease?.ends = desk.clock.now.wall + 60
    desk.sees(host)
    #expect(desk.screen.contains("lease of 10.0.4.12 until"))
  }

  @Test func whatTheKernelKnowsBetterIsShownBesideWhatXAPISays() async throws {
    let simulated = try await SimulatedView(.standalone)
    var host = try #require(try await simulated.view { $0.facts != nil && $0.sources.links?.origin == .tools })
    await simulated.close()
    let index = try #require(host.interfaces.firstIndex { $0.device == "eth1" })
    host.interfaces[index].kernel?.link = .down
    host.interfaces[index].kernel?.addresses = ["10.9.9.9/24"]
    var desk = desk(host)
    desk.press(.character("2"), .down)
    #expect(desk.lines.contains { $0.contains(">eth1") && $0.contains("DOWN") && $0.contains("10.9.9.9/24") })
    desk.press(.enter)
    #expect(desk.lines.contains { $0.contains("XAPI says") && $0.contains("link up") })
    #expect(desk.lines.contains { $0.contains("There now") && $0.contains("10.9.9.9/24") })
    host.interfaces[index].kernel?.isMissing = true
    host.interfaces[index].kernel?.link = .unknown
    desk.sees(host)
    desk.press(.escape)
    #expect(desk.lines.contains { $0.contains(">eth1") && $0.contains("GONE") })
  }

  /// What XAPI told stays, with its age; what the kernel tells is of now.
  @Test func afterXAPIHasGoneLinksAreStillLive() async throws {
    let simulated = try await SimulatedView(.standalone)
    _ = try #require(try await simulated.view { $0.facts != nil && $0.sources.links?.origin == .tools })
    await simulated.host.stop()
    let view = try #require(try await simulated.view { if case .silent = $0.connection { true } else { false } })
    await simulated.close()
    let desk = desk(view)
    #expect(desk.screen.contains("Shown is what was known at"))
    #expect((desk.lines[1] + desk.lines[2]).contains("links and addresses are live"))
  }

  @Test func everyScreenFitsEverySize() async throws {
    let host = try await silentView()
    for (columns, rows) in [(40, 12), (60, 15), (80, 24), (120, 31), (160, 50), (250, 70)] {
      for keys in ["", "1", "2", "2l", "3", "3l", "?"] {
        var desk = desk(host, columns: columns, rows: rows)
        desk.type(keys)
        #expect(desk.lines.count == rows)
        for line in desk.lines {
          #expect(TerminalUI.columns(of: line) <= columns, "\(keys) \(columns)x\(rows): \(line)")
        }
      }
    }
  }
}

@Suite struct MomentTests {
  @Test func olderMomentsHaveTheirDay() {
    let now: Int64 = 1_795_366_000
    #expect(Units.moment(now, now: now) == String(Units.time(now).prefix(5)))
    let yesterday = Units.moment(now - 86_400, now: now)
    #expect(yesterday.hasSuffix(String(Units.time(now).prefix(5))) && yesterday.contains("Nov"))
    #expect(Units.moment(now - 400 * 86_400, now: now).hasSuffix(" 2025"))
  }
}
