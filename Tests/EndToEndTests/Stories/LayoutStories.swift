import EndToEndSupport
import JSON
import Testing

extension Stories {
  /// Saved layouts from the command line: what scripts and people without a screen use.
  @Suite struct Layouts {
    private let folder: ScratchFolder
    private let host: HostProcess

    init() throws {
      folder = try ScratchFolder()
      host = try HostProcess("pool", folder: folder)
    }

    /// The options come last: they belong to each subcommand.
    private func layout(_ arguments: String...) throws -> ChildProcess.Outcome {
      try ChildProcess.run([Program.console(), "layout"] + arguments + ["--socket", host.socket, "--root", folder.path])
    }

    private func loseVLAN(_ tag: Int64) throws {
      try host.steer(["destroy": ["class": "VLAN", "match": ["tag": .int(tag)]]])
      try host.steer(["destroy": ["class": "PIF", "match": ["VLAN": .int(tag)]]])
    }

    @Test func aVLANIsSavedLostAndPutBack() throws {
      let saved = try layout("save", "--why", "before the move")
      #expect(saved.ending == .exited(0))
      #expect(saved.output.holds("from XAPI: 4 NICs, 1 bond, 12 VLANs"))
      let listed = try layout("list")
      #expect(listed.output.split(separator: "\n").count == 1)
      #expect(listed.output.holds("xcp1, from XAPI"))
      #expect(listed.output.holds("before the move"))
      #expect(try layout("show").output.holds("VLAN 30 on bond0, network \"Voice\""))

      try loseVLAN(30)
      let plan = try layout("restore", "latest", "--dry-run")
      #expect(plan.ending == .exited(0))
      #expect(plan.output.holds("Create VLAN 30 on bond0, on network \"Voice\""))
      #expect(plan.output.holds("# xe vlan-create pif-uuid="))

      // Nobody is there to say yes.
      let refused = try layout("restore", "latest")
      #expect(refused.ending == .exited(1))
      #expect(refused.error.holds("--yes"))

      let done = try layout("restore", "latest", "--yes")
      #expect(done.ending == .exited(0))
      #expect(done.output.hasSuffix("Done.\n"))
      let again = try layout("restore", "latest", "--yes")
      #expect(again.ending == .exited(0))
      #expect(again.output.holds("All of it is there already"))
    }

    @Test func programsReadJSON() throws {
      let saved = try JSONValue(parsing: layout("save", "--json").output)
      #expect(saved["from"] == "XAPI")
      #expect(saved["saved"]?.string?.hasPrefix("/var/lib/xcpconsole/layouts/") == true)
      let entries = try JSONValue(parsing: layout("list", "--json").output)
      #expect(entries.array?.first?["host"]?["name"] == "xcp1")
      #expect(try JSONValue(parsing: layout("show", "--json").output)["format"] == "xcpconsole network layout")

      try loseVLAN(200)
      try loseVLAN(4000)
      let outcome = try layout("restore", "latest", "--json", "--yes", "--skip", "2")
      #expect(outcome.ending == .exited(0))
      let report = try JSONValue(parsing: outcome.output)
      #expect(report["complete"] == true)
      #expect(report["steps"]?.array?.map { $0["state"] } == ["done", "skipped"])
      #expect(report["steps"]?.array?[1]["left_out"] == "left out")
      #expect(try layout("restore", "latest", "--json").ending == .exited(2))
    }

    @Test func aFailedStepIsToldAndTheExitCodeSaysSo() throws {
      _ = try layout("save")
      try loseVLAN(10)
      try loseVLAN(20)
      try host.steer(["call": ["name": "VLAN.create", "fails": ["VLAN_IN_USE", "bond0", "10"], "times": 1]])
      let outcome = try layout("restore", "latest", "--yes")
      #expect(outcome.ending == .exited(1))
      #expect(outcome.output.holds("FAILED"))
      #expect(outcome.output.holds("[VLAN_IN_USE]"))
      #expect(outcome.output.holds("1 of 2 steps are not done"))
      #expect(try layout("restore", "latest", "--yes").ending == .exited(0))
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
      let arguments: [String]
      let code: Int32
      let says: String
      var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(arguments: [
      Wrong(arguments: ["show"], code: 1, says: "no saved layout called latest"),
      Wrong(arguments: ["show", "../../etc/passwd"], code: 1, says: "no saved layout called"),
      Wrong(arguments: ["show", "/etc/passwd"], code: 1, says: "/etc/passwd is missing"),
      Wrong(arguments: ["restore"], code: 2, says: "file"),
      Wrong(arguments: ["restore", "x", "--map", "eth0"], code: 2, says: "--map eth0: takes SAVED=PRESENT"),
      Wrong(arguments: ["frobnicate"], code: 2, says: "frobnicate"),
    ])
    func isRefused(_ wrong: Wrong) throws {
      let outcome = try ChildProcess.run(
        [Program.console(), "layout"] + wrong.arguments
          + (wrong.arguments == ["frobnicate"] ? [] : ["--socket", host.socket, "--root", folder.path]))
      #expect(outcome.ending == .exited(wrong.code))
      #expect(outcome.error.holds(wrong.says), "\(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1)
      #expect(outcome.output.isEmpty)
    }

    @Test func withoutXAPITheFilesAreNamed() throws {
      host.stop()
      let outcome = try layout("save")
      #expect(outcome.ending == .exited(1))
      #expect(outcome.error.holds("there is no layout to save"))
      #expect(outcome.error.holds("networkd.db is missing"))
      #expect(!ScratchFolder.list(folder.path).contains("var"))
    }
  }
}
