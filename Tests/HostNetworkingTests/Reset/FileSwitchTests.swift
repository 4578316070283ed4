import Dom0
import Foundation
import Testing

@testable import HostNetworking

@Suite struct FileSwitchTests {
  /// A file that is a link elsewhere stays one, and a folder that is one is walked through: at every cut all or nothing.
  @Test func linksOfTheAdministratorsStay() throws {
    let tree = try ResetTree(["/srv/a/one": "old 1", "/srv/real/two": "old 2", "/etc/three": "old 3", "/srv/x/.keep": ""])
    let manager = FileManager.default
    func link(_ path: String, _ target: String) throws {
      try manager.createDirectory(
        atPath: (tree.root + path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try manager.createSymbolicLink(atPath: tree.root + path, withDestinationPath: target)
    }
    func lay() throws {
      for path in ["/etc/folder", "/etc/two", "/var/lib/xcpconsole"] { try? manager.removeItem(atPath: tree.root + path) }
      try? manager.removeItem(atPath: tree.root + "/srv/x")
      for (path, text) in [("/srv/a/one", "old 1"), ("/srv/real/two", "old 2"), ("/etc/three", "old 3")] {
        try? manager.removeItem(atPath: tree.root + path)
        try tree.write(path, text)
      }
      try? manager.removeItem(atPath: tree.root + "/var/tmp/four")
      try tree.write("/srv/x/.keep", "")
      try link("/etc/folder", "../srv/a")
      try link("/etc/two", "../srv/real/two")
      try link("/var/lib/xcpconsole", "../../srv/x")
      try tree.write("/var/tmp/.keep", "")
    }
    let paths = ["/etc/folder/one", "/etc/two", "/etc/three", "/var/tmp/four"]
    func found() -> [String?] { paths.map { tree.text($0) } }
    let old = ["old 1", "old 2", "old 3", nil]
    let new = ["new 1", "new 2", nil, "new 4"]
    func change(_ gate: FileGate) throws(HostFileError) {
      let system = HostSystem(root: tree.root, gate: gate)
      let edits = zip(paths, zip(old, new)).map { path, texts in
        FileSwitch.Edit(path: path, old: texts.0.map { Array($0.utf8) }, new: texts.1.map { Array($0.utf8) }, mode: 0o640)
      }
      let files = FileSwitch(edits, .apply, on: system)
      try files.prepare()
      try files.turn()
      for path in paths { try FileSwitch.settle(path, mode: 0o640, on: system) }
      try FileSwitch.clear(on: system)
    }
    try lay()
    let counter = ResetCrashTests.Switch()
    try change(counter.gate)
    #expect(found() == new)
    #expect(try manager.destinationOfSymbolicLink(atPath: tree.root + "/etc/two") == "../srv/real/two")
    #expect(tree.system.linkTarget("/etc/folder/one") == nil)
    #expect(try tree.system.status("/var/tmp/four").mode == 0o640)
    #expect(!tree.system.exists(FileSwitch.folder))
    for place in 1...counter.counted {
      try lay()
      #expect(throws: HostFileError.self) { try change(ResetCrashTests.Switch(at: place).gate) }
      #expect(found() == old || found() == new, "\(found()) at \(place)")
    }
  }

  @Test func theSwitchThatWasTurnedLastCounts() throws {
    let tree = try ResetTree(["/etc/one": "a"])
    func turn(_ purpose: FileSwitch.Purpose, _ from: String, _ to: String) throws {
      let files = FileSwitch(
        [.init(path: "/etc/one", old: Array(from.utf8), new: Array(to.utf8), mode: 0o644)], purpose, on: tree.system)
      try files.prepare()
      try files.turn()
    }
    #expect(FileSwitch.lastTurned(on: tree.system) == nil)
    try turn(.apply, "a", "b")
    #expect(FileSwitch.lastTurned(on: tree.system) == .apply)
    try turn(.undo, "b", "a")
    #expect(FileSwitch.lastTurned(on: tree.system) == .undo)
    // One that is only prepared changes nothing.
    try FileSwitch(
      [.init(path: "/etc/one", old: Array("a".utf8), new: Array("c".utf8), mode: 0o644)], .apply, on: tree.system
    ).prepare()
    #expect(FileSwitch.lastTurned(on: tree.system) == .undo)
    #expect(tree.text("/etc/one") == "a")
  }
}
