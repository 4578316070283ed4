import Glibc

/// A private folder for the socket and the files of a simulated host.
struct DemoFolder {
  let path: String

  init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/xcpconsole-XXXXXX".utf8CString)
    guard template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress) }) != nil else {
      throw Failure(text: "no folder for the demo could be made in \(base): \(String(cString: strerror(errno)))")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Writes a small file, with the folders above it.
  func write(_ text: String, to name: String) throws {
    let parts = name.split(separator: "/")
    for depth in 1..<parts.count { mkdir(path + "/" + parts.prefix(depth).joined(separator: "/"), 0o700) }
    let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(text: "\(path)/\(name): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Failure(text: "\(path)/\(name) could not be written")
    }
  }

  /// Removes the folder and all in it.
  func remove() {
    nftw(path, { path, _, _, _ in path.map { Glibc.remove($0) } ?? 0 }, 16, FTW_DEPTH | FTW_PHYS)
  }
}
