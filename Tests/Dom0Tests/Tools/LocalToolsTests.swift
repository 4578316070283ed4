import Dom0
import Foundation
import Testing

/// The real runner with real programs.
@Suite(.serialized) struct LocalToolsTests {
  private let tools = LocalTools()

  private func shell(_ script: String, limit: Duration = .seconds(20), outputLimit: Int = 1 << 20, input: [UInt8] = [])
    async throws(ToolFailure) -> ToolOutput
  {
    try await tools.run(Command(["sh", "-c", script], timeLimit: limit, outputLimit: outputLimit, input: input))
  }

  @Test func bringsBothStreamsAndTheExitCode() async throws {
    let output = try await shell("echo out; echo err >&2; exit 3")
    #expect(output == ToolOutput(exit: .code(3), output: Array("out\n".utf8), errors: Array("err\n".utf8)))
  }

  @Test func passesArgumentsAsTheyAre() async throws {
    let odd = ["", "two words", "$HOME `id` ; 'x' \"y\" \\", "ä\n*"]
    let output = try await tools.run(Command(["printf", "[%s]"] + odd))
    #expect(output.text == odd.map { "[\($0)]" }.joined())
  }

  @Test func tellsAnEndBySignal() async throws {
    #expect(try await shell("kill -TERM $$").exit == .signal(SIGTERM))
  }

  // MARK: What it starts with

  @Test func givesACleanEnvironment() async throws {
    setenv("XCPCONSOLE_SECRET", "must not be seen", 1)
    defer { unsetenv("XCPCONSOLE_SECRET") }
    let lines = try await tools.run(Command(["/usr/bin/env"])).text.split(separator: "\n")
    #expect(Set(lines) == ["PATH=\(Command.path)", "LC_ALL=C", "HOME=/root"])
  }

  @Test func hasNothingToReadUnlessGivenSomething() async throws {
    #expect(try await tools.run(Command(["readlink", "/proc/self/fd/0"])).text == "/dev/null\n")
    #expect(try await tools.run(Command(["cat"], input: Array("hello".utf8))).text == "hello")
  }

  @Test func movesMoreThanAPipeHoldsInBothDirectionsAtOnce() async throws {
    let input = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let output = try await tools.run(Command(["cat"], input: input))
    #expect(output.output == input)
    #expect(!output.isCut)
  }

  @Test func survivesAProgramThatDoesNotRead() async throws {
    let output = try await tools.run(Command(["true"], input: [UInt8](repeating: 65, count: 1 << 20)))
    #expect(output.exit == .code(0))
  }

  @Test func inheritsNoDescriptorHoweverCarelesslyItWasOpened() async throws {
    let careless = open("/etc/passwd", O_RDONLY)
    #expect(careless > STDERR_FILENO)
    defer { close(careless) }
    let files = try await shell("for f in /proc/$$/fd/*; do readlink $f; done").text.split(separator: "\n")
    #expect(files.count { $0 == "/dev/null" } == 1)
    #expect(files.count { $0.hasPrefix("pipe:") } == 2)
    #expect(files.count == 3)
  }

  @Test func blocksAndIgnoresNoSignal() async throws {
    let before = signal(SIGUSR2, SIG_IGN)
    defer { signal(SIGUSR2, before) }
    let lines = try await tools.run(Command(["grep", "^Sig", "/proc/self/status"])).text.split(separator: "\n")
    let masks = Dictionary(
      uniqueKeysWithValues: lines.map { line in
        let parts = line.split(whereSeparator: { $0 == ":" || $0 == "\t" })
        return (String(parts[0]), UInt64(parts[1], radix: 16))
      } as [(String, UInt64?)])
    #expect(masks["SigBlk"] == .some(0))
    // The C library keeps 32 and 33 to itself and has them ignored until the program begins.
    let internalSignals: UInt64 = 0b11 << 31
    #expect(masks["SigIgn"].flatMap { $0.map { $0 & ~internalSignals } } == 0)
    // It is ours that are not 0, or this test would show nothing.
    #expect(
      try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
        .contains { $0.hasPrefix("SigIgn") && !$0.hasSuffix("0000000000000000") })
  }

  @Test func hasAGroupOfItsOwn() async throws {
    let words = try await shell("echo $$; cut -d' ' -f5 /proc/$$/stat").text.split(separator: "\n")
    #expect(words.count == 2)
    #expect(words.first == words.last)
    #expect(words.first != "\(getpgrp())")
  }

  // MARK: What it will not run

  @Test func saysThatAToolIsMissing() async {
    await #expect(throws: ToolFailure.missing(tool: "no-such-tool")) { try await tools.run(Command(["no-such-tool"])) }
    await #expect(throws: ToolFailure.missing(tool: "no-such")) { try await tools.run(Command(["/sbin/no-such"])) }
    // A folder of that name is no program.
    await #expect(throws: ToolFailure.missing(tool: "share")) { try await tools.run(Command(["/usr/share"])) }
  }

  @Test(
    arguments: [
      ([], "no program was named"), ([""], "no program was named"),
      (["./x"], "./x is neither a name nor an absolute path"), (["echo", "a\0b"], "an argument has a NUL in it"),
      (["/etc/passwd"], "Permission denied"),
    ] as [([String], String)])
  func refusesWhatIsNoCommand(arguments: [String], reason: String) async {
    await #expect(throws: ToolFailure.notStarted(tool: Command(arguments).name, reason: reason)) {
      try await tools.run(Command(arguments))
    }
  }

  @Test func findsProgramsInItsOwnPathOnly() async throws {
    let folder = try Scratch()
    defer { folder.remove() }
    try folder.write("#!/bin/sh\necho found\n", to: "xcpconsole-probe", mode: 0o755)
    let before = String(cString: getenv("PATH"))
    setenv("PATH", "\(folder.path):\(before)", 1)
    defer { setenv("PATH", before, 1) }
    await #expect(throws: ToolFailure.missing(tool: "xcpconsole-probe")) {
      try await tools.run(Command(["xcpconsole-probe"]))
    }
    #expect(try await tools.run(Command(["\(folder.path)/xcpconsole-probe"])).text == "found\n")
  }

  // MARK: Limits

  @Test func cutsOutputWithoutStoppingTheCommand() async throws {
    let output = try await shell(
      "head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2; echo done >&2; exit 7", outputLimit: 1000)
    #expect(output.exit == .code(7))
    #expect(output.output.count == 1000)
    #expect(output.errors.count == 1000)
    #expect(output.isCut)
  }

  @Test func doesNotCallOutputThatJustFitsCut() async throws {
    let output = try await shell("printf 12345", outputLimit: 5)
    #expect(output.text == "12345")
    #expect(!output.isCut)
  }

  @Test func killsTheWholeGroupWhenTimeIsUp() async throws {
    let folder = try Scratch()
    defer { folder.remove() }
    let limit = Duration.milliseconds(300)
    await #expect(throws: ToolFailure.timedOut(tool: "sh", after: limit)) {
      try await shell("sleep 600 & echo $! >\(folder.path)/child; echo $$ >\(folder.path)/self; wait", limit: limit)
    }
    for name in ["self", "child"] {
      let process = try #require(pid_t(folder.text(name).trimmingCharacters(in: .whitespacesAndNewlines)))
      await waitUntil { !isAlive(process) }
      #expect(!isAlive(process), "\(name) lives on")
    }
  }

  @Test func killsWhatIgnoresEverySignal() async throws {
    let limit = Duration.milliseconds(300)
    await #expect(throws: ToolFailure.timedOut(tool: "sh", after: limit)) {
      try await shell("trap '' TERM INT HUP; while :; do sleep 1; done", limit: limit)
    }
  }

  @Test func killsWhatClosedItsStreamsAndStays() async throws {
    let limit = Duration.milliseconds(300)
    await #expect(throws: ToolFailure.timedOut(tool: "sh", after: limit)) {
      try await shell("exec >&- 2>&-; sleep 600", limit: limit)
    }
  }

  @Test func doesNotWaitForAGrandchildThatHoldsThePipe() async throws {
    let folder = try Scratch()
    defer { folder.remove() }
    let output = try await shell("sleep 600 & echo $! >\(folder.path)/child; echo started; exit 4")
    let child = try #require(pid_t(folder.text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
    defer { kill(child, SIGKILL) }
    #expect(output.text == "started\n")
    #expect(output.exit == .code(4))
    // A command may leave a service behind: that is not ours to end.
    #expect(isAlive(child))
  }

  @Test func doesNotListenForEverToGrandchildrenThatWriteOn() async throws {
    let folder = try Scratch()
    defer { folder.remove() }
    // Faster together than a reader is.
    let output = try await shell(
      "for n in 1 2 3 4; do cat /dev/zero & echo $! >>\(folder.path)/children; done; exit 0", outputLimit: 10)
    for child in try folder.text("children").split(separator: "\n").compactMap({ pid_t($0) }) { kill(child, SIGKILL) }
    #expect(output.exit == .code(0))
  }

  // MARK: Cancelling

  @Test func cancellingKills() async throws {
    let folder = try Scratch()
    defer { folder.remove() }
    let running = Task {
      try await shell("echo $$ >\(folder.path)/self.new; mv \(folder.path)/self.new \(folder.path)/self; sleep 600")
    }
    await waitUntil { FileManager.default.fileExists(atPath: folder.path + "/self") }
    let process = try #require(pid_t(folder.text("self").trimmingCharacters(in: .whitespacesAndNewlines)))
    running.cancel()
    await #expect(throws: ToolFailure.cancelled(tool: "sh")) { try await running.value }
    #expect(!isAlive(process))
  }

  @Test func startsNothingForACancelledTask() async throws {
    let folder = try Scratch()
    defer { folder.remove() }
    let running = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await shell("touch \(folder.path)/started")
    }
    await #expect(throws: ToolFailure.cancelled(tool: "sh")) { try await running.value }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/started"))
  }

  // MARK: What it leaves

  @Test func leavesNoZombieAndNoDescriptor() async throws {
    let descriptorsBefore = try descriptors()
    for round in 0..<30 {
      _ = try await shell("exit \(round)")
      _ = try? await shell("sleep 600", limit: .milliseconds(1))
      _ = try? await tools.run(Command(["/etc/passwd"], input: [1]))
    }
    await waitUntil { (try? descriptors()) == descriptorsBefore }
    #expect(try descriptors() == descriptorsBefore)
    #expect(zombies().isEmpty)
  }

  @Test func runsManyAtOnce() async throws {
    let answers = try await withThrowingTaskGroup(of: String.self) { group in
      for number in 0..<40 { group.addTask { try await tools.run(Command(["echo", "\(number)"])).text } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(answers == Set((0..<40).map { "\($0)\n" }))
  }

  private func descriptors() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
  }

  /// Children of this process that have ended and were not waited for.
  private func zombies() -> [String] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.filter { process in
      guard Int(process) != nil, let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
        let end = stat.lastIndex(of: ")")
      else { return false }
      let fields = stat[stat.index(after: end)...].split(separator: " ")
      return fields.first == "Z" && fields.dropFirst().first == "\(getpid())"
    }
  }
}
