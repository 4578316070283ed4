import JSON

/// Files that follow what happens on the host.
extension SimulatedHost {
  /// Writes those that differ from what was written last, and removes those that are no more.
  func writeFollowingFiles() throws(SimulationError) {
    guard let tree = dom0.tree else { return }
    let isFirst = !dom0.written.keys.contains { $0.hasPrefix("/sys/") }
    let kernel = KernelView(world, dom0.live)
    var entries = KernelFiles.entries(kernel)
    entries["/proc/sys/kernel/random/boot_id"] = .text("\(bootID)\n")
    if !world.behaviour.kernelVLANs.isEmpty { entries["/proc/net/vlan/config"] = .text(KernelFiles.vlans(world.behaviour.kernelVLANs)) }
    entries.merge(networkdEntries(kernel)) { $1 }
    entries.merge(xapiEntries()) { $1 }
    let later = isFirst ? deferred(&entries, kernel) : [:]
    for (path, entry) in entries where dom0.written[path] != entry {
      try tree.put(path, entry, isNew: isFirst && dom0.written[path] == nil && path.hasPrefix("/sys/"))
    }
    entries.merge(later) { $1 }
    let kept = Self.keptWhenGone
    for path in dom0.written.keys where entries[path] == nil && !kept.contains(path) {
      if let folder = Self.deviceFolder(of: path), entries[folder + "/address"] == nil {
        tree.removeFolder(folder)
      } else {
        tree.remove(path)
      }
    }
    // networkd.db and pool.conf stay as they are when nobody keeps them any more.
    for path in kept where entries[path] == nil { entries[path] = dom0.written[path] }
    dom0.written = entries
    mirrorKernel(kernel)
    try updateInventory()
    scheduleDatabase()
  }

  /// The kernel's name for the time between two boots.
  private var bootID: String {
    let count = String(dom0.boots, radix: 16)
    return "6a1f8e52-93c7-4d0b-8b1e-" + String(repeating: "0", count: max(0, 12 - count.utf8.count)) + count
  }

  /// Hundreds of bridges make thousands of files: those of all but the cards and the management bridge are then written
  /// beside the server's work. What has changed in the meantime is there already, and left alone.
  private func deferred(_ entries: inout [String: TreeEntry], _ kernel: KernelView) -> [String: TreeEntry] {
    guard kernel.devices.count > Self.mostDevicesAtOnce, let tree = dom0.tree else { return [:] }
    let management = dom0.inventory["MANAGEMENT_INTERFACE"]
    var later: [String: TreeEntry] = [:]
    for device in kernel.devices {
      guard case .bridge = device.kind, device.name != management else { continue }
      let folder = "/sys/class/net/\(device.name)/"
      for path in KernelFiles.names(of: device).map({ folder + $0 }) { later[path] = entries.removeValue(forKey: path) }
    }
    let work = Array(later)
    pendingFiles = Task.detached(priority: .background) {
      for (index, item) in work.enumerated() where !Task.isCancelled {
        // In small bites: whoever waits for XAPI's answer comes first.
        if index % Self.bite == 0 { try? await Task.sleep(for: .milliseconds(index == 0 ? 500 : 5)) }
        try? tree.put(item.key, item.value, isNew: true)
      }
    }
    return later
  }

  private static let mostDevicesAtOnce = 64
  private static let bite = 64

  /// Written by services that may be stopped, which leaves the files.
  private static let keptWhenGone: Set<String> = [
    "/var/lib/xcp/networkd.db", "/etc/xensource/pool.conf", "/etc/resolv.conf",
    "/var/lib/xcp/local.db",
  ]

  /// `/sys/class/net/eth0` of what lies below it.
  private static func deviceFolder(of path: String) -> String? {
    guard path.hasPrefix("/sys/class/net/") else { return nil }
    return "/" + path.split(separator: "/").prefix(4).joined(separator: "/")
  }

  // MARK: networkd

  private func networkdEntries(_ kernel: KernelView) -> [String: TreeEntry] {
    var entries: [String: TreeEntry] = [:]
    if dom0.isDown { return entries }
    for (index, name) in dhcpBridges.enumerated() {
      addClient(2300 + 40 * index, of: name, kernel, to: &entries)
    }
    if world.services.takesTimeServersFromDHCP {
      for (bridge, server) in TimeSources.byBridge(world, dom0.live) {
        entries["\(Self.timeFolder)/\(bridge).sources"] = .text("server \(server) iburst prefer\n")
      }
    }
    guard dom0.isRunning("xcp-networkd") else { return entries }
    var config = dom0.live
    if !layout.hasInterfaceRename { config.order = ownCards }
    entries["/var/lib/xcp/networkd.db"] = .file(config.bytes, mode: 0o644)
    entries["/dev/shm/network_stats"] = .file(NetworkStatistics.bytes(world, dom0.live), mode: 0o600)
    entries["/etc/resolv.conf"] = .text(resolver)
    entries["/var/lib/xcp/networkd"] = .socket
    return entries
  }

  /// Bridges on which networkd runs a DHCP client.
  private var dhcpBridges: [String] { dom0.live.interfaces.filter { $0.value.ipv4 == .dhcp }.keys.sorted() }

  /// `dhclient`'s files: its process, its configuration, its lease.
  private func addClient(
    _ process: Int, of bridge: String, _ kernel: KernelView, to entries: inout [String: TreeEntry]
  ) {
    entries["/run/dhclient-\(bridge).pid"] = .text("\(process)\n")
    entries["/proc/\(process)/comm"] = .text("dhclient\n")
    entries["/proc/\(process)/cmdline"] = .text(
      "/sbin/dhclient\0-q\0-pf\0/var/run/dhclient-\(bridge).pid\0"
        + "-lf\0/var/lib/xcp/dhclient-\(bridge).leases\0\(bridge)\0"
    )
    entries["/var/lib/xcp/dhclient-\(bridge).conf"] = .text(
      "interface \"\(bridge)\" {\n  send host-name = gethostname();\n"
        + "  request subnet-mask, routers, domain-name-servers;\n}\n"
    )
    guard let lease = world.lease(of: bridge, dom0.live) else {
      // The file of a client that never got an answer is empty; an old lease stays.
      entries["/var/lib/xcp/dhclient-\(bridge).leases"] =
        dom0.written["/var/lib/xcp/dhclient-\(bridge).leases"] ?? .text("")
      return
    }
    let router = lease.router.isEmpty ? "" : "  option routers \(lease.router);\n"
    let (renew, expire) = (bootMoment + 43_200, bootMoment + 86_400)
    entries["/var/lib/xcp/dhclient-\(bridge).leases"] = .text(
      "lease {\n  interface \"\(bridge)\";\n  fixed-address \(lease.ip);\n"
        + "  option subnet-mask \(lease.netmask);\n\(router)"
        + "  option domain-name-servers \(Self.server(beside: lease.ip));\n"
        + "  option ntp-servers \(TimeSources.server(beside: lease.ip));\n  option dhcp-lease-time 86400;\n"
        + "  renew \(WallTime(seconds: renew).lease);\n  expire \(WallTime(seconds: expire).lease);\n}\n")
  }

  private var bootMoment: Int64 { dom0.bootTime > 0 ? dom0.bootTime : world.clock().seconds }

  /// The DNS server that DHCP tells of.
  static func server(beside ip: String) -> String {
    ip.split(separator: ".").prefix(3).joined(separator: ".") + ".2"
  }

  /// `resolv.conf`, of the interface that has the DNS.
  private var resolver: String {
    guard let name = dom0.live.dnsInterface, let interface = dom0.live.interfaces[name] else { return "" }
    if let dns = interface.dns, !dns.servers.isEmpty || !dns.domains.isEmpty {
      let search = dns.domains.isEmpty ? "" : "search \(dns.domains.joined(separator: " "))\n"
      return search + dns.servers.map { "nameserver \($0)\n" }.joined()
    }
    guard interface.ipv4 == .dhcp, let lease = world.lease(of: name, dom0.live) else { return "" }
    return "; generated by /usr/sbin/dhclient-script\nsearch lab.example\nnameserver \(Self.server(beside: lease.ip))\n"
  }

  // MARK: XAPI

  private func xapiEntries() -> [String: TreeEntry] {
    var entries: [String: TreeEntry] = [:]
    if dom0.isRunning("openvswitch") { entries["/run/openvswitch/db.sock"] = .socket }
    if dom0.isRunning("message-switch") { entries["/run/message-switch/sock"] = .socket }
    if !dom0.isDown { entries["/run/boottime.stamp"] = .text("") }
    guard dom0.isRunning("xapi") else { return entries }
    entries["/run/xapi.pid"] = .text("1874\n")
    entries["/proc/1874/comm"] = .text("xapi\n")
    entries["/var/lock/subsys/xapi"] = .text("")
    // A member touches this one before its coordinator answers.
    entries["/run/xapi_startup.cookie"] = .text("")
    let isArmed = world.database.bool("pool", world.pool, "ha_enabled") && !world.haDisarmed
    entries["/var/lib/xcp/local.db"] = .text(Self.localDatabase(isHAArmed: isArmed), mode: 0o600)
    // An emergency call writes it; otherwise it says what is.
    if world.role != nil { entries["/etc/xensource/pool.conf"] = .text(poolRole) }
    guard world.emergency == nil else { return entries }
    entries["/run/xapi_init_complete.cookie"] = .text("")
    entries["/etc/xensource/pool.conf"] = .text(poolRole)
    return entries
  }

  /// The inventory's keys that XAPI keeps.
  var inventoryKeys: [String: String] {
    var keys: [String: String] = [:]
    for line in world.inventory.split(separator: "\n") {
      let halves = line.split(separator: "=", maxSplits: 1)
      guard halves.count == 2 else { continue }
      let key = String(halves[0])
      if ["MANAGEMENT_INTERFACE", "MANAGEMENT_ADDRESS_TYPE", "CURRENT_INTERFACES"].contains(key) {
        keys[key] = String(halves[1].dropFirst().dropLast())
      }
    }
    return keys
  }

  /// XAPI reads the whole file, changes its keys and writes it again; what others put there stays.
  private func updateInventory() throws(SimulationError) {
    guard dom0.isRunning("xapi"), world.emergency == nil, let tree = dom0.tree else { return }
    let keys = inventoryKeys
    guard keys != dom0.inventory else { return }
    let path = "/etc/xensource-inventory"
    var inventory = KeyFile(tree.text(path) ?? world.inventory)
    for (key, value) in keys where dom0.inventory[key] != value { inventory[key] = value }
    dom0.inventory = keys
    try tree.put(path, .text(inventory.text))
  }

  // MARK: The database

  /// XAPI flushes its database a moment after a change. A very large one is written only when XAPI stops.
  func scheduleDatabase() {
    guard dom0.isRunning("xapi"), world.emergency == nil, pendingFlush == nil,
      world.database.generation != dom0.flushed,
      (world.database.table("PIF")?.rows.count ?? 0) < 2000
    else { return }
    pendingFlush = Task { [weak self] in
      try? await Task.sleep(for: .milliseconds(500))
      if !Task.isCancelled { await self?.flushScheduled() }
    }
  }

  private func flushScheduled() {
    pendingFlush = nil
    flushDatabase()
  }

  func flushDatabase() {
    guard let tree = dom0.tree else { return }
    let path = world.isCoordinator ? "/var/lib/xcp/state.db" : "/var/lib/xcp/state-backup.xml"
    guard dom0.flushed != world.database.generation || !tree.exists(path) else { return }
    dom0.flushed = world.database.generation
    try? tree.put(path, .file(DatabaseFile.bytes(world.database), mode: 0o600))
  }
}

extension WallTime {
  /// `5 2024/05/17 10:00:00`, as DHCP leases have it; 0 is Sunday.
  var lease: String {
    let text = Array(datetime.utf8)
    func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    let weekday = (seconds / 86_400 + 4) % 7
    return "\(weekday) \(part(0..<4))/\(part(4..<6))/\(part(6..<8)) \(part(9..<17))"
  }
}
