import Dom0
import EndToEndSupport
import Glibc
import JSON
import Testing

extension Stories {
  /// The emergency network reset from the command line, on the files of a simulated host.
  @Suite struct Reset {
    private static let words = ["--device", "eth2", "--mode", "dhcp", "--novlan"]
    /// What a reset changes, and what a boot goes by.
    private static let paths = [
      "/etc/xensource/pool.conf", "/etc/xensource-inventory", "/etc/firstboot.d/data/management.conf",
      "/var/tmp/network-reset", "/var/lib/xcp/networkd.db",
    ]

    private let folder: ScratchFolder
    private let pristine: String

    /// The tree as a host that is switched off leaves it.
    init() throws {
      folder = try ScratchFolder()
      pristine = folder.path + "/pristine"
      mkdir(pristine, 0o700)
      let host = try HostProcess("standalone", options: ["--root", pristine], folder: folder)
      host.stop()
    }

    private func tree(_ name: String) throws -> String {
      let place = folder.path + "/" + name
      _ = try ChildProcess.run(["/bin/rm", "-rf", place])
      #expect(try ChildProcess.run(["/bin/cp", "-a", pristine, place]).ending == .exited(0))
      return place
    }

    private func reset(_ root: String, _ words: [String], under tracer: [String] = []) throws -> ChildProcess.Outcome {
      try ChildProcess.run(tracer + [Program.console(), "reset", "--root", root] + words)
    }

    /// As a program reads them that takes `root` for `/`: links are followed within.
    private func files(_ root: String) -> [String: [UInt8]] {
      let system = HostSystem(root: root)
      return Dictionary(uniqueKeysWithValues: Self.paths.compactMap { path in (try? system.read(path)).map { (path, $0) } })
    }

    @Test func dryRunsChangeNothingAndTellAll() throws {
      let root = try tree("dry")
      let before = files(root)
      let outcome = try reset(root, Self.words + ["--dry-run", "--json"])
      #expect(outcome.ending == .exited(0))
      let answer = try JSONValue(parsing: outcome.output)
      #expect(answer.object?.isEmpty == false)
      #expect(outcome.output.holds("DEVICE=eth2"))
      #expect(files(root) == before)
      #expect(ScratchFolder.list(root + "/var/lib/xcpconsole").isEmpty)
    }

    @Test(arguments: [
      ["--device", "eth9"], ["--device", "eth2", "--mode", "static"], ["--device", "eth2", "--vlan", "4095"],
      ["--device", "eth2", "--mode", "static", "--ip", "10.0.4.255", "--netmask", "255.255.255.0"],
      ["--device", "eth2", "--vlan", "5", "--novlan"],
    ])
    func badAnswersAreRefused(words: [String]) throws {
      let root = try tree("bad")
      let before = files(root)
      let outcome = try reset(root, words + ["--yes"])
      #expect([.exited(1), .exited(2)].contains(outcome.ending), "\(outcome)")
      #expect(outcome.error.holds("xcpconsole: "))
      #expect(files(root) == before)
    }

    @Test func withoutATerminalNothingIsAgreedTo() throws {
      let root = try tree("asked")
      let before = files(root)
      let outcome = try reset(root, Self.words)
      #expect(outcome.ending == .exited(1))
      #expect(outcome.error.holds("--yes"))
      #expect(files(root) == before)
    }

    /// The real program, killed at every single call that changes the file system; then finished or taken back.
    @Test(.timeLimit(.minutes(5)))
    func killedAtEveryChange() throws {
      let strace = "/usr/bin/strace"
      try #require(access(strace, X_OK) == 0, "strace is needed for this: the package strace")
      let old = files(try tree("old"))
      let complete = try tree("new")
      #expect(try reset(complete, Self.words + ["--yes"]).ending == .exited(0))
      let new = files(complete)
      #expect(old != new)
      var kills = 0
      for call in ["rename", "symlink", "unlink", "fsync", "mkdir"] {
        for place in 1...200 {
          let root = try tree("killed")
          let tracer = [strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(call):signal=KILL:when=\(place)"]
          let outcome = try reset(root, Self.words + ["--yes"], under: tracer)
          if outcome.ending == .exited(0) { break }
          kills += 1
          let found = files(root)
          #expect(found == old || found == new, "\(call) \(place): \(found.mapValues { String(decoding: $0, as: UTF8.self) })")
          let wanted = kills % 2 == 0 ? new : old
          let recovery = try reset(root, [kills % 2 == 0 ? "--resume" : "--undo", "--yes"])
          // Killed before the journal was there, there is nothing to recover: the files are the old ones.
          if recovery.ending == .exited(0) {
            #expect(files(root) == wanted, "\(call) \(place): \(recovery.output)")
          } else {
            #expect(found == old && files(root) == old, "\(call) \(place): \(recovery.error)")
          }
        }
      }
      print("killed the reset at \(kills) changes of the file system")
      #expect(kills > 40)
    }
  }
}
