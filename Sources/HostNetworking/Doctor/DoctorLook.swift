import Dom0
import Synchronization
import XenAPI

/// Finds out what the doctor has to know. Neither a tool that hangs nor XAPI is waited for long: what has not answered by then
/// is not known.
struct DoctorLook: Sendable {
  private let system: HostSystem
  private let client: XenClient?
  private let timing: DoctorTiming

  init(_ system: HostSystem, client: XenClient?, timing: DoctorTiming) {
    self.system = system
    self.client = client
    self.timing = timing
  }

  /// - Parameter question: to XAPI. It is waited for as long as the tools are, no longer.
  func facts(_ question: XAPIQuestion) async -> DoctorFacts {
    let deadline = ContinuousClock.now + timing.look
    var local = await look()
    let said = await question.answer(until: deadline)
    if said?.database == nil { _ = local.readNames(system) }
    let word = said?.word ?? .silent("XAPI has not answered yet")
    return DoctorFacts(local, database: said?.database, xapi: word, system: system)
  }

  // MARK: The host itself

  private func look() async -> LocalHost {
    let latest = Latest()
    let begun = LocalHost(of: system)
    await withTaskGroup { group in
      group.addTask { [system] in
        let parts: LiveNetwork.Parts = [.files, .addresses, .routes, .openVSwitch, .switchBonds, .time]
        _ = await LiveNetwork.take(of: system, parts: parts) { live in
          var host = begun
          host.live.merge(live)
          latest.host.withLock { $0 = host }
        }
      }
      group.addTask { [timing] in try? await Task.sleep(for: timing.look) }
      // Whichever comes first: all that was asked for, or the end of the patience.
      await group.next()
      group.cancelAll()
    }
    return latest.host.withLock { $0 } ?? begun
  }

  private final class Latest: Sendable {
    let host = Mutex<LocalHost?>(nil)
  }

  // MARK: XAPI

  /// What is asked for is little even in a large pool: all that is needed of interfaces this host knows by itself.
  private static let classes = ["pool", "host", "vlan"]

  func askXAPI() -> XAPIQuestion { XAPIQuestion { await xapi() } }

  private func xapi() async -> XAPISaid {
    guard let client else { return XAPISaid(word: .notAsked) }
    var reader = DatabaseReader(client, classes: Self.classes)
    do throws(XenError) {
      return XAPISaid(word: .answers, database: try await reader.read(limit: timing.xapi))
    } catch {
      if let failure = error.failure, failure.isEmergency { return XAPISaid(word: .emergency("\(failure)")) }
      return XAPISaid(word: .silent("\(error)"))
    }
  }
}

/// What came of asking XAPI.
struct XAPISaid: Sendable {
  var word: DoctorFacts.XAPIWord
  var database: XenDatabase?
}

/// A question to XAPI under way. Who cannot wait for the answer goes on without it.
final class XAPIQuestion: Sendable {
  private let said = Mutex<XAPISaid?>(nil)
  private let task = Mutex<Task<XAPISaid, Never>?>(nil)

  init(_ ask: @escaping @Sendable () async -> XAPISaid) {
    let asking = Task {
      let answer = await ask()
      said.withLock { $0 = answer }
      return answer
    }
    task.withLock { $0 = asking }
  }

  /// nil when there is none by then.
  func answer(until deadline: ContinuousClock.Instant) async -> XAPISaid? {
    while !Task.isCancelled {
      if let said = said.withLock({ $0 }) { return said }
      guard ContinuousClock.now < deadline else { return nil }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return nil
  }

  func cancel() { task.withLock { $0 }?.cancel() }
}

extension DoctorFacts {
  /// - Parameter database: nil when XAPI told none.
  init(_ local: LocalHost, database: XenDatabase?, xapi: XAPIWord, system: HostSystem) {
    self.init()
    self.xapi = xapi
    let uuid = (try? local.files.inventory.get())?.installationUUID
    let told = database.flatMap { database in database.hosts.all.first { $0.record.uuid == uuid }?.record.nameLabel }
    let join = LocalJoin(local)
    host = told?.nonEmpty ?? join.name
    if case .success(let devices) = local.live.addresses {
      knowsKernel = true
      subnets = devices.flatMap(\.addresses).filter { $0.scope != "link" && $0.scope != "host" }
    }
    var interfaces = join.interfaces()
    if local.knowsNICs { KernelOverlay(local).apply(to: &interfaces) }
    management = Management(interfaces, local)
    names(local, interfaces)
    time(system, local)
    pool(local, database, uuid)
    knownTags = tags(interfaces, local, database)
  }

  private mutating func names(_ local: LocalHost, _ interfaces: [InterfaceView]) {
    let resolver = try? local.files.resolver.get()
    nameServers = resolver?.nameServers
    searchDomains = resolver?.searchDomains ?? []
  }

  /// A time server is the name a host needs most; one that is an address needs none.
  private mutating func time(_ system: HostSystem, _ local: LocalHost) {
    let configured = (try? TimeConf(of: system))?.servers.map(\.host) ?? []
    timeServers = (configured + TimeConf.dhcpServers(on: system).map(\.host)).reduce(into: []) { list, name in
      if !list.contains(name) { list.append(name) }
    }
    timeSources = local.live.time
    nameToTry = timeServers.first { InternetAddress($0) == nil && DomainName.problem($0) == nil } ?? Self.anyName
  }

  private mutating func pool(_ local: LocalHost, _ database: XenDatabase?, _ uuid: String?) {
    var peers: [(uuid: String, peer: Peer)] = []
    var leader: String?
    if let database {
      peers = database.hosts.all.map { ($0.record.uuid, Peer(name: $0.record.nameLabel, address: $0.record.address)) }
      leader = database.hosts[database.pools.first?.record.coordinator]?.uuid
    } else if let saved = local.savedState {
      peers = saved.hosts.map { ($0.uuid, Peer(name: $0.name, address: $0.address)) }
      leader = saved.coordinator
    }
    // The file decides whom this host obeys, whatever was once written in a database.
    if case .success(.member(let address)) = local.files.pool {
      let known = peers.first { $0.peer.address == address || $0.uuid == leader && $0.peer.address.isEmpty }
      coordinator = Peer(name: known?.peer.name ?? "", address: address)
    }
    members = peers.filter { $0.uuid != uuid && $0.peer.address != coordinator?.address && !$0.peer.address.isEmpty }
      .map(\.peer).sorted { comesBefore($0.name, $1.name) }
  }

  /// More than this many are not asked for: each is a broadcast.
  private static let mostTags = 64

  private func tags(_ interfaces: [InterfaceView], _ local: LocalHost, _ database: XenDatabase?) -> [Int] {
    let here = interfaces.compactMap { interface -> Int? in
      if case .vlan(let tag, _) = interface.kind { tag } else { nil }
    }
    let pool = database?.vlans.all.map { Int($0.record.tag) } ?? []
    let saved = local.savedState?.networks.compactMap(\.tag).filter { $0 > 0 } ?? []
    var found: [Int] = []
    for tag in here + Set(pool + saved).sorted() where !found.contains(tag) && (1...4094).contains(tag) { found.append(tag) }
    return Array(found.prefix(Self.mostTags))
  }
}

extension DoctorFacts.Management {
  /// nil when neither an interface nor the inventory says where management is.
  init?(_ interfaces: [InterfaceView], _ local: LocalHost) {
    let interface = interfaces.first(where: \.isManagement)
    let bridge = interface?.bridge.nonEmpty ?? local.managementBridge
    guard let bridge else { return nil }
    self.init(name: interface?.name ?? bridge, bridge: bridge)
    hasBridge = local.presentBridges.map { $0.contains(bridge) || local.ip(bridge) != nil }
    let base = interface?.device ?? BridgeTable(local).device(below: bridge)
    if case .vlan(let tag, _)? = interface?.kind { self.tag = tag }
    let below = base.flatMap { base in interfaces.first { $0.device == base && $0.kind.isBase } }
    if let base {
      if case .bond(let mode, let members)? = below?.kind {
        bond = DoctorFacts.Bond(base, mode, local)
        nics = members.map { DoctorFacts.NIC($0, local) }
      } else {
        nics = [DoctorFacts.NIC(base, local)]
      }
    }
    mtu = local.ip(bridge)?.mtu ?? interface?.mtu
    ipv4.read(local, bridge, interface?.ipv4)
    ipv6.read(local, bridge, interface?.ipv6)
  }
}

extension DoctorFacts.Family {
  fileprivate mutating func read(_ local: LocalHost, _ bridge: String, _ setUp: InterfaceView.Addressing?) {
    mode = setUp?.mode ?? .none
    configured = setUp?.mode == .static ? setUp?.addresses ?? [] : []
    configuredGateway = setUp?.gateway ?? ""
    if case .success = local.live.addresses {
      addresses = (local.ip(bridge)?.addresses ?? []).filter {
        ($0.family == .v6) == isIPv6 && $0.scope != "link" && $0.scope != "host"
      }
    }
    let facts = LocalFacts(local)
    routes = facts.defaultRoutes?.filter { $0.isIPv6 == isIPv6 }
    if mode == .dhcp, facts.lease?.address.contains(":") == isIPv6 { lease = facts.lease }
  }
}

extension DoctorFacts.NIC {
  fileprivate init(_ name: String, _ local: LocalHost) {
    self.init(name)
    guard let devices = try? local.live.devices?.get(), !devices.isEmpty else { return }
    guard let device = devices.first(where: { $0.name == name }) else {
      isMissing = true
      return
    }
    isUp = device.isUp
    hasLink = device.isUp ? device.hasCarrier : false
    (speed, duplex, mtu) = (device.speed, device.duplex, device.mtu)
  }
}

extension DoctorFacts.Bond {
  fileprivate init(_ name: String, _ mode: BondMode, _ local: LocalHost) {
    self.init(name, mode)
    state = (try? local.live.switchBonds?.get())?.first { $0.name == name }
    lacp = (try? local.live.lacp?.get())?.first { $0.name == name }
    kernel = (try? local.live.kernelBonds?.get())?.first { $0.name == name }
  }
}
