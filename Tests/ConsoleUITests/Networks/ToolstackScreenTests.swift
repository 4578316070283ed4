import Dom0
import TerminalUI
import Testing

@testable import ConsoleUI
@testable import HostNetworking

/// The restart of the toolstack, from the main menu to its end, at the screen and away from it.
@Suite struct ToolstackScreenTests {
  private static let sizes = [Size(columns: 80, rows: 24), Size(columns: 160, rows: 50)]

  private static func facts() -> ToolstackFacts {
    var facts = ToolstackFacts()
    facts.progress = .complete
    facts.tasks = ["Async.VM.pool_migrate"]
    facts.role = .coordinator
    facts.others = ["xcp2", "xcp3"]
    return facts
  }

  private static func opened(_ size: Size) -> Desk {
    var desk = Desk(size: size)
    desk.press(.up)
    while !desk.lines.contains(where: { $0.contains(">") && $0.contains("Restart the toolstack") }) { desk.press(.down) }
    desk.press(.enter)
    return desk
  }

  /// - Parameter part: its key.
  private static func begun(_ size: Size, _ key: Character = "1", _ part: ToolstackPart = .toolstack) -> Desk {
    var desk = opened(size)
    desk.hears(.routes(.toolstack(facts())))
    desk.press(.character(key))
    desk.hears(.changePlanned(.success(ToolstackPlanner(facts()).plan(part))))
    desk.press(.character("y"))
    return desk
  }

  private func footer(_ desk: Desk) -> String { desk.lines.last ?? "" }

  @Test(arguments: sizes) func theMainMenuLeadsThereAndKeepsItsDigits(_ size: Size) {
    var desk = Desk(size: size)
    #expect(desk.screen.contains("9 Find anything by name") && desk.screen.contains("  Restart the toolstack"))
    desk = Self.opened(size)
    #expect(desk.errands.names == ["routes"] && desk.screen.contains("Looking ..."))
  }

  @Test(arguments: sizes) func theReviewSaysWhatIsLostAndWhatIsNot(_ size: Size) {
    var desk = Self.opened(size)
    desk.hears(.routes(.toolstack(Self.facts())))
    #expect(desk.screen.contains("xe-toolstack-restart") && footer(desk).contains("Esc") && footer(desk).contains("?"))
    desk.press(.character("1"))
    desk.hears(.changePlanned(.success(ToolstackPlanner(Self.facts()).plan(.toolstack))))
    let text = desk.text
    #expect(text.contains("1 task runs and is lost: Async.VM.pool_migrate"))
    #expect(text.contains("This host is the coordinator of a pool with xcp2 and xcp3"))
    #expect(text.contains("unning VMs and their traffic go on") && text.contains("o setting is changed"))
    #expect(desk.screen.contains("y restarts.") && footer(desk).contains("y or F8") && footer(desk).contains("Esc"))
  }

  /// Left with Esc, the first line counts, then tells that it is over, and the page how, until somebody has seen it.
  @Test(arguments: sizes) func itsEndIsToldToThoseWhoWereElsewhere(_ size: Size) {
    var desk = Self.begun(size)
    #expect(desk.errands.names.last == "routes" && desk.screen.contains("You may leave with Esc"))
    desk.hears(.routes(.restartStep(0, .running("5 s so far"))))
    #expect(desk.screen.contains("5 s so far"))
    desk.press(.escape)
    desk.clock.advance(seconds: 18)
    desk.tick()
    #expect(desk.lines[0].contains("RESTARTING 0:18"))
    // The page opened again is that of the restart, and begins no second one.
    desk.press(.enter)
    desk.hears(.routes(.toolstack(Self.facts())))
    #expect(desk.screen.contains("5 s so far") && !footer(desk).contains("all"))
    let count = desk.errands.all.count
    desk.press(.character("1"), .character("2"), .character("y"), .character("r"))
    #expect(desk.errands.all.count == count)
    desk.press(.escape)
    desk.hears(.routes(.restartStep(1, .failed("XAPI has not answered within 300 s"))))
    desk.hears(.routes(.restartOver(.undone(reason: "XAPI has not answered within 300 s: see /var/log/xensource.log"))))
    #expect(desk.lines[0].contains("RESTART FAILED"))
    desk.press(.enter)
    desk.hears(.routes(.toolstack(Self.facts())))
    #expect(desk.text.contains("XAPI has not answered within 300 s: see /var/log/xensource.log") && desk.screen.contains("xe-toolstack-restart"))
    desk.press(.escape)
    #expect(!desk.lines[0].contains("RESTART"))
  }

  @Test(arguments: [("1", ToolstackPart.toolstack, "Done: XAPI answers, and its services run."), ("2", .xapi, "Done: XAPI answers."), ("3", .networkd, "Done: the network daemon runs. XAPI was not restarted.")])
  func theEndSaysWhatWasRestarted(_ key: String, _ part: ToolstackPart, _ words: String) throws {
    var desk = Self.begun(Self.sizes[0], try #require(key.first), part)
    for step in ToolstackPlanner(Self.facts()).plan(part).steps { desk.hears(.routes(.restartStep(step.id, .done(step.id == 2 ? "perfmon.service is failed, as before" : "")))) }
    desk.hears(.routes(.restartOver(.done)))
    #expect(desk.screen.contains(words) && !desk.lines[0].contains("RESTART"))
    #expect(part != .toolstack || desk.text.contains("perfmon.service is failed, as before"))
  }

  /// The reason stands there once, what was done is not called undone, and the way on is named.
  @Test func aFailureSaysWhatToDoNext() {
    var desk = Self.begun(Self.sizes[0])
    let why = "XAPI has not answered within 300 s. XAPI does not run: its socket is not there"
    desk.hears(.routes(.restartStep(0, .done())))
    desk.hears(.routes(.restartStep(1, .failed(why))))
    desk.hears(.routes(.restartStep(0, .undone)))
    desk.hears(.routes(.restartOver(.undone(reason: why))))
    #expect(!desk.screen.contains("undone") && desk.lines.contains { $0.contains("ok ") && $0.contains("Stop and start XAPI") }, "\(desk.screen)")
    #expect(desk.text.ranges(of: "has not answered within 300 s").count == 1, "\(desk.screen)")
    #expect(desk.text.contains("journalctl -u xapi tells why. 1 tries again; the emergency network reset"), "\(desk.screen)")
  }

  @Test func withoutXAPIItCanBeRestartedAllTheSame() {
    var desk = Self.opened(Self.sizes[0])
    var facts = ToolstackFacts()
    facts.silence = "nobody listens on its socket"
    facts.role = .coordinator
    desk.hears(.routes(.toolstack(facts)))
    #expect(desk.text.contains("does not answer: nobody listens on its socket"))
    desk.press(.character("3"))
    desk.hears(.changePlanned(.success(ToolstackPlanner(facts).plan(.networkd))))
    #expect(desk.screen.contains("y restarts.") && desk.text.contains("XAPI is not restarted, and not needed"))
  }
}
