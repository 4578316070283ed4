import EndToEndSupport
import Glibc
import Testing

extension Stories {
  /// However the console ends, the terminal is what it was.
  @Suite struct TerminalIsGivenBack {
    struct End: Sendable, CustomTestStringConvertible {
      let name: String
      let ending: Ending
      let cause: @Sendable (RawTerminal, ChildProcess) -> Void
      var testDescription: String { name }
    }

    static let ends = [
      End(name: "q", ending: .exited(0)) { terminal, _ in terminal.type("q") },
      End(name: "the menu's last item", ending: .exited(0)) { terminal, _ in terminal.type("G\r") },
      End(name: "Ctrl-C", ending: .exited(0)) { terminal, _ in terminal.type("\u{3}") },
      End(name: "SIGTERM", ending: .exited(128 + SIGTERM)) { _, child in child.signal(SIGTERM) },
      End(name: "SIGINT", ending: .exited(128 + SIGINT)) { _, child in child.signal(SIGINT) },
      End(name: "SIGHUP", ending: .exited(128 + SIGHUP)) { _, child in child.signal(SIGHUP) },
      End(name: "SIGSEGV", ending: .signalled(SIGSEGV)) { _, child in child.signal(SIGSEGV) },
      End(name: "SIGABRT", ending: .signalled(SIGABRT)) { _, child in child.signal(SIGABRT) },
      End(name: "SIGILL", ending: .signalled(SIGILL)) { _, child in child.signal(SIGILL) },
    ]

    @Test(arguments: ends, ["xterm-256color", "linux", "vt100"])
    func whateverHappens(_ end: End, term: String) throws {
      let lonely = try Lonely(term: term)
      let before = lonely.terminal.modes
      let child = try lonely.start()
      let screen = lonely.terminal.read { $0.holds(Array("quit".utf8)) }
      #expect(screen.bytes.holds(Array("quit".utf8)), "no first screen: \(screen.text)")
      #expect(lonely.terminal.modes != before, "the console reads keys one by one")
      end.cause(lonely.terminal, child)
      #expect(child.wait() == end.ending)
      #expect(lonely.terminal.modes == before)
      let after = lonely.terminal.read(limit: .milliseconds(100)).text
      #expect(
        screen.text.holds("\u{1B}[?1049h") == after.holds("\u{1B}[?1049l"), "the shell's screen comes back: \(after)")
      if term == "xterm-256color" {
        #expect(after.holds("\u{1B}[?1l"), "the arrow keys are the shell's again")
        #expect(after.holds("\u{1B}[?12l\u{1B}[?25h") || after.holds("\u{1B}[?25h"), "the cursor is shown again")
      }
    }

    @Test func hangingUpEndsTheConsole() throws {
      let lonely = try Lonely(term: "xterm")
      let child = try lonely.start()
      _ = lonely.terminal.read { $0.holds(Array("quit".utf8)) }
      lonely.terminal.hangUp()
      #expect(child.wait() == .exited(128 + SIGHUP))
    }

    /// The demo's folder goes with it, whichever way it ends.
    @Test(arguments: [SIGTERM, SIGHUP, SIGINT, 0])
    func theDemoLeavesNothingBehind(_ signal: Int32) throws {
      let lonely = try Lonely(term: "xterm")
      let child = try lonely.start(demo: true)
      _ = lonely.terminal.read { $0.holds(Array("quit".utf8)) }
      #expect(ScratchFolder.list(lonely.folder.path).count == 1)
      if signal == 0 { lonely.terminal.type("q") } else { child.signal(signal) }
      #expect(child.wait() == .exited(signal == 0 ? 0 : 128 + signal))
      #expect(ScratchFolder.list(lonely.folder.path).isEmpty)
    }

    /// A shell's job: Ctrl-Z gives the shell its terminal, fg brings the console back as it was.
    @Test(arguments: Screen.sizes)
    func suspendedAndBroughtBack(_ screen: Screen) async throws {
      let folder = try ScratchFolder()
      let shell = try Session(screen, running: ["/bin/bash", "--norc", "--noprofile", "-i"])
      try shell.type("PS1='ready> '\n")
      try await shell.sees("ready>")
      try shell.type("clear; \(try Program.console()) --socket \(folder.path)/xapi --root \(folder.path)\n")
      try await shell.sees("q quit")
      try shell.press("Down", "Down")
      try await shell.sees(">3 Networks")
      try shell.press("C-z")
      try await shell.sees("Stopped", "ready>")
      try shell.type("echo the shell $((20 + 22)) works\n")
      try await shell.sees("the shell 42 works")
      try shell.type("fg\n")
      try await shell.sees(">3 Networks", "q quit")
      try shell.press("q")
      try await shell.sees("ready>")
      try shell.type("echo it ended with $?\n")
      try await shell.sees("it ended with 0")
    }
  }

  /// A console without a host, on a raw terminal.
  struct Lonely {
    let terminal: RawTerminal
    let folder: ScratchFolder
    let term: String

    init(term: String) throws {
      terminal = try RawTerminal()
      folder = try ScratchFolder()
      self.term = term
    }

    func start(demo: Bool = false, environment: [String: String] = [:]) throws -> ChildProcess {
      let place = demo ? ["--demo=standalone"] : ["--socket", folder.path + "/xapi", "--root", folder.path]
      return try terminal.start(
        [Program.console()] + place,
        environment: ["TERM": term, "LANG": "C.UTF-8", "TMPDIR": folder.path].merging(environment) { _, mine in mine })
    }
  }
}
