import CLinux
import Dom0
import Glibc

/// Echo requests over a raw socket (raw(7), ipv6(7)).
struct EchoProbe: Sendable {
  let request: EchoRequest

  enum Outcome: Sendable {
    case over(EchoAnswer)
    /// No raw socket for us: `ping` may have the right to one.
    case noRight
  }

  func run(by maker: SocketMaker, stop: WakePipe) -> Outcome {
    let address = request.address
    do throws(SocketFailure) {
      let number = address.isIPv6 ? Int32(IPPROTO_ICMPV6) : Int32(IPPROTO_ICMP)
      let socket: ProbeSocket
      do throws(SocketFailure) {
        socket = try ProbeSocket(address.family, SOCK_RAW, number, by: maker, stop: stop)
      } catch {
        if error.isRefusal { return .noRight }
        throw error
      }
      try filter(socket)
      if request.staysWhole { try keepWhole(socket) }
      let scope = try socket.use(request.device, for: address)
      return .over(ask(socket, scope))
    } catch {
      return .over(Self.notSent(error.words))
    }
  }

  static func notSent(_ why: String) -> EchoAnswer {
    var answer = EchoAnswer()
    answer.problem = .notSent(why)
    return answer
  }

  // MARK: The socket

  /// A raw socket hears all ICMP of the host: the kernel passes on what may be about us.
  private func filter(_ socket: borrowing ProbeSocket) throws(SocketFailure) {
    if request.address.isIPv6 {
      // ICMP6_FILTER: a bit for each of 256 kinds, set for those kept out.
      var bits = [UInt32](repeating: .max, count: 8)
      for kind in [1, 2, 3, 4, 129] { bits[kind >> 5] &= ~(1 << UInt32(kind & 31)) }
      guard setsockopt(socket.descriptor, Int32(IPPROTO_ICMPV6), 1, bits, 32) == 0 else { throw SocketFailure() }
    } else {
      // ICMP_FILTER (linux/icmp.h): the same for the first 32 kinds.
      try socket.set(SOL_RAW, 1, ~UInt32(1 << 0 | 1 << 3 | 1 << 11))
    }
  }

  /// The packet stays whole, and what the kernel has learnt of the path before is not believed (PMTUDISC_PROBE).
  private func keepWhole(_ socket: borrowing ProbeSocket) throws(SocketFailure) {
    if request.address.isIPv6 {
      try socket.set(Int32(IPPROTO_IPV6), IPV6_MTU_DISCOVER, Int32(IPV6_PMTUDISC_PROBE))
      try socket.set(Int32(IPPROTO_IPV6), IPV6_DONTFRAG, Int32(1))
    } else {
      try socket.set(Int32(IPPROTO_IP), IP_MTU_DISCOVER, Int32(IP_PMTUDISC_PROBE))
    }
  }

  // MARK: Asking

  private struct Round {
    var sent: [UInt16: ContinuousClock.Instant] = [:]
    var times: [UInt16: Duration] = [:]
    var problem: EchoAnswer.Problem?
    /// Requests that need not be waited for any more.
    var settled: Set<UInt16> = []
  }

  private func ask(_ socket: borrowing ProbeSocket, _ scope: UInt32) -> EchoAnswer {
    let packets = EchoPackets(
      isIPv6: request.address.isIPv6, id: UInt16.random(in: 1...UInt16.max), size: min(max(request.size, 0), 65_000))
    var round = Round()
    var next = ContinuousClock.now
    var deadline = next + request.patience
    var sequence: UInt16 = 0
    while true {
      if Int(sequence) < request.count, ContinuousClock.now >= next {
        sequence += 1
        round.sent[sequence] = .now
        if let problem = send(packets.request(sequence), over: socket, scope) {
          round.problem = problem
          round.settled.insert(sequence)
          // What the kernel does not send now it will not send a moment later.
          if round.times.isEmpty { break }
        }
        next += request.interval
        deadline = .now + request.patience
      }
      let isLast = Int(sequence) >= request.count
      if isLast, round.settled.count >= Int(sequence) { break }
      if request.endsWithFirst, !round.times.isEmpty { break }
      if socket.wait(until: isLast ? deadline : min(next, deadline)) {
        take(from: socket, packets, &round)
      } else if socket.isStopped || isLast {
        break
      }
    }
    return answer(round)
  }

  private func send(
    _ packet: [UInt8], over socket: borrowing ProbeSocket, _ scope: UInt32
  ) -> EchoAnswer.Problem? {
    let count = request.address.withSocketAddress(port: 0, scope: scope) {
      sendto(socket.descriptor, packet, packet.count, 0, $0, $1)
    }
    if count >= 0 || errno == ENOBUFS || errno == EAGAIN || errno == EINTR { return nil }
    if errno == EMSGSIZE { return .tooLong(most: nil, by: nil) }
    return .notSent(SocketFailure().words)
  }

  private func take(from socket: borrowing ProbeSocket, _ packets: EchoPackets, _ round: inout Round) {
    var buffer = [UInt8](repeating: 0, count: 66_000)
    while true {
      var place = sockaddr_storage()
      var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let count = withUnsafeMutablePointer(to: &place) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(socket.descriptor, &buffer, buffer.count, 0, $0, &size)
        }
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      switch packets.word(buffer[..<count], from: Self.address(place)) {
      case .reply(let sequence):
        guard let sent = round.sent[sequence], round.times[sequence] == nil else { continue }
        round.times[sequence] = .now - sent
        round.settled.insert(sequence)
      case .problem(let sequence, let problem):
        guard round.sent[sequence] != nil else { continue }
        round.problem = problem
        round.settled.insert(sequence)
      case nil: continue
      }
    }
  }

  private static func address(_ place: sockaddr_storage) -> InternetAddress? {
    guard Int32(place.ss_family) == AF_INET6 else { return nil }
    let bytes = withUnsafeBytes(of: place) { Array($0[8..<24]) }
    return IPv6Address(bytes: bytes[...]).map { .v6($0) }
  }

  private func answer(_ round: Round) -> EchoAnswer {
    var answer = EchoAnswer()
    answer.sent = round.sent.count
    answer.received = round.times.count
    let times = round.times.values.sorted()
    answer.shortest = times.first
    answer.longest = times.last
    if !times.isEmpty { answer.mean = times.reduce(.zero, +) / times.count }
    answer.problem = round.problem
    return answer
  }
}
