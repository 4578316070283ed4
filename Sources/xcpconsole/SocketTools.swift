import Dom0
import Glibc
import JSON
import SimulatedHost

/// Commands that run on a simulated host in another process: `--tools` names the socket where it takes them.
struct SocketTools: ToolRunner {
  let path: String

  func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
    guard let stop = WakePipe() else {
      throw .notStarted(tool: command.name, reason: String(cString: strerror(errno)))
    }
    let exchange = ToolExchange(path: path, command: command, stop: stop)
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { (waiting: CheckedContinuation<Result<ToolOutput, ToolFailure>, Never>) in
        let problem = WorkThread.start { waiting.resume(returning: exchange.outcome()) }
        if problem != 0 {
          waiting.resume(
            returning: .failure(.notStarted(tool: command.name, reason: String(cString: strerror(problem)))))
        }
      }
    } onCancel: {
      stop.ring()
    }
    return try outcome.get()
  }
}

/// One command's way to the simulated host and back, on a thread that may wait.
private struct ToolExchange: Sendable {
  private let path: String
  private let command: Command
  private let stop: WakePipe
  private let deadline: ContinuousClock.Instant

  /// A host that is being stopped or started may need this much longer than the command itself.
  private static let grace = Duration.seconds(1)

  init(path: String, command: Command, stop: WakePipe) {
    self.path = path
    self.command = command
    self.stop = stop
    deadline = .now + min(command.timeLimit, .seconds(86_400)) + Self.grace
  }

  func outcome() -> Result<ToolOutput, ToolFailure> {
    do throws(ToolFailure) { return .success(try exchange()) } catch { return .failure(error) }
  }

  private func exchange() throws(ToolFailure) -> ToolOutput {
    let descriptor = try connected()
    defer { close(descriptor) }
    try send(request, to: descriptor)
    let (status, body) = try answer(from: descriptor)
    guard status == 200, let answer = try? JSONValue(parsing: body) else {
      throw refused("HTTP \(status): \(String(decoding: body.prefix(200), as: UTF8.self))")
    }
    if answer["missing"]?.bool == true { throw .missing(tool: command.name) }
    if answer["timedOut"]?.bool == true { throw .timedOut(tool: command.name, after: command.timeLimit) }
    guard let code = answer["code"]?.int, let output = answer["output"]?.string.flatMap(ByteText.bytes),
      let errors = answer["errors"]?.string.flatMap(ByteText.bytes)
    else { throw refused("its answer is not understood") }
    return ToolOutput(
      exit: .code(Int32(truncatingIfNeeded: code)), output: Array(output.prefix(command.outputLimit)), errors: errors,
      isCut: output.count > command.outputLimit)
  }

  private func refused(_ reason: String) -> ToolFailure {
    .notStarted(tool: command.name, reason: "the simulated host at \(path): \(reason)")
  }

  private var request: [UInt8] {
    let (seconds, attoseconds) = min(command.timeLimit, .seconds(86_400)).components
    let body: JSONValue = [
      "argv": .array(command.arguments.map { .string($0) }), "input": .string(ByteText.text(command.input)),
      "limit": .int(seconds * 1000 + attoseconds / 1_000_000_000_000_000),
    ]
    let bytes = body.encoded
    let head = "POST /tool HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(bytes.count)\r\nConnection: close\r\n\r\n"
    return Array(head.utf8) + bytes
  }

  // MARK: The socket

  private func connected() throws(ToolFailure) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw refused(String(cString: strerror(errno))) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw refused(reason)
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    return descriptor
  }

  private func send(_ bytes: [UInt8], to descriptor: Int32) throws(ToolFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        try wait(for: descriptor, POLLOUT)
      } else if errno != EINTR {
        throw refused(String(cString: strerror(errno)))
      }
    }
  }

  /// Everything up to the end of the connection, which the host closes.
  private func answer(from descriptor: Int32) throws(ToolFailure) -> (status: Int, body: [UInt8]) {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 {
        all += buffer[..<count]
      } else if count == 0 {
        break
      } else if errno == EAGAIN {
        try wait(for: descriptor, POLLIN)
      } else if errno != EINTR {
        throw refused(String(cString: strerror(errno)))
      }
    }
    let words = String(decoding: all.prefix(32), as: UTF8.self).split(separator: " ")
    guard words.count > 1, let status = Int(words[1]), let start = Self.endOfHead(all) else {
      throw refused("it answered no HTTP")
    }
    return (status, Array(all[start...]))
  }

  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    let end = Array("\r\n\r\n".utf8)
    return bytes.indices.first { bytes[$0...].starts(with: end) }.map { $0 + end.count }
  }

  private func wait(for descriptor: Int32, _ event: Int32) throws(ToolFailure) {
    let left = deadline - .now
    guard left > .zero else { throw .timedOut(tool: command.name, after: command.timeLimit) }
    let (seconds, attoseconds) = left.components
    let milliseconds = Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    var entries = [
      pollfd(fd: descriptor, events: Int16(event), revents: 0), pollfd(fd: stop.reading, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&entries, 2, milliseconds) >= 0 || errno == EINTR else { throw refused(String(cString: strerror(errno))) }
    if entries[1].revents != 0 { throw .cancelled(tool: command.name) }
  }
}

/// The hidden option `--tools`: a simulated host in another process runs the commands. For tests and demonstrations; with
/// `--root` only, so that nothing is ever run for this machine's files elsewhere.
enum ToolsOption {
  static func system(root: String, tools: String?) throws -> HostSystem {
    guard let tools else { return HostSystem(root: root) }
    let system = HostSystem(root: root)
    guard !system.isThisMachine else { throw Failure(text: "--tools goes with --root: / has commands of its own", code: 2) }
    guard let path = try SocketPath.checked(tools, named: "--tools") else { return system }
    return HostSystem(root: root, tools: SocketTools(path: path))
  }
}
