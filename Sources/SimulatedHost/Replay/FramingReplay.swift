import Glibc
import JSON

/// Replays what was recorded of HTTP itself: bytes sent, bytes received, who closed.
enum FramingReplay {
  static func run(_ entries: [JSONValue], on host: SimulatedHost) async throws(SimulationError) -> Replay.Report {
    let path = "/tmp/xcpconsole-replay-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
    try await host.start(socketPath: path)
    var comparison = Comparison(state: .object(JSONObject()), capture: .array(entries))
    if let theirs = recordedSession(entries), let mine = await Replay.session(on: host) {
      _ = comparison.same(theirs, mine)
    }
    var report = Replay.Report()
    for entry in entries {
      report.add(entry["name"]?.string ?? "", await replay(entry, path, &comparison))
    }
    await host.stop()
    return report
  }

  /// The session that the recording's calls use.
  private static func recordedSession(_ entries: [JSONValue]) -> String? {
    for entry in entries {
      for text in entry["sent"]?.array ?? [] {
        if let uuid = UUIDText.parts(text.string ?? "").uuids.first { return "OpaqueRef:\(uuid)" }
      }
    }
    return nil
  }

  private static func replay(_ entry: JSONValue, _ path: String, _ comparison: inout Comparison) async -> [Replay
    .Difference.Place]
  {
    let sent = (entry["sent"]?.array ?? []).map { comparison.mapping.translate($0.string ?? "") }
    let seen = await converse(sent, path)
    var found = comparison.differences(
      .string(entry["received"]?.string ?? ""), .string(seen.received), at: "received")
    if let closed = entry["server_closed"]?.bool, closed != seen.closed {
      found.append(.init(path: "server_closed", expected: "\(closed)", actual: "\(seen.closed)"))
    }
    return found
  }

  /// Sends texts one after the other and writes down what came back in the notation of the recording.
  private static func converse(_ sent: [String], _ path: String) async -> (received: String, closed: Bool) {
    guard let socket = connect(path) else { return ("<<no connection>>", false) }
    defer { close(socket) }
    var received = ""
    var closed = false
    for text in sent {
      let bytes = Array(text.utf8)
      _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      let wanted = text.split(separator: "HTTP/1.", omittingEmptySubsequences: false).count - 1
      let answer = await receive(socket, answers: wanted)
      received += answer.text + "<<--->>"
      closed = closed || answer.closed
    }
    return (received, closed)
  }

  /// Reads until as many answers came as requests went, then a little longer for what should not come; where the
  /// answer announces the end of the connection, long enough for that.
  private static func receive(_ socket: Int32, answers wanted: Int) async -> (text: String, closed: Bool) {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 65536)
    var last = ContinuousClock.now
    while true {
      let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 {
        text += String(decoding: buffer[..<count], as: UTF8.self)
        last = .now
        continue
      }
      if count == 0 { return (text, true) }
      if errno == ECONNRESET { return (text + "<<[Errno 104] Connection reset by peer>>", true) }
      if ContinuousClock.now - last > patience(text, answers: wanted) { return (text, false) }
      try? await Task.sleep(for: .milliseconds(5))
    }
  }

  private static func patience(_ text: String, answers wanted: Int) -> Duration {
    if wanted == 0 { return .seconds(1) }
    if !isWhole(text, answers: wanted) { return .seconds(40) }
    return text.contains("\r\nconnection: close\r\n") ? .seconds(4) : .milliseconds(100)
  }

  private static func isWhole(_ text: String, answers: Int) -> Bool {
    var rest = Array(text.utf8)[...]
    for _ in 0..<answers {
      guard let end = rest.indices.first(where: { rest[$0...].starts(with: "\r\n\r\n".utf8) }) else { return false }
      let head = String(decoding: rest[..<end], as: UTF8.self)
      let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }?.dropFirst(16)
      rest = rest[end...].dropFirst(4)
      guard let count = length.flatMap({ Int($0) }), rest.count >= count else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func connect(_ path: String) -> Int32? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if result == 0 { return descriptor }
    close(descriptor)
    return nil
  }
}
