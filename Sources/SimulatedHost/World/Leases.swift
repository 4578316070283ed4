import JSON

/// DHCP clients: an address is there some time after it was asked for, or never.
extension World {
  /// A host's bridge.
  func clientKey(host: String, bridge: String) -> String { "\(host)|\(bridge)" }

  private func clientKey(of pif: String) -> String {
    clientKey(host: database.string("PIF", pif, "host"), bridge: NetworkdConfig.bridge(of: pif, self))
  }

  /// Whoever has asked for an address long ago has got it, where somebody gives any.
  mutating func noteClients() {
    let pifs = database.refs("PIF").filter {
      database.string("PIF", $0, "ip_configuration_mode") == "DHCP" && database.bool("PIF", $0, "currently_attached")
    }
    clients = Set(pifs.map(clientKey))
    waitingClients.formIntersection(clients)
    newClients = []
  }

  /// A PIF came up: networkd starts a client where none runs yet, or ends the one that does.
  mutating func followClient(of pif: String) {
    let key = clientKey(of: pif)
    guard database.string("PIF", pif, "ip_configuration_mode") == "DHCP" else { return dropClient(of: pif) }
    guard clients.insert(key).inserted, behaviour.leaseTime > .zero || !outside.hasDHCP else { return }
    waitingClients.insert(key)
    newClients.append(key)
  }

  mutating func dropClient(of pif: String) {
    let key = clientKey(of: pif)
    clients.remove(key)
    waitingClients.remove(key)
  }

  func waitsForLease(_ pif: String) -> Bool { waitingClients.contains(clientKey(of: pif)) }

  /// The lease of a bridge of this host.
  func lease(of bridge: String, _ live: NetworkdConfig) -> Lease? {
    if waitingClients.contains(clientKey(host: thisHost, bridge: bridge)) { return nil }
    return live.uplink(of: bridge).flatMap { lease(behind: $0) }
  }
}

extension SimulatedHost {
  /// Servers take their time to answer new clients.
  func scheduleLeases() {
    let keys = world.newClients
    guard !keys.isEmpty else { return }
    world.newClients = []
    let number = nextWork
    nextWork += 1
    works[number] = Task {
      try? await Task.sleep(for: self.world.behaviour.leaseTime)
      self.works[number] = nil
      if !Task.isCancelled { self.leasesArrive(keys) }
    }
  }

  /// dhclient's hook tells XAPI, where that runs.
  private func leasesArrive(_ keys: [String]) {
    guard world.outside.hasDHCP, !dom0.isDown else { return }
    world.waitingClients.subtract(keys)
    if dom0.isRunning("xapi"), world.emergency == nil {
      for host in Set(keys.compactMap { $0.split(separator: "|").first.map { String($0) } }) {
        world.refreshNetworking(of: host)
      }
    }
    wakeAll()
  }

  /// DHCP servers of all networks answer from now on, or are silent. Leases that there are stay.
  public func setDHCP(answers: Bool) {
    world.outside.hasDHCP = answers
    if answers {
      world.newClients = Array(world.waitingClients)
      scheduleLeases()
    }
  }

  /// How long DHCP servers take to give an address.
  public func setLeaseTime(_ time: Duration) { world.behaviour.leaseTime = time }
}
