import FoundationEssentials
import Glibc

/// A private folder for the socket and the files of a simulated host.
struct DemoFolder {
  let path: String

  init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/xcpconsole-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else {
      throw Failure(text: "no folder for the demo could be made in \(base): \(String(cString: strerror(errno)))")
    }
    path = made
  }

  /// Writes a file, with the folders above it.
  func write(_ text: String, to name: String) throws {
    let file = "\(path)/\(name)"
    let folder = String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.endIndex))
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(text: "\(folder) could not be made: \(error)")
    }
    // Foundation's own way to write a file makes the linker warn of mktemp(3).
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(text: "\(file): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Failure(text: "\(file) could not be written")
    }
  }

  /// Removes the folder and all in it.
  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
