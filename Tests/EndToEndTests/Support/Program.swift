import Glibc

/// The programs that were built together with the one that runs.
public enum Program {
  /// The console, from the folder of the running program (a test bundle or the bench): debug beside debug, release
  /// beside release.
  public static func console() throws(HarnessError) -> String {
    let path = try folder() + "/xcpconsole"
    guard access(path, X_OK) == 0 else { throw HarnessError("\(path) is missing: build the product xcpconsole first") }
    return path
  }

  private static func folder() throws(HarnessError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    guard length > 0 else { throw .system("readlink /proc/self/exe", errno) }
    let path = String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}

/// A folder of one's own, removed with all that is in it when it is no longer used.
public final class ScratchFolder: Sendable {
  public let path: String

  /// The path is short: sockets in it have to fit into a socket address.
  public init() throws(HarnessError) {
    var template = Array("/tmp/xce-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw .system("mkdtemp", errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// Names of what is in a folder.
  public static func list(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private static func remove(_ path: String) {
    for name in list(path) {
      let child = "\(path)/\(name)"
      if unlink(child) != 0 { remove(child) }
    }
    rmdir(path)
  }
}

/// A file that a program writes to and that is read afterwards.
public final class TextFile: Sendable {
  public let descriptor: Int32

  /// - Parameter creating: true for a file that must not exist yet.
  public init(_ path: String, creating: Bool = false) throws(HarnessError) {
    descriptor = open(path, (creating ? O_RDWR | O_CREAT | O_EXCL : O_RDONLY) | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system("open \(path)", errno) }
  }

  deinit { close(descriptor) }

  public var text: String {
    get throws(HarnessError) {
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = pread(descriptor, &buffer, buffer.count, off_t(all.count))
        guard count >= 0 else { throw .system("read", errno) }
        if count == 0 { return String(decoding: all, as: UTF8.self) }
        all += buffer[..<count]
      }
    }
  }
}
