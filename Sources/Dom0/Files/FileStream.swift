import Glibc

/// A file read piece by piece.
struct FileStream: ~Copyable {
  let path: String
  private let descriptor: Int32
  private var piece = [UInt8](repeating: 0, count: 1 << 16)

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

  /// Appends the next piece to a buffer.
  /// - Returns: false at the end of the file.
  mutating func read(into buffer: inout [UInt8]) throws(HostFileError) -> Bool {
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .reading(path) }
      buffer.append(contentsOf: piece[..<count])
      return count > 0
    }
  }
}
