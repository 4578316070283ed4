import FlyingSocks
import Glibc

/// One client's connection: requests one after the other, answered in order.
struct Connection {
  private let socket: Socket
  private let pool: SocketWaiter
  private let purpose: Server.Purpose

  private static let longestHead = 64 * 1024
  private static let endOfHead: [UInt8] = Array("\r\n\r\n".utf8)

  init(socket: Socket, pool: SocketWaiter, purpose: Server.Purpose) {
    self.socket = socket
    self.purpose = purpose
    self.pool = pool
  }

  /// Serves until either side closes.
  mutating func serve(_ host: SimulatedHost) async {
    defer { try? socket.close() }
    do { try await converse(host) } catch {}
  }

  private func converse(_ host: SimulatedHost) async throws {
    while !Task.isCancelled {
      let bytes = try await readHead()
      // What is no HTTP gets no answer, as recorded.
      guard let head = HTTPHead(bytes) else { continue }
      let isBesideXAPI = purpose == .tools || head.path == "/simulate" || head.path == "/tool"
      guard let length = head.contentLength ?? (head.method == "POST" ? nil : 0) else {
        try await write([HTTPResponse.internalError("Failure(\"We require a content-length: HTTP header\")")])
        return
      }
      guard length >= 0, length <= SimulatedHost.longestBody else {
        try await write([HTTPResponse.internalError("Http_svr.Client_requested_size_over_limit")])
        return
      }
      let body = try await read(length)
      if !isBesideXAPI, let fault = await host.faultForNextRequest() {
        guard try await fail(fault, head, body, host) else { return }
        continue
      }
      let response =
        head.path == "/tool" ? try await runTool(head, body, host)
        : purpose == .tools ? await host.respondBesideXAPI(head, body) : await host.respond(head, body)
      try Task.checkCancellation()
      try await write([response])
      if response.closes { return }
    }
  }

  /// A command is killed when whoever runs it goes away.
  private func runTool(_ head: HTTPHead, _ body: [UInt8], _ host: SimulatedHost) async throws -> HTTPResponse {
    try await withThrowingTaskGroup(of: HTTPResponse?.self) { group in
      group.addTask { await host.respondToTool(head, body) }
      group.addTask {
        try await pool.suspendSocket(socket, untilReadyFor: [.read])
        var byte: UInt8 = 0
        // Another request behind this one is no reason to stop.
        if recv(socket.file.rawValue, &byte, 1, Int32(MSG_PEEK)) > 0 { return nil }
        throw SocketError.disconnected
      }
      defer { group.cancelAll() }
      while let next = try await group.next() {
        if let next { return next }
      }
      throw SocketError.disconnected
    }
  }

  // MARK: Reading

  /// Takes a request's head and not a byte more: a connection that is closed with its body unread is then reset by
  /// the system, which is what XAPI's clients see.
  private func readHead() async throws -> [UInt8] {
    var head: [UInt8] = []
    while true {
      let ahead = try await receive(4096, flags: Int32(MSG_PEEK))
      let start = max(0, head.count - (Self.endOfHead.count - 1))
      let joined = Array(head[start...]) + ahead
      if let end = Self.end(of: Self.endOfHead, in: joined) {
        let wanted = end - (head.count - start)
        return head + (try await receive(wanted, flags: 0))
      }
      head += try await receive(ahead.count, flags: 0)
      if head.count > Self.longestHead { throw SocketError.disconnected }
    }
  }

  private static func end(of needle: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= needle.count else { return nil }
    for start in 0...(bytes.count - needle.count) where bytes[start..<start + needle.count].elementsEqual(needle) {
      return start + needle.count
    }
    return nil
  }

  private func read(_ count: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes += try await receive(min(count - bytes.count, 64 * 1024), flags: 0) }
    return bytes
  }

  /// At least one byte; throws at the end of the stream.
  private func receive(_ most: Int, flags: Int32) async throws -> [UInt8] {
    while true {
      try Task.checkCancellation()
      var received = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
        received = recv(socket.file.rawValue, buffer.baseAddress, most, flags)
        count = max(0, received)
      }
      if received > 0 { return bytes }
      guard received < 0, errno == EAGAIN || errno == EINTR else { throw SocketError.disconnected }
      if errno == EAGAIN { try await pool.suspendSocket(socket, untilReadyFor: [.read]) }
    }
  }

  // MARK: Writing

  private func write(_ responses: [HTTPResponse]) async throws {
    for response in responses {
      try await write(response.head + (response.body.first ?? []))
      for piece in response.body.dropFirst() { try await write(piece) }
    }
  }

  private func write(_ bytes: [UInt8]) async throws {
    var sent = 0
    while sent < bytes.count {
      try Task.checkCancellation()
      let count = bytes.withUnsafeBytes { buffer in
        send(socket.file.rawValue, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        try await pool.suspendSocket(socket, untilReadyFor: [.write])
      } else if errno != EINTR {
        throw SocketError.disconnected
      }
    }
  }

  // MARK: Faults

  /// - Returns: whether the connection goes on.
  private func fail(
    _ fault: SimulatedHost.Fault, _ head: HTTPHead, _ body: [UInt8], _ host: SimulatedHost
  ) async throws -> Bool {
    switch fault {
    case .hang:
      try await hang()
      return false
    case .refuse, .close: return false
    case .garbage:
      try await write(Array("\u{1}\u{2}SSH-2.0-not-http\r\n\0\0\0\u{7f}\u{1b}[2J\r\n".utf8))
      return false
    case .slow:
      let response = await host.respond(head, body)
      for byte in response.head + response.body.joined() {
        try await write([byte])
        try await Task.sleep(for: .milliseconds(250))
      }
      return !response.closes
    case .http500:
      try await write([HTTPResponse.internalError("Stdlib.Out_of_memory")])
      return false
    }
  }

  /// Reads on without answering until the client gives up.
  private func hang() async throws {
    while true { _ = try await receive(4096, flags: 0) }
  }
}
