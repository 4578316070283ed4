/// Ways to ask the network. Every question has a limit, none blocks one of the program's few threads, and cancelling the task
/// ends it at once.
///
/// `SocketProbes` asks with sockets of its own, `ToolProbes` with the host's tools.
public protocol NetworkProbes: Sendable {
  /// Whether somebody else on the link has an address: ARP (RFC 5227) or neighbour discovery (RFC 4862 section 5.4), as from a
  /// host that has no address yet, so that nobody's tables change. This host's own MACs do not count.
  func duplicate(of address: InternetAddress, on link: ProbeLink, limit: Duration) async -> DuplicateAnswer

  /// Who on the link answers at an address, be it a gateway's or another's.
  func answers(gateway address: InternetAddress, on link: ProbeLink, limit: Duration) async -> NeighbourAnswer

  /// On which VLANs an address answers: every tag is asked on the device itself, nil for none at all.
  /// - Parameter device: a NIC. On a bridge the tags would be those of its inside.
  func tags(
    answering address: InternetAddress, on device: String, asking tags: [Int?], limit: Duration
  ) async -> TagAnswer

  /// Echo requests, some apart.
  func echo(_ request: EchoRequest) async -> EchoAnswer

  /// How long a packet may be on its way to an address.
  func pathMTU(to address: InternetAddress, _ request: PathMTURequest) async -> PathMTUAnswer

  /// One question to one name server, over UDP and, should the answer not fit, TCP.
  /// - Parameter device: for a server with an address of the link.
  func dns(_ question: DNSQuestion, at server: InternetAddress, on device: String?, limit: Duration) async -> DNSAnswer

  /// Asks a time server for the time (RFC 5905).
  func time(of server: InternetAddress, on device: String?, limit: Duration) async -> TimeAnswer

  /// Connects and hangs up. Nothing is sent.
  func tcp(_ address: InternetAddress, port: UInt16, on device: String?, limit: Duration) async -> TCPAnswer
}

/// Limits that fit most questions.
extension NetworkProbes {
  /// RFC 5227 waits for up to seven seconds; on wires of today an answer takes milliseconds.
  public func duplicate(of address: InternetAddress, on link: ProbeLink) async -> DuplicateAnswer {
    await duplicate(of: address, on: link, limit: .milliseconds(1200))
  }

  public func answers(gateway address: InternetAddress, on link: ProbeLink) async -> NeighbourAnswer {
    await answers(gateway: address, on: link, limit: .milliseconds(2000))
  }

  public func dns(
    _ question: DNSQuestion, at server: InternetAddress, limit: Duration = .seconds(3)
  ) async -> DNSAnswer {
    await dns(question, at: server, on: nil, limit: limit)
  }

  public func time(of server: InternetAddress, limit: Duration = .seconds(3)) async -> TimeAnswer {
    await time(of: server, on: nil, limit: limit)
  }

  public func tcp(_ address: InternetAddress, port: UInt16, limit: Duration = .seconds(3)) async -> TCPAnswer {
    await tcp(address, port: port, on: nil, limit: limit)
  }
}

extension NetworkProbes {
  /// Whether an address, spelled out, accepts connections.
  func reach(_ address: String, port: UInt16, limit: Duration) async -> ResetFacts.Reach {
    guard let target = InternetAddress(address) else { return .silent("\(address) is not an address") }
    switch await tcp(target, port: port, limit: limit) {
    case .connected(let after): return .answers(milliseconds: Int(after.inMilliseconds))
    case .refused: return .silent("connection refused")
    case .silent(let why): return .silent(why)
    }
  }
}
