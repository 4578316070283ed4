import SimulatedHost
import TerminalUI
import TestSupport
import Testing

@testable import ConsoleUI
@testable import HostNetworking

/// A pending change that this console did not make: found at the start, or made, kept and taken back elsewhere.
@Suite(.serialized) struct PendingFoundTests {
  private func host(_ scenario: Scenario = .pool) async throws -> HostView {
    let simulated = try await SimulatedView(scenario)
    let view = try await simulated.view { $0.facts != nil && $0.local != nil }
    await simulated.close()
    return try #require(view)
  }

  private func seeing(_ standing: PendingStanding, _ host: HostView) -> HostView {
    var host = host
    host.local?.pending = standing
    return host
  }

  private func waiting(_ left: Double = 67, deadline: Double = 1000) -> PendingStanding {
    .there(ChangeScreenTests.change(deadline: deadline), secondsLeft: left)
  }

  /// A look at the host may be older than the change: the page tells of the address, and the first line frightens nobody.
  @Test func theFirstLineLeavesTheAddressToThePage() async throws {
    let host = try await host(.stranded)
    var desk = Desk(size: Size(columns: 160, rows: 50))
    desk.sees(host)
    #expect(desk.lines[0].contains("NO ADDRESS"))
    desk.sees(seeing(waiting(), host))
    #expect(desk.lines[0].contains("KEEP?") && desk.lines[0].contains("address ?") && !desk.lines[0].contains("NO ADDRESS"), "\(desk.lines[0])")
  }

  @Test(arguments: [(80, 24), (160, 50), (40, 12)])
  func itIsTheFirstThingToBeSeen(columns: Int, rows: Int) async throws {
    let host = try await host()
    var desk = Desk(size: Size(columns: columns, rows: rows))
    desk.sees(seeing(waiting(), host))
    #expect(desk.screen.contains("Keep this change?"))
    #expect(desk.screen.contains("Made by root on tty1"))
    #expect(desk.lines[0].contains("KEEP? 1:07"), "\(desk.lines[0])")
    #expect(desk.errands.names == ["checkPending"])
    for line in desk.lines { #expect(TerminalUI.columns(of: line) <= columns, "\(line)") }
    desk.press(.escape)
    #expect(desk.screen.contains("1 Status"))
    // Once is enough; the header goes on.
    desk.clock.advance(seconds: 5)
    desk.sees(seeing(waiting(62), host))
    #expect(desk.screen.contains("1 Status"))
    #expect(desk.lines[0].contains("KEEP? 1:02"))
  }

  @Test func keptFromAnotherLogin() async throws {
    let host = try await host()
    var desk = Desk()
    desk.sees(seeing(waiting(), host))
    var after = seeing(.none, host)
    after.local?.lastChange = PendingEnd(id: "20261122T205439Z", title: "", end: "kept by root on pts/1", at: 0)
    desk.sees(after)
    #expect(desk.screen.contains("Kept by root on pts/1: the change stays"))
    #expect(!desk.lines[0].contains("KEEP"))
    desk.press(.enter, .enter)
    #expect(desk.screen.contains("1 Status"))
  }

  /// A look at the host that began while the steps were done comes after the question: it takes no answer away.
  @Test func anOlderLookLeavesTheQuestionOpen() async throws {
    let host = try await host()
    var desk = Desk()
    desk.sees(seeing(waiting(), host))
    desk.sees(seeing(.there(ChangeScreenTests.change("20261122T205439Z", .applying, deadline: 1005), secondsLeft: 72), host))
    #expect(desk.lines[0].contains("KEEP? 1:07"), "\(desk.lines[0])")
    desk.press(.character("y"))
    #expect(desk.errands.names == ["checkPending", "keepPending"])
    desk.sees(seeing(.there(ChangeScreenTests.change("20261122T205439Z", .reverting), secondsLeft: 0), host))
    desk.sees(seeing(waiting(), host))
    #expect(desk.lines[0].contains("GOING BACK"), "\(desk.lines[0])")
  }

  @Test func takenBackByTheGuardWhenTheTimeIsUp() async throws {
    let host = try await host()
    var desk = Desk()
    desk.sees(seeing(waiting(3), host))
    desk.clock.advance(seconds: 3)
    desk.tick()
    #expect(desk.screen.contains("Its time is up: it is put back now."))
    #expect(desk.lines[0].contains("GOING BACK"))
    desk.sees(seeing(.there(ChangeScreenTests.change("20261122T205439Z", .reverting), secondsLeft: 0), host))
    #expect(desk.screen.contains("The old settings are being put back."))
    desk.sees(Self.ended(seeing(.none, host), "taken back: nobody confirmed it in time"))
    #expect(desk.text.contains("The old settings are there again"))
    #expect(desk.lines.contains { $0.contains("undone") && $0.contains("Create VLAN 42 on eth1") })
  }

  private static func ended(_ view: HostView, _ end: String) -> HostView {
    var view = view
    view.local?.lastChange = PendingEnd(id: "20261122T205439Z", title: "", end: end, at: 0)
    return view
  }

  @Test func aGuardQuickerThanTheEyeIsNotTakenForSomebodyWhoKeepsIt() async throws {
    let host = try await host()
    var desk = Desk()
    desk.sees(seeing(waiting(2), host))
    desk.clock.advance(seconds: 4)
    desk.tick()
    desk.sees(Self.ended(seeing(.none, host), "taken back: nobody confirmed it in time"))
    #expect(desk.text.contains("The old settings are there again"), "\(desk.screen)")
  }

  /// A look at the host from before the change began has no word of it: it is not over because of that.
  @Test func anOlderLookWithoutAWordOfItEndsNothing() async throws {
    let host = try await host()
    var desk = Desk()
    desk.sees(seeing(waiting(), host))
    desk.sees(seeing(.none, host))
    desk.sees(seeing(.damaged("it is not JSON"), host))
    #expect(desk.screen.contains("Keep this change?"))
    #expect(desk.lines[0].contains("KEEP?"))
    // When it stays away, how it ended is not made up.
    desk.clock.advance(seconds: 30)
    desk.sees(seeing(.none, host))
    desk.clock.advance(seconds: 30)
    desk.sees(seeing(.none, host))
    #expect(desk.text.contains("How it ended is not known here"), "\(desk.screen)")
    #expect(!desk.screen.contains("the change stays"))
  }

  @Test func whatEndedItIsToldInItsOwnWords() async throws {
    let host = try await host()
    var desk = Desk()
    desk.sees(seeing(waiting(), host))
    var after = seeing(.none, host)
    after.local?.lastChange = PendingEnd(id: "20261122T205439Z", title: "", end: "taken back: asked for", at: 0)
    desk.sees(after)
    #expect(desk.text.contains("Taken back: asked for. The old settings are there again."), "\(desk.screen)")
  }

  @Test func oneThatIsKeptDoesNotComeBackWithAnOlderLook() async throws {
    let host = try await host()
    var desk = Desk()
    desk.sees(seeing(waiting(), host))
    desk.press(.character("y"))
    desk.hears(.pending(.none))
    desk.sees(seeing(waiting(), host))
    #expect(desk.screen.contains("Kept: the change stays"))
    #expect(!desk.lines[0].contains("KEEP"))
    // Another one is another matter.
    desk.sees(seeing(.there(ChangeScreenTests.change("20261122T210000Z"), secondsLeft: 90), host))
    #expect(desk.lines[0].contains("KEEP? 1:30"))
  }

  @Test(arguments: [
    (PendingChange.State.applying, "The change is being made at this moment."), (.reverting, "are being put back"),
    (.revertedInFiles, "XAPI does not answer and has yet to learn it"), (.stuck, "Not everything could be put back."),
  ])
  func everyStateIsTold(state: PendingChange.State, says: String) async throws {
    let host = try await host()
    var desk = Desk()
    desk.sees(seeing(.there(ChangeScreenTests.change("1", state, begun: 1), secondsLeft: 30), host))
    #expect(desk.text.contains(says), "\(desk.screen)")
    #expect(desk.screen.contains("A change is not settled"))
    #expect(desk.lines.contains { $0.contains("Move management to VLAN 42 on eth1") })
    #expect(desk.press(.control("c")) == .continue)
    #expect(desk.screen.contains("Leave the console?"))
  }

  @Test func aCoordinatorIsToldWhatItsMembersNeed() async throws {
    let host = try await host(.pool)
    var desk = Desk()
    desk.sees(seeing(waiting(), host))
    desk.press(.character("y"))
    desk.hears(.pending(.none))
    desk.press(.enter)
    #expect(desk.screen.contains("What the members need"))
    #expect(desk.screen.contains("xe pool-recover-slaves"))
    desk.press(.character("y"))
    #expect(desk.errands.names.last == "planChange")
    #expect(desk.screen.contains("Tell the members: review"))
    desk.press(.escape)
    #expect(desk.screen.contains("What the members need"))
    desk.press(.enter)
    #expect(desk.screen.contains("1 Status"))
  }

  @Test func aHostAloneIsNot() async throws {
    let host = try await host(.standalone)
    var desk = Desk()
    desk.sees(seeing(waiting(), host))
    desk.press(.character("y"))
    desk.hears(.pending(.none))
    desk.press(.enter)
    #expect(desk.screen.contains("1 Status"))
  }
}
