import Dom0
import XenAPI

extension HostView {
  /// Joins what XAPI told with what the host itself tells. Work grows with this host's interfaces and the pool's
  /// networks and VIFs, not with the interfaces of the whole pool.
  /// - Parameter local: nil for as long as nothing of the host has been read.
  public init(_ live: LiveState, local: LocalHost?) {
    let local = local.flatMap { $0.isHost ? $0 : nil }
    connection = live.connection
    since = live.since
    // XAPI may have told its database and fallen silent before it could say which host this is.
    heard = live.database == nil ? nil : live.heard ?? live.since
    (name, product, role) = (nil, nil, .unknown)
    (facts, management, interfaces, networks, vms, findings) = (nil, nil, [], [], [], [])
    sources = Sources()
    self.local = local.map { LocalFacts($0) }
    let join = HostJoin(live, local)
    let localJoin = join == nil ? local.map { LocalJoin($0) } : nil
    if let join { take(join, heard: live.heard ?? live.since) } else if let localJoin { take(localJoin) }
    if join != nil, let local { takeStrangers(local) }
    if let local { overlay(local) }
    // After the kernel has had its word: they show their interface's link.
    networks = join?.networks(interfaces) ?? localJoin?.networks(interfaces) ?? []
    management = managementFacts(told: join?.host.address, local)
    findings = Finding.all(Evidence(view: self, local: local, join: join))
  }

  private mutating func take(_ join: HostJoin, heard: ContinuousClock.Instant) {
    name = join.host.nameLabel.isEmpty ? join.host.hostname : join.host.nameLabel
    product = join.product
    role = join.role
    facts = join.facts
    interfaces = join.interfaces()
    pool = PoolNetworks(join.database, host: join.ref)
    vms = join.vms()
    let told = Provenance(.xapi, .asked(heard))
    (sources.identity, sources.configuration, sources.links, sources.names) = (told, told, told, told)
  }

  private mutating func take(_ join: LocalJoin) {
    name = join.name
    product = join.product
    role = join.role
    interfaces = join.interfaces()
    vms = join.vms()
    let read = Provenance(.files, .asked(join.local.instant))
    sources.identity = read
    sources.configuration = interfaces.isEmpty ? nil : read
    sources.names = join.local.savedState.map { Provenance(.savedDatabase, .written($0.written)) }
  }

  /// NICs that the kernel has and XAPI does not know.
  private mutating func takeStrangers(_ local: LocalHost) {
    guard local.knowsNICs, !interfaces.isEmpty else { return }
    let known = Set(interfaces.filter { $0.kind == .nic }.map(\.device))
    let strangers = local.nics.filter { !$0.isSideways && !known.contains($0.name) }
    guard !strangers.isEmpty else { return }
    interfaces = (interfaces + strangers.map { InterfaceView(id: .device($0.name), isStranger: true, kind: .nic, device: $0.name) }).arranged()
  }

  /// Adds what the kernel says.
  private mutating func overlay(_ local: LocalHost) {
    product = product ?? LocalJoin.product(local)
    guard local.knowsNICs else { return }
    KernelOverlay(local).apply(to: &interfaces)
    sources.links = Provenance(.tools, .asked(local.live.instant))
  }

  private func managementFacts(told: String?, _ local: LocalHost?) -> ManagementFacts? {
    guard let interface = interfaces.first(where: \.isManagement) else {
      // Named in the inventory, but nothing known belongs to it.
      guard facts == nil, let local, let bridge = local.managementBridge else { return nil }
      let there = local.ip(bridge)?.addresses.first { $0.scope != "link" && $0.scope != "host" }
      return ManagementFacts(
        interface: nil, name: bridge, bridge: bridge, address: there?.address ?? "", link: .unknown)
    }
    let address = Self.address(of: interface, told: told)
    return ManagementFacts(
      interface: interface.id, name: interface.name, bridge: interface.bridge, address: address ?? "",
      isAddressKnown: address != nil, link: interface.link)
  }

  /// The address that XAPI gives for the host, unless the kernel knows better.
  private static func address(of interface: InterfaceView, told: String?) -> String? {
    func bare(_ address: String) -> String { String(address.prefix { $0 != "/" }) }
    guard let there = interface.kernel?.addresses?.map(bare) else {
      // Without XAPI and kernel there is only what was set up.
      if let told { return told }
      let isSetUp = interface.ipv4.mode != .none || interface.ipv6.mode != .none
      return interface.configuredAddresses.first.map(bare) ?? (isSetUp ? nil : "")
    }
    if let told, there.contains(told) { return told }
    return there.first ?? ""
  }
}

extension HostView {
  /// `XCP-ng 8.3.0`; nil without a brand.
  static func product(_ brand: String?, _ version: String?) -> String? {
    brand.map { "\($0) \(version ?? "")".trimmed }
  }
}

extension LocalFacts {
  init(_ local: LocalHost) {
    defaultRoutes = (try? local.live.routes?.get()).map { routes in
      routes.filter { $0.isDefault && $0.scope != "link" && !$0.flags.contains("dead") }.compactMap { route in
        route.device.map { Gateway(address: route.gateway ?? "", device: $0, isIPv6: route.family == .v6) }
      }
    }
    nameServers = (try? local.files.resolver.get())?.nameServers
    lease = local.files.lease.flatMap { lease in
      lease.addresses.first.map { Lease(address: $0, ends: lease.expire) }
    }
    earlierReset = local.files.earlierReset
    pending = local.files.pending.now
    lastChange = local.files.lastChange
    let isTriggered = if case .success(.some) = local.files.trigger { true } else { false }
    isResetPending =
      switch local.files.earlierReset {
      case .interrupted, .waitingForReboot: true
      default: isTriggered
      }
    isHAArmed = (try? local.files.local.get())?.isHAArmed ?? false
    runningVMs = local.savedState.map { $0.vms.count { $0.isHere && PowerState(rawValue: $0.powerState).usesVIFs } }
    progress = local.files.marks.progress
  }
}

extension String {
  var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
