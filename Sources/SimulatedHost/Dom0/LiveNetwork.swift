import JSON

/// From the database to what the kernel has, and back to the files.
extension SimulatedHost {
  private static let networkClasses = [
    "PIF", "Bond", "VLAN", "tunnel", "network", "network_sriov", "pool", "PIF_metrics", "VIF", "host",
  ]

  /// Brings `live` up to date with the database, as XAPI does through networkd while it runs and reaches its database.
  func refreshLive() {
    guard dom0.isRunning("xapi") || dom0.seen < 0, dom0.isRunning("xcp-networkd"),
      world.emergency == nil || dom0.seen < 0
    else { return }
    let changed = networkGeneration
    guard changed != dom0.seen else { return }
    let wanted = NetworkdConfig(world)
    if world.hasDied {
      // Networkd has what it was told before XAPI died, whatever the database says.
      if let pif = world.lastPlugged { dom0.live.add(pif, world) }
      (dom0.seen, dom0.applied) = (changed, wanted)
      return
    }
    if dom0.seen < 0 {
      dom0.live = wanted.merged(over: dom0.leftovers)
    } else {
      // Somebody else may have told networkd other things meanwhile: only what is new is done.
      dom0.live.apply(wanted, insteadOf: dom0.applied)
    }
    dom0.seen = changed
    dom0.applied = wanted
  }

  /// Moves on with every change to anything that networkd hears of.
  var networkGeneration: Int64 {
    (Self.networkClasses.map { world.database.table($0)?.updated ?? 0 }.max() ?? 0) + world.plugs
  }

  /// What emergency calls write to files besides the database.
  private var marks: String { "\(poolRole) \(world.haDisarmed)" }

  /// Called after every change of the world.
  func followWorld() {
    defer {
      followContact()
      settleRoutes()
    }
    guard dom0.tree != nil else { return refreshLive() }
    let before = dom0.seen
    refreshLive()
    writeServiceFiles()
    // A carrier changes what the kernel shows even where XAPI is of no help.
    let marksChanged = dom0.marks != marks
    dom0.marks = marks
    if marksChanged || dom0.seen != before || world.emergency != nil || !dom0.isRunning("xapi") {
      try? writeFollowingFiles()
    }
  }
}

extension NetworkdConfig {
  /// Carries out the difference between what was wanted before and what is wanted now; all else stays as it is.
  mutating func apply(_ wanted: NetworkdConfig, insteadOf before: NetworkdConfig) {
    guard wanted != before else { return }
    var known = NetworkdConfig()
    var rest = self
    for name in Set(wanted.bridges.keys).union(before.bridges.keys) {
      let isNew = wanted.bridges[name] != before.bridges[name]
      known.bridges[name] = isNew ? wanted.bridges[name] : bridges[name]
      rest.bridges[name] = nil
    }
    for name in Set(wanted.interfaces.keys).union(before.interfaces.keys) {
      let isNew = wanted.interfaces[name] != before.interfaces[name]
      known.interfaces[name] = isNew ? wanted.interfaces[name] : interfaces[name]
    }
    known.gatewayInterface =
      wanted.gatewayInterface != before.gatewayInterface ? wanted.gatewayInterface : gatewayInterface
    known.dnsInterface = wanted.dnsInterface != before.dnsInterface ? wanted.dnsInterface : dnsInterface
    self = known.merged(over: rest)
  }

  /// This configuration with what another one has besides: bridges that XAPI has forgotten stay where they are.
  func merged(over other: NetworkdConfig) -> NetworkdConfig {
    var merged = self
    let tagged = Set(bridges.values.compactMap(\.vlan))
    for (name, bridge) in other.bridges where merged.bridges[name] == nil {
      // A VLAN's bridge takes the place of another one with the same tag.
      if let vlan = bridge.vlan, tagged.contains(vlan) { continue }
      var bridge = bridge
      // A card is a port of one bridge only.
      bridge.ports = bridge.ports.filter { _, port in !port.interfaces.contains { self.bridge(holding: $0) != nil } }
      merged.bridges[name] = bridge
      merged.interfaces[name] = merged.interfaces[name] ?? other.interfaces[name]
    }
    return merged
  }
}
