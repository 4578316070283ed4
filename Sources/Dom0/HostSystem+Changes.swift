import Glibc

/// One change of the file system, about to happen.
public enum FileChange: Hashable, Sendable {
  case create(path: String)
  case write(path: String, bytes: Int)
  case setMode(path: String)
  case sync(path: String)
  case rename(from: String, to: String)
  case link(path: String, to: String)
  case remove(path: String)
  case makeFolder(path: String)
  case syncFolder(path: String)
}

/// Asked before each change; what it throws happens instead of the change.
public struct FileGate: Sendable {
  let ask: @Sendable (FileChange) throws(HostFileError) -> Void

  public init(_ ask: @escaping @Sendable (FileChange) throws(HostFileError) -> Void) { self.ask = ask }

  /// Lets everything pass.
  public static let open = FileGate { _ in }
}

extension HostSystem {
  /// Puts a new content in a file's place: temporary file beside it, fsync, rename, fsync of the folder. At every instant the
  /// path has either the old content or the new one. Mode and owner of an existing file are kept.
  /// - Parameters:
  ///   - mode: permission bits for a file that is new.
  ///   - followingLink: false puts the file in the place of a link rather than of what is behind it.
  public func replace(
    _ path: String, with bytes: [UInt8], mode: UInt32 = 0o644, followingLink: Bool = true
  ) throws(HostFileError) {
    let target = try resolved(path, followingLast: followingLink)
    let before = try? status(path)
    try put(at: target, named: path) { (temporary) throws(HostFileError) in
      try write(bytes, to: temporary, mode: before?.mode ?? mode, owner: before, named: path)
    }
  }

  /// Puts a link in the place of whatever is there, in one instant.
  /// - Parameter target: what the link says; relative to the folder it is in, or below the root.
  public func replace(_ path: String, withLinkTo target: String) throws(HostFileError) {
    try put(at: try resolved(path, followingLast: false), named: path) { (temporary) throws(HostFileError) in
      try gate.ask(.link(path: temporary, to: target))
      guard symlink(target, temporary) == 0 else { throw .changing(path) }
    }
  }

  /// Removes a folder with all that is in it.
  public func removeFolder(_ path: String) throws(HostFileError) {
    let names: [String]
    do throws(HostFileError) { names = try self.names(in: path) } catch .missing { return }
    for name in names {
      let child = "\(path)/\(name)"
      if linkTarget(child) == nil, (try? status(child))?.isFolder == true {
        try removeFolder(child)
      } else {
        try remove(child)
      }
    }
    let target = try resolved(path, followingLast: false)
    try gate.ask(.remove(path: target))
    guard rmdir(target) == 0 || errno == ENOENT else { throw .changing(path) }
    try syncFolder(of: target, named: path)
  }

  /// The end of names beside a path, of what is about to take its place.
  public static let temporarySuffix = ".xcpconsole-new"

  /// Makes something beside a path and moves it there.
  private func put(
    at target: String, named path: String, _ make: (String) throws(HostFileError) -> Void
  ) throws(HostFileError) {
    let temporary = target + Self.temporarySuffix
    do throws(HostFileError) {
      // What an attempt before a power cut left is in the way, be it a link.
      unlink(temporary)
      try make(temporary)
      try gate.ask(.rename(from: temporary, to: target))
      guard rename(temporary, target) == 0 else { throw .changing(path) }
    } catch {
      // The old content stands; what is left of the new one is in nobody's way, but need not stay.
      if (try? gate.ask(.remove(path: temporary))) != nil { unlink(temporary) }
      throw error
    }
    try syncFolder(of: target, named: path)
  }

  /// Removes a file and lets the folder reach the disk.
  /// - Returns: false when there was none.
  @discardableResult
  public func remove(_ path: String) throws(HostFileError) -> Bool {
    let target = try resolved(path, followingLast: false)
    // The link itself is meant, whether or not there is something behind it.
    var status = stat()
    guard lstat(target, &status) == 0 || errno != ENOENT && errno != ENOTDIR else { return false }
    try gate.ask(.remove(path: target))
    guard unlink(target) == 0 else {
      if errno == ENOENT { return false }
      throw .changing(path)
    }
    try syncFolder(of: target, named: path)
    return true
  }

  /// Makes a folder and those above it that are missing.
  public func makeFolder(_ path: String, mode: UInt32 = 0o755) throws(HostFileError) {
    var walked = ""
    for part in path.split(separator: "/") {
      walked += "/\(part)"
      if exists(walked) { continue }
      let target = try resolved(walked)
      try gate.ask(.makeFolder(path: target))
      guard mkdir(target, mode) == 0 || errno == EEXIST else { throw .changing(walked) }
      try syncFolder(of: target, named: walked)
    }
  }

  private func write(
    _ bytes: [UInt8], to temporary: String, mode: UInt32, owner: FileStatus?, named path: String
  ) throws(HostFileError) {
    try gate.ask(.create(path: temporary))
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .changing(path) }
    defer { close(descriptor) }
    try gate.ask(.write(path: temporary, bytes: bytes.count))
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .changing(path) }
      rest = rest.dropFirst(count)
    }
    try gate.ask(.setMode(path: temporary))
    // Only root may give a file away; for others the owner cannot have been another.
    if let owner, owner.owner != geteuid() || owner.group != getegid() { _ = fchown(descriptor, owner.owner, owner.group) }
    guard fchmod(descriptor, mode) == 0 else { throw .changing(path) }
    try gate.ask(.sync(path: temporary))
    guard fsync(descriptor) == 0 else { throw .changing(path) }
  }

  private func syncFolder(of target: String, named path: String) throws(HostFileError) {
    let folder = target.lastIndex(of: "/").map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
    try gate.ask(.syncFolder(path: folder))
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .changing(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .changing(path) }
  }
}
