import Glibc

/// A file, folder or link below the folder that stands for `/`.
enum TreeEntry: Hashable, Sendable {
  case file([UInt8], mode: mode_t = 0o644)
  case link(String)
  case folder
  /// A socket that nobody serves; the real one's place.
  case socket

  static func text(_ text: String, mode: mode_t = 0o644) -> TreeEntry { .file(Array(text.utf8), mode: mode) }
}

/// The folder that stands for `/` of a simulated host. Paths begin with a slash.
struct FileTree: Sendable {
  let root: String

  private func place(_ path: String) -> String { root + path }

  /// The whole content of a file; nil when there is none.
  func read(_ path: String) -> [UInt8]? {
    let descriptor = open(place(path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count == 0 ? bytes : nil }
      bytes += chunk[..<count]
    }
  }

  /// A file's permission bits; nil when there is none.
  func mode(_ path: String) -> mode_t? {
    var status = stat()
    return stat(place(path), &status) == 0 ? status.st_mode & 0o7777 : nil
  }

  func text(_ path: String) -> String? { read(path).map { String(decoding: $0, as: UTF8.self) } }

  func exists(_ path: String) -> Bool { access(place(path), F_OK) == 0 }

  /// The names in a folder; empty when it does not exist.
  func names(in path: String) -> [String] {
    guard let folder = opendir(place(path)) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Puts an entry in place in one step: readers see the old or the new one. Folders above are made.
  /// - Parameter isNew: nothing is there yet, so that the detour over another name can be spared. Should there be
  ///   something after all, it stays.
  func put(_ path: String, _ entry: TreeEntry, isNew: Bool = false) throws(SimulationError) {
    switch entry {
    case .folder:
      guard mkdir(place(path), 0o755) == 0 || errno == EEXIST else {
        if errno == ENOENT, let above = Self.folder(of: path) {
          try put(above, .folder)
          return try put(path, .folder)
        }
        throw failure(path)
      }
    case .socket:
      if mknod(place(path), S_IFSOCK | 0o600, 0) == 0 || errno == EEXIST { return }
      guard errno == ENOENT, let above = Self.folder(of: path) else { throw failure(path) }
      try put(above, .folder)
      guard mknod(place(path), S_IFSOCK | 0o600, 0) == 0 else { throw failure(path) }
    case .link(let target):
      if isNew, symlink(target, place(path)) == 0 { return }
      let temporary = temporary(path)
      unlink(temporary)
      if symlink(target, temporary) != 0 {
        guard errno == ENOENT, let above = Self.folder(of: path) else { throw failure(path) }
        try put(above, .folder)
        guard symlink(target, temporary) == 0 else { throw failure(path) }
      }
      guard rename(temporary, place(path)) == 0 else { throw failure(path) }
    case .file(let bytes, let mode):
      if isNew { return try write(bytes, to: place(path), O_EXCL, mode, for: path) }
      let temporary = temporary(path)
      try write(bytes, to: temporary, O_TRUNC, mode, for: path)
      guard rename(temporary, place(path)) == 0 else { throw failure(path) }
    }
  }

  private func write(
    _ bytes: [UInt8], to place: String, _ how: Int32, _ mode: mode_t, for path: String
  ) throws(SimulationError) {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | how
    var descriptor = open(place, flags, mode)
    if descriptor < 0, errno == ENOENT, let above = Self.folder(of: path) {
      try put(above, .folder)
      descriptor = open(place, flags, mode)
    }
    if descriptor < 0, errno == EEXIST, how == O_EXCL { return }
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var left = bytes[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(path) }
      left = left.dropFirst(count)
    }
  }

  /// Removes a file or link; one that is not there is fine.
  func remove(_ path: String) { unlink(place(path)) }

  /// Removes a folder with all in it, links not followed.
  func removeFolder(_ path: String) {
    var status = stat()
    guard lstat(place(path), &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else { return remove(path) }
    for name in names(in: path) { removeFolder("\(path)/\(name)") }
    rmdir(place(path))
  }

  private static func folder(of path: String) -> String? {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return nil }
    return String(path[..<slash])
  }

  private func temporary(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return place(path) + ".new" }
    return place(path[...slash] + ".new-" + path[path.utf8.index(after: slash)...])
  }

  private func failure(_ path: String) -> SimulationError {
    .cannotWrite(path: place(path), reason: String(cString: strerror(errno)))
  }
}
