import Glibc

/// Tries whether somebody listens.
enum TCPProbe {
  /// Connects and hangs up. Nothing is sent.
  ///
  /// The descriptor never blocks: the program's few threads are not to wait for a host that is switched off.
  /// - Parameter address: a numeric address; names are not looked up, for that could hang.
  static func reach(_ address: String, port: UInt16, limit: Duration) async -> ResetFacts.Reach {
    guard let target = InternetAddress(address) else { return .silent("\(address) is not an address") }
    let began = ContinuousClock.now
    let family = target.isIPv6 ? AF_INET6 : AF_INET
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else { return .silent(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    if let code = connect(descriptor, to: target, port: port) { return .silent(String(cString: strerror(code))) }
    while ContinuousClock.now - began < limit, !Task.isCancelled {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      if poll(&waiting, 1, 0) > 0 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { return .silent(String(cString: strerror(code))) }
        let (seconds, attoseconds) = (ContinuousClock.now - began).components
        return .answers(milliseconds: Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
      }
      try? await Task.sleep(for: .milliseconds(20))
    }
    return .silent("no answer within \(limit.components.seconds) s")
  }

  private static func connect(_ descriptor: Int32, to target: InternetAddress, port: UInt16) -> Int32? {
    target.withSocketAddress(port: port) { Glibc.connect(descriptor, $0, $1) } == 0 || errno == EINPROGRESS ? nil : errno
  }
}
