import Foundation

/// A folder for one test.
struct Scratch {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("dom0-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

  /// Writes a file and makes the folders above it.
  func write(_ text: String, to name: String, mode: Int = 0o644) throws {
    try write(Array(text.utf8), to: name, mode: mode)
  }

  func write(_ bytes: [UInt8], to name: String, mode: Int = 0o644) throws {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    guard FileManager.default.createFile(atPath: file, contents: Data(bytes), attributes: [.posixPermissions: mode])
    else { throw CocoaError(.fileWriteUnknown) }
  }

  func link(_ name: String, to target: String) throws {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: target)
  }
}

/// Waits until something is so; gives up after half a minute, and the expectation that follows tells.
func waitUntil(_ isSo: () async -> Bool) async {
  for _ in 0..<3000 {
    if await isSo() { return }
    try? await Task.sleep(for: .milliseconds(10))
  }
}

/// A process that runs, or waits: not one that ended and was not yet waited for.
func isAlive(_ process: pid_t) -> Bool {
  guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
    let end = stat.lastIndex(of: ")")
  else { return false }
  return stat[stat.index(after: end)...].split(separator: " ").first.map { $0 != "Z" && $0 != "X" } ?? false
}
