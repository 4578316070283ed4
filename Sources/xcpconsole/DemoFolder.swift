import Glibc

/// A private folder for the socket and the files of a simulated host.
///
/// Written with the C library alone: Foundation's file functions would make the linker warn of mktemp(3) and the program a
/// megabyte larger.
struct DemoFolder {
  let path: String

  init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = Array("\(base)/xcpconsole-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else { throw Self.failure("no folder for the demo could be made in \(base)") }
    path = made
  }

  /// Removes the folder and all in it.
  func remove() { Self.remove(path) }

  private static func remove(_ path: String) {
    guard unlink(path) != 0, let folder = opendir(path) else { return }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { remove("\(path)/\(name)") }
    }
    closedir(folder)
    rmdir(path)
  }

  private static func failure(_ what: String) -> Failure {
    Failure(text: "\(what): \(String(cString: strerror(errno)))")
  }
}
