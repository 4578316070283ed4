/// Looks up, pings and connects to one address or name.
struct TargetRound: Sendable {
  let target: DoctorTarget
  let facts: DoctorFacts
  let probes: any NetworkProbes
  let timing: DoctorTiming
  let ladder: Ladder

  private var isName: Bool { if case .name = target.place { true } else { false } }

  var lines: [DoctorLine.ID] {
    var lines: [DoctorLine.ID] = isName ? [DoctorLine.ID(.resolve)] : []
    if case .address(let address) = target.place, facts.isOnLink(address) { lines.append(DoctorLine.ID(.neighbour)) }
    lines += [DoctorLine.ID(.echo), DoctorLine.ID(.path)]
    return target.port == nil ? lines : lines + [DoctorLine.ID(.connect)]
  }

  func climb() async {
    let address: InternetAddress?
    switch target.place {
    case .address(let given): address = given
    case .name(let name): address = await resolve(name)
    }
    guard let address else {
      return ladder.skip([.echo, .path, .connect].map { DoctorLine.ID($0) }, because: "the name is not known")
    }
    let device = address.isLinkLocal || facts.isOnLink(address) ? facts.management?.bridge : nil
    await withTaskGroup { group in
      group.addTask { await neighbour(address) }
      group.addTask { await pings(address, address.isLinkLocal ? device : nil) }
      group.addTask { await connect(address, address.isLinkLocal ? device : nil) }
    }
  }

  // MARK: Names

  /// The name itself, then with each of the search domains, as the resolver of the host does for short names.
  private func spellings(_ name: String) -> [String] {
    let long = facts.searchDomains.map { "\(name).\($0)" }
    return name.contains(".") ? [name] + long : long + [name]
  }

  private func resolve(_ name: String) async -> InternetAddress? {
    let line = DoctorLine.ID(.resolve)
    let servers = (facts.nameServers ?? []).compactMap { InternetAddress($0) }
    guard !servers.isEmpty else {
      ladder.set(line, .skipped("no DNS server is set up"))
      return nil
    }
    ladder.set(line, .running)
    var silent: [String] = []
    var words: [String] = []
    for spelling in spellings(name).prefix(3) {
      for server in servers where !silent.contains("\(server)") {
        async let old = probes.dns(DNSQuestion(spelling, .a), at: server, on: nil, limit: timing.dns)
        async let new = probes.dns(DNSQuestion(spelling, .aaaa), at: server, on: nil, limit: timing.dns)
        let answers = await [old, new]
        let replies = answers.compactMap { if case .reply(let reply) = $0 { reply } else { nil } }
        let found = replies.flatMap(\.addresses)
        if let first = found.first(where: usable) ?? found.first {
          let list = found.map { "\($0)" }.joined(separator: ", ")
          ladder.set(line, .ok("\(spelling) is \(list) (by \(server), \(replies[0].after.brief))"))
          return first
        }
        if let reply = replies.first { words.append("\(server): \(spelling): \(reply.meaning)") } else { silent.append("\(server)") }
      }
    }
    words += silent.map { "\($0) does not answer" }
    ladder.set(
      line,
      .bad(
        DoctorWord(
          "\(name) is not known (\(words.prefix(4).joined(separator: "; ")))",
          means: silent.count == servers.count ? "No DNS server answers." : "No DNS server of this host knows the name.",
          next: "Check the spelling; try the address itself. Test the network shows how the DNS servers do.")))
    return nil
  }

  /// This host has an address of that family.
  private func usable(_ address: InternetAddress) -> Bool {
    facts.subnets.contains { ($0.family == .v6) == address.isIPv6 }
  }

  // MARK: Pings

  private func neighbour(_ address: InternetAddress) async {
    guard let bridge = facts.management?.bridge, ladder.lines.contains(where: { $0.id.rung == .neighbour }) else { return }
    await ladder.look(DoctorLine.ID(.neighbour)) {
      switch await probes.answers(gateway: address, on: ProbeLink(bridge), limit: timing.gateway) {
      case .answers(let first, let others):
        let macs = ([first] + others).map(\.mac).filter { !$0.isEmpty }
        guard others.isEmpty else {
          return .bad(
            DoctorWord(
              "\(others.count + 1) machines answer for \(address): \(macs.joinedWithAnd)", means: "Two machines have this address.",
              next: DoctorWord.findMAC))
        }
        return .ok("answers in \(first.after.brief)\(macs.first.map { " (\($0))" } ?? "")")
      case .silent:
        return .bad(
          DoctorWord(
            "\(address) does not answer on the link of \(bridge)",
            means: "It belongs to this network, but nobody in it has that address now.",
            next: "Check whether the machine is on, its address, and its VLAN."))
      case .notAsked(let why): return .skipped(why)
      }
    }
  }

  private func pings(_ address: InternetAddress, _ device: String?) async {
    ladder.set(DoctorLine.ID(.echo), .running)
    var request = EchoRequest(address, on: device, count: 5)
    request.patience = timing.echo + .milliseconds(300)
    let answer = await probes.echo(request)
    ladder.set(DoctorLine.ID(.echo), Self.echo(address, answer))
    guard answer.received > 0 else { return ladder.skip([DoctorLine.ID(.path)], because: "it answers no ping") }
    ladder.set(DoctorLine.ID(.path), .running)
    var size = PathMTURequest(on: device, most: facts.management?.mtu ?? 1500)
    size.limit = timing.packetSize
    ladder.set(DoctorLine.ID(.path), NeighbourVerdicts.beyond(address, await probes.pathMTU(to: address, size)))
  }

  private static func echo(_ address: InternetAddress, _ answer: EchoAnswer) -> DoctorLine.State {
    guard answer.received > 0, let mean = answer.mean, let least = answer.shortest, let most = answer.longest else {
      let why = answer.problem.map { ": \($0.words)" } ?? ""
      return .bad(
        DoctorWord(
          "\(address) answers no ping\(why)",
          means: "It is off, or not to be reached from here, or a firewall drops pings on the way.",
          next: "If a port of it can be connected to, all is well. Else test the network from the cable up."))
    }
    let times = "\(mean.brief) (\(least.brief) to \(most.brief))"
    guard answer.lost == 0 else {
      return .notice(
        DoctorWord(
          "\(answer.lost) of \(answer.sent) pings are lost; the others took \(times)",
          means: "Something on the way is overloaded or broken, or answers only so many pings.", next: "Test again, and what lies on the way."))
    }
    return .ok("\(answer.received) of \(answer.sent) answered, \(times)")
  }

  // MARK: Connecting

  private func connect(_ address: InternetAddress, _ device: String?) async {
    guard let port = target.port else { return }
    await ladder.look(DoctorLine.ID(.connect)) {
      switch await probes.tcp(address, port: port, on: device, limit: timing.tcp) {
      case .connected(let after): return .ok("port \(port) of \(address) accepts connections (\(after.brief))")
      case .refused:
        return .bad(
          DoctorWord(
            "port \(port) of \(address) refuses connections", means: "The machine is there, but nothing listens at that port.",
            next: "Start the service there, or check the port."))
      case .silent(let why):
        return .bad(
          DoctorWord(
            "port \(port) of \(address): \(why)",
            means: "The machine is off or not to be reached from here, or a firewall drops what is sent to that port.",
            next: "If pings are answered, look for the firewall. Else test the network from the cable up."))
      }
    }
  }
}

extension Doctor {
  /// Looks up, pings and connects to an address or a name.
  public func test(
    _ target: DoctorTarget, _ report: @escaping @Sendable (DoctorNews) -> Void = { _ in }
  ) async -> DoctorReport {
    let began = ContinuousClock.now
    let question = look.askXAPI()
    defer { question.cancel() }
    let facts = await look.facts(question)
    return await Self.test(target, facts, probes, timing, began, report)
  }

  static func test(
    _ target: DoctorTarget, _ facts: DoctorFacts, _ probes: any NetworkProbes, _ timing: DoctorTiming = DoctorTiming(),
    _ began: ContinuousClock.Instant = .now, _ report: @escaping @Sendable (DoctorNews) -> Void = { _ in }
  ) async -> DoctorReport {
    let ladder = Ladder(report)
    let round = TargetRound(target: target, facts: facts, probes: probes, timing: timing, ladder: ladder)
    await run(ladder, round.lines, timing, began) { await round.climb() }
    return DoctorReport(host: facts.host, target: "\(target)", lines: ladder.lines, took: .now - began)
  }
}
