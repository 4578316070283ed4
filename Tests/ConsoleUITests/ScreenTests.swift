import SimulatedHost
import TerminalUI
import TestSupport
import Testing
import XenAPI

@testable import ConsoleUI
@testable import HostNetworking

@Suite(.serialized) struct ScreenTests {
  private func view(_ scenario: Scenario) async throws -> HostView {
    let simulated = try await SimulatedView(scenario)
    let view = try await simulated.view()
    await simulated.close()
    return try #require(view)
  }

  private func desk(_ scenario: Scenario, columns: Int = 80, rows: Int = 24) async throws -> Desk {
    var desk = Desk(size: Size(columns: columns, rows: rows))
    desk.sees(try await view(scenario))
    return desk
  }

  @Test func beforeAnythingIsKnownTheFrameIsComplete() {
    let desk = Desk()
    #expect(desk.lines.first?.hasPrefix("xcpconsole") == true)
    #expect(desk.lines.first?.hasSuffix("XAPI ...") == true)
    #expect(desk.screen.contains("1 Status"))
    #expect(desk.lines.last?.contains("q quit") == true)
  }

  @Test func theHeaderSaysWhoWhatAndWhere() async throws {
    let desk = try await desk(.pool)
    let header = try #require(desk.lines.first)
    for part in ["xcp1", "XCP-ng 8.3", "coordinator of \"Rack 4\"", "10.0.4.11 bond0 2/2", "XAPI ok"] {
      #expect(header.contains(part), "\(part) in \(header)")
    }
  }

  @Test func theHeaderOfAMemberNamesTheCoordinatorAndItsAddress() async throws {
    let desk = try await desk(.member)
    #expect(try #require(desk.lines.first).contains("member of xcp1 10.0.4.11"))
  }

  @Test func aNarrowHeaderKeepsWhatMattersMost() async throws {
    let desk = try await desk(.pool, columns: 40, rows: 12)
    let header = try #require(desk.lines.first)
    #expect(header.contains("XAPI ok"))
    #expect(columns(of: header) <= 40)
    #expect(!header.contains("XCP-ng"))
  }

  @Test func statusNamesWhatDeservesALookAndLeadsThere() async throws {
    var desk = try await desk(.pool)
    desk.press(.character("1"))
    #expect(desk.screen.contains("!  eth3 has no link, but 2 VMs here use its network \"Storage B\"."))
    desk.press(.enter)
    #expect(desk.screen.contains("Network interfaces: "))
    #expect(desk.lines.contains { $0.contains("├─ eth3 ") })
  }

  @Test func aStrandedHostSaysWhatIsWrong() async throws {
    let desk = try await desk(.stranded)
    let header = try #require(desk.lines.first)
    #expect(header.contains("NO ADDRESS bond0 NO LINK"))
    #expect(desk.screen.contains("─ What is wrong ─"))
    #expect(desk.screen.contains("1 bond0 (management) has no link."))
    #expect(desk.screen.contains("2 No management address on bond0: no"))
    #expect(desk.screen.contains("answer from DHCP."))
  }

  @Test func interfacesAreListedWithWhatStandsOnThem() async throws {
    var desk = try await desk(.pool)
    desk.press(.character("2"))
    let rows = desk.lines.filter { $0.contains("2/2") }
    #expect(rows.contains { $0.contains("bond0") && $0.contains("MANAGEMENT, 12 VL") && $0.contains("10.0.4.11/24") })
    #expect(rows.contains { $0.contains(" VLAN 4000 ") } || desk.screen.contains("▼"))
    #expect(desk.screen.contains("bond of eth0 and eth1, LACP"))
  }

  @Test func theFilterKeepsWhatMatchesAndEscapeShowsAllAgain() async throws {
    var desk = try await desk(.pool)
    desk.press(.character("2"), .character("/"))
    desk.type("storage xenbr3")
    #expect(desk.screen.contains("1 of 17"))
    #expect(desk.screen.contains(">eth3"))
    desk.press(.escape)
    #expect(!desk.screen.contains("of 17"))
    desk.press(.escape)
    #expect(desk.screen.contains("1 Status"))
  }

  @Test func lettersGoIntoTheFilterNotToTheConsole() async throws {
    var desk = try await desk(.pool)
    desk.press(.character("2"), .character("/"))
    desk.type("q?rhjkl1")
    #expect(desk.screen.contains("/q?rhjkl1"))
    #expect(desk.retries.value == 0)
  }

  @Test func theChoiceFollowsTheThingWhenTheListChanges() async throws {
    var host = try await view(.standalone)
    var desk = Desk()
    desk.sees(host)
    desk.press(.character("2"), .down, .down)
    #expect(desk.screen.contains(">eth2"))
    host.interfaces.removeFirst()
    desk.sees(host)
    #expect(desk.screen.contains(">eth2"))
    host.interfaces.removeAll { $0.device == "eth2" }
    desk.sees(host)
    #expect(desk.screen.contains(">eth3") || desk.screen.contains(">eth1"))
    host.interfaces = []
    desk.sees(host)
    #expect(desk.screen.contains("Network interfaces: 0"))
  }

  @Test func aPageOfAThingThatGoesAwaySaysSo() async throws {
    var host = try await view(.standalone)
    var desk = Desk()
    desk.sees(host)
    desk.press(.character("2"), .enter)
    #expect(desk.screen.contains("Kind"))
    host.interfaces = []
    desk.sees(host)
    #expect(desk.screen.contains("eth0 is gone: XAPI no longer knows it."))
  }

  @Test func networksTellKindAndUsers() async throws {
    var desk = try await desk(.pool)
    desk.press(.character("3"))
    #expect(desk.screen.contains("Networks, VLANs and bonds: "))
    #expect(desk.lines.contains { $0.contains("VLAN 10 on bond0") })
    desk.press(.character("/"))
    desk.type("private lab")
    #expect(desk.screen.contains("Private: between the VMs of one host"))
    desk.press(.enter, .enter)
    #expect(desk.lines.contains { $0.contains("Kind") && $0.contains("Private") })
  }

  @Test(arguments: [
    ("storage b", "Networks, VLANs and bonds"), ("veeam", "Networks, VLANs and bonds"), ("10.0.4.11", "Network interfaces"),
    ("eth3", "Network interfaces"), ("help", "Help: Console"),
  ])
  func findGoesThere(text: String, title: String) async throws {
    var desk = try await desk(.pool)
    desk.press(.character("/"))
    desk.type(text)
    desk.press(.enter)
    #expect(desk.screen.contains(title), "\(desk.screen)")
  }

  @Test func leavingCanBeFoundToo() async throws {
    var desk = try await desk(.pool)
    desk.press(.character("/"))
    desk.type("leave")
    #expect(desk.press(.enter) == .quit(0))
  }

  @Test func aLongNameLeavesRoomForTheRest() async throws {
    var host = try await view(.pool)
    host.name = String(repeating: "very-long-", count: 12)
    var desk = Desk()
    desk.sees(host)
    for part in ["very-long-", "…", "10.0.4.11 bond0 2/2", "XAPI ok"] { #expect(desk.lines[0].contains(part)) }
    host.connection = .silent(.transport(.timedOut(.seconds(10))))
    host.since = desk.clock.now.instant
    desk.clock.advance(seconds: 3730)
    desk.sees(host)
    #expect(desk.lines[0].hasPrefix("very-long-"))
    #expect(desk.lines[0].hasSuffix("XAPI silent 1:02:10"))
  }

  @Test func aNarrowNoticeKeepsTheAgeOfWhatIsShown() async throws {
    var host = try await view(.pool)
    var desk = Desk(size: Size(columns: 42, rows: 14))
    host.connection = .silent(.http(status: 500, detail: String(repeating: "Stdlib.Failure ", count: 20)))
    host.heard = desk.clock.now.instant
    desk.sees(host)
    let notice = desk.lines[1] + " " + desk.lines[2]
    #expect(notice.contains("Shown is what was known at"))
    #expect(desk.lines[2].hasSuffix("…"))
  }

  @Test func silenceIsShownWithItsAgeAndWhatWasKnownStays() async throws {
    var host = try await view(.pool)
    var desk = Desk()
    host.connection = .silent(.transport(.refused))
    host.since = desk.clock.now.instant
    host.heard = desk.clock.now.instant
    desk.sees(host)
    #expect(desk.lines[0].hasSuffix("XAPI down 0:00"))
    desk.clock.advance(seconds: 130)
    _ = desk.console.nextWake
    desk.tick()
    #expect(desk.lines[0].hasSuffix("XAPI down 2:10"))
    #expect((desk.lines[1] + desk.lines[2]).contains("XAPI is not running"))
    #expect(desk.screen.contains("Shown is what was known at"))
    #expect(desk.screen.contains("Rack 4"))
  }

  @Test func silenceWakesEverySecondAndLifeOnlyEveryMinute() async throws {
    var host = try await view(.standalone)
    var desk = Desk()
    host.connection = .live
    desk.sees(host)
    let calm = try #require(desk.console.nextWake) - desk.clock.now.instant
    #expect(calm > .seconds(1) || desk.clock.now.wall % 60 > 58)
    host.connection = .silent(.transport(.absent))
    host.since = desk.clock.now.instant
    desk.sees(host)
    #expect(try #require(desk.console.nextWake) - desk.clock.now.instant == .seconds(1))
  }

  @Test func rTriesAgain() async throws {
    var desk = try await desk(.pool)
    desk.press(.character("r"), .function(5))
    #expect(desk.retries.value == 2)
  }

  @Test func escapeNeverLeavesTheConsoleAndQDoes() {
    var desk = Desk()
    #expect(desk.press(.escape, .escape, .left) == .continue)
    #expect(desk.press(.character("q")) == .quit(0))
    #expect(desk.press(.character("2"), .control("c")) == .quit(0))
  }

  @Test(arguments: [(1, 1), (10, 3), (39, 24), (80, 11)])
  func tooSmallAsksForMore(columns: Int, rows: Int) async throws {
    let desk = try await desk(.pool, columns: columns, rows: rows)
    #expect(!desk.screen.contains("Status"))
    let asks = "Too small: 40x12 needed"
    #expect(!desk.lines[0].isEmpty && asks.hasPrefix(desk.lines[0]))
    if columns > 30 { #expect(desk.lines[0] == asks) }
  }

  /// Every screen at many sizes: nothing crashes, and every row has the width of the screen at the most.
  @Test func everyScreenFitsEverySize() async throws {
    let host = try await view(.pool)
    for (columns, rows) in [(40, 12), (59, 14), (60, 15), (80, 24), (80, 25), (119, 30), (120, 31), (160, 50), (250, 70)] {
      for keys in ["", "1", "2", "3", "4", "41", "5", "6", "7", "8", "9", "2/", "3/", "?"] {
        var desk = Desk(size: Size(columns: columns, rows: rows))
        desk.sees(host)
        desk.type(keys)
        #expect(desk.lines.count == rows)
        for line in desk.lines { #expect(TerminalUI.columns(of: line) <= columns, "\(keys) \(columns)x\(rows): \(line)") }
        #expect(desk.lines.last?.isEmpty == false)
      }
    }
  }

  @Test func wideScreensShowMore() async throws {
    var narrow = try await desk(.pool)
    var wide = try await desk(.pool, columns: 160, rows: 50)
    narrow.press(.character("2"))
    wide.press(.character("2"))
    #expect(!narrow.screen.contains("Bridge "))
    for title in ["Network", "Card", "MTU", "Bridge", "Attached"] { #expect(wide.screen.contains(title)) }
    wide.press(.escape, .character("1"))
    #expect(wide.screen.contains("Network interfaces: 17"))
  }
}
