/// systemd's units, as far as the network needs them (notes on dom0 §2.12).
extension SimulatedHost {
  static let units: Set<String> = [
    "xapi", "xcp-networkd", "openvswitch", "message-switch", "forkexecd", "xenopsd-xc", "squeezed", "v6d", "perfmon",
    "xcp-rrdd", "interface-rename", "sshd", "rsyslog", "stunnel@xapi", "network-init", "lldpad",
    "xapi-storage-script", "varstored-guard", "iptables", "xsconsole", "openvswitch-xapi-sync", "crond", "chrony-wait",
  ]
  /// Units that `toolstack.target` holds.
  static let toolstack = [
    "message-switch", "forkexecd", "xcp-networkd", "xapi", "xenopsd-xc", "squeezed", "v6d", "perfmon", "xcp-rrdd",
  ]

  static func unit(_ name: String) -> String {
    name.hasSuffix(".service") ? String(name.dropLast(8)) : name
  }

  /// `systemctl stop`.
  func stopUnit(_ name: String) async {
    if dom0.transients[Self.bare(name)] != nil { return stopTransient(Self.bare(name)) }
    if world.services.units[name] != nil {
      world.services.setUnit(name, active: false)
      return followWorld()
    }
    guard dom0.isRunning(name) else { return }
    switch name {
    case "xapi":
      flushDatabase()
      cancelWorks()
      dom0.stopped[name] = "inactive"
      await leaveSocket()
      world.forgetMemory()
      watchSSH(xapiIsWell: false)
      wakeAll()
    case "xcp-networkd":
      saveNetworkd()
      dom0.stopped[name] = "inactive"
    default: dom0.stopped[name] = "inactive"
    }
    try? writeFollowingFiles()
  }

  /// `systemctl start`.
  func startUnit(_ name: String) async {
    if world.services.units[name] != nil, !dom0.isDown, dom0.stopped[name] == nil {
      if name == world.services.timeUnit, !world.services.isActive(name) { readTimeServers() }
      world.services.setUnit(name, active: true)
      return followWorld()
    }
    guard !dom0.isDown, let state = dom0.stopped[name], state != "masked" else { return }
    if dom0.broken.contains(name) {
      dom0.stopped[name] = "failed"
      return
    }
    dom0.stopped[name] = nil
    switch name {
    case "xapi":
      watchSSH(xapiIsWell: true)
      startXAPI()
      await serveAgain()
      wakeAll()
    case "xcp-networkd":
      startNetworkd()
      retryCoordinator()
      followContact()
    default: break
    }
    try? writeFollowingFiles()
  }

  /// Calls under way are lost with XAPI: what they had not done yet is never done.
  private func cancelWorks() {
    for work in works.values { work.cancel() }
  }

  /// The unit's program dies: nothing is saved, nobody gets an answer.
  /// - Parameter pause: how long until it is started again; nil: it stays away.
  public func crash(_ name: String, backAfter pause: Duration?) async {
    if name == "xapi" { cancelWorks() }
    await breakUnit(name, staysBroken: false)
    if name == "xapi" { world.forgetMemory() }
    wakeAll()
    guard let pause else { return }
    pendingRestart = Task {
      try? await Task.sleep(for: pause)
      if !Task.isCancelled { await self.startUnit(name) }
      self.pendingRestart = nil
    }
  }

  /// The unit's program stops by itself, as after a crash: nothing is saved.
  public func breakUnit(_ name: String, staysBroken: Bool = true) async {
    dom0.stopped[name] = "failed"
    if staysBroken { dom0.broken.insert(name) }
    if name == "xapi" {
      await leaveSocket()
      watchSSH(xapiIsWell: false)
    }
    try? writeFollowingFiles()
  }

  /// What networkd's handler of SIGTERM does.
  private func saveNetworkd() {
    guard let tree = dom0.tree else { return }
    var config = dom0.live
    if !layout.hasInterfaceRename { config.order = ownCards }
    let entry = TreeEntry.file(config.bytes, mode: 0o644)
    try? tree.put(BootSequence.networkdPath, entry)
    dom0.written[BootSequence.networkdPath] = entry
  }

  /// networkd comes up beside what stands already.
  private func startNetworkd() {
    guard let tree = dom0.tree else { return }
    var sequence = BootSequence(world: world, tree: tree, layout: layout, live: dom0.live)
    sequence.startNetworkd()
    dom0.live = sequence.live
    setRoutesOfNetworkd()
    dom0.written[BootSequence.networkdPath] = nil
    for (path, entry) in sequence.writes { if let entry { try? tree.put(path, entry) } }
  }

  /// `systemctl reboot` lets services end first; `reboot -f` does not.
  func reboot(isForced: Bool) {
    guard pendingReboot == nil else { return }
    if !isForced {
      if dom0.isRunning("xapi") { flushDatabase() }
      if dom0.isRunning("xcp-networkd") { saveNetworkd() }
    }
    // Not awaited: whoever asked gets an answer, as from a machine that is going down.
    pendingReboot = Task {
      await self.boot()
      self.pendingReboot = nil
    }
  }

  /// Waits until a reboot that a tool has started is over.
  public func rebootFinished() async { await pendingReboot?.value }
}
