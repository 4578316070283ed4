import Dom0

/// One way up the ladder. Lines that do not need each other are looked at side by side; a line that explains others takes their
/// place.
struct DoctorRound: Sendable {
  let facts: DoctorFacts
  let probes: any NetworkProbes
  let timing: DoctorTiming
  let ladder: Ladder
  /// XAPI may still be about to answer.
  var question: XAPIQuestion?
  var began = ContinuousClock.now

  typealias Family = DoctorFacts.Family
  typealias Management = DoctorFacts.Management

  // MARK: Which lines there are

  private var families: [Family] { facts.management?.families ?? [] }

  /// A line of a family; its name is only needed where there are two.
  func id(_ rung: DoctorRung, _ family: Family) -> DoctorLine.ID {
    DoctorLine.ID(rung, families.count > 1 && family.isIPv6 ? "IPv6" : "")
  }

  var beyond: DoctorLine.ID { DoctorLine.ID(.mtu, "beyond") }

  var servers: [String] { facts.nameServers ?? [] }

  var lines: [DoctorLine.ID] {
    guard let management = facts.management else { return [DoctorLine.ID(.link), DoctorLine.ID(.xapi)] }
    var lines = [DoctorLine.ID(.link), DoctorLine.ID(.speed)]
    if management.bond != nil { lines.append(DoctorLine.ID(.bond)) }
    for rung in [DoctorRung.address, .duplicate, .route] { lines += families.map { id(rung, $0) } }
    lines.append(DoctorLine.ID(.vlan))
    for rung in [DoctorRung.gateway, .loss, .mtu] { lines += families.map { id(rung, $0) } }
    lines.append(beyond)
    lines += servers.isEmpty ? [DoctorLine.ID(.dns)] : servers.map { DoctorLine.ID(.dns, $0) }
    lines += [DoctorLine.ID(.name), DoctorLine.ID(.time), DoctorLine.ID(.coordinator)]
    if !facts.members.isEmpty { lines.append(DoctorLine.ID(.members)) }
    return lines + [DoctorLine.ID(.xapi)]
  }

  // MARK: The way up

  func climb() async {
    guard let management = facts.management else { return await withoutManagement() }
    known(management)
    await withTaskGroup { group in
      group.addTask { await xapi(management) }
      if let obstacle = management.obstacle {
        for family in families { ladder.skip([id(.duplicate, family), id(.gateway, family)], because: obstacle) }
        ladder.skip([DoctorLine.ID(.vlan)] + distant, because: obstacle)
        for family in families { ladder.skip([id(.loss, family), id(.mtu, family)], because: obstacle) }
        return
      }
      for family in families { group.addTask { await duplicates(management, family) } }
      let reach = await gateways(management)
      for family in families {
        group.addTask { await quality(management, family, reach) }
      }
      group.addTask { await vlan(management, reach) }
      group.addTask { await far(management, reach) }
      group.addTask { await names(reach) }
      group.addTask { await clock(reach) }
      group.addTask { await pool(reach) }
    }
  }

  /// Everything beyond the own network.
  private var distant: [DoctorLine.ID] {
    [beyond] + servers.map { DoctorLine.ID(.dns, $0) }
      + [DoctorLine.ID(.dns), DoctorLine.ID(.name), DoctorLine.ID(.time), DoctorLine.ID(.coordinator), DoctorLine.ID(.members)]
  }

  /// What can be told without asking anybody.
  private func known(_ management: Management) {
    ladder.set(DoctorLine.ID(.link), management.linkVerdict())
    ladder.set(DoctorLine.ID(.speed), management.speedVerdict())
    if let verdict = management.bondVerdict() { ladder.set(DoctorLine.ID(.bond), verdict) }
    for family in families {
      ladder.set(id(.address, family), explained(management, family) ?? management.addressVerdict(family))
      ladder.set(id(.route, family), management.routeVerdict(family))
    }
    let isLeased = management.families.contains { $0.mode == .dhcp && $0.addresses?.isEmpty == true }
    if servers.isEmpty, isLeased { ladder.set(DoctorLine.ID(.dns), .skipped("DHCP has named none yet")) }
    if servers.isEmpty, facts.nameServers != nil { ladder.set(DoctorLine.ID(.dns), NameVerdicts.noServers) }
    if facts.nameServers == nil { ladder.set(DoctorLine.ID(.dns), .skipped("\(ResolvConf.path) cannot be read")) }
    if let verdict = TimeVerdicts.told(facts.timeSources) { ladder.set(DoctorLine.ID(.time), verdict) }
    if facts.coordinator == nil { ladder.set(DoctorLine.ID(.coordinator), .none("this host is the coordinator")) }
  }

  /// Without a link nobody can give an address.
  private func explained(_ management: Management, _ family: Family) -> DoctorLine.State? {
    guard management.obstacle == "no link", family.mode == .dhcp || family.mode == .autoconf, family.addresses?.isEmpty == true
    else { return nil }
    return .skipped("no link")
  }

  private func withoutManagement() async {
    ladder.set(
      DoctorLine.ID(.link),
      .bad(
        DoctorWord(
          "there is no management interface", means: "This host cannot be managed over the network.",
          next: "An emergency network reset gives it one.")))
    ladder.set(DoctorLine.ID(.xapi), PoolVerdicts.xapi(facts.xapi, nil))
  }

  // MARK: The link

  private func duplicates(_ management: Management, _ family: Family) async {
    let line = id(.duplicate, family)
    let addresses = family.usable.compactMap { InternetAddress($0.address) }
    guard !addresses.isEmpty else { return ladder.set(line, .skipped("no address")) }
    ladder.set(line, .running)
    let found = await each(addresses) { address in
      await probes.duplicate(of: address, on: ProbeLink(management.bridge), limit: timing.duplicate)
    }
    let worst = found.first { if case .taken = $0.1 { true } else { false } } ?? found.first
    if let (address, answer) = worst { ladder.set(line, NeighbourVerdicts.duplicate("\(address)", answer)) }
  }

  /// Which gateways answered, by family.
  struct Reach: Sendable {
    var ipv4: NeighbourAnswer?
    var ipv6: NeighbourAnswer?

    subscript(isIPv6: Bool) -> NeighbourAnswer? {
      get { isIPv6 ? ipv6 : ipv4 }
      set { if isIPv6 { ipv6 = newValue } else { ipv4 = newValue } }
    }

    /// Why an address cannot be reached, when that is known.
    func obstacle(to address: InternetAddress, _ facts: DoctorFacts) -> String? {
      guard !facts.isOnLink(address), !address.isLoopback else { return nil }
      switch self[address.isIPv6] {
      case .silent: return "the gateway does not answer"
      case .answers, .notAsked, nil: break
      }
      let family = address.isIPv6 ? facts.management?.ipv6 : facts.management?.ipv4
      guard let family, let there = family.addresses else { return nil }
      if there.isEmpty { return "no \(family.name) address" }
      return family.routes?.isEmpty == true ? "no default route" : nil
    }
  }

  private func gateways(_ management: Management) async -> Reach {
    let asked = families.compactMap { family in management.gateway(of: family).map { (family, $0) } }
    for family in families where management.gateway(of: family) == nil {
      ladder.set(id(.gateway, family), .none("no gateway is set"))
      ladder.skip([id(.loss, family), id(.mtu, family)], because: "no gateway is set")
    }
    return await withTaskGroup(of: (Bool, NeighbourAnswer).self) { group in
      for (family, gateway) in asked {
        group.addTask {
          ladder.set(id(.gateway, family), .running)
          let answer = await probes.answers(
            gateway: gateway.address, on: ProbeLink(gateway.device), limit: timing.gateway)
          ladder.set(id(.gateway, family), NeighbourVerdicts.gateway(gateway.address, answer))
          return (family.isIPv6, answer)
        }
      }
      var reach = Reach()
      for await (isIPv6, answer) in group { reach[isIPv6] = answer }
      return reach
    }
  }

  /// Loss, latency and packet size to the gateway.
  private func quality(_ management: Management, _ family: Family, _ reach: Reach) async {
    guard let gateway = management.gateway(of: family) else { return }
    let (loss, size) = (id(.loss, family), id(.mtu, family))
    if reach[family.isIPv6] == .silent { return ladder.skip([loss, size], because: "the gateway does not answer") }
    if family.addresses?.isEmpty == true { return ladder.skip([loss, size], because: "no \(family.name) address") }
    var request = EchoRequest(gateway.address, on: gateway.device, count: 5)
    request.patience = timing.echo
    ladder.set(loss, .running)
    let answer = await probes.echo(request)
    ladder.set(loss, NeighbourVerdicts.loss(gateway.address, answer))
    guard answer.received > 0 else { return ladder.skip([size], because: "the gateway answers no ping") }
    guard let mtu = management.mtu else { return ladder.skip([size], because: "the MTU of \(gateway.device) is not known") }
    ladder.set(size, .running)
    let found = await probes.pathMTU(to: gateway.address, packetSize(gateway.device, mtu))
    ladder.set(size, NeighbourVerdicts.near(gateway.address, found, mtu: mtu, device: gateway.device))
  }

  func packetSize(_ device: String?, _ mtu: Int) -> PathMTURequest {
    var request = PathMTURequest(on: device, most: mtu)
    request.limit = timing.packetSize
    return request
  }

  // MARK: XAPI

  private func xapi(_ management: Management) async {
    let line = DoctorLine.ID(.xapi)
    ladder.set(line, .running)
    let word = await question?.answer(until: began + timing.xapi)?.word ?? facts.xapi
    let own = (management.ipv4.usable + management.ipv6.usable).first.flatMap { InternetAddress($0.address) }
    guard word == .answers, let own else { return ladder.set(line, PoolVerdicts.xapi(word, nil)) }
    ladder.set(line, PoolVerdicts.xapi(word, (own, await probes.tcp(own, port: 443, on: nil, limit: timing.tcp))))
  }

  /// Asks the same of several at a time; what they say in their order.
  func each<Item: Sendable, Answer: Sendable>(
    _ items: [Item], _ ask: @escaping @Sendable (Item) async -> Answer
  ) async -> [(Item, Answer)] {
    await withTaskGroup(of: (Int, Answer).self) { group in
      for (index, item) in items.enumerated() { group.addTask { (index, await ask(item)) } }
      var answers: [Int: Answer] = [:]
      for await (index, answer) in group { answers[index] = answer }
      return items.enumerated().compactMap { index, item in answers[index].map { (item, $0) } }
    }
  }
}

extension InternetAddress {
  var isLoopback: Bool {
    switch self {
    case .v4(let address): address.isLoopback
    case .v6(let address): address.isLoopback
    }
  }
}
