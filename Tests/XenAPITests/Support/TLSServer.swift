import Foundation
import Glibc
import Synchronization

/// `openssl s_server` on 127.0.0.1 with a certificate of its own, answering every JSON-RPC request with one result.
final class TLSServer: Sendable {
  let port: Int
  /// PEM, its own authority.
  let certificate: String
  private let folder: String
  private let child: Child

  /// nil when this machine has no `openssl`.
  init?(name: String) async throws {
    guard let tool = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first(where: FileManager.default.isExecutableFile)
    else {
      print("skipped: no openssl here")
      return nil
    }
    folder = Sockets.newFolder()
    certificate = folder + "/certificate.pem"
    let key = folder + "/key.pem"
    let maker = Child([
      tool, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
      "-out",
      certificate, "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=\(name)",
    ])
    maker.wait()
    for _ in 0..<5 {
      let port = Sockets.freePort()
      let child = Child([tool, "s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate, "-key", key, "-quiet"])
      for _ in 0..<400 {
        if Sockets.isListening(port) {
          (self.port, self.child) = (port, child)
          Thread.detachNewThread { Self.answer(child) }
          return
        }
        try await Task.sleep(for: .milliseconds(5))
      }
      child.end()
    }
    throw POSIXError(.EADDRINUSE)
  }

  deinit {
    child.end()
    for file in [certificate, folder + "/key.pem"] { unlink(file) }
    rmdir(folder)
  }

  /// What `s_server` prints is what came over TLS, and what it is given goes back.
  private static func answer(_ child: Child) {
    var seen: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    let body = #"{"jsonrpc":"2.0","result":"OpaqueRef:tls","id":1}"#
    let answer = Array("HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    while true {
      let got = read(child.output, &part, part.count)
      if got <= 0 { break }
      seen += part[..<got]
      if seen.firstRange(of: Array("\r\n\r\n".utf8)) != nil, seen.last == UInt8(ascii: "}") {
        seen = []
        _ = write(child.input, answer, answer.count)
      }
    }
    close(child.output)
    close(child.input)
  }
}

/// A process with pipes for its input and output.
private final class Child: Sendable {
  let input: Int32
  let output: Int32
  private let identifier: pid_t

  init(_ arguments: [String]) {
    var (toChild, fromChild): ([Int32], [Int32]) = ([0, 0], [0, 0])
    _ = pipe(&toChild)
    _ = pipe(&fromChild)
    for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var pid: pid_t = 0
    let failed = posix_spawn(&pid, arguments[0], &actions, nil, &words, environ)
    posix_spawn_file_actions_destroy(&actions)
    for word in words { free(word) }
    close(toChild[0])
    close(fromChild[1])
    identifier = failed == 0 ? pid : 0
    (input, output) = (toChild[1], fromChild[0])
  }

  func wait() {
    var status: Int32 = 0
    if identifier > 0 { waitpid(identifier, &status, 0) }
    close(input)
    close(output)
  }

  /// SIGTERM would be blocked: a child has the mask of the pool's thread that made it. The reader closes the pipes.
  func end() {
    guard identifier > 0 else { return }
    kill(identifier, SIGKILL)
    var status: Int32 = 0
    waitpid(identifier, &status, 0)
  }
}

extension Sockets {
  private static func internet(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }

  private static func withInternet<Value>(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
    withUnsafePointer(to: internet(port)) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }

  /// A port of 127.0.0.1 where nobody listens, and which no connection gets for its own end by chance.
  static func freePort() -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    return bindLoopback(descriptor)
  }

  /// Linux gives connections ports from 32768 up.
  static func bindLoopback(_ descriptor: Int32) -> Int {
    while true {
      let port = Int.random(in: 20_000..<32_000)
      if withInternet(port, { bind(descriptor, $0, $1) }) == 0 { return port }
    }
  }

  static func isListening(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    return withInternet(port) { connect(descriptor, $0, $1) } == 0
  }
}
