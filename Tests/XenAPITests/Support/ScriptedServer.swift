import Foundation
import Glibc
import JSON
import Synchronization

/// An HTTP server on a unix socket that answers what a test says, byte for byte when it must.
final class ScriptedServer: Sendable {
  /// One request as it came.
  struct Request: Sendable {
    /// Counted from 1 in the order they were accepted.
    let connection: Int
    let head: String
    let body: [UInt8]
    var call: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    var method: String { call["method"]?.string ?? "" }
    var parameters: [JSONValue] { call["params"]?.array ?? [] }
  }

  enum Reply: Sendable {
    /// A complete HTTP/1.1 answer.
    case body([UInt8], status: String = "200 OK", close: Bool = false)
    /// Bytes as they are, then nothing more; the connection is closed or stays open.
    case raw([UInt8], close: Bool)
    /// Bytes one by one, with a pause before each.
    case trickle([UInt8], pause: Duration)
    /// Reads on but never answers.
    case nothing
    case close

    static func result(_ value: JSONValue) -> Reply {
      .body(JSONValue.object(JSONObject([("jsonrpc", "2.0"), ("result", value), ("id", 1)])).encoded)
    }
    static func failure(_ code: String, _ parameters: String...) -> Reply {
      let error: JSONValue = ["code": 1, "message": .string(code), "data": .array(parameters.map { .string($0) })]
      return .body(JSONValue.object(JSONObject([("jsonrpc", "2.0"), ("error", error), ("id", 1)])).encoded)
    }
    /// What XAPI answers before it dispatches anything.
    static func emergency(_ words: String...) -> Reply {
      .body(
        JSONValue.object(JSONObject([("jsonrpc", "2.0"), ("error", .array(words.map { .string($0) })), ("id", 0)]))
          .encoded)
    }
  }

  private struct State {
    var requests: [Request] = []
    var accepted = 0
    var open: Set<Int32> = []
    var ended = 0
    var stopped = false
  }

  let path: String
  private let folder: String
  private let listener: Int32
  private let state = Mutex(State())
  private let answer: @Sendable (Request) -> Reply

  /// Listens from the first moment. The folder is new and this test's own unless `path` is given.
  init(path: String? = nil, _ answer: @escaping @Sendable (Request) -> Reply) {
    folder = path == nil ? Sockets.newFolder() : ""
    self.path = path ?? folder + "/xapi"
    self.answer = answer
    listener = Sockets.listen(self.path)
    let weakly = Weak(self)
    let listener = listener
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0, let server = weakly.server else {
          if connection >= 0 { close(connection) }
          close(listener)
          return
        }
        server.serve(connection)
      }
    }
  }

  private struct Weak: @unchecked Sendable {
    weak var server: ScriptedServer?
    init(_ server: ScriptedServer) { self.server = server }
  }

  deinit {
    stop()
    if !folder.isEmpty { rmdir(folder) }
  }

  var requests: [Request] { state.withLock { $0.requests } }
  var connections: Int { state.withLock { $0.accepted } }
  /// Connections that the client, or the script, has closed.
  var endedConnections: Int { state.withLock { $0.ended } }

  func count(_ method: String) -> Int { requests.count { $0.method == method } }

  /// As when the daemon dies: nobody listens, connections break, the socket's file is gone (or stays, stale).
  func stop(leavingFile: Bool = false) {
    let first = state.withLock { state in
      defer { state.stopped = true }
      for connection in state.open { shutdown(connection, Int32(SHUT_RDWR)) }
      return !state.stopped
    }
    guard first else { return }
    shutdown(listener, Int32(SHUT_RDWR))
    if !leavingFile { unlink(path) }
  }

  private func serve(_ connection: Int32) {
    let number = state.withLock { state in
      state.accepted += 1
      state.open.insert(connection)
      return state.accepted
    }
    Thread.detachNewThread { [self] in
      var buffer: [UInt8] = []
      while let request = Self.read(connection, &buffer, number) {
        state.withLock { $0.requests.append(request) }
        if !write(answer(request), connection) { break }
      }
      state.withLock { state in
        state.ended += 1
        state.open.remove(connection)
      }
      close(connection)
    }
  }

  /// nil when the client has gone, or what it sends is not a request.
  private static func read(_ connection: Int32, _ buffer: inout [UInt8], _ number: Int) -> Request? {
    let blank = Array("\r\n\r\n".utf8)
    while true {
      if let end = buffer.firstRange(of: blank) {
        let head = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
        let lengths = head.lowercased().split(separator: "\r\n").filter { $0.hasPrefix("content-length:") }
        guard let length = lengths.first.flatMap({ Int($0.dropFirst(15).filter(\.isNumber)) }) else { return nil }
        if buffer.count >= end.upperBound + length {
          let body = Array(buffer[end.upperBound..<(end.upperBound + length)])
          buffer.removeFirst(end.upperBound + length)
          return Request(connection: number, head: head, body: body)
        }
      }
      var part = [UInt8](repeating: 0, count: 65_536)
      let got = recv(connection, &part, part.count, 0)
      if got <= 0 { return nil }
      buffer += part[..<got]
    }
  }

  private func write(_ reply: Reply, _ connection: Int32) -> Bool {
    switch reply {
    case .body(let body, let status, let close):
      let head =
        "HTTP/1.1 \(status)\r\ncontent-length: \(body.count)\r\nconnection: \(close ? "close" : "keep-alive")\r\n\r\n"
      return Sockets.send(Array(head.utf8) + body, to: connection) && !close
    case .raw(let bytes, let close): return Sockets.send(bytes, to: connection) && !close
    case .trickle(let bytes, let pause):
      for byte in bytes {
        usleep(UInt32(pause / .microseconds(1)))
        if !Sockets.send([byte], to: connection) { return false }
      }
      return true
    case .nothing: return true
    case .close: return false
    }
  }
}

/// Bare unix sockets.
enum Sockets {
  static func newFolder() -> String {
    var template = Array("/tmp/xcpconsole-test.XXXXXX".utf8CString)
    return mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
  }

  static func listen(_ path: String) -> Int32 {
    let descriptor = bound(path)
    precondition(Glibc.listen(descriptor, 64) == 0, "cannot listen on \(path)")
    return descriptor
  }

  /// For this thread and those it makes. Glibc's header for it is not in Swift's module.
  static func becomeNobodyForFiles() {
    guard let symbol = dlsym(nil, "setfsuid") else { return }
    let setfsuid = unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> Int32).self)
    _ = setfsuid(65534)
  }

  /// Leaves the socket's file behind with nobody listening.
  static func leaveStale(_ path: String) { close(bound(path)) }

  private static func bound(_ path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    precondition(result == 0, "cannot bind \(path): \(errno)")
    return descriptor
  }

  static func send(_ bytes: [UInt8], to connection: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }
}

/// Waits for something that other threads bring about; false after ten seconds, which fails a test on any machine that
/// works.
func eventually(_ condition: @Sendable () async -> Bool) async -> Bool {
  for _ in 0..<2000 {
    if await condition() { return true }
    try? await Task.sleep(for: .milliseconds(5))
  }
  return false
}
