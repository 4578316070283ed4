import JSON

/// Whether coordinator and members find each other. A member knows its coordinator by an address in its own `pool.conf`:
/// when that changes, it is lost until it is told.
extension World {
  /// The address that another host has in its `pool.conf`.
  func knownCoordinator(on host: String) -> String { staleCoordinators[host] ?? coordinatorIP }

  /// The coordinator's address is about to change: members keep the one they know.
  mutating func keepKnownCoordinator() {
    for host in database.refs("host") where host != coordinator && staleCoordinators[host] == nil {
      staleCoordinators[host] = coordinatorIP
    }
  }

  /// Members (other hosts than this one) that do not find their coordinator.
  func lostMembers(_ live: NetworkdConfig) -> Set<String> {
    guard isCoordinator else { return [] }
    let reach = Reach(self, live)
    let members = database.refs("host").filter { $0 != coordinator }
    return Set(
      members.filter { host in
        if let known = staleCoordinators[host], known != coordinatorIP { return true }
        let answer = reach.answer(database.string("host", host, "address"))
        return answer == .silent || answer == .noRoute
      })
  }

  /// In pools of a few hosts: nobody is lost in very large ones, which are there for their size.
  var mayLoseContact: Bool { (2...16).contains(database.table("host")?.rows.count ?? 0) }

  func isLive(_ host: String) -> Bool {
    database.bool("host_metrics", database.string("host", host, "metrics"), "live")
  }
}

/// All that decides who finds whom: looked at anew when some of it has changed.
struct ContactStamp: Sendable, Hashable {
  var network: Int64
  var outside: Outside
  var wiring: Wiring?
  var coordinator: String
  var stale: [String: String]
  var live: String?
  var emergency: String?
}

extension SimulatedHost {
  /// Looks whether what has just changed has parted coordinator and members, and lets them notice after a while.
  func followContact() {
    guard world.mayLoseContact, dom0.isRunning("xapi"), !isBooting, pendingReboot == nil else { return }
    let stamp = ContactStamp(
      network: networkGeneration, outside: world.outside, wiring: world.wiring, coordinator: world.coordinatorIP,
      stale: world.staleCoordinators, live: dom0.live.gatewayInterface, emergency: world.emergency?.code)
    guard stamp != dom0.contactStamp else { return }
    dom0.contactStamp = stamp
    if world.isCoordinator {
      let lost = world.lostMembers(dom0.live)
      guard let known = dom0.lostMembers else {
        // What was so from the beginning has been noticed long ago.
        dom0.lostMembers = lost
        return
      }
      guard lost != known else { return }
      dom0.lostMembers = lost
      noticeLater { await self.noticeMembers() }
    } else if world.emergency == nil {
      let reaches = reachesCoordinator
      defer { dom0.reachedCoordinator = reaches }
      guard dom0.reachedCoordinator == true, !reaches else { return }
      noticeLater { await self.noticeCoordinator() }
    }
  }

  /// How long members and coordinator take to notice that they have lost each other.
  public func setContactTime(_ time: Duration) { options.contactTime = time }

  /// XAPI's error in emergency mode; nil when all is well.
  public var emergencyCode: String? { world.emergency?.code }

  private func noticeLater(_ work: @escaping @Sendable () async -> Void) {
    pendingContact?.cancel()
    let time = options.contactTime
    pendingContact = Task {
      try? await Task.sleep(for: time)
      if !Task.isCancelled { await work() }
    }
  }

  /// Members that stopped reporting count as gone; those that report again do not.
  private func noticeMembers() {
    let lost = world.lostMembers(dom0.live)
    for host in world.database.refs("host") where host != world.thisHost {
      let metrics = world.database.string("host", host, "metrics")
      if lost.contains(host), world.isLive(host) {
        world.lost.insert(host)
        world.database.set("host_metrics", metrics, "live", false)
      } else if !lost.contains(host), world.lost.remove(host) != nil {
        world.database.set("host_metrics", metrics, "live", true)
      }
    }
    dom0.lostMembers = world.lostMembers(dom0.live)
    wakeAll()
  }

  /// A member that cannot reach its coordinator restarts its XAPI, which comes up in emergency mode.
  private func noticeCoordinator() {
    guard dom0.isRunning("xapi"), world.emergency == nil, !reachesCoordinator else { return }
    startXAPI()
    if dom0.tree == nil { world.emergency = APIError("HOST_STILL_BOOTING") }
    wakeAll()
  }

  /// Whether this member gets an answer from its coordinator with the settings that the kernel has.
  private var reachesCoordinator: Bool {
    guard let pif = world.managementPIF(of: world.thisHost) else { return false }
    let bridge = NetworkdConfig.bridge(of: pif, world)
    let kernel = KernelView(world, dom0.live)
    let isIPv6 = world.usesIPv6(pif)
    guard let own = (isIPv6 ? kernel.ipv6(of: bridge) : kernel.ipv4(of: bridge))?.ip,
      let uplink = dom0.live.uplink(of: bridge)
    else { return false }
    let gateway = kernel.routes.first { $0.isIPv6 == isIPv6 && $0.destination == "default" }?.gateway
    return world.reachesCoordinator(from: own, behind: uplink, gateway: gateway)
  }
}
