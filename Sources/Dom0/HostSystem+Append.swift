import Glibc

extension HostSystem {
  /// Adds bytes at a file's end with one write, so that lines of several programs do not mix. The file is made when it is
  /// missing; one that has grown too large is put aside first, in the place of the one put aside before.
  /// - Parameters:
  ///   - mode: permission bits for a file that is new.
  ///   - limit: bytes beyond which the file is put aside, with `.1` at its name's end.
  public func append(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, limit: Int64) throws(HostFileError) {
    let target = try resolved(path, followingLast: false)
    let lock = FileLock(beside: target)
    defer { lock?.release() }
    // A link in the log's place would have us write wherever it points.
    if linkTarget(path) != nil { throw .notChanged(path: path, reason: "it is a link") }
    if let status = try? status(path), status.size + Int64(bytes.count) > limit {
      try gate.ask(.rename(from: target, to: target + ".1"))
      guard rename(target, target + ".1") == 0 else { throw .changing(path) }
    }
    try gate.ask(.write(path: target, bytes: bytes.count))
    let descriptor = open(target, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode)
    guard descriptor >= 0 else { throw .changing(path) }
    defer { close(descriptor) }
    // After a cut write the line that was left behind must not swallow this one.
    let text = Self.endsInLine(descriptor) ? bytes : [UInt8(ascii: "\n")] + bytes
    let count = text.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw .changing(path) }
    guard count == text.count else { throw .notChanged(path: path, reason: "only \(count) bytes could be written") }
    guard fdatasync(descriptor) == 0 else { throw .changing(path) }
  }

  private static func endsInLine(_ descriptor: Int32) -> Bool {
    let end = lseek(descriptor, 0, SEEK_END)
    guard end > 0 else { return true }
    var last: UInt8 = 0
    return pread(descriptor, &last, 1, end - 1) != 1 || last == UInt8(ascii: "\n")
  }
}

/// Keeps other programs of ours from putting a file aside while a line is being added. Waits for them briefly only: a line
/// in the wrong file is better than none.
private struct FileLock {
  private let descriptor: Int32

  init?(beside target: String) {
    let folder = target.lastIndex(of: "/").map { String(target[..<$0]) } ?? "."
    descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    for _ in 0..<20 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
      usleep(5000)
    }
  }

  /// Closing gives the lock back.
  func release() { close(descriptor) }
}
