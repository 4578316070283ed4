/// The time servers that the host's daemon asks, and how they do.
struct TimeSources {
  struct Source: Hashable {
    /// What the configuration calls it.
    var name: String
    /// Its address; a name that cannot be looked up has none.
    var address: String
    /// chrony's sign: `*` taken, `+` combined, `?` does not answer.
    var sign: String
  }

  let sources: [Source]
  let isRunning: Bool

  var isSynchronised: Bool { sources.contains { $0.sign == "*" } }

  init(_ world: World, _ live: NetworkdConfig) {
    isRunning = world.services.isActive(world.services.timeUnit)
    guard isRunning else {
      sources = []
      return
    }
    let reach = Reach(world, live)
    let names = NameService(reach)
    var isTaken = false
    sources = (Self.fromDHCP(world, live) + world.services.timeServers).map { name in
      let isAddress = IPv4Text.isValid(name) || IPv6Text.isValid(name)
      let found = isAddress ? name : names.lookUp(name)
      let answers = found.map { reach.answer($0) == .answers } ?? false
      defer { isTaken = isTaken || answers }
      return Source(name: name, address: found ?? name, sign: !answers ? "?" : isTaken ? "+" : "*")
    }
  }

  /// What DHCP servers name, of all interfaces with a lease, where the hook may be run.
  static func fromDHCP(_ world: World, _ live: NetworkdConfig) -> [String] {
    guard world.services.takesTimeServersFromDHCP else { return [] }
    return byBridge(world, live).map(\.server)
  }

  /// The time server in each bridge's lease.
  static func byBridge(_ world: World, _ live: NetworkdConfig) -> [(bridge: String, server: String)] {
    live.interfaces.filter { $0.value.ipv4 == .dhcp }.keys.sorted().compactMap { bridge in
      guard let lease = world.lease(of: bridge, live) else { return nil }
      return (bridge, server(beside: lease.ip))
    }
  }

  /// The time server that DHCP tells of.
  static func server(beside ip: String) -> String { ip.split(separator: ".").prefix(3).joined(separator: ".") + ".3" }
}

/// Names and addresses, by the servers in `resolv.conf`.
struct NameService {
  private let reach: Reach
  private let servers: [String]

  init(_ reach: Reach) {
    self.reach = reach
    servers = reach.live.resolvers(in: reach.world)
  }

  /// The first of the configured servers that answers.
  var answering: String? { servers.first(where: reach.answersNames) }

  /// - Parameter server: asked instead of the configured ones.
  /// - Returns: nil when nobody answers, or nobody knows the name.
  func lookUp(_ name: String, at server: String? = nil) -> String? {
    if name == "localhost" { return "127.0.0.1" }
    guard server.map(reach.answersNames) ?? (answering != nil) else { return nil }
    return known(name)
  }

  /// Hosts of the pool by their names; other names with a dot in them exist somewhere, except below the reserved ends
  /// (RFC 2606).
  private func known(_ name: String) -> String? {
    let world = reach.world
    let short = name.split(separator: ".").first.map { String($0) } ?? name
    if let host = world.database.find("host", "hostname", .string(short)).first {
      return world.database.string("host", host, "address")
    }
    let end = name.split(separator: ".").last.map { String($0) } ?? ""
    guard name.contains("."), !["invalid", "test", "example"].contains(end), !name.hasPrefix("nosuch") else { return nil }
    let sum = name.utf8.reduce(11) { ($0 * 31 + Int($1)) & 0xffff }
    return "203.0.113.\(sum % 250 + 1)"
  }
}

extension NetworkdConfig {
  /// Name servers as `resolv.conf` has them.
  func resolvers(in world: World) -> [String] {
    guard let name = dnsInterface, let interface = interfaces[name] else { return [] }
    if let dns = interface.dns, !dns.servers.isEmpty || !dns.domains.isEmpty { return dns.servers }
    guard interface.ipv4 == .dhcp, let lease = world.lease(of: name, self) else { return [] }
    return [SimulatedHost.server(beside: lease.ip)]
  }
}
