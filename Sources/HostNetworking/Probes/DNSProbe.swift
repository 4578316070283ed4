import CLinux
import Dom0
import Glibc

/// Asks one name server one question.
struct DNSProbe: Sendable {
  let question: DNSQuestion
  let server: InternetAddress
  let device: String?
  let limit: Duration

  private static let port: UInt16 = 53

  func run(by maker: SocketMaker, stop: WakePipe) -> DNSAnswer {
    let id = UInt16.random(in: 0...UInt16.max)
    guard let query = DNSMessage.query(question, id: id) else {
      return .notAsked("\(question.name) is not a domain name")
    }
    let began = ContinuousClock.now
    do throws(SocketFailure) {
      guard let answer = try overUDP(query, id, began + limit, maker, stop) else { return .silent(silence) }
      guard answer.isCut else { return .reply(Self.reply(answer, overTCP: false, began)) }
      // What did not fit is asked for again over TCP (RFC 7766); what has come will do where that is shut.
      let whole = try? overTCP(query, id, began + limit, maker, stop)
      return .reply(Self.reply(whole ?? answer, overTCP: whole != nil, began))
    } catch {
      return Self.isSilence(error.code) ? .silent(error.code == ECONNREFUSED ? "no name server runs there" : error.words)
        : .notAsked(error.words)
    }
  }

  private var silence: String { "no answer within \(limit.brief)" }

  /// Somebody said so, or nobody is there; other failures are our own.
  private static func isSilence(_ code: Int32) -> Bool {
    [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, ECONNRESET].contains(code)
  }

  private static func reply(_ answer: DNSMessage.Answer, overTCP: Bool, _ began: ContinuousClock.Instant) -> DNSReply {
    DNSReply(
      code: answer.code, addresses: answer.addresses, alias: answer.alias, isAuthoritative: answer.isAuthoritative,
      overTCP: overTCP, after: .now - began)
  }

  private func overUDP(
    _ query: [UInt8], _ id: UInt16, _ deadline: ContinuousClock.Instant, _ maker: SocketMaker, _ stop: WakePipe
  ) throws(SocketFailure) -> DNSMessage.Answer? {
    let socket = try ProbeSocket(server.family, SOCK_DGRAM, by: maker, stop: stop)
    let scope = try socket.use(device, for: server)
    try socket.connect(to: server, port: Self.port, scope: scope)
    // A datagram may be lost: it is sent three times.
    let again = max(limit / 3, .milliseconds(300))
    var next = ContinuousClock.now
    var buffer = [UInt8](repeating: 0, count: 4096)
    while ContinuousClock.now < deadline {
      if ContinuousClock.now >= next {
        try socket.transmit(query)
        next += again
      }
      guard socket.wait(until: min(next, deadline)) else {
        if socket.isStopped { return nil }
        continue
      }
      while let count = try socket.receive(into: &buffer) {
        if let answer = DNSMessage.answer(buffer[..<count], to: question, id: id) { return answer }
      }
    }
    return nil
  }

  /// The same with two bytes of length before each message (RFC 1035 section 4.2.2).
  private func overTCP(
    _ query: [UInt8], _ id: UInt16, _ deadline: ContinuousClock.Instant, _ maker: SocketMaker, _ stop: WakePipe
  ) throws(SocketFailure) -> DNSMessage.Answer? {
    let socket = try ProbeSocket(server.family, SOCK_STREAM, by: maker, stop: stop)
    let scope = try socket.use(device, for: server)
    try socket.connect(to: server, port: Self.port, scope: scope)
    guard socket.wait(for: POLLOUT, until: deadline) else { return nil }
    var message = PacketBytes()
    message.add16(UInt16(query.count))
    message.add(query)
    try socket.transmit(message.bytes)
    var taken: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 8192)
    while socket.wait(until: deadline) {
      guard let count = try socket.receive(into: &buffer) else { continue }
      guard count > 0 else { return nil }
      taken += buffer[..<count]
      guard let length = PacketReader(taken).number16(0), taken.count >= Int(length) + 2 else { continue }
      return DNSMessage.answer(taken[2..<(Int(length) + 2)], to: question, id: id)
    }
    return nil
  }
}
