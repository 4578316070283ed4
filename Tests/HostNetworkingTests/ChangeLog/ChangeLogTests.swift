import Dom0
import Foundation
import Testing

@testable import HostNetworking

@Suite struct ChangeLogTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString.prefix(8))").path
  private let system: HostSystem

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    system = HostSystem(root: folder)
  }

  private static let who = ChangeFacts.Session(peer: "10.0.4.77", terminal: "pts/0", user: "root")

  private func entry(_ number: Int, change: String = "a", result: ChangeLogEntry.Result = .done) -> ChangeLogEntry {
    ChangeLogEntry(
      time: 1_795_368_005 + Int64(number), change: change, who: Self.who, title: "DNS 10.0.4.2", intent: "DNS servers",
      step: number, steps: 3, sentence: "Step \(number) of \"all\"", commands: ["xe pif-reconfigure-ip uuid=1 DNS=10.0.4.2"],
      result: result, note: result == .failed ? "high availability is on [HA_IS_ENABLED]" : "")
  }

  private func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: folder + path).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func whatWasWrittenIsReadTheNewestFirst() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let log = ChangeLog(system)
    let entries = [entry(1), entry(2, result: .failed), entry(1, change: "b")]
    for entry in entries { try log.record(entry) }
    #expect(log.read().entries == entries.reversed())
    #expect(log.read(limit: 2).entries == [entries[2], entries[1]])
    #expect(log.read(limit: 2).isCut)
    #expect(try system.status(ChangeLog.folder).mode == 0o700)
    #expect(try system.status(ChangeLog.path).mode == 0o600)
    #expect(text(ChangeLog.path)?.hasPrefix("{\"time\":\"2026-11-22T") == true)
  }

  @Test func stepsAreGatheredByChange() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let log = ChangeLog(system)
    for entry in [entry(1), entry(1, change: "b"), entry(2, result: .failed), entry(2, change: "b")] { try log.record(entry) }
    let changes = log.read().changes
    #expect(changes.map(\.id) == ["b", "a"])
    #expect(changes.map { $0.entries.map(\.step) } == [[1, 2], [1, 2]])
    #expect(changes.map(\.result) == [.done, .failed])
    #expect(changes[0].who == Self.who)
  }

  @Test func damagedLinesAreCountedAndLeftOut() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let log = ChangeLog(system)
    try log.record(entry(1))
    let handle = try #require(FileHandle(forWritingAtPath: folder + ChangeLog.path))
    handle.seekToEndOfFile()
    handle.write(Data("{\"at\":1795368007,\"cha".utf8))
    try handle.close()
    try log.record(entry(2))
    try system.append(Array("[1]\n\n\u{1}\n".utf8), to: ChangeLog.path, limit: 1 << 20)
    let history = log.read()
    #expect(history.entries.map(\.step) == [2, 1])
    #expect(history.damaged == 2)
  }

  @Test func aFullFileIsPutAsideAndStillRead() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let log = ChangeLog(system, limit: 2000)
    for number in 1...20 { try log.record(entry(number)) }
    let steps = log.read().entries.map(\.step)
    #expect(steps.first == 20)
    #expect(steps == Array((21 - steps.count...20).reversed()))
    #expect(steps.count < 20)
    #expect(system.exists(ChangeLog.older))
    #expect(try system.status(ChangeLog.path).size <= 2000)
  }

  @Test func aLogThatCannotBeWrittenStopsNothingAndIsToldOnce() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // A file where the folder should be.
    try FileManager.default.createDirectory(atPath: folder + "/var/log", withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: folder + ChangeLog.folder))
    let logger = ChangeLogger(system, Self.who, title: "DNS", intent: "DNS servers", steps: 1)
    logger.step(1, "Give eth0 DNS 10.0.4.2", .done)
    #expect(logger.problem?.hasPrefix("the log of changes could not be written: \(ChangeLog.path)") == true)
    #expect(ChangeLog(system).read().entries.isEmpty)
  }

  @Test func onlyTheEndOfAStepIsKeptAndOnce() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let logger = ChangeLogger(system, Self.who, title: "DNS", intent: "DNS servers", steps: 2) { 1_795_368_005 }
    for state in [StepState.waiting, .running(), .running("50 %"), .done("it was so already"), .done("it was so already")] {
      logger.step(1, "One", commands: ["xe one"], state)
    }
    logger.step(2, "Two", .failed("no"))
    logger.step(1, "One", .undone)
    logger.over("Taken back", .reverted)
    let entries = ChangeLog(system).read().entries.reversed().map { "\($0.step) \($0.result.rawValue) \($0.note)" }
    #expect(entries == ["1 done it was so already", "2 failed no", "1 undone ", "0 reverted "])
    #expect(Set(ChangeLog(system).read().entries.map(\.change)) == [logger.id])
    #expect(logger.id.hasPrefix("20261122T"))
    #expect(logger.problem == nil)
  }

  @Test func aLineOfTheSystemLogTellsAll() {
    #expect(
      entry(2, result: .failed).line
        == "root on pts/0 from 10.0.4.77: DNS servers \"DNS 10.0.4.2\" (a): step 2/3: Step 2 of \"all\": failed: "
        + "high availability is on [HA_IS_ENABLED] [xe pif-reconfigure-ip uuid=1 DNS=10.0.4.2]")
  }
}
