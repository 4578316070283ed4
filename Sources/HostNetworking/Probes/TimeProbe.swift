import CLinux
import Dom0
import Glibc

/// Asks a time server, as an SNTP client (RFC 5905 section 14).
struct TimeProbe: Sendable {
  let server: InternetAddress
  let device: String?
  let limit: Duration

  private static let port: UInt16 = 123

  func run(by maker: SocketMaker, stop: WakePipe) -> TimeAnswer {
    do throws(SocketFailure) {
      let socket = try ProbeSocket(server.family, SOCK_DGRAM, by: maker, stop: stop)
      let scope = try socket.use(device, for: server)
      try socket.connect(to: server, port: Self.port, scope: scope)
      return try ask(socket)
    } catch {
      return error.code == ECONNREFUSED ? .silent("no time server runs there") : .silent(error.words)
    }
  }

  private func ask(_ socket: borrowing ProbeSocket) throws(SocketFailure) -> TimeAnswer {
    let deadline = ContinuousClock.now + limit
    let again = max(limit / 3, .milliseconds(400))
    var next = ContinuousClock.now
    // What we send as our time is a number by chance: it tells nobody our clock, and the answer is known by it.
    var (cookie, sent, began) = (UInt64.random(in: 1...UInt64.max), Double(0), ContinuousClock.now)
    var buffer = [UInt8](repeating: 0, count: 1024)
    while ContinuousClock.now < deadline {
      if ContinuousClock.now >= next {
        cookie = UInt64.random(in: 1...UInt64.max)
        (sent, began) = (Self.wallClock, .now)
        try socket.transmit(TimePacket.request(cookie: cookie))
        next += again
      }
      guard socket.wait(until: min(next, deadline)) else {
        if socket.isStopped { break }
        continue
      }
      while let count = try socket.receive(into: &buffer) {
        let after = ContinuousClock.now - began
        let received = sent + after.inMilliseconds / 1000
        if let reply = TimePacket.reply(
          buffer[..<count], cookie: cookie, sent: sent, received: received, after: after) { return .reply(reply) }
      }
    }
    return .silent("no answer within \(limit.brief)")
  }

  /// Seconds since 1970.
  private static var wallClock: Double {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}

enum TimePacket {
  private static let length = 48
  /// Seconds from 1900, where NTP begins to count, to 1970.
  private static let epoch: Double = 2_208_988_800
  /// An era of NTP has so many seconds; the next begins in 2036.
  private static let era: Double = 4_294_967_296

  static func request(cookie: UInt64) -> [UInt8] {
    var packet = PacketBytes()
    // Version 4, client.
    packet.add(4 << 3 | 3)
    packet.add([UInt8](repeating: 0, count: length - 9))
    packet.add32(UInt32(cookie >> 32))
    packet.add32(UInt32(truncatingIfNeeded: cookie))
    return packet.bytes
  }

  /// nil for what is no answer to our question.
  /// - Parameters:
  ///   - sent: when the question left, in seconds since 1970 by our clock; `received` the same of the answer.
  ///   - after: between the two.
  static func reply(
    _ bytes: ArraySlice<UInt8>, cookie: UInt64, sent: Double, received: Double, after: Duration
  ) -> TimeReply? {
    let packet = PacketReader(bytes)
    guard let first = packet.byte(0), let stratum = packet.byte(1), packet.count >= length, first & 7 == 4,
      packet.number32(24).map({ UInt64($0) << 32 }).flatMap({ high in packet.number32(28).map { high | UInt64($0) } })
        == cookie,
      let came = time(packet, 32, near: sent), let left = time(packet, 40, near: sent)
    else { return nil }
    var reply = TimeReply(
      stratum: Int(stratum), offset: ((came - sent) + (left - received)) / 2, isUnsynchronized: first >> 6 == 3,
      after: after)
    if stratum == 0 {
      reply.kiss = packet.part(12, 4).map { String(decoding: $0.filter { (0x21...0x7e).contains($0) }, as: UTF8.self) }
    }
    if stratum == 0 || stratum > 15 { reply.isUnsynchronized = true }
    return reply
  }

  /// Seconds since 1970, of the era that is nearest to our own clock.
  private static func time(_ packet: PacketReader, _ offset: Int, near: Double) -> Double? {
    guard let seconds = packet.number32(offset), let fraction = packet.number32(offset + 4) else { return nil }
    let time = Double(seconds) + Double(fraction) / era - epoch
    return time + ((near - time) / era).rounded() * era
  }
}
