import Foundation
import Glibc
import JSON

@testable import SimulatedHost

/// A client that knows nothing of the server's code: plain blocking sockets on threads of its own.
struct TestClient: Sendable {
  struct Failure: Error, Equatable { let text: String }

  let path: String

  /// Sends bytes on a new connection and reads until the other side closes or `quiet` passes without a byte.
  func exchange(_ bytes: [UInt8], quiet: Duration = .milliseconds(400)) async throws -> String {
    let connection = try connect()
    defer { connection.close() }
    try connection.send(bytes)
    return String(decoding: await connection.readAvailable(quiet: quiet).bytes, as: UTF8.self)
  }

  func connect() throws -> RawConnection {
    guard let connection = RawConnection(path: path) else { throw Failure(text: "connect: errno \(errno)") }
    return connection
  }

  /// One POST and its whole answer: status and body.
  func post(_ target: String, _ body: [UInt8]) async throws -> (status: Int, body: [UInt8]) {
    let connection = try connect()
    defer { connection.close() }
    try connection.send(Array("POST \(target) HTTP/1.1\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
    return try await connection.readResponse()
  }

  /// A call in JSON-RPC 2.0: the whole answer.
  func raw(_ method: String, _ parameters: JSONValue...) async throws -> JSONValue {
    try await raw(method, parameters)
  }

  func raw(_ method: String, _ parameters: [JSONValue]) async throws -> JSONValue {
    let request: JSONValue = ["jsonrpc": "2.0", "method": .string(method), "params": .array(parameters), "id": 1]
    let answer = try await post("/jsonrpc", request.encoded)
    guard answer.status == 200 else { throw Failure(text: "HTTP \(answer.status)") }
    return try JSONValue(parsing: answer.body)
  }

  /// A call's result; an error becomes a failure with its code and parameters.
  func call(_ method: String, _ parameters: JSONValue...) async throws -> JSONValue {
    let answer = try await raw(method, parameters)
    if let result = answer["result"] { return result }
    let code = answer["error"]?["message"]?.string ?? "?"
    let data = answer["error"]?["data"]?.array?.compactMap(\.string) ?? []
    throw Failure(text: ([code] + data).joined(separator: " "))
  }

  func login() async throws -> JSONValue { try await call("session.login_with_password", "root", "", "1.1", "test") }
}

/// A blocking unix socket, its waiting done off the cooperative threads.
struct RawConnection: Sendable {
  private let descriptor: Int32

  init?(path: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      Glibc.close(descriptor)
      return nil
    }
  }

  func close() { Glibc.close(descriptor) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw TestClient.Failure(text: "send: errno \(errno)") }
      sent += count
    }
  }

  enum End: Sendable, Equatable { case quiet, closed, reset }

  /// Reads until the other side closes, no byte came for `quiet`, or there are `most`.
  func readAvailable(quiet: Duration, most: Int = .max) async -> (bytes: [UInt8], end: End) {
    let milliseconds = Int32(quiet / .milliseconds(1))
    return await offThread {
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65536)
      while all.count < most {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return (all, .quiet) }
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == 0 { return (all, .closed) }
        if count < 0 { return (all, .reset) }
        all += buffer[..<count]
      }
      return (all, .quiet)
    }
  }

  /// One response with a Content-Length.
  func readResponse() async throws -> (status: Int, body: [UInt8]) {
    let bytes = await offThread { () -> Result<(Int, [UInt8]), TestClient.Failure> in
      func failed(_ why: String) -> Result<(Int, [UInt8]), TestClient.Failure> { .failure(.init(text: why)) }
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65536)
      var wanted: Int?
      var status = 0
      while wanted.map({ all.count < $0 }) ?? true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return failed("recv: \(String(cString: strerror(errno)))") }
        guard count > 0 else { return failed("connection closed") }
        all += buffer[..<count]
        if wanted == nil, let end = Self.headEnd(all) {
          let head = String(decoding: all[..<end], as: UTF8.self)
          status = Int(head.split(separator: " ")[1]) ?? 0
          let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
          wanted = end + (length.flatMap { Int($0.dropFirst(16)) } ?? 0)
          if let wanted { all.reserveCapacity(wanted) }
        }
      }
      guard let end = Self.headEnd(all) else { return failed("no head") }
      return .success((status, Array(all[end...])))
    }
    let (status, body) = try bytes.get()
    return (status, body)
  }

  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    var index = 0
    while index + 4 <= bytes.count {
      if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 { return index + 4 }
      index += 1
    }
    return nil
  }

  /// On a thread of its own: those of Dispatch are the ones that the servers under test run on.
  private func offThread<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: work()) }
    }
  }
}

/// Serves a host on a socket of its own for the time of a test.
@discardableResult
func withServer<T: Sendable>(
  _ host: SimulatedHost, _ work: (TestClient) async throws -> T
) async throws -> T {
  let path = "/tmp/xcpconsole-test-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
  try await host.start(socketPath: path)
  let result: Result<T, any Error>
  do { result = .success(try await work(TestClient(path: path))) } catch { result = .failure(error) }
  await host.stop()
  return try result.get()
}

@discardableResult
func withServer<T: Sendable>(
  _ scenario: Scenario, options: SimulatedHost.Options = .init(), _ work: (TestClient) async throws -> T
) async throws -> T {
  try await withServer(SimulatedHost(scenario: scenario, options: options), work)
}
