import Dom0
import XenAPI

/// Tells how a bond works, whenever a link changes and every two seconds. It asks the host's own files and tools alone.
struct BondWatch: Sendable {
  private let bond: String
  private let system: HostSystem
  private let interval: Duration

  /// How often it is looked whether a link came or went.
  private static let breath = Duration.milliseconds(500)

  init(_ bond: String, _ system: HostSystem, every interval: Duration = .seconds(2)) {
    self.bond = bond
    self.system = system
    self.interval = interval
  }

  /// Until its task is cancelled.
  func run(_ report: @escaping @Sendable (BondLive) -> Void) async {
    var last: Sample?
    while !Task.isCancelled {
      let sample = await look(last)
      if Task.isCancelled { return }
      report(sample.live)
      last = sample
      let end = ContinuousClock.now + interval
      repeat {
        do { try await Task.sleep(for: min(Self.breath, interval)) } catch { return }
      } while .now < end && !hasChanged(sample.live)
    }
  }

  /// One look, with the counters that the next one is measured by.
  struct Sample: Sendable {
    var live: BondLive
    fileprivate var counters: [String: NetworkDevice.Counters] = [:]
  }

  func look(_ last: Sample? = nil) async -> Sample {
    let backend = try? NetworkBackend.read(from: system)
    var live = BondLive(bond: bond, instant: .now, backend: backend == .linuxBridge ? .kernel : .openVSwitch)
    if live.backend == .kernel { askKernel(&live) } else { await askSwitch(&live) }
    if live.members.isEmpty, let last { live.members = last.live.members.map { BondLive.Member(name: $0.name) } }
    if live.members.isEmpty { live.members = savedMembers.map { BondLive.Member(name: $0) } }
    var sample = Sample(live: live)
    measure(&sample, last)
    return sample
  }

  // MARK: Who distributes the packets

  private func askSwitch(_ live: inout BondLive) async {
    async let bonds = Result.catching { () async throws(LiveFailure) in try await SwitchBond.all(on: system) }
    async let lacps = try? SwitchLACP.all(on: system)
    let found: SwitchBond?
    switch await bonds {
    case .success(let bonds): found = bonds.first { $0.name == bond }
    case .failure(let failure):
      live.problem = "\(failure)"
      _ = await lacps
      return
    }
    live.isThere = found != nil
    let lacp = await lacps?.first { $0.name == bond }
    guard let found else {
      guard let port = await plainPort else { return }
      (live.isThere, live.isPlain, live.active) = (true, true, port)
      var member = BondLive.Member(name: port)
      (member.isUsed, member.isActive) = (true, true)
      live.members = [member]
      return
    }
    live.mode = found.mode
    live.active = found.activeMember
    live.upDelay = found.upDelay
    live.downDelay = found.downDelay
    live.members = found.members.map { member in
      var own = BondLive.Member(name: member.name)
      own.isUsed = member.isEnabled
      own.isActive = member.isActive || member.name == found.activeMember
      own.pending = member.pending
      (own.hashes, own.load) = (member.hashes, member.load)
      let told = lacp?.members.first { $0.name == member.name }
      own.lacp = told?.word?.rawValue
      own.partner = told?.partner.isThere == true ? told?.partner.systemID : nil
      own.ends = told.map { BondLive.Ends(own: BondLive.Ends.Party($0.actor), partner: BondLive.Ends.Party($0.partner)) }
      return own
    }
    guard found.lacp != .off, found.lacp != nil else { return }
    let down = Set(live.members.map(\.name).filter { device($0)?.hasCarrier != true })
    live.lacp = BondLive.LACP(
      isNegotiated: found.lacp == .negotiated, fallsBack: found.fallsBack, rate: lacp?.rate,
      partners: Set(live.members.compactMap(\.partner)).sorted(),
      advice: lacp.flatMap { $0.diagnosis(withoutLink: down).advice(for: bond) })
  }

  /// The NIC of a port that has the bond's name: with one member there is no bond.
  private var plainPort: String? {
    get async {
      guard let ports = try? await OpenVSwitch.read(from: system).bridges.flatMap(\.ports) else { return nil }
      return ports.first { $0.name == bond && $0.interfaces.count == 1 }?.interfaces.first?.name
    }
  }

  private func askKernel(_ live: inout BondLive) {
    guard let bonds = try? KernelBondStatus.all(on: system) else {
      live.problem = "/proc/net/bonding cannot be read"
      return
    }
    let found = bonds.first { $0.name == bond }
    live.isThere = found != nil
    guard let found else { return }
    live.mode = found.mode
    live.active = found.active
    live.upDelay = found.upDelay
    live.downDelay = found.downDelay
    let isLACP = found.mode?.contains("802.3ad") == true
    live.members = found.members.map { member in
      var own = BondLive.Member(name: member.name)
      own.isUsed = member.hasLink
      own.isActive = member.name == found.active
      return own
    }
    guard isLACP else { return }
    let partner = found.partnerMAC.flatMap { mac in mac.contains { $0 != "0" && $0 != ":" } ? mac : nil }
    // Ports of different groups end in different aggregators, and one of these carries.
    let groups = Dictionary(grouping: found.members.filter { $0.hasLink == true && $0.aggregator != nil }) { $0.aggregator }
    if groups.count > 1 {
      let working = found.aggregator ?? groups.max { ($0.value.count, $1.key ?? 0) < ($1.value.count, $0.key ?? 0) }?.key ?? nil
      for index in live.members.indices {
        live.members[index].isUsed = found.members[index].hasLink == true && found.members[index].aggregator == working
      }
    }
    let parted = groups.sorted { ($0.key ?? 0) < ($1.key ?? 0) }.map { $0.value.map(\.name) }
    live.lacp = BondLive.LACP(
      isNegotiated: partner != nil, fallsBack: nil, rate: found.rate, partners: [partner].compactMap { $0 },
      advice: partner == nil
        ? SwitchLACP.Diagnosis.silentSwitch.advice(for: bond)
        : parted.count > 1 ? SwitchLACP.Diagnosis.partedMembers(parted).advice(for: bond) : nil)
  }

  /// The network daemon's own notes, for when nobody else tells.
  private var savedMembers: [String] {
    guard let stats = try? NetworkStats.read(from: system) else { return [] }
    return stats.devices[bond]?.members ?? []
  }

  // MARK: The kernel

  private func device(_ name: String) -> NetworkDevice? { NetworkDevice.one(name, on: system) }

  private func measure(_ sample: inout Sample, _ last: Sample?) {
    let seconds = last.map { Self.seconds(sample.live.instant - $0.live.instant) } ?? 0
    for index in sample.live.members.indices {
      let name = sample.live.members[index].name
      let before = last?.live.members.first { $0.name == name }
      guard let device = device(name) else {
        sample.live.members[index].isMissing = true
        continue
      }
      sample.live.members[index].hasLink = device.isUp ? device.hasCarrier : false
      sample.live.members[index].speed = device.hasCarrier == true ? device.speed : nil
      sample.live.members[index].since = before?.hasLink == sample.live.members[index].hasLink ? before?.since : before == nil ? nil : sample.live.instant
      guard let now = NetworkDevice.counters(of: name, on: system) else { continue }
      sample.counters[name] = now
      guard let then = last?.counters[name], seconds > 0 else { continue }
      // A driver that is loaded anew begins at nothing.
      if now.receivedBytes >= then.receivedBytes { sample.live.members[index].received = Double(now.receivedBytes - then.receivedBytes) / seconds }
      if now.sentBytes >= then.sentBytes { sample.live.members[index].sent = Double(now.sentBytes - then.sentBytes) / seconds }
    }
  }

  private func hasChanged(_ live: BondLive) -> Bool {
    live.members.contains { member in
      guard let device = device(member.name) else { return !member.isMissing }
      return (device.isUp ? device.hasCarrier : false) != member.hasLink
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}

extension BondLive.Ends.Party {
  /// IEEE 802.1AX: the bits of a port's state.
  private static let bits = ["activity", "timeout", "aggregation", "synchronized", "collecting", "distributing", "defaulted", "expired"]

  fileprivate init(_ party: SwitchLACP.Party) {
    guard party.isThere else {
      self.init()
      return
    }
    self.init(
      system: party.systemID, port: party.portID, key: party.key,
      state: Self.bits.filter { party.state.contains($0) } + party.state.subtracting(Self.bits).sorted())
  }
}

extension Result {
  fileprivate static func catching(_ work: () async throws(Failure) -> Success) async -> Result {
    do throws(Failure) { return .success(try await work()) } catch { return .failure(error) }
  }
}

/// Reads about bonds, for a command that looks once.
public struct BondWork: Sendable {
  private let client: XenClient
  private let system: HostSystem

  public init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  /// What XAPI says of them, and how they work, by name.
  public func read() async -> (Result<BondFacts, ChangeProblem>, [BondLive]) {
    let facts = await Result.catching { () async throws(ChangeProblem) in try await BondLook(client, system).facts() }
    var names = Set<String>()
    if case .success(let facts) = facts { names.formUnion(facts.bonds.map(\.name)) }
    if let backend = try? NetworkBackend.read(from: system), backend == .linuxBridge {
      names.formUnion(((try? KernelBondStatus.all(on: system)) ?? []).map(\.name))
    } else {
      names.formUnion(((try? await SwitchBond.all(on: system)) ?? []).map(\.name))
    }
    var live: [BondLive] = []
    for name in names.sorted(by: { comesBefore($0, $1) }) { live.append(await BondWatch(name, system).look().live) }
    await client.logout()
    return (facts, live)
  }

  /// uuids of networks with that name, or that uuid; nil when XAPI does not answer.
  public func networks(_ text: String) async -> [String]? {
    guard let facts = try? await BondLook(client, system).facts().facts else { return nil }
    await client.logout()
    return facts.database.networks.all.map(\.record).filter { $0.uuid == text || $0.nameLabel == text }.map(\.uuid)
  }
}
