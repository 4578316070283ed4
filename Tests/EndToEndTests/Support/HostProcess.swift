import Glibc
import JSON

/// A simulated host as a process of its own (`xcpconsole simulate`), to be steered from outside.
public final class HostProcess: Sendable {
  public let socket: String
  private let folder: ScratchFolder
  private let process: ChildProcess
  /// Kept open: what the host may have to complain of later must not kill it.
  private let output: Pipe

  /// Returns when it answers, or at once where the scenario has no XAPI.
  /// - Parameter wrapper: a command that starts the program, such as `unshare -n`, and becomes it.
  public init(
    _ scenario: String, options: [String] = [], folder: ScratchFolder, wrapper: [String] = []
  ) throws(HarnessError) {
    self.folder = folder
    socket = folder.path + "/xapi"
    output = try Pipe()
    process = try ChildProcess(
      wrapper + [try Program.console(), "simulate", "--scenario", scenario, "--socket", socket] + options, environment: [:],
      output: .descriptor(output.writer), error: .descriptor(output.writer))
    output.closeWriter()
    let word = output.readLine()
    guard word.hasPrefix("Simulating") else { throw HarnessError("the simulated host did not start: \(word)") }
  }

  public var pid: pid_t { process.pid }

  /// Ends the host as `systemctl stop` would, and waits for it.
  public func stop() {
    process.signal(SIGTERM)
    _ = process.wait()
  }

  /// Changes the simulated world, or its misbehaviour, from outside (`POST /simulate`).
  /// - Parameter path: another of its sockets than XAPI's, which goes with XAPI.
  public func steer(_ change: JSONValue, over path: String? = nil) throws(HarnessError) {
    let answer = try UnixHTTP.post("/simulate", change.encoded, to: path ?? socket)
    guard answer.status == 200 else {
      throw HarnessError("/simulate: HTTP \(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
    }
  }

  /// Calls XAPI.
  /// - Returns: the result of the call.
  @discardableResult
  public func call(_ method: String, _ parameters: [JSONValue]) throws(HarnessError) -> JSONValue {
    let body = try rawCall(method, parameters)
    guard let answer = try? JSONValue(parsing: body), let result = answer["result"] else {
      throw HarnessError("\(method): \(String(decoding: body.prefix(500), as: UTF8.self))")
    }
    return result
  }

  /// The same, with the answer as it came.
  public func rawCall(_ method: String, _ parameters: [JSONValue]) throws(HarnessError) -> [UInt8] {
    let request: JSONValue = ["jsonrpc": "2.0", "method": .string(method), "params": .array(parameters), "id": 1]
    return try UnixHTTP.post("/jsonrpc", request.encoded, to: socket).body
  }

  /// A session of root's.
  public func login() throws(HarnessError) -> JSONValue {
    try call("session.login_with_password", ["root", "", "1.1", "story"])
  }
}

/// One HTTP request over a unix socket.
public enum UnixHTTP {
  public struct Answer {
    public var status = 0
    public var body: [UInt8] = []
  }

  public static func post(_ path: String, _ body: [UInt8], to socketPath: String) throws(HarnessError) -> Answer {
    let descriptor = try connected(to: socketPath)
    defer { close(descriptor) }
    let head = "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
    var rest = (Array(head.utf8) + body)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw .system("send to \(socketPath)", errno) }
      rest = rest.dropFirst(count)
    }
    return try answer(from: descriptor)
  }

  private static func connected(to path: String) throws(HarnessError) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .system("socket", errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else {
      let code = errno
      close(descriptor)
      throw .system("connect to \(path)", code)
    }
    // A host that hangs must not hang the harness.
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    return descriptor
  }

  /// Reads up to the length that the answer names, or to its end.
  private static func answer(from descriptor: Int32) throws(HarnessError) -> Answer {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var bodyStart: Int?
    var end: Int?
    while end.map({ all.count < $0 }) ?? true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 { throw .system("read from the simulated host", errno) }
      if count == 0 { break }
      all += buffer[..<count]
      if bodyStart == nil, let start = Array(all.prefix(8192)).position(of: Array("\r\n\r\n".utf8)) {
        bodyStart = start
        end = length(String(decoding: all[..<start], as: UTF8.self)).map { start + $0 }
      }
    }
    guard let bodyStart else { throw HarnessError("the simulated host answered no HTTP") }
    let words = String(decoding: all[..<bodyStart], as: UTF8.self).split(separator: " ")
    return Answer(status: words.count > 1 ? Int(words[1]) ?? 0 : 0, body: Array(all[bodyStart...]))
  }

  private static func length(_ head: String) -> Int? {
    for line in head.split(whereSeparator: \.isNewline) where line.lowercased().hasPrefix("content-length:") {
      return Int(line.dropFirst("content-length:".count).filter { !$0.isWhitespace })
    }
    return nil
  }
}

extension Pipe {
  /// One line, without its end; what there is when the writer goes away before.
  func readLine() -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(reader, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
    return String(decoding: line, as: UTF8.self)
  }
}
