import Dom0

/// What lies beyond the link: other machines of the network, name and time servers, the pool.
extension DoctorRound {
  /// Addresses that this host is set up with, and where they are asked: servers and the pool, each once.
  private var known: [InternetAddress] {
    let texts = servers + [facts.coordinator?.address].compactMap { $0 } + facts.members.map(\.address) + facts.timeServers
    var found: [InternetAddress] = []
    for address in texts.compactMap({ InternetAddress($0) }) where !address.isLoopback && !found.contains(address) {
      found.append(address)
    }
    return found
  }

  // MARK: VLAN

  /// Enough to know: each is a broadcast.
  private static let mostWitnesses = 4

  func vlan(_ management: DoctorFacts.Management, _ reach: Reach) async {
    let line = DoctorLine.ID(.vlan)
    let gateways = management.families.compactMap { family in
      management.gateway(of: family).map { ($0.address, $0.device, reach[family.isIPv6]) }
    }
    for case (let address, let device, .answers?) in gateways where device == management.bridge {
      return ladder.set(line, NeighbourVerdicts.here(management, address, isGateway: true))
    }
    let witnesses = Array(known.filter(facts.isOnLink).prefix(Self.mostWitnesses))
    guard !gateways.isEmpty || !witnesses.isEmpty else {
      return ladder.set(line, .skipped("nobody of this network is known who could answer"))
    }
    ladder.set(line, .running)
    let answers = await each(witnesses) { witness in
      await probes.answers(gateway: witness, on: ProbeLink(management.bridge), limit: timing.witnesses)
    }
    for case (let witness, .answers) in answers {
      return ladder.set(line, NeighbourVerdicts.here(management, witness, isGateway: false))
    }
    await otherTags(management, line, gateways.map { $0.0 } + witnesses)
  }

  /// Nobody answers on the bridge: perhaps with another tag on the card itself.
  private func otherTags(
    _ management: DoctorFacts.Management, _ line: DoctorLine.ID, _ targets: [InternetAddress]
  ) async {
    guard let nic = management.askingNIC else { return ladder.set(line, .skipped("no link")) }
    let tags = ([nil] + facts.knownTags).filter { $0 != management.tag }
    let answers = await each(Array(targets.prefix(3))) { target in
      await probes.tags(answering: target, on: nic, asking: tags, limit: timing.tags)
    }
    var found: [(who: InternetAddress, tag: Int?)] = []
    for (target, answer) in answers {
      switch answer {
      case .answers(let neighbours): found += neighbours.map { (target, $0.tag) }.filter { $0.1 != management.tag }
      case .silent: break
      case .notAsked(let why): return ladder.set(line, .skipped(why))
      }
    }
    ladder.set(line, NeighbourVerdicts.elsewhere(management, nic, found))
  }

  // MARK: Beyond the gateway

  func far(_ management: DoctorFacts.Management, _ reach: Reach) async {
    let away = known.filter { !facts.isOnLink($0) }
    let obstacles = away.map { reach.obstacle(to: $0, facts) }
    let open = zip(away, obstacles).filter { $0.1 == nil }.map(\.0).prefix(6)
    guard !open.isEmpty else {
      let why = obstacles.lazy.compactMap { $0 }.first
      return ladder.set(beyond, why.map { .skipped($0) } ?? .none("nobody beyond the gateway is known"))
    }
    guard let mtu = management.mtu else { return ladder.set(beyond, .skipped("the MTU of \(management.bridge) is not known")) }
    ladder.set(beyond, .running)
    let answers = await each(Array(open)) { address in
      var request = EchoRequest(address, count: 2)
      request.endsWithFirst = true
      request.interval = .milliseconds(300)
      request.patience = timing.echo
      return await probes.echo(request)
    }
    guard let target = answers.first(where: { $0.1.received > 0 })?.0 else {
      return ladder.set(beyond, .skipped("nobody beyond the gateway answers pings"))
    }
    let found = await probes.pathMTU(to: target, packetSize(nil, mtu))
    ladder.set(beyond, NeighbourVerdicts.beyond(target, found))
  }

  // MARK: Names

  private var kind: DNSQuestion.Kind { facts.management?.families.first?.isIPv6 == true ? .aaaa : .a }

  func names(_ reach: Reach) async {
    let name = facts.nameToTry
    let answers = await each(servers) { server -> DNSAnswer? in
      let line = DoctorLine.ID(.dns, server)
      // A zone names the device of an address of the link.
      let parts = server.split(separator: "%", maxSplits: 1)
      guard let address = parts.first.flatMap({ InternetAddress(String($0)) }) else {
        ladder.set(line, .skipped("\(server) is not an address"))
        return nil
      }
      if let obstacle = reach.obstacle(to: address, facts) {
        ladder.set(line, .skipped(obstacle))
        return nil
      }
      ladder.set(line, .running)
      let answer = await probes.dns(
        DNSQuestion(name, kind), at: address, on: parts.count > 1 ? String(parts[1]) : nil, limit: timing.dns)
      ladder.set(line, NameVerdicts.server(server, name, answer))
      return answer
    }
    guard !servers.isEmpty else { return ladder.set(DoctorLine.ID(.name), .skipped("no DNS server is set up")) }
    ladder.set(
      DoctorLine.ID(.name),
      NameVerdicts.name(
        name, isNeeded: facts.timeServers.contains(name), answers.compactMap { server, answer in answer.map { (server, $0) } }))
  }

  /// An address of a name, by whichever server knows one.
  func resolve(_ name: String, _ reach: Reach) async -> InternetAddress? {
    if let address = InternetAddress(name) { return address }
    let asked = servers.compactMap { InternetAddress($0) }.filter { reach.obstacle(to: $0, facts) == nil }
    for case (_, .reply(let reply)) in await each(asked, { server in
      await probes.dns(DNSQuestion(name, kind), at: server, on: nil, limit: timing.dns)
    }) {
      if let address = reply.addresses.first { return address }
    }
    return nil
  }

  // MARK: Time

  func clock(_ reach: Reach) async {
    let line = DoctorLine.ID(.time)
    if let verdict = TimeVerdicts.told(facts.timeSources) { return ladder.set(line, verdict) }
    guard !facts.timeServers.isEmpty else { return ladder.set(line, TimeVerdicts.noServers) }
    ladder.set(line, .running)
    let asked = await each(Array(facts.timeServers.prefix(4))) { server -> Result<TimeAnswer, Unasked> in
      guard let address = await resolve(server, reach) else { return .failure(Unasked(why: nil)) }
      if let obstacle = reach.obstacle(to: address, facts) { return .failure(Unasked(why: obstacle)) }
      return .success(await probes.time(of: address, on: nil, limit: timing.time))
    }
    let answers = asked.compactMap { server, result in (try? result.get()).map { (server: server, answer: $0) } }
    if answers.isEmpty {
      for case (_, .failure(let reason)) in asked { if let why = reason.why { return ladder.set(line, .skipped(why)) } }
    }
    let runs = if case .success? = facts.timeSources { true } else { false }
    ladder.set(line, TimeVerdicts.asked(answers, runs: runs))
  }

  private struct Unasked: Error { var why: String? }

  // MARK: The pool

  func pool(_ reach: Reach) async {
    if let coordinator = facts.coordinator {
      await ladder.look(DoctorLine.ID(.coordinator)) {
        await connect(to: coordinator, reach).map { PoolVerdicts.coordinator(coordinator, $0) }
          ?? .skipped(obstacle(to: coordinator, reach))
      }
    }
    guard !facts.members.isEmpty else { return }
    await ladder.look(DoctorLine.ID(.members)) {
      let answers = await each(facts.members) { peer in await connect(to: peer, reach) }
      let asked = answers.compactMap { peer, answer in answer.map { (peer: peer, answer: $0) } }
      return asked.isEmpty ? .skipped(obstacle(to: facts.members[0], reach)) : PoolVerdicts.members(asked)
    }
  }

  private func obstacle(to peer: DoctorFacts.Peer, _ reach: Reach) -> String {
    InternetAddress(peer.address).flatMap { reach.obstacle(to: $0, facts) } ?? "\(peer.address) is not an address"
  }

  /// nil when there is no way to it.
  private func connect(to peer: DoctorFacts.Peer, _ reach: Reach) async -> TCPAnswer? {
    guard let address = InternetAddress(peer.address), reach.obstacle(to: address, facts) == nil else { return nil }
    return await probes.tcp(address, port: 443, on: nil, limit: timing.tcp)
  }
}
