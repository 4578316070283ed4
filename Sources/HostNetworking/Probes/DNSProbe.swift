import Glibc

/// Tries whether a name server answers.
enum DNSProbe {
  /// Asks for the name servers of the root, which every resolver knows, over UDP; any answer will do, a refusal too.
  /// - Returns: nil when it answers, else why not.
  static func problem(_ server: String, limit: Duration) async -> String? {
    guard let target = InternetAddress(server) else { return "\(server) is not an address" }
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(target.isIPv6 ? AF_INET6 : AF_INET, kind, 0)
    guard descriptor >= 0 else { return String(cString: strerror(errno)) }
    defer { close(descriptor) }
    guard target.withSocketAddress(port: 53, { connect(descriptor, $0, $1) }) == 0 else {
      return String(cString: strerror(errno))
    }
    let id = UInt16.random(in: 0...UInt16.max)
    let query = query(id)
    let deadline = ContinuousClock.now + limit
    var asked = ContinuousClock.now - .seconds(1)
    while ContinuousClock.now < deadline, !Task.isCancelled {
      // A datagram may be lost: once a second it is sent again.
      if ContinuousClock.now - asked >= .seconds(1) {
        asked = .now
        if send(descriptor, query, query.count, 0) < 0, errno != EAGAIN { return String(cString: strerror(errno)) }
      }
      var answer = [UInt8](repeating: 0, count: 1500)
      let count = recv(descriptor, &answer, answer.count, 0)
      if count >= 12, answer[0] == UInt8(id >> 8), answer[1] == UInt8(truncatingIfNeeded: id) { return nil }
      if count < 0, errno != EAGAIN, errno != EINTR { return String(cString: strerror(errno)) }
      try? await Task.sleep(for: .milliseconds(20))
    }
    return "no answer within \(limit.components.seconds) s"
  }

  /// RFC 1035 §4.1: one question, recursion desired, type NS, class IN, the root's empty name.
  private static func query(_ id: UInt16) -> [UInt8] {
    [UInt8(id >> 8), UInt8(truncatingIfNeeded: id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]
  }
}
