/// Who answers this host, over which of its interfaces: worked out of what the kernel has and of what is out there.
struct Reach {
  let world: World
  let live: NetworkdConfig
  let kernel: KernelView
  private let peers: PoolAddresses

  init(_ world: World, _ live: NetworkdConfig) {
    self.world = world
    self.live = live
    kernel = KernelView(world, live)
    peers = PoolAddresses(world)
  }

  enum Answer: Hashable {
    /// One of this host's own addresses.
    case own
    case answers
    case silent
    /// Packets for it are sent nowhere.
    case noRoute
  }

  // MARK: On the link

  /// The hardware address that somebody on a device's network answers with for an address; nil: nobody has it.
  func neighbour(_ ip: String, on device: String) -> String? {
    guard let segment = segment(of: device), segment.holds(ip), !isOwn(ip), !isGone(ip) else { return nil }
    if segment.isRouter(ip) { return "02:fc:00:00:00:01" }
    if world.outside.occupied.contains(where: { Self.isSame($0, ip) }) { return Self.mac(of: ip, kind: 0x66) }
    if segment.isServer(ip) || peers.contains(ip) || world.outside.standing.contains(where: { Self.isSame($0, ip) }) { return Self.mac(of: ip, kind: 0xfc) }
    return nil
  }

  private func segment(of device: String) -> Wiring.Segment? {
    if let uplink = live.uplink(of: device) { return world.segment(behind: uplink) }
    guard case .card(let card)? = kernel.device(device)?.kind else { return nil }
    return world.segment(behind: Uplink(device: device, cards: [device], tag: nil, isLACP: false, mac: card.mac))
  }

  private func isGone(_ ip: String) -> Bool { world.outside.gone.contains { Self.isSame($0, ip) } }

  func isOwn(_ ip: String) -> Bool {
    kernel.devices.contains { $0.addresses.contains { Self.isSame($0.ip, ip) } }
  }

  private static func mac(of ip: String, kind: Int) -> String {
    let sum = ip.utf8.reduce(7) { ($0 * 31 + Int($1)) & 0xffffff }
    let bytes = [2, kind, 0, sum >> 16 & 255, sum >> 8 & 255, sum & 255]
    return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }

  // MARK: Anywhere

  /// - Parameter device: only over this one (`ping -I`).
  func answer(_ ip: String, over device: String? = nil) -> Answer {
    if isOwn(ip) { return .own }
    guard let way = way(to: ip, over: device) else { return .noRoute }
    guard let segment = segment(of: way.device), let source = source(on: way.device, for: ip), segment.holds(source)
    else { return .silent }
    guard let gateway = way.gateway else { return neighbour(ip, on: way.device) == nil ? .silent : .answers }
    // The answer comes back to the router's own subnet alone.
    let returns = source.contains(":") || segment.isMain(source)
    guard segment.isRouter(gateway), !isGone(gateway), returns, world.outside.isConnected else { return .silent }
    return isElsewhere(ip, than: segment) ? .answers : .silent
  }

  /// On another network that is there: the coordinator's, a wired one, or far away.
  private func isElsewhere(_ ip: String, than here: Wiring.Segment) -> Bool {
    if here.holds(ip) || isGone(ip) { return false }
    let others = world.wiring?.segments ?? []
    if others.contains(where: { ($0.isRouter(ip) || $0.isServer(ip) || world.outside.occupied.contains(ip)) && $0.holds(ip) })
    { return true }
    if peers.contains(ip) { return !others.contains { $0.holds(ip) && $0.router == nil } }
    // Public names lead to the documentation prefix (RFC 5737).
    return ip.hasPrefix("203.0.113.") || world.outside.far.contains { Self.isSame($0, ip) }
  }

  /// Where a packet goes: the device, and the router when the address is not on its network.
  func way(to ip: String, over device: String? = nil) -> (device: String, gateway: String?)? {
    let isIPv6 = ip.contains(":")
    let routes = kernel.routes.filter { $0.isIPv6 == isIPv6 && (device == nil || $0.device == device) }
    if ip.hasPrefix("fe80:") { return device.map { ($0, nil) } }
    let fitting = routes.filter { $0.destination != "default" && Self.holds($0.destination, ip) }
    let best = fitting.max { Self.length($0.destination) < Self.length($1.destination) }
    guard let route = best ?? routes.first(where: { $0.destination == "default" }) else { return nil }
    return (route.device, route.gateway)
  }

  /// The narrowest place on the way to an address; nil: there is none narrower than this host.
  func limit(to ip: String, over device: String? = nil) -> PathLimit? {
    guard !world.outside.pathLimits.isEmpty, let way = way(to: ip, over: device) else { return nil }
    let cards = live.uplink(of: way.device)?.cards ?? [way.device]
    return world.outside.pathLimits.filter { place, _ in Self.isSame(place, ip) || cards.contains(place) }.values
      .min { $0.most < $1.most }
  }

  /// The address that a device sends from.
  func source(on device: String, for ip: String) -> String? {
    let own = kernel.device(device)?.addresses ?? []
    guard ip.contains(":") else { return own.first { !$0.isIPv6 }?.ip }
    let wanted = own.filter { $0.isIPv6 }
    return (ip.hasPrefix("fe80:") ? wanted.last : wanted.first { !$0.isLinkLocal && !$0.isDuplicate })?.ip
  }

  /// The router that packets for other networks are sent to answers.
  func gatewayAnswers(isIPv6: Bool = false) -> Bool {
    guard let route = kernel.routes.first(where: { $0.isIPv6 == isIPv6 && $0.destination == "default" }),
      let gateway = route.gateway
    else { return false }
    return neighbour(gateway, on: route.device) != nil
  }

  // MARK: Names

  /// Whether a name server answers questions: those beside a router, the well-known ones far away, and whoever was said to
  /// be one by being named in the host's settings and there.
  func answersNames(_ server: String) -> Bool {
    guard !world.outside.deadServers.contains(where: { Self.isSame($0, server) }), answer(server) == .answers else {
      return false
    }
    let isFar = world.outside.far.contains { Self.isSame($0, server) }
    let own = kernel.devices.filter { !$0.addresses.allSatisfy(\.isLinkLocal) }
    let segments = world.wiring?.segments ?? own.compactMap { segment(of: $0.name) }
    return isFar || segments.contains { $0.isServer(server) }
  }

  // MARK: Texts

  static func isSame(_ one: String, _ other: String) -> Bool {
    one == other || (one.contains(":") && IPv6Text.isSame(one, other))
  }

  private static func length(_ destination: String) -> Int {
    destination.split(separator: "/").last.flatMap { Int($0) } ?? 0
  }

  private static func holds(_ destination: String, _ ip: String) -> Bool {
    let parts = destination.split(separator: "/")
    guard parts.count == 2, let length = Int(parts[1]) else { return false }
    if ip.contains(":") { return IPv6Text.isSame(ip, String(parts[0]), prefix: length) }
    guard let number = IPv4Text.number(ip), let subnet = IPv4Text.number(String(parts[0])),
      let mask = IPv4Text.number(IPv4Text.mask(ofPrefix: length))
    else { return false }
    return number & mask == subnet & mask
  }
}

/// Addresses of the pool's other hosts that are up, gathered when the first is asked for: pools may be large.
private final class PoolAddresses {
  private let world: World
  private lazy var all = gathered

  init(_ world: World) { self.world = world }

  func contains(_ ip: String) -> Bool { all.contains(ip) }

  private var gathered: Set<String> {
    var found: Set<String> = world.isCoordinator ? [] : [world.coordinatorIP]
    let hosts = world.database.refs("host").filter { host in
      host != world.thisHost && (world.isLive(host) || world.lost.contains(host))
    }
    let movedAddress =
      world.coordinatorAddress == nil ? nil : world.database.string("host", world.coordinator, "address")
    for host in hosts {
      found.insert(world.database.string("host", host, "address"))
      for pif in world.database.strings("host", host, "PIFs") { found.insert(world.database.string("PIF", pif, "IP")) }
    }
    if let movedAddress, movedAddress != world.coordinatorAddress { found.remove(movedAddress) }
    return found.subtracting([""])
  }
}
