import Glibc

/// Why a file of the host could not be read.
public enum HostFileError: Error, Hashable, Sendable {
  case missing(path: String)
  case unreadable(path: String, reason: String)
  /// Larger than this file ever is. Reading stopped after `bytes`.
  case tooLarge(path: String, bytes: Int)
}

extension HostFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let path): "\(path) is missing"
    case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
    case .tooLarge(let path, let bytes): "\(path) has more than \(bytes) bytes, far more than it should"
    }
  }
}

/// The host this program runs on, as a tree of files below a folder. Links within the tree are followed wherever they lead.
public struct HostSystem: Sendable {
  /// The folder that stands for `/`.
  public let root: String

  public init(root: String = "/") { self.root = root }

  /// Where an absolute path of the host lies.
  public func path(_ path: String) -> String {
    root == "/" ? path : root + (path.hasPrefix("/") ? path : "/" + path)
  }

  /// The whole content of a file.
  /// - Parameter limit: bytes beyond which the file is refused.
  public func read(_ path: String, limit: Int = 1 << 20) throws(HostFileError) -> [UInt8] {
    let descriptor = open(self.path(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw .tooLarge(path: path, bytes: bytes.count) }
    }
  }

  /// The machine's name from `/etc/hostname`; nil when the file is empty.
  public func hostname() throws(HostFileError) -> String? {
    String(decoding: try read("/etc/hostname", limit: 4096), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).first.map { String($0) }
  }

  private func failure(_ path: String) -> HostFileError {
    errno == ENOENT || errno == ENOTDIR
      ? .missing(path: path) : .unreadable(path: path, reason: String(cString: strerror(errno)))
  }
}
