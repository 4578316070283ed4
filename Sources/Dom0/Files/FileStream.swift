import Glibc

/// A file read piece by piece.
struct FileStream: ~Copyable {
  let path: String
  private let descriptor: Int32

  init(_ path: String, of system: HostSystem) throws(HostFileError) {
    let opened = try Self.open(path, of: system)
    self.path = path
    descriptor = opened
  }

  private static func open(_ path: String, of system: HostSystem) throws(HostFileError) -> Int32 {
    let descriptor = Glibc.open(try system.resolved(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .reading(path) }
    return descriptor
  }

  deinit { close(descriptor) }

  /// Appends up to `count` bytes to a buffer.
  /// - Returns: false at the end of the file.
  func read(_ count: Int, into buffer: inout [UInt8]) throws(HostFileError) -> Bool {
    let start = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: count))
    while true {
      let got = buffer.withUnsafeMutableBytes { bytes in
        Glibc.read(descriptor, bytes.baseAddress.map { $0 + start }, count)
      }
      if got < 0, errno == EINTR { continue }
      let failure: HostFileError? = got < 0 ? .reading(path) : nil
      buffer.removeLast(count - max(0, got))
      if let failure { throw failure }
      return got > 0
    }
  }
}
