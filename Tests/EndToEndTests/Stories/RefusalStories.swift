import EndToEndSupport
import Testing

extension Stories {
  /// What cannot work is said in one line, and the terminal is left as it was.
  @Suite struct Refusals {
    struct Wrong: Sendable, CustomTestStringConvertible {
      let arguments: [String]
      let code: Int32
      let says: String
      var environment = ["TERM": "xterm", "LANG": "C.UTF-8"]
      var testDescription: String {
        arguments.joined(separator: " ") + (environment["TERM"].map { " on \($0)" } ?? " without TERM")
      }
    }

    static let onTheCommandLine = [
      Wrong(arguments: ["--frobnicate"], code: 2, says: "--frobnicate"),
      Wrong(arguments: ["--demo=atlantis"], code: 2, says: "atlantis"),
      Wrong(arguments: ["--demo", "--socket", "/nowhere"], code: 2, says: "--socket"),
      Wrong(arguments: ["--socket", "/etc/passwd"], code: 1, says: "/etc/passwd is not a socket"),
      Wrong(arguments: ["--socket", "/tmp"], code: 1, says: "/tmp is not a socket"),
      Wrong(arguments: ["--socket", "/etc/passwd/xapi"], code: 1, says: "/etc/passwd/xapi"),
      Wrong(arguments: ["--socket", "/" + String(repeating: "x", count: 200)], code: 2, says: "107"),
      Wrong(arguments: ["--socket", ""], code: 2, says: "--socket"),
      Wrong(arguments: ["simulate"], code: 2, says: "--socket"),
      Wrong(arguments: ["simulate", "--socket", "/tmp/x", "--scenario", "atlantis"], code: 2, says: "atlantis"),
      Wrong(arguments: ["simulate", "--socket", "/tmp/x", "--fault", "sulk"], code: 2, says: "sulk"),
      Wrong(arguments: ["simulate", "--socket", "/tmp/x", "--latency-ms", "-1"], code: 2, says: "latency"),
      Wrong(arguments: ["simulate", "--socket", "/etc/passwd"], code: 1, says: "/etc/passwd is not a socket"),
      Wrong(arguments: ["simulate", "--replay", "/nowhere.json", "/nowhere.json"], code: 1, says: "/nowhere.json"),
      Wrong(arguments: ["surplus"], code: 2, says: "surplus"),
    ]

    static let ofTheTerminal = [
      Wrong(arguments: [], code: 1, says: "dumb", environment: ["TERM": "dumb"]),
      Wrong(arguments: [], code: 1, says: "vt-unheard-of", environment: ["TERM": "vt-unheard-of"]),
      Wrong(arguments: [], code: 1, says: "TERM", environment: ["TERM": ""]),
      Wrong(arguments: [], code: 1, says: "TERM", environment: [:]),
      Wrong(arguments: ["--demo"], code: 1, says: "dumb", environment: ["TERM": "dumb"]),
    ]

    /// On a terminal, so that a screen that was touched would show.
    @Test(arguments: onTheCommandLine + ofTheTerminal)
    func isSaidInOneLine(_ wrong: Wrong) throws {
      let terminal = try RawTerminal()
      let modes = terminal.modes
      let folder = try ScratchFolder()
      let error = folder.path + "/error"
      let errors = try TextFile(error, creating: true)
      let environment = wrong.environment.merging(["TMPDIR": folder.path]) { mine, _ in mine }
      let child = try terminal.start(
        [Program.console()] + wrong.arguments, environment: environment, error: .descriptor(errors.descriptor))
      let ending = child.wait()
      #expect(ending == .exited(wrong.code))
      let line = try errors.text
      #expect(line.holds(wrong.says))
      #expect(line.hasPrefix("xcpconsole: "))
      #expect(line.split(separator: "\n", omittingEmptySubsequences: false).count == 2, "one line, not: \(line)")
      let written = terminal.read(limit: .milliseconds(20)).bytes
      #expect(written.isEmpty, "the terminal was written to: \(written)")
      #expect(terminal.modes == modes)
      #expect(ScratchFolder.list(folder.path) == ["error"], "a folder of the demo was left")
    }

    @Test func outputIsNoTerminal() throws {
      let outcome = try ChildProcess.run([Program.console()], environment: ["TERM": "xterm"])
      #expect(outcome.ending == .exited(1))
      #expect(outcome.output.isEmpty)
      #expect(outcome.error.split(separator: "\n").count == 1)
      #expect(outcome.error.holds("not a terminal"))
    }

    @Test(arguments: [["--help"], ["--version"], ["simulate", "--help"]])
    func whatIsAskedForIsNoError(_ arguments: [String]) throws {
      let outcome = try ChildProcess.run([Program.console()] + arguments)
      #expect(outcome.ending == .exited(0))
      #expect(outcome.error.isEmpty)
      #expect(outcome.output.holds(arguments == ["--version"] ? "." : "USAGE"))
    }

    @Test func helpNamesWhatPeopleNeed() throws {
      let help = try ChildProcess.run([Program.console(), "--help"]).output
      for word in ["--demo", "--socket", "simulate", "standalone", "xapi-down", "xcpconsole bond", "network|vlan|address", "toolstack restart"] { #expect(help.holds(word)) }
    }
  }
}
