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
    do {
      let folder = String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.endIndex))
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: file))
    } catch {
      throw Failure(text: "\(file) could not be written: \(error)")
    }
  }

  /// Removes the folder and all in it.
  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
