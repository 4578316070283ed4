import Glibc

/// What is mirrored into a network namespace: this host's bridges with their addresses and links, and its default routes.
struct MirroredNetwork: Sendable, Hashable {
  struct Bridge: Sendable, Hashable {
    var hasLink: Bool
    /// With their prefix lengths; those that the kernel gives itself are left out.
    var addresses: Set<String>
  }

  struct Route: Sendable, Hashable {
    var gateway: String
    var device: String
  }

  var bridges: [String: Bridge] = [:]
  var route: Route?
  var route6: Route?

  init() {}

  init(_ world: World, _ live: NetworkdConfig, _ kernel: KernelView) {
    for device in kernel.devices {
      guard case .bridge = device.kind, device.name.utf8.count <= RealNetwork.longestName else { continue }
      let cards = live.uplink(of: device.name)?.cards ?? []
      let hasLink = cards.isEmpty || cards.contains { card in kernel.device(card)?.hasCarrier == true }
      bridges[device.name] = Bridge(
        hasLink: hasLink, addresses: Set(device.addresses.filter { !$0.isLinkLocal && !$0.isDuplicate }.map(\.text)))
    }
    route = Self.way(kernel, isIPv6: false)
    route6 = Self.way(kernel, isIPv6: true)
  }

  private static func way(_ kernel: KernelView, isIPv6: Bool) -> Route? {
    guard let route = kernel.routes.first(where: { $0.isIPv6 == isIPv6 && $0.destination == "default" }),
      let gateway = route.gateway
    else { return nil }
    return Route(gateway: gateway, device: route.device)
  }
}

/// Gives the network namespace of this process the addresses that the simulated host has, so that what really arrives there
/// can be looked at. Refuses to work anywhere but in a namespace of its own.
actor RealNetwork {
  /// Two letters are added for a bridge's cable.
  static let longestName = Int(IFNAMSIZ) - 1 - 2

  /// Bridges made here, which may be removed again. Devices that were there before keep existing.
  private var made: Set<String> = []
  private var applied = MirroredNetwork()
  private let complain: @Sendable (String) -> Void

  init(complain: @escaping @Sendable (String) -> Void) throws(SimulationError) {
    if let problem = Self.problem() { throw .notIsolated(problem) }
    self.complain = complain
  }

  /// Why this process may not change its network; nil when it has a namespace other than init's.
  ///
  /// Where init may not be looked at (it has more capabilities than this process), one of the processes that this one comes
  /// from must be in another namespace: then somebody has put it into one on purpose.
  static func problem() -> String? {
    guard let own = link("/proc/self/ns/net") else { return "this process's network namespace cannot be told" }
    if let first = link("/proc/1/ns/net") { return own == first ? "this is init's own network namespace" : nil }
    var process = getppid()
    while process > 1 {
      if let other = link("/proc/\(process)/ns/net"), other != own { return nil }
      guard let parent = parent(of: process) else { break }
      process = parent
    }
    return "this is the network namespace of everybody else"
  }

  /// The fourth word of `stat`, after a name in parentheses that may hold anything.
  private static func parent(of process: pid_t) -> pid_t? {
    guard let text = FileTree(root: "").text("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    let words = text[text.index(after: end)...].split(separator: " ")
    return words.count > 1 ? pid_t(words[1]) : nil
  }

  private static func link(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = readlink(path, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }

  // MARK: Following

  /// Makes the namespace look like this.
  func apply(_ wanted: MirroredNetwork) {
    guard wanted != applied else { return }
    // The namespace a process is in may change; nobody's network but one's own is touched.
    guard Self.problem() == nil else { return complain("left the namespace: nothing is mirrored any more") }
    for name in applied.bridges.keys.sorted() where wanted.bridges[name] == nil { remove(name) }
    for (name, bridge) in wanted.bridges.sorted(by: { $0.key < $1.key }) { set(name, bridge) }
    setRoute(wanted.route, instead: applied.route, "-4")
    setRoute(wanted.route6, instead: applied.route6, "-6")
    applied = wanted
  }

  private func remove(_ name: String) {
    if made.remove(name) != nil {
      ip("link", "del", "dev", name + ".a")
      ip("link", "del", "dev", name)
    } else {
      for address in Self.addresses(of: name) { ip("addr", "del", address, "dev", name) }
    }
  }

  private func set(_ name: String, _ bridge: MirroredNetwork.Bridge) {
    if if_nametoindex(name) == 0 { make(name) }
    let before = applied.bridges[name]
    if before?.hasLink != bridge.hasLink {
      let state = bridge.hasLink ? "up" : "down"
      // Its cable, where it has one of ours; otherwise the device itself.
      if made.contains(name) {
        ip("link", "set", "dev", name, "up")
        ip("link", "set", "dev", name + ".b", state)
      } else {
        ip("link", "set", "dev", name, state)
      }
    }
    let present = Self.addresses(of: name)
    for address in present.subtracting(bridge.addresses).sorted() { ip("addr", "del", address, "dev", name) }
    for address in bridge.addresses.subtracting(present).sorted() {
      // Nobody else is here to have the address.
      if address.contains(":") {
        ip("-6", "addr", "add", address, "dev", name, "nodad")
      } else {
        ip("addr", "add", address, "dev", name)
      }
    }
  }

  /// A bridge with a cable in it: one without ports never has a carrier.
  private func make(_ name: String) {
    ip("link", "add", "name", name, "type", "bridge")
    ip("link", "add", "name", name + ".a", "type", "veth", "peer", "name", name + ".b")
    ip("link", "set", "dev", name + ".a", "master", name, "up")
    made.insert(name)
  }

  private func setRoute(_ wanted: MirroredNetwork.Route?, instead before: MirroredNetwork.Route?, _ family: String) {
    if let wanted {
      // Taken away with an address or a link, it must come back although nothing is new about it.
      ip(family, "route", "replace", "default", "via", wanted.gateway, "dev", wanted.device)
    } else if let before {
      ip(family, "route", "del", "default", "via", before.gateway, "dev", before.device, mayFail: true)
    }
  }

  /// The addresses that a device has, but those the kernel gave it.
  private static func addresses(of name: String) -> Set<String> {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    var found: Set<String> = []
    var next = first
    while let entry = next {
      next = entry.pointee.ifa_next
      guard String(cString: entry.pointee.ifa_name) == name, let place = entry.pointee.ifa_addr,
        let mask = entry.pointee.ifa_netmask
      else { continue }
      if let text = text(place, mask), !text.hasPrefix("fe80:") { found.insert(text) }
    }
    return found
  }

  private static func text(_ place: UnsafeMutablePointer<sockaddr>, _ mask: UnsafeMutablePointer<sockaddr>) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    switch Int32(place.pointee.sa_family) {
    case AF_INET:
      let bits = mask.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr.s_addr.nonzeroBitCount }
      let isRead = place.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        inet_ntop(AF_INET, &$0.pointee.sin_addr, &buffer, socklen_t(buffer.count)) != nil
      }
      return isRead ? "\(string(buffer))/\(bits)" : nil
    case AF_INET6:
      let bits = mask.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        withUnsafeBytes(of: $0.pointee.sin6_addr) { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
      }
      let isRead = place.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        inet_ntop(AF_INET6, &$0.pointee.sin6_addr, &buffer, socklen_t(buffer.count)) != nil
      }
      return isRead ? "\(string(buffer))/\(bits)" : nil
    default: return nil
    }
  }

  private static func string(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: The command

  /// Runs `ip` and waits for it: each takes a few milliseconds.
  private func ip(_ words: String..., mayFail: Bool = false) {
    var arguments: [UnsafeMutablePointer<CChar>?] = (["ip"] + words).map { word in strdup(word) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/sbin:/sbin:/usr/bin:/bin"), nil]
    defer { for word in arguments + environment { free(word) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 { posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0) }
    var process: pid_t = 0
    let problem = posix_spawnp(&process, "ip", &actions, nil, &arguments, &environment)
    guard problem == 0 else { return complain("ip: \(String(cString: strerror(problem)))") }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    if status != 0, !mayFail { complain("ip \(words.joined(separator: " ")): exit status \(status >> 8 & 0xff)") }
  }
}

extension SimulatedHost {
  /// Mirrors this host's addresses into the network namespace of this process from now on.
  /// - Parameter complain: told of what went wrong on the way, a line each.
  /// - Throws: `SimulationError.notIsolated` in any namespace that somebody else may need.
  public func mirrorAddresses(complain: @escaping @Sendable (String) -> Void = { _ in }) async throws(SimulationError) {
    mirror = try RealNetwork(complain: complain)
    await mirrorKernel(KernelView(world, dom0.live))?.value
  }

  /// Tells the mirror what there is now. One after the other, in order.
  @discardableResult
  func mirrorKernel(_ kernel: KernelView) -> Task<Void, Never>? {
    guard let mirror else { return nil }
    let network = dom0.isDown ? MirroredNetwork() : MirroredNetwork(world, dom0.live, kernel)
    let before = mirroring
    let task = Task {
      await before?.value
      await mirror.apply(network)
    }
    mirroring = task
    return task
  }
}
