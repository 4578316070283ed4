import Dom0

/// Asks with the host's tools alone, `ping` and `arping` of iputils: for a simulated host, whose network is nowhere else, and
/// where the kernel gives us no raw socket.
public struct ToolProbes: NetworkProbes {
  private let system: HostSystem

  public init(_ system: HostSystem) { self.system = system }

  // MARK: The link

  public func duplicate(
    of address: InternetAddress, on link: ProbeLink, limit: Duration
  ) async -> DuplicateAnswer {
    guard link.tag == nil else { return .notAsked("arping sends no VLAN tags") }
    guard !address.isIPv6 else {
      return switch await neighbour(address, link, limit) {
      case .answers(let first, let others): .taken([first] + others)
      case .silent: .free
      case .notAsked(let why): .notAsked(why)
      }
    }
    let seconds = Self.wholeSeconds(limit)
    switch await run(["arping", "-D", "-c", "2", "-w", seconds, "-I", link.device, "\(address)"], limit) {
    case .failure(let why): return .notAsked(why.text)
    case .success(let output):
      let found = ArpingOutput(output.text).neighbours
      if !found.isEmpty { return .taken(found) }
      return output.exit == .code(0) ? .free : .notAsked(Self.complaint(output))
    }
  }

  public func answers(
    gateway address: InternetAddress, on link: ProbeLink, limit: Duration
  ) async -> NeighbourAnswer {
    guard link.tag == nil else { return .notAsked("arping sends no VLAN tags") }
    return await neighbour(address, link, limit)
  }

  private func neighbour(_ address: InternetAddress, _ link: ProbeLink, _ limit: Duration) async -> NeighbourAnswer {
    guard !address.isIPv6 else { return await answersPing(address, link, limit) }
    let seconds = Self.wholeSeconds(limit)
    switch await run(["arping", "-c", "1", "-w", seconds, "-I", link.device, "\(address)"], limit) {
    case .failure(let why): return why.isAbsence ? await answersPing(address, link, limit) : .notAsked(why.text)
    case .success(let output):
      let found = ArpingOutput(output.text).neighbours
      if let first = found.first { return .answers(first, others: Array(found.dropFirst())) }
      return output.exit == .code(1) ? .silent : .notAsked(Self.complaint(output))
    }
  }

  /// There is no tool that asks neighbours of IPv6; but who answers an echo has answered that as well.
  private func answersPing(
    _ address: InternetAddress, _ link: ProbeLink, _ limit: Duration
  ) async -> NeighbourAnswer {
    var request = EchoRequest(address, on: link.device)
    request.patience = limit
    let answer = await echo(request)
    if answer.received > 0 { return .answers(Neighbour(mac: "", after: answer.mean ?? .zero), others: []) }
    if case .notSent(let why) = answer.problem { return .notAsked(why) }
    return .silent
  }

  public func tags(
    answering address: InternetAddress, on device: String, asking tags: [Int?], limit: Duration
  ) async -> TagAnswer {
    .notAsked("arping sends no VLAN tags")
  }

  // MARK: Echo

  public func echo(_ request: EchoRequest) async -> EchoAnswer {
    let target = request.address
    var words = ["ping", target.isIPv6 ? "-6" : "-4", "-n", "-c", "\(request.endsWithFirst ? 1 : request.count)"]
    // Two tenths of a second is the least it grants to anybody.
    if request.count > 1, !request.endsWithFirst { words += ["-i", "0.2"] }
    words += ["-W", Self.wholeSeconds(request.patience)]
    if request.size != 56 { words += ["-s", "\(request.size)"] }
    if request.staysWhole { words += ["-M", "do"] }
    if let device = request.device { words += ["-I", device] }
    let limit = request.patience + .milliseconds(250 * request.count)
    switch await run(words + ["\(target)"], limit) {
    case .success(let output): return PingOutput(output).answer
    case .failure(let why):
      var answer = EchoAnswer()
      answer.problem = .notSent(why.text)
      return answer
    }
  }

  public func pathMTU(to address: InternetAddress, _ request: PathMTURequest) async -> PathMTUAnswer {
    await PathMTUSearch(address, request).run { await echo($0) }
  }

  // MARK: Further away

  public func dns(
    _ question: DNSQuestion, at server: InternetAddress, on device: String?, limit: Duration
  ) async -> DNSAnswer {
    let name = question.name.isEmpty ? "." : question.name
    let words = ["dig", "+time=\(Self.wholeSeconds(limit))", "+tries=1", "@\(server)", name, "\(question.kind)".uppercased()]
    let began = ContinuousClock.now
    switch await run(words, limit) {
    case .success(let output): return DigOutput(output, question.kind, after: .now - began).answer
    case .failure(let why) where !why.isAbsence: return .notAsked(why.text)
    case .failure:
      // Without that tool only this can be told: whether the machine is there.
      return switch await alive(server, device, limit) {
      case .success: .notAsked("\(server) answers pings; without dig its names cannot be asked for")
      case .failure(let why): .silent(why.text)
      }
    }
  }

  public func time(of server: InternetAddress, on device: String?, limit: Duration) async -> TimeAnswer {
    .notAsked("no tool of this host asks a time server without setting the clock")
  }

  public func tcp(
    _ address: InternetAddress, port: UInt16, on device: String?, limit: Duration
  ) async -> TCPAnswer {
    if port == 443, let answer = await https(address, limit) { return answer }
    return switch await alive(address, device, limit) {
    case .success(let time): .connected(after: time)
    case .failure(let why): .silent(why.text)
    }
  }

  /// Whether XAPI or another web server answers; nil where the tool is missing.
  private func https(_ address: InternetAddress, _ limit: Duration) async -> TCPAnswer? {
    let host = address.isIPv6 ? "[\(address)]" : "\(address)"
    let began = ContinuousClock.now
    let words = ["curl", "-sSk", "-m", Self.wholeSeconds(limit), "-o", "/dev/null", "-w", "%{http_code}", "https://\(host)/"]
    switch await run(words, limit) {
    case .failure(let why): return why.isAbsence ? nil : .silent(why.text)
    case .success(let output):
      if output.succeeded { return .connected(after: .now - began) }
      if output.errorText.lowercased().contains("refused") { return .refused(after: .now - began) }
      return .silent(output.exit == .code(28) ? "no answer within \(limit.brief)" : "no connection")
    }
  }

  private func alive(
    _ address: InternetAddress, _ device: String?, _ limit: Duration
  ) async -> Result<Duration, Trouble> {
    var request = EchoRequest(address, on: device)
    request.patience = min(limit, .seconds(2))
    let answer = await echo(request)
    if answer.received > 0 { return .success(answer.mean ?? .zero) }
    return .failure(Trouble(text: answer.problem?.words ?? "no answer"))
  }

  // MARK: Running them

  private struct Trouble: Error {
    var text: String
    var isAbsence = false
  }

  private func run(_ words: [String], _ limit: Duration) async -> Result<ToolOutput, Trouble> {
    do throws(ToolFailure) {
      return .success(try await system.tools.run(Command(words, timeLimit: limit + .seconds(2))))
    } catch {
      if case .missing = error { return .failure(Trouble(text: "\(error)", isAbsence: true)) }
      return .failure(Trouble(text: "\(error)"))
    }
  }

  private static func wholeSeconds(_ time: Duration) -> String {
    "\(max(1, time.components.seconds + (time.components.attoseconds > 0 ? 1 : 0)))"
  }

  private static func complaint(_ output: ToolOutput) -> String {
    let line = output.errorText.split(whereSeparator: \.isNewline).last.map { String($0) }
    return line ?? "the tool gave no reason"
  }
}

extension EchoAnswer.Problem {
  /// As part of a sentence.
  public var words: String {
    switch self {
    case .notSent(let why): why
    case .unreachable(let by?, let reason): "\(by) says: \(reason)"
    case .unreachable(nil, let reason): reason
    case .tooLong(let most?, let by?): "\(by) says: packets of at most \(most) bytes pass"
    case .tooLong(let most?, nil): "packets of at most \(most) bytes pass"
    case .tooLong(nil, _): "too long for the way"
    }
  }
}

extension NetworkProbes where Self == ToolProbes {
  /// By the host's tools alone.
  public static func byTools(_ system: HostSystem) -> ToolProbes { ToolProbes(system) }
}
