import Foundation
import JSON
import Testing

@testable import XenAPI

@Suite(.timeLimit(.minutes(1))) struct LiveMonitorTests {
  // MARK: Loading and following

  @Test func oneCallLoadsEverything() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    let state = watch.state
    #expect(watch.all.first?.connection == .connecting && watch.all.first?.database == nil)
    #expect(watch.devices == ["eth0", "eth1"])
    #expect(state.thisHost == Ref("OpaqueRef:h") && state.heard != nil)
    #expect(state.database?.hosts[state.thisHost]?.nameLabel == "xcp1")
    let requests = try #require(xapi.server?.requests)
    #expect(requests.prefix(3).map(\.method) == ["session.login_with_password", "event.from", "session.get_this_host"])
    #expect(requests[1].parameters[1] == .array(XenDatabase.eventClasses.map { .string($0) }))
    #expect(requests[1].parameters[2] == "" && requests[1].parameters[3] == .double(0.1))
    await watch.stop()
  }

  @Test func changesArriveByThemselves() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    xapi.change { $0.put("pif", "OpaqueRef:eth2", ["device": "eth2"]) }
    #expect(await eventually { watch.devices == ["eth0", "eth1", "eth2"] })
    xapi.change { $0.put("pif", "OpaqueRef:eth2", ["device": "renamed"]) }
    #expect(await eventually { watch.devices == ["eth0", "eth1", "renamed"] })
    xapi.change {
      $0.remove("pif", "OpaqueRef:eth0")
      $0.remove("pif", "OpaqueRef:eth2")
    }
    #expect(await eventually { watch.devices == ["eth1"] })
    #expect(xapi.look(\.fullLoads) == 1 && xapi.look(\.logins) == 1)
    await watch.stop()
  }

  @Test func nothingNewPublishesNothing() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi) { $0.hold = .milliseconds(10) }
    #expect(await watch.becomesLive())
    let published = watch.all.count
    let asked = xapi.server?.count("event.from") ?? 0
    #expect(await eventually { (xapi.server?.count("event.from") ?? 0) >= asked + 10 })
    #expect(watch.all.count == published)
    #expect(xapi.look(\.fullLoads) == 1)
    await watch.stop()
  }

  @Test func changesInAStormAllArrive() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    for index in 0..<300 {
      xapi.change { $0.put("pif", "OpaqueRef:\(index % 40)", ["device": .string("eth\(index)")]) }
    }
    let expected = (["eth0", "eth1"] + (260..<300).map { "eth\($0)" }).sorted()
    #expect(await eventually { watch.devices == expected })
    await watch.stop()
  }

  // MARK: Losses

  @Test func aForgottenSessionIsNotSeen() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    xapi.change { $0.sessions = [] }
    #expect(await eventually { xapi.look(\.logins) == 2 })
    xapi.change { $0.put("pif", "OpaqueRef:eth2", ["device": "eth2"]) }
    #expect(await eventually { watch.devices.contains("eth2") })
    #expect(watch.all.dropFirst().allSatisfy { $0.connection == .live })
    await watch.stop()
  }

  @Test func aTokenThatGoesBackMeansAnOlderDatabase() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    // The same number of rows: only the token tells.
    xapi.change {
      $0.generation = 3
      $0.log = []
      $0.rows["pif"] = ["OpaqueRef:a": ["device": "restored1"], "OpaqueRef:b": ["device": "restored2"]]
    }
    #expect(await eventually { watch.devices == ["restored1", "restored2"] })
    #expect(watch.all.dropFirst().allSatisfy { $0.connection == .live })
    await watch.stop()
  }

  @Test func aLostDeletionIsNoticed() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    xapi.change { _ = $0.rows["pif"]?.removeValue(forKey: "OpaqueRef:eth0") }
    #expect(await eventually { watch.devices == ["eth1"] })
    #expect(xapi.look(\.fullLoads) == 2)
    await watch.stop()
  }

  /// Should XAPI count rows that it does not tell, the pool must not be loaded again for ever.
  @Test func aCountThatStaysWrongIsPutUpWith() async throws {
    let xapi = FakeXAPI()
    xapi.change { $0.countedTooMany = ["pif": 1] }
    let watch = Watch(xapi) { $0.hold = .milliseconds(10) }
    #expect(await watch.becomesLive())
    let asked = xapi.server?.count("event.from") ?? 0
    #expect(await eventually { (xapi.server?.count("event.from") ?? 0) >= asked + 20 })
    #expect(xapi.look(\.fullLoads) == 2)
    // Losses on top of that are still noticed.
    xapi.change { _ = $0.rows["pif"]?.removeValue(forKey: "OpaqueRef:eth0") }
    #expect(await eventually { watch.devices == ["eth1"] })
    xapi.change { $0.put("pif", "OpaqueRef:eth2", ["device": "eth2"]) }
    #expect(await eventually { watch.devices == ["eth1", "eth2"] })
    await watch.stop()
  }

  // MARK: Emergency

  @Test func anEmergencyHasTheReasonThatTheHostGives() async throws {
    let xapi = FakeXAPI()
    xapi.change {
      $0.emergency = ["HOST_STILL_BOOTING"]
      $0.emergencyReason = ["HOST_MASTER_CANNOT_TALK_BACK", "10.0.4.12"]
    }
    let watch = Watch(xapi)
    let reason = XenFailure(code: "HOST_MASTER_CANNOT_TALK_BACK", parameters: ["10.0.4.12"])
    #expect(await watch.becomes { $0.connection == .emergency(reason) })
    xapi.change { $0.emergency = nil }
    #expect(await watch.becomesLive())
    #expect(watch.devices == ["eth0", "eth1"])
    await watch.stop()
  }

  @Test func anEmergencyWithoutAReasonHasItsCode() async throws {
    let xapi = FakeXAPI()
    xapi.change { $0.emergency = ["HOST_STILL_BOOTING"] }
    let watch = Watch(xapi)
    #expect(await watch.becomes { $0.connection == .emergency(XenFailure(code: "HOST_STILL_BOOTING")) })
    await watch.stop()
  }

  @Test func whatWasKnownStaysThroughAnEmergency() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    xapi.change {
      $0.emergency = ["HOST_BROKEN"]
      $0.put("pif", "OpaqueRef:eth2", ["device": "eth2"])
    }
    #expect(await watch.becomes { $0.connection == .emergency(XenFailure(code: "HOST_BROKEN")) })
    #expect(watch.devices.contains("eth0") && watch.state.thisHost != nil)
    await watch.stop()
  }

  // MARK: Silence

  @Test func aRestartIsSurvived() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    xapi.stop()
    #expect(await watch.becomes { $0.connection == .silent(.transport(.absent)) })
    #expect(watch.devices == ["eth0", "eth1"], "what was known stays")
    // Deletions are forgotten over a restart.
    xapi.change { _ = $0.rows["pif"]?.removeValue(forKey: "OpaqueRef:eth0") }
    xapi.start()
    #expect(await watch.becomesLive())
    #expect(watch.devices == ["eth1"])
    #expect(xapi.look(\.logins) == 2)
    await watch.stop()
  }

  @Test func aHostThatIsNotThereYetIsWaitedFor() async throws {
    let xapi = FakeXAPI(running: false)
    let watch = Watch(xapi)
    #expect(await watch.becomes { $0.connection == .silent(.transport(.absent)) })
    #expect(watch.state.database == nil)
    xapi.start()
    #expect(await watch.becomesLive())
    await watch.stop()
  }

  @Test func theClockOfASilenceStartsOnce() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    xapi.stop(leavingFile: true)
    #expect(await watch.becomes { $0.connection == .silent(.transport(.refused)) })
    let since = watch.state.since
    #expect(since > (watch.all.first?.since ?? .now))
    unlink(xapi.path)
    #expect(await watch.becomes { $0.connection == .silent(.transport(.absent)) })
    let silences = watch.all.filter { if case .silent = $0.connection { true } else { false } }
    #expect(silences.allSatisfy { $0.since == silences[0].since })
    await watch.stop()
  }

  @Test func aSilenceThatStaysTheSameIsPublishedOnce() async throws {
    let xapi = FakeXAPI()
    xapi.change { $0.loginReply = .failure("INTERNAL_ERROR", "Not_found") }
    let watch = Watch(xapi)
    #expect(await eventually { xapi.look(\.logins) >= 6 })
    #expect(watch.all.count == 2)
    await watch.stop()
  }

  @Test func aHangIsNoticedAndCountsFromTheLastAnswer() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi) {
      $0.hold = .milliseconds(20)
      $0.grace = .milliseconds(300)
    }
    #expect(await watch.becomesLive())
    xapi.change { $0.eventReply = .some(.nothing) }
    #expect(await watch.becomes { $0.connection == .silent(.transport(.timedOut(.milliseconds(320)))) })
    #expect(watch.state.since == watch.state.heard)
    xapi.change { $0.eventReply = nil }
    #expect(await watch.becomesLive())
    await watch.stop()
  }

  @Test func askedWhetherXAPILivesItFindsAHangLongBeforeTheNextAnswerIsDue() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi) {
      $0.hold = .seconds(3600)
      $0.probe = .milliseconds(100)
    }
    #expect(await watch.becomesLive())
    let before = xapi.look(\.probes)
    watch.monitor.retryNow()
    #expect(await eventually { xapi.look(\.probes) == before + 1 })
    #expect(watch.state.connection == .live, "a probe that is answered changes nothing")
    xapi.change { $0.probeReply = .some(.nothing) }
    watch.monitor.retryNow()
    #expect(await watch.becomes { $0.connection == .silent(.transport(.timedOut(.milliseconds(100)))) })
    #expect(watch.devices == ["eth0", "eth1"])
    xapi.change { $0.probeReply = nil }
    #expect(await watch.becomesLive())
    await watch.stop()
  }

  @Test func aHangAtTheLoginIsNoticed() async throws {
    let xapi = FakeXAPI()
    xapi.change { $0.loginReply = .some(.nothing) }
    let watch = Watch(xapi) { $0.login = .milliseconds(100) }
    #expect(await watch.becomes { $0.connection == .silent(.transport(.timedOut(.milliseconds(100)))) })
    #expect(watch.state.since == watch.all.first?.since, "silent since the start")
    xapi.change { $0.loginReply = nil }
    #expect(await watch.becomesLive())
    await watch.stop()
  }

  @Test(arguments: [0, 1, 2, 3]) func nonsenseIsSilenceToo(kind: Int) async throws {
    let replies: [ScriptedServer.Reply] = [
      .result("no events"), .body(Array("hello".utf8)), .raw(Array("garbage\r\n\r\n".utf8), close: true),
      .body([], status: "500 Internal Error", close: true),
    ]
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    xapi.change { $0.eventReply = replies[kind] }
    #expect(await watch.becomes { if case .silent = $0.connection { true } else { false } })
    #expect(watch.devices == ["eth0", "eth1"])
    xapi.change { $0.eventReply = nil }
    #expect(await watch.becomesLive())
    await watch.stop()
  }

  @Test func answersWithoutATokenAreNonsenseAndNotAskedForWithoutPause() async throws {
    let xapi = FakeXAPI()
    xapi.change { $0.eventReply = .result([:]) }
    let watch = Watch(xapi) {
      $0.retry = .milliseconds(200)
      $0.longestRetry = .milliseconds(200)
    }
    #expect(await watch.becomes { $0.connection == .silent(.nonsense("an answer of event.from without a token")) })
    let before = xapi.look(\.eventCalls)
    try await Task.sleep(for: .milliseconds(500))
    #expect(xapi.look(\.eventCalls) - before < 20)
    await watch.stop()
  }

  @Test func aXAPIThatHoldsNothingBackIsNotAskedWithoutPause() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi) {
      $0.hold = .zero
      $0.breath = .milliseconds(50)
    }
    #expect(await watch.becomesLive())
    let before = xapi.look(\.eventCalls)
    try await Task.sleep(for: .milliseconds(500))
    #expect(xapi.look(\.eventCalls) - before < 30)
    await watch.stop()
  }

  /// An emergency answers, but tells nothing of what is shown: its age goes on.
  @Test func anEmergencyDoesNotFreshenWhatWasKnown() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi)
    #expect(await watch.becomesLive())
    xapi.change {
      $0.sessions = []
      $0.emergency = ["HOST_STILL_BOOTING"]
    }
    #expect(await watch.becomes { if case .emergency = $0.connection { true } else { false } })
    let heard = watch.state.heard
    try await Task.sleep(for: .milliseconds(200))
    #expect(watch.state.heard == heard)
    #expect(try #require(heard) <= watch.state.since)
    await watch.stop()
  }

  /// The error of a call is an answer: nobody is silent who gives one.
  @Test func aProbeThatIsRefusedIsASignOfLife() async throws {
    let xapi = FakeXAPI()
    let watch = Watch(xapi) { $0.hold = .seconds(3600) }
    #expect(await watch.becomesLive())
    xapi.change { $0.probeReply = .failure("HANDLE_INVALID", "session", "OpaqueRef:s1") }
    let before = xapi.look(\.probes)
    watch.monitor.retryNow()
    #expect(await eventually { xapi.look(\.probes) > before })
    try await Task.sleep(for: .milliseconds(100))
    #expect(watch.state.connection == .live)
    await watch.stop()
  }

  // MARK: Retrying and ending

  @Test func retryNowDoesNotWait() async throws {
    let xapi = FakeXAPI(running: false)
    let watch = Watch(xapi) {
      $0.retry = .seconds(3600)
      $0.longestRetry = .seconds(3600)
    }
    #expect(await watch.becomes { $0.connection == .silent(.transport(.absent)) })
    xapi.start()
    watch.monitor.retryNow()
    #expect(await watch.becomesLive())
    await watch.stop()
  }

  /// The suite's time limit fails these when the monitor goes on.
  @Test func cancellationEndsItWhateverItDoes() async throws {
    let holding = FakeXAPI()
    let watch = Watch(holding) { $0.hold = .seconds(3600) }
    #expect(await watch.becomesLive())
    await watch.stop()

    let waiting = Watch(FakeXAPI(running: false)) {
      $0.retry = .seconds(3600)
      $0.longestRetry = .seconds(3600)
    }
    #expect(await waiting.becomes { $0.connection == .silent(.transport(.absent)) })
    await waiting.stop()

    let hanging = FakeXAPI()
    hanging.change { $0.loginReply = .some(.nothing) }
    let connecting = Watch(hanging) { $0.login = .seconds(3600) }
    #expect(await eventually { hanging.look(\.logins) == 1 })
    await connecting.stop()
    #expect(connecting.all.count == 1)
    holding.change { $0.sessions = [] }
  }
}
