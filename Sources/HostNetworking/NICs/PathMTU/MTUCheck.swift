import Dom0
import XenAPI

/// A question for the longest packet that reaches an address or a name.
public struct MTUCheckRequest: Hashable, Sendable {
  public var place: DoctorTarget.Place
  /// Bytes of the whole packet, with the headers of IP; nil for as many as the interface sends.
  public var size: Int?
  /// The interface as people call it, `eth2` or `VLAN 90 on bond0`, or its bridge; nil leaves it to the routes.
  public var interface: String?

  /// What a packet may be long: less than IPv4 promises to carry is no use, and more Ethernet does not.
  public static let sizes = 576...65_535

  public init(_ place: DoctorTarget.Place, size: Int? = nil, interface: String? = nil) {
    self.place = place
    self.size = size
    self.interface = interface
  }
}

/// What comes of it, step by step.
public enum MTUCheckNews: Hashable, Sendable {
  /// The way out was found, and how long packets may be by its settings.
  case way(MTUWay)
  case tried(MTUTry)
  case over(MTUCheckReport)
}

/// One length of packet, put on the way.
public struct MTUTry: Hashable, Sendable {
  public enum Outcome: Hashable, Sendable {
    case arrives(after: Duration?)
    /// Somebody says that it is too long; nil: this host itself.
    case tooLong(most: Int?, by: InternetAddress?)
    case lost
    case notSent(String)
  }

  /// Bytes with headers.
  public var size: Int
  public var outcome: Outcome
}

/// How it ended.
public struct MTUCheckReport: Hashable, Sendable {
  public enum Verdict: Hashable, Sendable {
    /// Packets of that length arrive.
    case fits(Int)
    /// This host itself sends none that are longer than this.
    case ownLimit(Int)
    /// Longer ones than this are refused by somebody who says so.
    case limited(to: Int, by: InternetAddress)
    /// Longer ones than `passes` vanish.
    case blackHole(passes: Int, lost: Int)
    /// No length is answered. Whether the machine answers on its link; nil when it was not asked there.
    case silent(isThere: Bool?)
    case notTested(String)
  }

  public var request: MTUCheckRequest
  public var way: MTUWay?
  public var tries: [MTUTry] = []
  public var verdict: Verdict

  public init(_ request: MTUCheckRequest, way: MTUWay? = nil, tries: [MTUTry] = [], verdict: Verdict) {
    self.request = request
    self.way = way
    self.tries = tries
    self.verdict = verdict
  }

  public var fits: Bool { if case .fits = verdict { true } else { false } }
  /// Whether it is known how long packets may be.
  public var isKnown: Bool {
    switch verdict {
    case .fits, .ownLimit, .limited, .blackHole: true
    case .silent, .notTested: false
    }
  }
}

/// Finds the longest packet that reaches an address: with packets that nobody on the way may cut into pieces.
public struct MTUCheck: Sendable {
  private let request: MTUCheckRequest
  private let look: MTULook
  private let probes: any NetworkProbes

  /// How long the search may take, at a length for each third of a second.
  private static let limit = Duration.seconds(8)

  /// - Parameter client: nil leaves XAPI alone.
  public init(_ request: MTUCheckRequest, _ system: HostSystem, client: XenClient?, probes: any NetworkProbes) {
    self.request = request
    look = MTULook(system, client: client)
    self.probes = probes
  }

  @discardableResult
  public func run(_ report: @escaping @Sendable (MTUCheckNews) -> Void = { _ in }) async -> MTUCheckReport {
    let over = await examined(report)
    report(.over(over))
    return over
  }

  private func examined(_ report: @escaping @Sendable (MTUCheckNews) -> Void) async -> MTUCheckReport {
    func none(_ why: String) -> MTUCheckReport { MTUCheckReport(request, verdict: .notTested(why)) }
    if let size = request.size, !MTUCheckRequest.sizes.contains(size) {
      return none("a packet is \(MTUCheckRequest.sizes.lowerBound) to \(MTUCheckRequest.sizes.upperBound) bytes long")
    }
    let scene = await look.scene()
    let address: InternetAddress
    switch request.place {
    case .address(let given): address = given
    case .name(let name):
      guard let found = await resolve(name, scene) else { return none("no DNS server of this host knows \(name)") }
      address = found
    }
    let way: MTUWay
    switch scene.way(to: address, request) {
    case .success(let found): way = found
    case .failure(let problem): return none(problem.text)
    }
    report(.way(way))
    return await search(way, report)
  }

  private func search(_ way: MTUWay, _ report: @escaping @Sendable (MTUCheckNews) -> Void) async -> MTUCheckReport {
    var question = PathMTURequest(on: way.isChosen ? way.device : nil, most: way.size)
    question.limit = Self.limit
    let headers = way.address.isIPv6 ? 48 : 28
    var tries: [MTUTry] = []
    let answer = await PathMTUSearch(way.address, question).run { echo in
      let heard = await probes.echo(echo)
      let tried = MTUTry(size: echo.size + headers, outcome: Self.outcome(heard))
      tries.append(tried)
      report(.tried(tried))
      return heard
    }
    let verdict: MTUCheckReport.Verdict
    switch answer {
    case .whole(let size): verdict = .fits(size)
    case .limited(let most, let by?) where !way.own.contains("\(by)"): verdict = .limited(to: most, by: by)
    case .limited(let most, _): verdict = .ownLimit(most)
    case .blackHole(let passes, let lost): verdict = .blackHole(passes: passes, lost: lost)
    case .silent: verdict = .silent(isThere: await isThere(way))
    case .notAsked(let why): verdict = .notTested(why)
    }
    return MTUCheckReport(request, way: way, tries: tries, verdict: Task.isCancelled ? .notTested("stopped") : verdict)
  }

  private static func outcome(_ answer: EchoAnswer) -> MTUTry.Outcome {
    if answer.received > 0 { return .arrives(after: answer.shortest) }
    return switch answer.problem {
    case .tooLong(let most, let by): .tooLong(most: most, by: by)
    case .notSent(let why): .notSent(why)
    case .unreachable, nil: .lost
    }
  }

  /// Who drops pings still has to answer ARP, or its neighbours would not find it.
  private func isThere(_ way: MTUWay) async -> Bool? {
    guard way.gateway == nil else { return nil }
    return switch await probes.answers(gateway: way.address, on: ProbeLink(way.device), limit: .seconds(1)) {
    case .answers: true
    case .silent: false
    case .notAsked: nil
    }
  }

  private func resolve(_ name: String, _ scene: MTUScene) async -> InternetAddress? {
    let spellings = ([name] + scene.searchDomains.map { "\(name).\($0)" }).prefix(3)
    for server in scene.nameServers.compactMap({ InternetAddress($0) }).prefix(3) {
      for spelling in spellings {
        for kind in [DNSQuestion.Kind.a, .aaaa] {
          guard case .reply(let reply) = await probes.dns(DNSQuestion(spelling, kind), at: server, limit: .seconds(2)) else { continue }
          if let address = reply.addresses.first { return address }
        }
      }
    }
    return nil
  }
}
