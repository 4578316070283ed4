import JSON

/// Boots and restarts: the files on disk decide, not what the host remembers.
extension SimulatedHost {
  /// Powers the host off and on again.
  /// - Parameter downTime: how long it is away; by default `Options.rebootTime`.
  public func boot(downFor downTime: Duration? = nil) async {
    guard !isBooting else { return }
    isBooting = true
    defer { isBooting = false }
    dom0.isDown = true
    await leaveSocket()
    pendingFlush?.cancel()
    pendingFlush = nil
    world.forgetMemory()
    try? writeFollowingFiles()
    try? await Task.sleep(for: downTime ?? options.rebootTime)
    guard !Task.isCancelled else { return }
    dom0.isDown = false
    dom0.stopped = [:]
    dom0.broken = []
    dom0.isReadOnly = false
    dom0.leftovers = NetworkdConfig()
    dom0.routes = []
    forgetTransients()
    world.services.boot()
    world.resetCards()
    if world.services.isActive(world.services.timeUnit) { readTimeServers() }
    dom0.boots += 1
    dom0.bootTime = world.clock().seconds
    servesSocket = true
    if let tree = dom0.tree {
      var sequence = BootSequence(world: world, tree: tree, layout: layout)
      sequence.boot()
      apply(sequence)
    } else {
      world.changeCards()
      world.restartToolstack()
    }
    await serveAgain()
    wakeAll()
    startEnabledUnits()
  }

  /// Powers the host off; `boot` brings it back.
  public func powerOff() async {
    if dom0.isRunning("xapi") { flushDatabase() }
    dom0.isDown = true
    await leaveSocket()
    try? writeFollowingFiles()
  }

  /// What the host would boot into with the files as they are now. Nothing is changed.
  /// - Parameter root: another folder than the attached one.
  public func outcomeOfBoot(root: String? = nil) -> BootOutcome? {
    guard let tree = root.map(FileTree.init) ?? dom0.tree else { return nil }
    var sequence = BootSequence(world: world, tree: tree, layout: layout)
    sequence.boot()
    return sequence.outcome
  }

  /// What the last boot, or start of XAPI, came to; nil before the first.
  public var lastBoot: BootOutcome? { dom0.lastBoot }

  /// How often the host has booted since it was made.
  public var boots: Int { dom0.boots }

  /// XAPI starts while networkd runs on.
  func startXAPI() {
    servesSocket = true
    guard let tree = dom0.tree else { return world.restartToolstack() }
    var sequence = BootSequence(world: world, tree: tree, layout: layout, live: dom0.live)
    sequence.startXAPI()
    apply(sequence)
  }

  /// A member without its coordinator tries every few seconds; here as soon as something outside has changed.
  func retryCoordinator() {
    guard world.emergency != nil, !dom0.isEmergencyForced, dom0.tree != nil, dom0.isRunning("xapi") else { return }
    startXAPI()
  }

  private func apply(_ sequence: BootSequence) {
    let leaseTime = world.behaviour.leaseTime
    world = sequence.world
    world.behaviour.leaseTime = leaseTime
    world.noteClients()
    dom0.applied = NetworkdConfig(world)
    dom0.live = sequence.live
    dom0.leftovers = sequence.leftovers
    dom0.lastBoot = sequence.outcome
    dom0.isEmergencyForced = false
    dom0.seen = networkGeneration
    world.defaultDevice = nil
    settleRoutes()
    guard let tree = dom0.tree else { return }
    for (path, entry) in sequence.writes {
      if let entry { try? tree.put(path, entry) } else { tree.remove(path) }
    }
    dom0.written["/var/lib/xcp/networkd.db"] = nil
    // Cut off, what the file says may differ from what the database says.
    dom0.written["/etc/xensource/pool.conf"] = world.emergency == nil ? .text(poolRole) : nil
    keepInventory(tree)
    try? writeFollowingFiles()
    if world.emergency == nil { scheduleDatabase() }
  }

  /// What XAPI writes into the inventory when it has come up.
  private func keepInventory(_ tree: FileTree) {
    dom0.inventory = inventoryKeys
    guard world.emergency == nil, let text = tree.text(BootSequence.inventoryPath) else { return }
    var inventory = KeyFile(text)
    inventory["CURRENT_INTERFACES"] = dom0.inventory["CURRENT_INTERFACES"] ?? ""
    if let bridge = dom0.inventory["MANAGEMENT_INTERFACE"], !bridge.isEmpty {
      inventory["MANAGEMENT_INTERFACE"] = bridge
    }
    if inventory.text != text { try? tree.put(BootSequence.inventoryPath, .text(inventory.text)) }
  }
}

extension BootSequence {
  /// The end of it, in a few words.
  var outcome: BootOutcome {
    BootOutcome(
      role: publicRole, management: management, flagged: flagged, reachesCoordinator: reachesCoordinator,
      emergency: world.emergency?.code, wasReset: wasReset, isTriggerLeft: isTriggerLeft, problems: problems)
  }

  private var publicRole: BootOutcome.Role {
    switch role {
    case .coordinator: .coordinator
    case .member(let address): .member(of: address)
    case .broken: .broken
    }
  }

  private var management: BootOutcome.Management? {
    let bridge = managementBridge
    guard live.bridges[bridge] != nil, let interface = live.interfaces[bridge] else { return nil }
    let uplink = live.uplink(of: bridge)
    let kernel = KernelView(world, live)
    let router = live.gatewayInterface == bridge ? interface.ipv4Gateway : nil
    let router6 = live.gatewayInterface == bridge ? interface.ipv6Gateway : nil
    let ipv4: BootOutcome.Addressing =
      switch interface.ipv4 {
      case .none: .none
      case .dhcp: .dhcp(lease: kernel.ipv4(of: bridge)?.text)
      case .fixed(let addresses): .fixed(addresses.first.map { "\($0.ip)/\($0.prefix)" } ?? "", router: router)
      }
    let ipv6: BootOutcome.Addressing =
      switch interface.ipv6 {
      case .none, .linkLocal: .none
      case .dhcp: .dhcp(lease: kernel.ipv6(of: bridge)?.text)
      case .autoconf: .autoconf
      case .fixed(let addresses): .fixed(addresses.first.map { "\($0.ip)/\($0.prefix)" } ?? "", router: router6)
      }
    let isThere = uplink.map { uplink in uplink.cards.contains { card in kernel.device(card) != nil } } ?? false
    return BootOutcome.Management(
      bridge: bridge, device: isThere ? uplink?.device : nil, vlan: uplink?.tag.map { Int($0) }, ipv4: ipv4, ipv6: ipv6,
      dns: interface.dns?.servers ?? [])
  }

  private var flagged: BootOutcome.Management? {
    guard world.emergency == nil, let pif = pifs.first(where: { world.database.bool("PIF", $0, "management") }) else {
      return nil
    }
    func text(_ field: String) -> String { world.database.string("PIF", pif, field) }
    func filled(_ text: String) -> String? { text.isEmpty ? nil : text }
    let address = "\(text("IP"))/\(IPv4Text.prefix(ofMask: text("netmask")) ?? 0)"
    let ipv4: BootOutcome.Addressing =
      switch text("ip_configuration_mode") {
      case "Static": .fixed(address, router: filled(text("gateway")))
      case "DHCP": .dhcp(lease: text("IP").isEmpty ? nil : address)
      default: .none
      }
    let own6 = world.database.strings("PIF", pif, "IPv6").first { !$0.hasPrefix("fe80:") && !$0.isEmpty }
    let ipv6: BootOutcome.Addressing =
      switch text("ipv6_configuration_mode") {
      case "Static": .fixed(own6 ?? "", router: filled(text("ipv6_gateway")))
      case "DHCP": .dhcp(lease: own6)
      case "Autoconf": .autoconf
      default: .none
      }
    let tag = world.database.int("PIF", pif, "VLAN")
    return BootOutcome.Management(
      bridge: NetworkdConfig.bridge(of: pif, world), device: text("device"), vlan: tag < 0 ? nil : Int(tag), ipv4: ipv4,
      ipv6: ipv6, dns: text("DNS").split(separator: ",").map { String($0) })
  }
}
