import XenAPI

/// What XAPI asks before it takes an interface of any host down (`reference/xapi.md` §3.2), and what it should ask, with names.
extension PoolFacts {
  /// - Parameter withUsers: VMs that run on it as well.
  func guards(_ ref: Ref<PIF>, _ pif: PIF, withUsers: Bool = true) -> [Hazard] {
    var hazards: [Hazard] = []
    let name = nameWithHost(pif)
    if pif.management {
      hazards.append(Hazard(.blocking, "\(name) carries management: XAPI listens there", remedy: "Move management to another interface first"))
    }
    if !pif.managed {
      hazards.append(
        Hazard(
          .blocking, "\(name) is set aside: XAPI does not manage it", remedy: "Remove it outside XAPI, or let XAPI manage it first"))
    }
    if withUsers { hazards += inUse(pif) }
    if pif.disallowUnplug {
      hazards.append(
        Hazard(
          .blocking, "\(name) is protected against unplugging", remedy: "If nothing needs it: xe pif-param-set uuid=\(pif.uuid) disallow-unplug=false"))
    }
    if change.clustered?.contains(ref) == true {
      hazards.append(
        Hazard(
          .blocking, "The cluster of this pool talks over \(name)",
          remedy: "Disable clustering on that host first (xe cluster-host-list, then xe cluster-host-disable uuid=…)"))
    }
    if pif.host != host {
      // From here nobody could put it back.
      hazards += ownWays(pif).map {
        Hazard(.blocking, $0, remedy: "Do it at the console of \(hostName(pif.host)), where it comes back by itself unless it is kept")
      }
    }
    return hazards + ways(over: pif) + addresses(pif)
  }

  /// VIF_IN_USE
  private func inUse(_ pif: PIF) -> [Hazard] {
    guard let network = database.networks[pif.network] else { return [] }
    let names = PoolFacts.names(holders(of: network, on: pif.host))
    if names.isEmpty { return [] }
    return [
      Hazard(
        .blocking, "\(PoolWords.named("VM", names)) \(PoolWords.are(names.count)) running on network \"\(network.nameLabel)\""
          + (isPool ? " on \(hostName(pif.host))" : ""),
        remedy: "Shut \(names.count == 1 ? "it" : "them") down, or move the VIFs to another network")
    ]
  }

  /// Tunnels over it, which XAPI would leave behind without a way.
  private func ways(over pif: PIF) -> [Hazard] {
    pif.tunnelTransportPIFOf.compactMap { database.tunnels[$0] }.map { tunnel in
      let access = database.pifs[tunnel.accessPIF]
      let network = database.networks[access?.network]?.nameLabel ?? ""
      return Hazard(
        .blocking, "\(access?.device ?? "A tunnel") of network \"\(network)\" goes over \(nameWithHost(pif)), and would stay behind without a way",
        remedy: "Remove that network first, which takes its tunnels along (xcpconsole network destroy --with-vlans \(ShellWord.quoted(network))), "
          + "or this tunnel alone: xe tunnel-destroy uuid=\(tunnel.uuid)")
    }
  }

  // MARK: Its addresses

  private func own(_ pif: PIF) -> [String] {
    var all = ([pif.ip] + pif.ipv6.map { String($0.prefix { $0 != "/" }) }).filter { !$0.isEmpty && !$0.lowercased().hasPrefix("fe80:") }
    if pif.host == host, let bridge = database.networks[pif.network]?.bridge, !bridge.isEmpty {
      all += (change.addresses?[bridge] ?? []).map { String($0.prefix { $0 != "/" }) }.filter { !$0.lowercased().hasPrefix("fe80:") && !all.contains($0) }
    }
    return all
  }

  /// Why the end of an interface of this host can cut off who asks for it, or management; empty when it cannot.
  func cuts(_ pif: PIF) -> [String] {
    guard pif.host == host, pif.currentlyAttached else { return [] }
    var reasons: [String] = []
    let name = nameWithHost(pif)
    if let local = change.session.local, own(pif).contains(local) { reasons.append("You are connected through \(name) (\(local))") }
    return reasons + ownWays(pif) + routes(over: pif)
  }

  /// What its host has set to go over it.
  private func ownWays(_ pif: PIF) -> [String] {
    guard pif.currentlyAttached, pif.ipConfigurationMode != .none || pif.ipv6ConfigurationMode != .none else { return [] }
    let name = nameWithHost(pif)
    let who = pif.host == host ? "this host" : hostName(pif.host)
    return (pif.otherConfig["defaultroute"] == "true" ? ["The default route of \(who) leaves by \(name) (other-config:defaultroute)"] : [])
      + (pif.otherConfig["peerdns"] == "true" ? ["The DNS servers of \(who) come from \(name) (other-config:peerdns)"] : [])
  }

  /// Static routes of its network that lead to somebody this host cannot do without.
  private func routes(over pif: PIF) -> [String] {
    guard let network = database.networks[pif.network] else { return [] }
    let routes = RouteSurvey.record(of: network).routes
    guard !routes.isEmpty else { return [] }
    let session = change.session.peer.map { [($0, "from where you are connected")] } ?? []
    let hosts = database.hosts.all.filter { $0.ref != host }.map { ($0.record.address, "the address of \(hostName($0.ref))") }
    let servers = change.nameServers.map { ($0, "a DNS server of this host") }
    return routes.compactMap { route in
      (session + hosts + servers).first { IPv4Address($0.0).map { route.destination.contains($0) } ?? false }
        .map { "The way to \($0.0), \($0.1), is the route \(route.destination) of network \"\(network.nameLabel)\"" }
    }
  }

  /// Storage that is reached through it, and its address itself.
  private func addresses(_ pif: PIF) -> [Hazard] {
    guard pif.ipConfigurationMode != .none || pif.ipv6ConfigurationMode != .none, !pif.management else { return [] }
    let stores = storage(behind: pif)
    let name = nameWithHost(pif)
    if !stores.isEmpty {
      let names = Set(stores.map { "\"\($0.name)\"" }).sorted(by: comesBefore)
      return [
        Hazard(
          .blocking, "Storage \(PoolWords.list(names)) (\(PoolWords.list(stores.map(\.server)))) is reached through \(name)",
          remedy: "Detach it on that host first (xe pbd-unplug), or give another interface an address in the same network")
      ]
    }
    let own = own(pif)
    let words = [pif.ipConfigurationMode == .none ? "" : IPv4Settings(pif).words, pif.ipv6ConfigurationMode == .none ? "" : IPv6Settings(pif).words]
      .filter { !$0.isEmpty }
    return [
      Hazard(
        .warning, "\(name) has the address \(PoolWords.list(own.isEmpty ? words : own)), which goes with it",
        remedy: "Look whether backup, migration or something else goes over it")
    ]
  }

  /// Servers in the subnets of the interface's own addresses, when no other interface of the host is there.
  private func storage(behind pif: PIF) -> [MTUStorage] {
    let stores = pif.host.flatMap { storage[$0] } ?? []
    guard !stores.isEmpty else { return [] }
    let others = (database.hosts[pif.host]?.pifs ?? []).compactMap { database.pifs[$0] }.filter { $0.uuid != pif.uuid && $0.currentlyAttached }
    return stores.filter { store in
      guard let server = InternetAddress(store.server) else { return false }
      return Self.isNear(server, pif) && !others.contains { Self.isNear(server, $0) }
    }
  }

  private static func isNear(_ server: InternetAddress, _ pif: PIF) -> Bool {
    switch server {
    case .v4(let address):
      guard let own = IPv4Address(pif.ip), let length = try? IPv4Prefix.length(ofNetmask: pif.netmask) else { return false }
      return IPv4Prefix(own, length: length).contains(address)
    case .v6(let address):
      return pif.ipv6.contains { (try? IPv6Prefix(parsing: $0))?.contains(address) ?? false }
    }
  }
}
