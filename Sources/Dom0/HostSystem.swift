import Glibc

/// The host this program runs on: a tree of files below a folder, and the tools that belong to it.
///
/// With a root other than `/` nothing outside of it is read or written: links are resolved as if the root were `/`, and
/// there are no tools unless some are given.
public struct HostSystem: Sendable {
  /// The folder that stands for `/`.
  public let root: String
  /// What runs the host's commands.
  public let tools: any ToolRunner
  /// Asked before each change of the file system.
  let gate: FileGate

  /// - Parameters:
  ///   - root: the folder that stands for `/`.
  ///   - tools: what runs commands; by default this machine's own when the root is `/`, else nothing.
  ///   - gate: asked before each change of the file system; tests cut the power there.
  public init(root: String = "/", tools: (any ToolRunner)? = nil, gate: FileGate = .open) {
    let trimmed = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    self.root = trimmed
    self.tools = tools ?? (trimmed == "/" ? LocalTools() : NoTools())
    self.gate = gate
    hasServices = trimmed == "/" || tools != nil
  }

  /// True when the files are this machine's own.
  public var isThisMachine: Bool { root == "/" }

  /// True when services and reboots are meant as well: not for mere files below another root.
  public let hasServices: Bool

  // MARK: Reading

  /// The whole content of a file.
  /// - Parameter limit: bytes beyond which the file is refused.
  public func read(_ path: String, limit: Int = 1 << 20) throws(HostFileError) -> [UInt8] {
    let descriptor = open(try followed(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .reading(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .reading(path) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw .tooLarge(path: path, bytes: bytes.count) }
    }
  }

  /// The same as text; bytes that are not UTF-8 become replacement characters.
  public func text(_ path: String, limit: Int = 1 << 20) throws(HostFileError) -> String {
    String(decoding: try read(path, limit: limit), as: UTF8.self)
  }

  /// True for a file, folder, socket or a link to one.
  public func exists(_ path: String) -> Bool {
    guard let place = try? followed(path) else { return false }
    return access(place, F_OK) == 0
  }

  /// What stat(2) tells of a file, links followed.
  public func status(_ path: String) throws(HostFileError) -> FileStatus {
    var status = stat()
    guard stat(try followed(path), &status) == 0 else { throw .reading(path) }
    return FileStatus(status)
  }

  /// The names in a folder, without `.` and `..`, sorted by their bytes.
  public func names(in path: String) throws(HostFileError) -> [String] {
    guard let folder = opendir(try followed(path)) else { throw .reading(path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Where a link points, as written in it; nil for what is not a link.
  public func linkTarget(_ path: String) -> String? {
    guard let place = try? resolved(path, followingLast: false) else { return nil }
    return Self.link(place)
  }

  /// The machine's name from `/etc/hostname`; nil when the file is empty.
  public func hostname() throws(HostFileError) -> String? {
    try text("/etc/hostname", limit: 4096).split(whereSeparator: \.isWhitespace).first.map { String($0) }
  }

  // MARK: Where things lie

  private static let mostLinks = 40

  /// Where a path of the host lies on this machine, every link followed within the root.
  /// - Parameter followingLast: false for the link itself, should the path end in one.
  public func resolved(_ path: String, followingLast: Bool = true) throws(HostFileError) -> String {
    if root == "/", !followingLast { return path }
    var waiting = Array(path.split(separator: "/").reversed())
    var walked: [Substring] = []
    var links = 0
    while let part = waiting.popLast() {
      switch part {
      case ".": continue
      case "..": _ = walked.popLast()
      default:
        let here = place(walked + [part])
        guard followingLast || !waiting.isEmpty, let target = Self.link(here) else {
          walked.append(part)
          continue
        }
        links += 1
        guard links <= Self.mostLinks else { throw .unreadable(path: path, reason: "too many links") }
        if target.hasPrefix("/") { walked = [] }
        waiting += target.split(separator: "/").reversed()
      }
    }
    return place(walked)
  }

  /// A path to look at: where the root is the machine's own, the kernel follows links by itself, and faster.
  private func followed(_ path: String) throws(HostFileError) -> String { root == "/" ? path : try resolved(path) }

  private func place(_ parts: [Substring]) -> String {
    (root == "/" ? "" : root) + "/" + parts.joined(separator: "/")
  }

  private static func link(_ place: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(place, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }
}

/// What is known of a file without reading it.
public struct FileStatus: Hashable, Sendable {
  /// Permission bits.
  public var mode: UInt32
  public var owner: UInt32
  public var group: UInt32
  /// Bytes.
  public var size: Int64
  /// Seconds since 1970.
  public var modified: Int64
  public var isFolder: Bool
  public var isSocket: Bool

  init(_ status: stat) {
    mode = status.st_mode & 0o7777
    owner = status.st_uid
    group = status.st_gid
    size = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec)
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    isSocket = status.st_mode & S_IFMT == S_IFSOCK
  }
}

extension HostFileError {
  /// What errno says of an attempt to read.
  static func reading(_ path: String) -> HostFileError {
    errno == ENOENT || errno == ENOTDIR
      ? .missing(path: path) : .unreadable(path: path, reason: String(cString: strerror(errno)))
  }

  /// What errno says of an attempt to change something.
  static func changing(_ path: String) -> HostFileError {
    .notChanged(path: path, reason: String(cString: strerror(errno)))
  }
}
