import Synchronization
import TerminalUI
import Testing

@testable import ConsoleUI
@testable import HostNetworking

/// Review, progress and the question whether to keep a change: plans and records in, frames and errands out.
@Suite struct ChangeScreenTests {
  static let intent = Intent.disableManagement

  static func plan(provisional: Bool = true, hazards: [Hazard] = warnings, steps: Int = 2) -> ChangePlan {
    let all = [
      ChangeStep(0, "Create VLAN 42 on eth1", commands: ["xe vlan-create pif-uuid=5f1a vlan=42 network-uuid=77b2"], action: .plug("a")),
      ChangeStep(1, "Move management to VLAN 42 on eth1", commands: ["xe host-management-reconfigure pif-uuid=90aa"], action: .manage("b")),
    ]
    return ChangePlan(
      intent: intent, title: "Management on VLAN 42 on eth1, 10.0.5.12/24",
      differences: [
        .init("Management", now: "eth0", after: "VLAN 42 on eth1"), .init("IPv4", now: "10.0.4.12/24", after: "10.0.5.12/24"),
        .init("DNS", now: "10.0.4.2", after: "10.0.4.2"),
      ],
      consequences: ["clients find this host at 10.0.5.12"], hazards: hazards, steps: Array(all.prefix(steps)), isProvisional: provisional)
  }

  static let warnings = [
    Hazard(.warning, "You are connected through eth0 (10.0.4.77)", remedy: "Connect anew to 10.0.5.12 afterwards"),
    Hazard(.notice, "The gateway 10.0.5.1 answers"),
  ]

  static func change(
    _ id: String = "20261122T205439Z", _ state: PendingChange.State = .waiting, deadline: Double = 1000, begun: Int = 2, remark: String = ""
  ) -> PendingChange {
    PendingChange(
      id: id, state: state, title: "Management on VLAN 42 on eth1, 10.0.5.12/24", intent: "configure management",
      steps: [.init(sentence: "Create VLAN 42 on eth1", undo: []), .init(sentence: "Move management to VLAN 42 on eth1", undo: [.manage("eth0")])],
      begun: begun, deadline: deadline, bootID: nil, began: 1_795_365_990, who: "root on tty1",
      expectation: Expectation(interface: "VLAN 42 on eth1", address: "10.0.5.12"), remark: remark)
  }

  private func errands(_ desk: Desk) -> [String] { desk.errands.names }

  // MARK: Review

  /// At the review of disabling management, whose plan has come.
  private func atReview(_ plan: ChangePlan = plan(), columns: Int = 80, rows: Int = 24) -> Desk {
    var desk = Desk(size: Size(columns: columns, rows: rows))
    desk.press(.character("4"), .character("6"))
    desk.hears(.changePlanned(.success(plan)))
    return desk
  }

  @Test func theReviewAsksForThePlanAndCanBeLeftMeanwhile() {
    var desk = Desk()
    desk.press(.character("4"), .character("6"))
    #expect(errands(desk) == ["planChange"])
    #expect(desk.screen.contains("Looking at the host and asking the network ..."))
    desk.press(.character("y"))
    #expect(errands(desk) == ["planChange"])
    desk.press(.escape)
    #expect(desk.screen.contains(">6 Disable management"))
  }

  @Test(arguments: [(80, 24), (160, 50)])
  func theReviewTellsItAll(columns: Int, rows: Int) {
    let desk = atReview(columns: columns, rows: rows)
    #expect(desk.screen.contains("─ Disable management: review ─"))
    for parts in [
      ["now", "after"], ["Management", "eth0", "VLAN 42 on eth1"], ["IPv4", "10.0.4.12/24", "10.0.5.12/24"], ["DNS", "10.0.4.2", "as now"],
    ] {
      #expect(desk.lines.contains { line in parts.allSatisfy { line.contains($0) } }, "\(parts)\n\(desk.screen)")
    }
    for text in [
      "Will happen", "Clients find this host at 10.0.5.12.", "Look at this", "!  You are connected through eth0 (10.0.4.77).",
      "Connect anew to 10.0.5.12 afterwards.", "If it goes wrong", "put back by itself unless you keep it in time", "Steps",
      "1 save the way back, 2 create VLAN 42 on eth1", "y makes this change on trial.",
    ] {
      #expect(desk.screen.contains(text), "\(text)\n\(desk.screen)")
    }
  }

  @Test func theExactCommandsAreShownOnDemand() {
    var desk = atReview()
    #expect(!desk.screen.contains("xe vlan-create"))
    desk.press(.character("v"))
    #expect(desk.screen.contains("xe vlan-create pif-uuid=5f1a vlan=42 network-uuid=77b2"))
    #expect(desk.screen.contains("xe host-management-reconfigure pif-uuid=90aa"))
    desk.press(.character("v"))
    #expect(!desk.screen.contains("xe vlan-create"))
  }

  @Test func whatBlocksIsSaidWithItsRemedyAndCannotBeApplied() {
    let block = Hazard(.blocking, "High availability is on", remedy: "Switch it off first: xe pool-ha-disable")
    var desk = atReview(Self.plan(hazards: [block]))
    #expect(desk.screen.contains("!! High availability is on."))
    #expect(desk.screen.contains("Switch it off first: xe pool-ha-disable."))
    #expect(desk.screen.contains("Not possible as it is"))
    desk.press(.character("y"), .function(8))
    #expect(!errands(desk).contains("apply"))
    desk.press(.character("r"))
    #expect(errands(desk) == ["planChange", "planChange"])
    desk.hears(.changePlanned(.success(Self.plan())))
    desk.press(.character("y"))
    #expect(errands(desk).last == "apply")
  }

  @Test func whatCannotBePlannedSaysWhyAndWhatToDo() {
    var desk = Desk()
    desk.press(.character("4"), .character("6"))
    desk.hears(.changePlanned(.failure(ChangeProblem("XAPI must answer for this", remedy: "Restart the toolstack"))))
    #expect(desk.screen.contains("!! XAPI must answer for this."))
    #expect(desk.screen.contains("Restart the toolstack."))
    desk.press(.character("r"))
    #expect(errands(desk) == ["planChange", "planChange"])
  }

  @Test func aPlanThatChangesNothingIsNotApplied() {
    var desk = atReview(Self.plan(hazards: [], steps: 0))
    #expect(desk.screen.contains("There is nothing to do: all is so already."))
    desk.press(.character("y"))
    #expect(!errands(desk).contains("apply"))
  }

  /// What is looked up for one change must not be taken for another.
  @Test func aPlanOfAnotherIntentIsPassedOver() {
    var desk = Desk()
    desk.press(.character("4"), .character("6"))
    var other = Self.plan()
    other.intent = .hostName(HostNameRequest(hostname: "x"))
    desk.hears(.changePlanned(.success(other)))
    #expect(desk.screen.contains("Looking at the host"))
  }

  // MARK: Progress

  private func atWork(_ plan: ChangePlan = plan()) -> Desk {
    var desk = atReview(plan)
    desk.press(.character("y"))
    desk.hears(.changeStep(0, .done()))
    desk.hears(.changeStep(1, .running()))
    return desk
  }

  @Test func theStepsAreShownAndTheConsoleStays() {
    var desk = atWork()
    #expect(desk.lines.contains { $0.contains("ok") && $0.contains("Create VLAN 42 on eth1") })
    #expect(desk.lines.contains { $0.contains("...") && $0.contains("Move management to VLAN 42 on eth1") })
    #expect(desk.press(.control("c")) == .continue)
    desk.press(.escape)
    #expect(desk.screen.contains("Please wait."))
  }

  @Test(arguments: [
    (ChangeOutcome.done, "Done."), (.refused("another change waits"), "Nothing has been changed."),
    (.undone(reason: "the VLAN could not be made"), "Everything was taken back"),
    (.stuck(reason: "XAPI fell silent", left: ["destroy VLAN 42 on eth1"]), "Destroy VLAN 42 on eth1."),
  ])
  func everyEndIsTold(outcome: ChangeOutcome, says: String) {
    var desk = atWork()
    desk.hears(.changeOver(outcome))
    #expect(desk.screen.contains(says), "\(desk.screen)")
    desk.press(.enter)
    #expect(desk.screen.contains("Disable management"))
    #expect(desk.screen.contains("q quit") || desk.screen.contains("1-6 jump"))
  }

  @Test func aLogThatCannotBeWrittenIsToldOf() {
    var desk = atWork()
    desk.hears(.notLogged("/var/log/xcpconsole is read-only"))
    #expect(desk.text.contains("The log of changes could not be written: /var/log/xcpconsole is read-only."))
    desk.hears(.changeOver(.waiting(Self.change())))
    #expect(desk.text.contains("The log of changes could not be written: /var/log/xcpconsole is read-only."))
  }

  // MARK: Keep

  private func waiting(_ left: Double = 90) -> Desk {
    var desk = atWork()
    desk.hears(.pending(.there(Self.change(), secondsLeft: left)))
    desk.hears(.changeOver(.waiting(Self.change())))
    return desk
  }

  private func found(_ desk: inout Desk, gateway: LayoutVerify.Verdict = .good("10.0.5.1 answers")) {
    for check in PendingCheck.allCases { desk.hears(.pendingCheck(check, .looking)) }
    for check in PendingCheck.allCases { desk.hears(.pendingCheck(check, check == .gateway ? gateway : .good("fine"))) }
  }

  @Test func theChecksComeLiveAndTheClockRuns() {
    var desk = waiting()
    #expect(errands(desk).last == "checkPending")
    #expect(desk.screen.contains("─ Keep this change? ─"))
    #expect(desk.screen.contains("Goes back by itself in 1:30"))
    #expect(desk.lines[0].contains("KEEP? 1:30"))
    #expect(desk.screen.contains("Wait until all of this is looked at."))
    desk.hears(.pendingCheck(.gateway, .good("10.0.5.1 answers")))
    #expect(desk.lines.contains { $0.contains("gateway") && $0.contains("ok") && $0.contains("10.0.5.1 answers") })
    desk.clock.advance(seconds: 23)
    desk.tick()
    #expect(desk.screen.contains("Goes back by itself in 1:07"))
    #expect(desk.lines[0].contains("KEEP? 1:07"))
  }

  @Test(arguments: [(80, 24), (160, 50)])
  func aSilentSwitchIsALineOfItsOwn(columns: Int, rows: Int) {
    var desk = waiting()
    desk.resize(columns, rows)
    for check in PendingCheck.allCases where check != .lacp { desk.hears(.pendingCheck(check, .good("fine"))) }
    #expect(!desk.screen.contains("LACP") && desk.screen.contains("All of this is well"))
    desk.hears(.pendingCheck(.lacp, .bad("not negotiated: the switch does not speak LACP with bond0. Set up LACP on its ports. Meanwhile one link works alone (fallback)")))
    #expect(desk.lines.contains { $0.contains("LACP") && $0.contains("!!") && $0.contains("not negotiated") })
    #expect(desk.text.contains("one link works alone (fallback)"))
    #expect(desk.screen.contains("Not well: LACP."))
    #expect(desk.screen.contains("Goes back by itself in"))
    desk.hears(.pendingCheck(.lacp, .good("negotiated with 00:1c:73:aa:bb:cc on 2 links")))
    #expect(desk.screen.contains("All of this is well: y keeps the change."))
  }

  @Test func whenAllIsWellItRecommendsToKeep() {
    var desk = waiting()
    found(&desk)
    #expect(desk.screen.contains("All of this is well: y keeps the change."))
    desk.press(.character("y"))
    #expect(errands(desk).last == "keepPending")
    desk.hears(.pending(.none))
    #expect(desk.screen.contains("Kept: the change stays"))
    #expect(!desk.lines[0].contains("KEEP"))
    desk.press(.enter)
    #expect(!desk.screen.contains("Kept"))
  }

  @Test func whatIsRedRecommendsToGoBackAndKeepingAsksOnce() {
    var desk = waiting()
    found(&desk, gateway: .bad("10.0.5.9: no answer"))
    #expect(desk.lines.contains { $0.contains("gateway") && $0.contains("!!") && $0.contains("no answer") })
    #expect(desk.screen.contains("Not well: gateway. Better go back with n"))
    desk.press(.character("y"))
    #expect(desk.screen.contains("Keep it all the same?"))
    desk.press(.character("n"))
    #expect(errands(desk).last == "checkPending")
    desk.press(.character("y"), .character("y"))
    #expect(errands(desk).last == "keepPending")
  }

  @Test func goingBackTellsWhatWasPutBack() {
    var desk = waiting()
    desk.press(.character("n"))
    #expect(errands(desk).last == "revertPending")
    desk.hears(.pending(.there(Self.change("20261122T205439Z", .reverting), secondsLeft: 40)))
    desk.hears(.revertStep("Move management to eth0", .done()))
    desk.hears(.revertStep("Destroy VLAN 42 on eth1", .failed("VLAN_IN_USE")))
    #expect(desk.lines[0].contains("GOING BACK"))
    desk.hears(.pending(.there(Self.change("20261122T205439Z", .stuck, remark: "the VLAN is in use"), secondsLeft: 0)))
    #expect(desk.lines.contains { $0.contains("FAILED") && $0.contains("Destroy VLAN 42 on eth1: VLAN_IN_USE") })
    #expect(desk.screen.contains("Not everything could be put back. The VLAN is in use."))
    desk.press(.character("n"))
    desk.hears(.revertStep("Destroy VLAN 42 on eth1", .done()))
    desk.hears(.pending(.none))
    #expect(desk.lines.contains { $0.contains("ok") && $0.contains("Destroy VLAN 42 on eth1") })
    #expect(desk.screen.contains("The old settings are there again"))
  }

  @Test func aMinuteMoreMovesTheClockAndOlderLooksDoNotMoveItBack() async throws {
    var desk = waiting(30)
    desk.press(.character("+"))
    #expect(errands(desk).last == "extendPending")
    desk.hears(.pending(.there(Self.change(deadline: 1060), secondsLeft: 90)))
    #expect(desk.screen.contains("Goes back by itself in 1:30"))
    desk.hears(.pending(.there(Self.change(deadline: 1000), secondsLeft: 30)))
    #expect(desk.screen.contains("Goes back by itself in 1:30"))
    // The same look told again later: the clock has run on meanwhile.
    desk.clock.advance(seconds: 10)
    desk.hears(.pending(.there(Self.change(deadline: 1060), secondsLeft: 90)))
    #expect(desk.screen.contains("Goes back by itself in 1:20"))
  }

  @Test func whatDidNotWorkIsSaidAndCanBeTriedAgain() {
    var desk = waiting()
    found(&desk)
    desk.press(.character("y"))
    desk.hears(.pendingProblem("/var/lib/xcpconsole/pending is read-only"))
    #expect(desk.screen.contains("!! /var/lib/xcpconsole/pending is read-only."))
    desk.press(.character("y"))
    #expect(errands(desk).filter { $0 == "keepPending" }.count == 2)
  }

  @Test func escapeLeadsAwayAndTheHeaderKeepsTelling() {
    var desk = waiting()
    desk.press(.escape)
    #expect(!desk.screen.contains("Keep this change?"))
    #expect(desk.lines[0].contains("KEEP? 1:30"))
    // It is not put before the user a second time.
    desk.hears(.pending(.there(Self.change(), secondsLeft: 80)))
    #expect(!desk.screen.contains("Keep this change?"))
  }

  @Test func leavingTheConsoleSaysWhatWillHappenAndAsksOnce() {
    var desk = waiting()
    #expect(desk.press(.control("c")) == .continue)
    #expect(desk.screen.contains("Leave the console?"))
    #expect(desk.screen.contains("xcpconsole pending --keep"))
    desk.press(.character("n"))
    #expect(!desk.screen.contains("Leave the console?"))
    desk.press(.escape, .escape, .escape)
    #expect(desk.press(.character("q")) == .continue)
    #expect(desk.press(.character("y")) == .quit(0))
  }

  @Test func onceItIsSettledTheConsoleIsLeftAtOnce() {
    var desk = waiting()
    desk.hears(.pending(.none))
    #expect(desk.press(.control("c")) == .quit(0))
  }

  /// A slow line pays for digits, not for the screen.
  @Test func aSecondCostsAFewCells() {
    var desk = waiting()
    found(&desk)
    var before = desk.lines
    for _ in 0..<30 {
      desk.clock.advance(seconds: 1)
      desk.tick()
      let after = desk.lines
      let changed = zip(before, after).reduce(0) { $0 + zip($1.0, $1.1).count { $0 != $1 } }
      #expect(changed <= 8, "\(changed) cells")
      #expect(changed >= 2)
      before = after
      // Another look, as it goes on meanwhile, repaints nothing that is as it was.
      if errands(desk).last == "checkPending" { found(&desk) }
    }
  }

  /// One look goes on by itself for a minute; a change that was given more time needs another.
  @Test func itLooksAgainWhenALookIsOver() throws {
    var desk = waiting()
    found(&desk)
    desk.press(.character("+"))
    desk.hears(.pending(.there(Self.change(deadline: 1060), secondsLeft: 150)))
    let looks = errands(desk).filter { $0 == "checkPending" }.count
    desk.clock.advance(seconds: 60)
    desk.tick()
    #expect(errands(desk).filter { $0 == "checkPending" }.count == looks)
    desk.clock.advance(seconds: 6)
    desk.tick()
    desk.tick()
    #expect(errands(desk).filter { $0 == "checkPending" }.count == looks + 1)
  }

  @Test func whatTurnsBadLaterIsSeen() {
    var desk = waiting()
    found(&desk)
    desk.hears(.pendingCheck(.xapi, .bad("XAPI does not answer")))
    #expect(desk.text.contains("Not well: XAPI."))
    desk.hears(.pendingCheck(.xapi, .good("answers")))
    #expect(desk.text.contains("All of this is well"))
  }
}
