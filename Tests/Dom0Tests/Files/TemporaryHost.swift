import Dom0
import Foundation

/// A folder that stands for a host's `/`, gone when the test is over.
final class TemporaryHost: Sendable {
  let root = FileManager.default.temporaryDirectory.appendingPathComponent("host-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  var system: HostSystem { HostSystem(root: root) }

  func system(gate: FileGate) -> HostSystem { HostSystem(root: root, gate: gate) }

  func write(_ text: String, _ path: String) throws { try write(Array(text.utf8), path) }

  func write(_ bytes: [UInt8], _ path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    if !FileManager.default.fileExists(atPath: root + folder) { try makeFolder(folder) }
    try Data(bytes).write(to: URL(fileURLWithPath: root + path))
  }

  func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: root + path, withIntermediateDirectories: true)
  }

  func link(_ path: String, to target: String) throws {
    try makeFolder((path as NSString).deletingLastPathComponent)
    try FileManager.default.createSymbolicLink(atPath: root + path, withDestinationPath: target)
  }

  func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: root + path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Every file and folder below, by its path on the host.
  func names() -> [String] { (FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []).sorted() }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
