import Dom0
import Foundation
import Synchronization
import Testing

/// Changing files: all or nothing, and within the root.
@Suite struct ChangeTests {
  private static let path = "/etc/pool.conf"

  /// Lets a number of changes pass, then cuts the power: nothing passes any more.
  final class PowerCut: Sendable {
    private let seen = Mutex<[FileChange]>([])
    let after: Int

    init(after: Int) { self.after = after }

    var gate: FileGate {
      FileGate { [self] change throws(HostFileError) in
        let count = seen.withLock { seen in
          seen.append(change)
          return seen.count
        }
        guard count <= after else { throw .notChanged(path: "power", reason: "cut") }
      }
    }

    var changes: [FileChange] { seen.withLock { $0 } }
  }

  /// Refuses one change and lets all others pass, as a full or failing disk does.
  final class Refusal: Sendable {
    private let seen = Mutex<Int>(0)
    let index: Int

    init(_ index: Int) { self.index = index }

    var gate: FileGate {
      FileGate { [self] _ throws(HostFileError) in
        let number = seen.withLock { count in
          count += 1
          return count - 1
        }
        guard number != index else { throw .notChanged(path: ChangeTests.path, reason: "no space") }
      }
    }
  }

  private func mode(_ host: TemporaryHost, _ path: String) throws -> UInt32 { try host.system.status(path).mode }

  // MARK: Replacing

  @Test func replacesAndKeepsTheMode() throws {
    let host = try TemporaryHost()
    try host.write("old", Self.path)
    try host.system.setMode(Self.path, to: 0o600)
    try host.system.replace(Self.path, with: Array("new".utf8))
    #expect(host.text(Self.path) == "new")
    #expect(try mode(host, Self.path) == 0o600)
    #expect(host.names() == ["etc", "etc/pool.conf"])
  }

  @Test(arguments: [0o644, 0o600, 0o755] as [UInt32])
  func aNewFileGetsTheModeAskedFor(mode: UInt32) throws {
    let host = try TemporaryHost()
    try host.makeFolder("/etc")
    let old = umask(0o077)
    defer { umask(old) }
    try host.system.replace(Self.path, with: [], mode: mode)
    #expect(try self.mode(host, Self.path) == mode)
  }

  @Test func asksBeforeEachStepInOrder() throws {
    let host = try TemporaryHost()
    try host.write("old", Self.path)
    let cut = PowerCut(after: .max)
    try host.system(gate: cut.gate).replace(Self.path, with: Array("new".utf8))
    let target = host.root + Self.path
    let temporary = target + ".xcpconsole-new"
    #expect(
      cut.changes == [
        .create(path: temporary), .write(path: temporary, bytes: 3), .setMode(path: temporary), .sync(path: temporary),
        .rename(from: temporary, to: target), .syncFolder(path: host.root + "/etc"),
      ])
  }

  @Test func aFailureAtAnyStepBeforeTheRenameLeavesTheOldAndNothingElse() throws {
    for index in 0..<5 {
      let host = try TemporaryHost()
      try host.write("old", Self.path)
      let system = host.system(gate: Refusal(index).gate)
      #expect(throws: HostFileError.notChanged(path: Self.path, reason: "no space"), "step \(index)") {
        try system.replace(Self.path, with: Array("new".utf8))
      }
      #expect(host.text(Self.path) == "old", "step \(index)")
      #expect(host.names() == ["etc", "etc/pool.conf"], "step \(index)")
    }
  }

  @Test func afterTheRenameTheNewStands() throws {
    let host = try TemporaryHost()
    try host.write("old", Self.path)
    #expect(throws: HostFileError.self) {
      try host.system(gate: Refusal(5).gate).replace(Self.path, with: Array("new".utf8))
    }
    #expect(host.text(Self.path) == "new")
    #expect(host.names() == ["etc", "etc/pool.conf"])
  }

  @Test func aPowerCutAtAnyStepLeavesOldOrNewWhole() throws {
    for after in 0...6 {
      let host = try TemporaryHost()
      try host.write("old", Self.path)
      let cut = PowerCut(after: after)
      _ = try? host.system(gate: cut.gate).replace(Self.path, with: Array("new".utf8))
      #expect(host.text(Self.path) == (after < 5 ? "old" : "new"), "after \(after)")
      // What a cut left beside the file does not stop the next change, and is gone after it.
      try host.system.replace(Self.path, with: Array("next".utf8))
      #expect(host.text(Self.path) == "next")
      #expect(host.names() == ["etc", "etc/pool.conf"], "after \(after)")
    }
  }

  @Test func whatLiesInTheWayOfTheTemporaryFileIsNotFollowed() throws {
    let host = try TemporaryHost()
    try host.write("old", Self.path)
    try host.write("precious", "/etc/other")
    try host.link(Self.path + ".xcpconsole-new", to: host.root + "/etc/other")
    _ = try? host.system.replace(Self.path, with: Array("new".utf8))
    #expect(host.text("/etc/other") == "precious")
  }

  @Test func aFolderThatIsMissingIsNotMade() throws {
    let host = try TemporaryHost()
    #expect { try host.system.replace(Self.path, with: []) } throws: { ($0 as? HostFileError)?.path == Self.path }
    #expect(host.names().isEmpty)
  }

  @Test func linksAreFollowedAndStay() throws {
    let host = try TemporaryHost()
    try host.write("old", "/opt/real.conf")
    try host.link(Self.path, to: "/opt/real.conf")
    try host.system.replace(Self.path, with: Array("new".utf8))
    #expect(host.system.linkTarget(Self.path) == "/opt/real.conf")
    #expect(host.text("/opt/real.conf") == "new")
    #expect(host.names() == ["etc", "etc/pool.conf", "opt", "opt/real.conf"])
  }

  // MARK: Removing and making

  @Test func removesOnce() throws {
    let host = try TemporaryHost()
    try host.write("x", Self.path)
    let cut = PowerCut(after: .max)
    #expect(try host.system(gate: cut.gate).remove(Self.path))
    #expect(cut.changes == [.remove(path: host.root + Self.path), .syncFolder(path: host.root + "/etc")])
    #expect(try !host.system.remove(Self.path))
    #expect(try !host.system.remove("/no/such/folder/file"))
  }

  @Test func removesALinkAndNotWhatItPointsTo() throws {
    let host = try TemporaryHost()
    try host.write("x", "/opt/real")
    try host.link("/etc/link", to: "/opt/real")
    try host.link("/etc/dangling", to: "/opt/none")
    #expect(try host.system.remove("/etc/link"))
    #expect(try host.system.remove("/etc/dangling"))
    #expect(host.names() == ["etc", "opt", "opt/real"])
  }

  @Test func aRefusedRemovalLeavesTheFile() throws {
    let host = try TemporaryHost()
    try host.write("x", Self.path)
    #expect(throws: HostFileError.self) { try host.system(gate: Refusal(0).gate).remove(Self.path) }
    #expect(host.text(Self.path) == "x")
  }

  @Test func makesFoldersThatAreMissing() throws {
    let host = try TemporaryHost()
    try host.makeFolder("/var")
    let cut = PowerCut(after: .max)
    try host.system(gate: cut.gate).makeFolder("/var/lib/xcpconsole", mode: 0o700)
    #expect(host.names() == ["var", "var/lib", "var/lib/xcpconsole"])
    #expect(try mode(host, "/var/lib/xcpconsole") == 0o700)
    #expect(cut.changes.count == 4)
    try host.system(gate: PowerCut(after: 0).gate).makeFolder("/var/lib/xcpconsole")
  }

  // MARK: Staying within the root

  @Test(arguments: [
    ("/etc/passwd", "/etc/passwd"), ("etc//passwd/", "/etc/passwd"), ("/../../etc/./passwd", "/etc/passwd"),
    ("/", "/"), ("/etc/../..", "/"), ("/absolute/x", "/opt/x"), ("/relative/x", "/opt/x"), ("/escape/x", "/x"),
    ("/chain/x", "/opt/x"), ("/absolute/../x", "/x"), ("/absolute", "/opt"), ("/up/passwd", "/etc/passwd"),
    ("/nothing/here", "/nothing/here"),
  ])
  func linksStayWithinTheRoot(path: String, place: String) throws {
    let host = try TemporaryHost()
    try host.makeFolder("/opt")
    try host.makeFolder("/etc")
    try host.link("/absolute", to: "/opt")
    try host.link("/relative", to: "opt")
    try host.link("/escape", to: "../../../../../..")
    try host.link("/chain", to: "relative/../absolute")
    try host.link("/up", to: "/opt/../../etc")
    #expect(try host.system.resolved(path) == host.root + place)
  }

  @Test func neitherReadsNorWritesOutside() throws {
    let outside = try TemporaryHost()
    try outside.write("secret", "/file")
    let host = try TemporaryHost()
    try host.link("/etc/absolute", to: outside.root + "/file")
    try host.link("/etc/relative", to: "../../" + (outside.root as NSString).lastPathComponent + "/file")
    for path in ["/etc/absolute", "/etc/relative", outside.root + "/file", "/.." + outside.root + "/file"] {
      #expect(!host.system.exists(path))
      #expect(throws: HostFileError.missing(path: path)) { try host.system.read(path) }
      _ = try? host.system.replace(path, with: Array("changed".utf8))
      #expect(outside.text("/file") == "secret")
    }
  }

  @Test func loopsEnd() throws {
    let host = try TemporaryHost()
    try host.link("/a", to: "b")
    try host.link("/b", to: "/a")
    try host.link("/self", to: "self/x")
    for path in ["/a", "/b/x", "/self"] {
      #expect(throws: HostFileError.unreadable(path: path, reason: "too many links")) { try host.system.read(path) }
    }
    #expect(!host.system.exists("/a"))
    #expect(host.system.linkTarget("/a") == "b")
  }
}
