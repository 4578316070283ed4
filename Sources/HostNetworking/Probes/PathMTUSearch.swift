/// Finds the longest packet that arrives, with echo requests that may not be cut into pieces.
struct PathMTUSearch {
  private let address: InternetAddress
  private let request: PathMTURequest
  /// Bytes that IP and ICMP put before the payload.
  private let headers: Int
  private let least: Int

  init(_ address: InternetAddress, _ request: PathMTURequest) {
    self.address = address
    self.request = request
    headers = address.isIPv6 ? 48 : 28
    least = request.least ?? (address.isIPv6 ? 1280 : 576)
  }

  private enum Verdict {
    case arrives
    case told(most: Int?, by: InternetAddress?)
    case lost
    case notSent(String)
  }

  /// The search stops where it does not matter any more: no MTU in use lies closer to another.
  private static let closeEnough = 4

  func run(_ echo: (EchoRequest) async -> EchoAnswer) async -> PathMTUAnswer {
    let deadline = ContinuousClock.now + request.limit
    // The whole length first: when it arrives, as it mostly does, there is nothing to search.
    var (lost, teller, isTold) = (request.most, InternetAddress?.none, false)
    switch await verdict(request.most, echo) {
    case .arrives: return .whole(request.most)
    case .notSent(let why): return .notAsked(why)
    case .lost: break
    case .told(let most, let by):
      (teller, isTold) = (by, true)
      // Whoever tells the length is believed once that length has arrived.
      if let most, most < request.most, most >= least {
        if case .arrives = await verdict(most, echo) { return .limited(to: most, by: by) }
        lost = most
        isTold = false
      }
    }
    var passes = min(least, request.most)
    guard case .arrives = await verdict(passes, echo) else { return .silent }
    while lost - passes > Self.closeEnough, ContinuousClock.now < deadline, !Task.isCancelled {
      let middle = Self.next(passes, lost)
      switch await verdict(middle, echo) {
      case .arrives: passes = middle
      // Whoever told of a longer one has nothing to do with this one: the last failure decides.
      case .lost: (lost, teller, isTold) = (middle, nil, false)
      case .notSent(let why): return .notAsked(why)
      case .told(let most, let by):
        lost = min(middle, max(passes + 1, (most ?? middle - 1) + 1))
        (teller, isTold) = (by, true)
      }
    }
    return isTold ? .limited(to: passes, by: teller) : .blackHole(passes: passes, lost: lost)
  }

  /// MTUs in use, tried before halving: Ethernet, PPPoE, VXLAN and GRE on Ethernet, IPsec, jumbo frames.
  private static let usual = [1500, 9000, 1492, 1450, 1476, 1400, 1280, 8950, 4000]

  /// A usual one, or one byte more than what passes when that is usual: then it is found at once.
  private static func next(_ passes: Int, _ lost: Int) -> Int {
    if usual.contains(passes) { return passes + closeEnough }
    return usual.first { $0 > passes && $0 < lost } ?? (passes + lost) / 2
  }

  /// Sent a second time when nothing is heard: a packet may get lost for other reasons than its length.
  private func verdict(_ length: Int, _ echo: (EchoRequest) async -> EchoAnswer) async -> Verdict {
    var question = EchoRequest(address, on: request.device, count: 2)
    question.size = max(0, length - headers)
    question.staysWhole = true
    question.endsWithFirst = true
    question.interval = .milliseconds(60)
    question.patience = request.patience
    let answer = await echo(question)
    if answer.received > 0 { return .arrives }
    switch answer.problem {
    case .tooLong(let most, let by): return .told(most: most, by: by)
    case .notSent(let why): return .notSent(why)
    case .unreachable, nil: return .lost
    }
  }
}
