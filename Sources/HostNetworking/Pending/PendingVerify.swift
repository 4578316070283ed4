import Dom0
import XenAPI

/// Looks how a change of management works out: each thing at once and together, and then again and again. What is not well
/// yet may need its time, as a lease or a switch port does; what is well may not stay so.
struct PendingVerify: Sendable {
  typealias Verdict = LayoutVerify.Verdict
  typealias Report = @Sendable (PendingCheck, Verdict) -> Void

  private let wanted: Expectation
  private let id: String?
  private let client: XenClient
  private let system: HostSystem
  private let probes: any NetworkProbes
  private let limit: Duration

  /// - Parameters:
  ///   - id: of the change; once it is not pending any more, nothing more is looked at. nil looks all the same.
  ///   - limit: how long it is looked at again. Without a change only what is not well is.
  init(
    _ wanted: Expectation, id: String?, client: XenClient, system: HostSystem, probes: any NetworkProbes,
    limit: Duration = .seconds(60)
  ) {
    self.wanted = wanted
    self.id = id
    self.client = client
    self.system = system
    self.probes = probes
    self.limit = limit
  }

  func run(_ report: @escaping Report) async {
    for check in PendingCheck.allCases where check != .lacp { report(check, .looking) }
    await withTaskGroup { group in
      for check in PendingCheck.allCases { group.addTask { await look(at: check, report) } }
    }
  }

  private func look(at check: PendingCheck, _ report: Report) async {
    let deadline = ContinuousClock.now + limit
    var last: Verdict?
    while !Task.isCancelled {
      let verdict = await self.verdict(check) ?? last.map { _ in .none("no bond with LACP carries management") }
      if let verdict, verdict != last { report(check, verdict) }
      last = verdict
      let isBad = if case .bad = verdict { true } else { false }
      guard isBad || id != nil, .now < deadline, isPending else { return }
      try? await Task.sleep(for: .seconds(isBad ? 1 : 4))
    }
  }

  private var isPending: Bool {
    guard let id else { return true }
    return PendingStore(system).standing().change?.id == id
  }

  /// - Returns: nil when there is nothing to tell of it.
  private func verdict(_ check: PendingCheck) async -> Verdict? {
    guard wanted.interface != nil else { return check == .lacp ? nil : check == .xapi ? await xapi() : .none("management is off") }
    let asking = Asking(probes: probes)
    switch check {
    case .link: return link()
    case .lacp: return await PendingLACP(wanted.cards, system).verdict()
    case .address: return await address()
    case .gateway: return await gateway(asking)
    case .dns: return await asking.dns(servers)
    case .xapi: return await xapi()
    case .coordinator: return await asking.coordinator(wanted.coordinator)
    }
  }

  // MARK: The host's own word

  /// XAPI writes there where management has moved to.
  private var bridge: String? {
    guard let bridge = (try? Inventory(of: system))?.managementInterface, !bridge.isEmpty else { return nil }
    return bridge
  }

  private func link() -> Verdict {
    guard let name = wanted.interface else { return .none("management is off") }
    guard let devices = try? NetworkDevice.all(on: system) else { return .none("the kernel could not be asked") }
    let nics = devices.filter { wanted.cards.contains($0.name) }
    guard !nics.isEmpty else { return .none("which NICs are below \(name) is not known") }
    let up = nics.filter { $0.hasCarrier == true }
    if up.isEmpty { return .bad("\(name) has no link: look at the cable and the switch port") }
    if up.count < nics.count { return .good("\(up.count) of \(nics.count) links of \(name) are up") }
    return .good("\(name) is up" + (nics.count > 1 ? ", \(nics.count) links" : ""))
  }

  private func address() async -> Verdict {
    guard let bridge else { return .bad("XAPI has not moved management yet") }
    guard let devices = try? await IPDevice.all(on: system) else { return .none("the kernel could not be asked") }
    guard let device = devices.first(where: { $0.name == bridge }) else { return .bad("\(bridge) is not there") }
    let family = device.addresses.filter { ($0.family == .v6) == wanted.isIPv6 && $0.scope != "link" }
    if let duplicate = family.first(where: \.isDuplicate) {
      return .bad("\(duplicate.address): somebody else on the link has it")
    }
    guard let expected = wanted.address.flatMap({ InternetAddress($0) }) else {
      guard let first = family.first else { return .bad("\(bridge) has no address yet") }
      return .good("\(first.address)/\(first.prefixLength)")
    }
    guard let found = family.first(where: { InternetAddress($0.address) == expected }) else {
      return .bad("\(expected) is not on \(bridge)")
    }
    return found.isTentative ? .bad("\(expected) is not known to be free yet") : .good("\(found.address)/\(found.prefixLength)")
  }

  private func gateway(_ asking: Asking) async -> Verdict {
    var gateway = wanted.gateway
    if gateway == nil {
      let routes = try? await IPRoute.all(wanted.isIPv6 ? .v6 : .v4, on: system)
      gateway = routes?.first { $0.isDefault }?.gateway
      // Nobody promised one.
      if gateway == nil, wanted.address != nil { return .none("no gateway is set") }
      if gateway == nil { return .bad("there is no default route") }
    }
    guard let gateway, let address = InternetAddress(gateway), let bridge else { return .bad("there is no gateway") }
    switch await probes.answers(gateway: address, on: ProbeLink(bridge)) {
    case .answers(let neighbour, _): return .good("\(gateway), \(neighbour.after.brief)")
    case .silent: return .bad("\(gateway) does not answer on \(bridge)")
    case .notAsked: return await asking.gateway(gateway)
    }
  }

  private var servers: [String] {
    wanted.servers.isEmpty ? (try? ResolvConf(of: system))?.nameServers ?? [] : wanted.servers
  }

  // MARK: XAPI's

  private func xapi() async -> Verdict {
    var hands = ChangeHands(client, system, lookLimit: .seconds(5))
    let scene: ChangeScene
    do throws(ChangeFailure) { scene = try await hands.look() } catch { return .bad(error.text) }
    guard let name = wanted.interface else {
      return scene.tree.management == nil ? .good("answers on this host only") : .bad("management is still on")
    }
    guard let node = scene.tree.management, node.name == name else {
      return .bad("management is on \(scene.tree.management?.name ?? "nothing"), not on \(name)")
    }
    let address = scene.database.hosts[scene.host]?.address ?? ""
    if address.isEmpty { return .bad("it answers, but has no address on \(name) yet") }
    if let expected = wanted.address, InternetAddress(address) != InternetAddress(expected) {
      return .bad("it says that this host is at \(address), not at \(expected)")
    }
    guard system.isThisMachine else { return .good("answers; this host is at \(address)") }
    // A host can always reach itself: this tells whether XAPI listens there.
    if let problem = await Asking(probes: probes).unreached(address) { return .bad("\(address), port 443: \(problem)") }
    return .good("answers at \(address)")
  }
}
