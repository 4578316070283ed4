import EndToEndSupport
import Foundation
import JSON
import Testing

extension Stories {
  /// `xcpconsole reset` on files below a folder: what scripts use, and whoever sits at a bare shell.
  @Suite struct ResetCommand {
    static let inventory = "/etc/xensource-inventory"
    static let trigger = "/var/tmp/network-reset"
    static let database = "/var/lib/xcp/networkd.db"

    @Test func aDryRunTellsEverythingAndChangesNothing() throws {
      let tree = try ResetFolder("member")
      let before = tree.files
      let outcome = try tree.reset("--device", "eth1", "--vlan", "7", "--master", "10.0.9.11", "--dry-run", "--json")
      #expect(outcome.ending == .exited(0))
      #expect(tree.files == before)
      let answer = try JSONValue(parsing: outcome.output)
      #expect(answer["outcome"] == "planned")
      #expect(answer["plan"]?["request"]?["vlan"] == 7)
      let files = answer["plan"]?["files"]?.array ?? []
      #expect(files.first { $0["path"] == .string(Self.trigger) }?["after"] == "DEVICE=eth1\nMODE=dhcp\nVLAN=7\n")
      #expect(files.first { $0["path"] == "/etc/xensource/pool.conf" }?["after"] == "slave:10.0.9.11")
      #expect(files.first { $0["path"] == .string(Self.database) }?["after"] == .null)
      let text = try tree.reset("--device", "eth1", "--dry-run").output
      for words in ["Management", "no VLAN", "+ DEVICE=eth1", "networkd.db is removed"] { #expect(text.holds(words), "\(text)") }
      #expect(tree.files == before)
    }

    @Test func itLeavesAJournalAndTheWayBack() throws {
      let tree = try ResetFolder("coordinator")
      let before = tree.files
      let done = try JSONValue(parsing: tree.reset("--device", "eth1", "--yes", "--json").output)
      #expect(done["outcome"] == "done")
      #expect(done["reboots"] == false, "files below another root: there is nothing to reboot")
      #expect(done["layout"]?.string?.hasPrefix("/var/lib/xcpconsole/layouts/") == true)
      let backup = try #require(done["backup"]?.string)
      #expect(tree.text(backup + "/xensource-inventory") == before[Self.inventory])
      #expect(tree.text(Self.trigger) == "DEVICE=eth1\nMODE=dhcp\n")
      // Another one would lose the way back.
      let second = try tree.reset("--device", "eth0", "--yes")
      #expect(second.ending == .exited(1))
      #expect(second.error.holds("waits for the reboot"))
      let undone = try tree.reset("--undo")
      #expect(undone.ending == .exited(0))
      #expect(tree.files == before)
      #expect(try tree.reset("--undo").ending == .exited(1))
      // What was made and what was taken back is kept; what was refused changed nothing.
      let log = try #require(tree.text("/var/log/xcpconsole/changes.jsonl")).split(separator: "\n")
      let ends = try log.map { try JSONValue(parsing: Array($0.utf8)) }.filter { $0["step"] == 0 }
      #expect(ends.map { $0["plan"]?.string } == ["Emergency network reset: management on eth1", "Take the network reset back"])
      #expect(ends.map { $0["sentence"]?.string } == ["Everything is written", "The files of before are back"])
      #expect(log.count > 8)
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
      var arguments: [String]
      var code: Int32
      var says: String
      var testDescription: String { arguments.joined(separator: " ") }
    }

    static let wrong = [
      Wrong(arguments: ["--device", "eth0"], code: 1, says: "--yes"),
      Wrong(arguments: ["--vlan", "1", "--novlan", "--yes"], code: 2, says: "--novlan"),
      Wrong(arguments: ["--vlan", "4095", "--yes"], code: 2, says: "--vlan: a VLAN is a number from 0 to 4094"),
      Wrong(arguments: ["--mode", "dynamic", "--yes"], code: 2, says: "--mode"),
      Wrong(arguments: ["--mode-v6", "slaac", "--yes"], code: 2, says: "--mode-v6"),
      Wrong(arguments: ["--mode", "none", "--yes"], code: 2, says: "--mode"),
      Wrong(arguments: ["--mode", "static", "--yes"], code: 2, says: "--ip"),
      Wrong(arguments: ["--mode", "static", "--ip", "10.0.9.12", "--yes"], code: 2, says: "--netmask"),
      Wrong(
        arguments: ["--mode", "static", "--ip", "10.0.9.12", "--netmask", "24", "--gateway", "10.0.8.1", "--yes"], code: 2,
        says: "--gateway: 10.0.8.1 is not on the link"),
      Wrong(arguments: ["--mode-v6", "static", "--ipv6", "fd00::1", "--yes"], code: 2, says: "--ipv6"),
      Wrong(arguments: ["--device", "a=b", "--yes"], code: 2, says: "--device"),
      Wrong(arguments: ["--json"], code: 2, says: "--json"),
      Wrong(arguments: ["--resume", "--undo"], code: 2, says: "--undo"),
      Wrong(arguments: ["--resume", "--device", "eth0"], code: 2, says: "--resume"),
      Wrong(arguments: ["--resume"], code: 1, says: "no reset to finish"),
      Wrong(arguments: ["--undo"], code: 1, says: "no reset to undo"),
    ]

    @Test(arguments: wrong)
    func whatCannotBeIsSaidAndNothingIsTouched(_ wrong: Wrong) throws {
      let tree = try ResetFolder("coordinator")
      let before = tree.files
      let outcome = try tree.reset(wrong.arguments)
      #expect(outcome.ending == .exited(wrong.code))
      #expect(outcome.error.holds(wrong.says), "\(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1)
      #expect(tree.files == before)
    }

    @Test func highAvailabilityBlocks() throws {
      let tree = try ResetFolder("coordinator")
      try tree.write("/var/lib/xcp/local.db", "<config><row key=\"ha.armed\" value=\"true\"/></config>")
      let before = tree.files
      for way in ["--yes", "--dry-run"] {
        let outcome = try tree.reset("--device", "eth0", way)
        #expect(outcome.ending == .exited(1))
        #expect((outcome.output + outcome.error).holds("High availability is on"))
        #expect(outcome.output.holds("xe-toolstack-restart"))
      }
      #expect(tree.files == before)
    }

    /// The vendor's own answers, spelled as on its command line.
    @Test(arguments: VendorCase.all.enumerated().filter { $0.offset % 4 == 0 }.map(\.element))
    func takesTheVendorsOptions(_ vendor: VendorCase) throws {
      let tree = try ResetFolder(vendor.host)
      var expected = tree.files
      for (path, text) in vendor.changed { expected[path] = text }
      let outcome = try tree.reset(vendor.arguments + ["--yes"])
      #expect(outcome.ending == .exited(0), "\(outcome.error)")
      #expect(tree.files == expected)
    }

    // MARK: Killed

    /// What changes the file system, and at which of its calls the program is killed: each, or every third of those that come
    /// in dozens and change nothing that a reader would see.
    static let calls = [("rename", 1), ("symlink", 1), ("unlink", 2), ("mkdir", 1), ("rmdir", 1), ("fsync", 5), ("fchmod", 3)]

    /// For real: the kernel ends the program on its way into a system call.
    @Test(.enabled(if: Strace.mayRun, Strace.comment), arguments: calls)
    func killedAtAnySystemCallItHasDoneAllOrNothing(_ call: String, pace: Int) throws {
      try Strace.require()
      let tree = try ResetFolder("member")
      let before = tree.files
      #expect(try tree.reset(Self.settings).ending == .exited(0))
      let after = tree.files
      var kills = 0
      for number in stride(from: 1, to: 400, by: pace) {
        try tree.putBack()
        let ending = try tree.killedReset(Self.settings, at: call, number)
        let files = tree.files
        guard ending != .exited(0) else {
          #expect(files == after)
          break
        }
        kills += 1
        #expect(files == before || files == after, "a mixture, killed at \(call) number \(number)")
        let isFinished = number / pace % 2 == 0
        let outcome = try tree.reset(isFinished ? "--resume" : "--undo")
        if outcome.ending == .exited(0) {
          #expect(tree.files == (isFinished ? after : before), "\(call) number \(number)")
        } else {
          // Before the journal there is nothing to go by, nor anything to do.
          #expect(outcome.error.holds("there is no reset") && files == before, "\(call) number \(number): \(outcome.error)")
        }
        #expect(tree.links.isEmpty, "\(call) number \(number)")
      }
      print("killed \(kills) times at \(call)")
      #expect(kills > 1)
    }

    private static let settings = [
      "--device", "eth1", "--vlan", "30", "--master", "10.0.9.11", "--mode", "static", "--ip", "10.0.9.12", "--netmask", "24",
      "--yes",
    ]
  }
}

/// The tracer that ends a program at a system call of choice.
enum Strace {
  static let path = ["/usr/bin/strace", "/bin/strace"].first { FileManager.default.isExecutableFile(atPath: $0) }
  /// Where continuous integration runs, what is missing fails the test instead of sparing it.
  static let mayRun = path != nil || ProcessInfo.processInfo.environment["CI"] == "true"
  static let comment: Comment = "Needs strace."

  static func require() throws {
    if path == nil { throw HarnessError("strace is missing") }
  }
}

/// What the vendor's program leaves for some answers; see HostNetworkingTests/VendorReset.
struct VendorCase: Sendable, CustomTestStringConvertible {
  var name: String
  var host: String
  var arguments: [String]
  /// By path; nil for a file that is gone.
  var changed: [String: String?]
  var testDescription: String { name }

  static let fixture: JSONValue = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("HostNetworkingTests/VendorReset/vendor-reset.json")
    return (try? Data(contentsOf: path)).flatMap { try? JSONValue(parsing: Array($0)) } ?? .null
  }()

  static let all: [VendorCase] = (fixture["cases"]?.array ?? []).map { row in
    var changed: [String: String?] = [:]
    for (path, text) in row["changed"]?.object ?? [:] { changed[path] = .some(text.string) }
    for (path, difference) in row["differs"]?.object ?? [:] { changed[path] = difference["ours"]?.string }
    return VendorCase(
      name: row["name"]?.string ?? "", host: row["host"]?.string ?? "",
      arguments: (row["arguments"]?.array ?? []).compactMap(\.string), changed: changed)
  }
}

/// The files of a host below a folder.
private final class ResetFolder {
  private let folder: ScratchFolder
  private let wanted: [String: String]

  /// - Parameter host: one of the fixture's.
  init(_ host: String) throws {
    folder = try ScratchFolder()
    var wanted: [String: String] = [:]
    for (path, text) in VendorCase.fixture["hosts"]?[host]?.object ?? [:] { wanted[path] = text.string }
    wanted["/etc/sysconfig/network-scripts/interface-rename.py"] = "#\n"
    wanted["/etc/hostname"] = "xcp2\n"
    self.wanted = wanted
    guard wanted.count > 4 else { throw HarnessError("the fixture has no host \(host)") }
    for (path, text) in wanted { try write(path, text) }
  }

  func write(_ path: String, _ text: String) throws {
    let place = folder.path + path
    try FileManager.default.createDirectory(
      atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: place))
  }

  func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: folder.path + path).map { String(decoding: $0, as: UTF8.self) }
  }

  private var names: [String] {
    (FileManager.default.enumerator(atPath: folder.path) ?? .init()).compactMap { $0 as? String }.map { "/" + $0 }
      .filter { !$0.hasPrefix("/var/lib/xcpconsole") && !$0.hasPrefix("/var/log/xcpconsole") }
  }

  /// What a reader finds, by path; without what the program keeps for itself, and without what was about to take a file's
  /// place when it was killed.
  var files: [String: String] {
    var files: [String: String] = [:]
    for name in names where !name.hasSuffix(".xcpconsole-new") { files[name] = text(name) }
    return files
  }

  var links: [String] {
    names.filter { (try? FileManager.default.destinationOfSymbolicLink(atPath: folder.path + $0)) != nil }
  }

  /// As it was in the beginning.
  func putBack() throws {
    let manager = FileManager.default
    try? manager.removeItem(atPath: folder.path + "/var/lib/xcpconsole")
    try? manager.removeItem(atPath: folder.path + "/var/log/xcpconsole")
    for name in names {
      let kind = try manager.attributesOfItem(atPath: folder.path + name)[.type] as? FileAttributeType
      if kind == .typeSymbolicLink || (kind == .typeRegular && wanted[name] == nil) {
        try manager.removeItem(atPath: folder.path + name)
      }
    }
    for (path, text) in wanted where self.text(path) != text { try write(path, text) }
  }

  func reset(_ arguments: String...) throws -> ChildProcess.Outcome { try reset(arguments) }

  func reset(_ arguments: [String]) throws -> ChildProcess.Outcome {
    try ChildProcess.run([Program.console(), "reset", "--root", folder.path] + arguments)
  }

  /// - Returns: how the program, not its tracer, ended.
  func killedReset(_ arguments: [String], at call: String, _ number: Int) throws -> Ending? {
    let outcome = try ChildProcess.run(
      [
        Strace.path ?? "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
        "inject=\(call):signal=KILL:when=\(number)", try Program.console(), "reset", "--root", folder.path,
      ] + arguments, limit: .seconds(60))
    return outcome.ending
  }
}
