import HostNetworking

/// A network in which everybody answers, but for what a test changes.
public struct FakeProbes: NetworkProbes {
  public var duplicate: @Sendable (InternetAddress, ProbeLink) -> DuplicateAnswer = { _, _ in .free }
  public var neighbour: @Sendable (InternetAddress, ProbeLink) -> NeighbourAnswer = { _, _ in
    .answers(Neighbour(mac: "02:00:00:00:00:01", after: .microseconds(400)), others: [])
  }
  public var tags: @Sendable (InternetAddress, String, [Int?]) -> TagAnswer = { _, _, _ in .silent }
  public var echo: @Sendable (EchoRequest) -> EchoAnswer = { FakeProbes.echoes($0) }
  public var pathMTU: @Sendable (InternetAddress, PathMTURequest) -> PathMTUAnswer = { .whole($1.most) }
  public var dns: @Sendable (DNSQuestion, InternetAddress) -> DNSAnswer = { _, _ in
    .reply(DNSReply(addresses: [.v4(IPv4Address(bits: 0x0a00_0450))], after: .milliseconds(2)))
  }
  public var time: @Sendable (InternetAddress) -> TimeAnswer = { _ in
    .reply(TimeReply(stratum: 2, offset: 0.002, after: .milliseconds(3)))
  }
  public var tcp: @Sendable (InternetAddress, UInt16) -> TCPAnswer = { _, _ in .connected(after: .milliseconds(1)) }

  public init() {}

  /// Nobody answers anything.
  public static var dead: FakeProbes {
    var probes = FakeProbes()
    probes.neighbour = { _, _ in .silent }
    probes.echo = { FakeProbes.echoes($0, lost: $0.count) }
    probes.pathMTU = { _, _ in .silent }
    probes.dns = { _, _ in .silent("no answer within 2.0 s") }
    probes.time = { _ in .silent("no answer within 2.0 s") }
    probes.tcp = { _, _ in .silent("no answer within 2.0 s") }
    return probes
  }

  public static func echoes(_ request: EchoRequest, lost: Int = 0) -> EchoAnswer {
    var answer = EchoAnswer()
    answer.sent = request.count
    answer.received = request.count - lost
    if answer.received > 0 {
      (answer.shortest, answer.mean, answer.longest) = (.microseconds(300), .microseconds(400), .microseconds(600))
    }
    return answer
  }

  public func duplicate(of address: InternetAddress, on link: ProbeLink, limit: Duration) async -> DuplicateAnswer {
    duplicate(address, link)
  }

  public func answers(gateway: InternetAddress, on link: ProbeLink, limit: Duration) async -> NeighbourAnswer {
    neighbour(gateway, link)
  }

  public func tags(
    answering address: InternetAddress, on device: String, asking tags: [Int?], limit: Duration
  ) async -> TagAnswer { self.tags(address, device, tags) }

  public func echo(_ request: EchoRequest) async -> EchoAnswer { self.echo(request) }

  public func pathMTU(to address: InternetAddress, _ request: PathMTURequest) async -> PathMTUAnswer {
    self.pathMTU(address, request)
  }

  public func dns(
    _ question: DNSQuestion, at server: InternetAddress, on device: String?, limit: Duration
  ) async -> DNSAnswer { self.dns(question, server) }

  public func time(of server: InternetAddress, on device: String?, limit: Duration) async -> TimeAnswer {
    self.time(server)
  }

  public func tcp(
    _ address: InternetAddress, port: UInt16, on device: String?, limit: Duration
  ) async -> TCPAnswer { self.tcp(address, port) }
}
