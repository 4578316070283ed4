import JSON

/// What the simulated kernel has: devices with addresses, routes. sysfs and `ip` both tell of it.
struct KernelView: Sendable {
  struct Address: Sendable, Hashable {
    var ip: String
    var prefix: Int
    var isIPv6 = false
    var isDynamic = false
    /// Somebody else has it (RFC 4862 §5.4).
    var isDuplicate = false

    var isLinkLocal: Bool { ip.hasPrefix("fe80:") }
    var text: String { "\(ip)/\(prefix)" }
  }

  struct Device: Sendable {
    enum Kind: Sendable {
      case loopback
      case card(NIC)
      /// Open vSwitch's own.
      case system
      case bridge
    }

    var name: String
    var index: Int
    var kind: Kind
    var mac: String
    var mtu: Int64 = 1500
    /// Administratively up.
    var isUp = true
    var hasCarrier = true
    /// Mbit/s; nil where the kernel has none to tell.
    var speed: Int64?
    var addresses: [Address] = []

    /// A card in Open vSwitch's hands.
    var isPort = false

    var flags: [String] {
      switch kind {
      case .loopback: ["LOOPBACK", "UP", "LOWER_UP"]
      case .system: ["BROADCAST", "MULTICAST"]
      case .card, .bridge:
        (isUp && !hasCarrier ? ["NO-CARRIER"] : []) + ["BROADCAST", "MULTICAST"] + (isUp ? ["UP"] : [])
          + (isUp && hasCarrier ? ["LOWER_UP"] : [])
      }
    }

    /// sysfs's number for them: IFF_UP, IFF_BROADCAST, IFF_LOOPBACK, IFF_RUNNING is not shown there, IFF_MULTICAST.
    var flagBits: Int {
      switch kind {
      case .loopback: 0x9
      case .system: 0x1002
      case .card, .bridge: isUp ? (isPort ? 0x1103 : 0x1003) : 0x1002
      }
    }

    var operstate: String {
      switch kind {
      case .card: isUp ? (hasCarrier ? "up" : "down") : "down"
      case .system: "down"
      case .loopback, .bridge: "unknown"
      }
    }
  }

  struct Route: Sendable {
    /// `default` or a subnet with its length.
    var destination: String
    var gateway: String?
    var device: String
    /// The address that packets get, on routes of the kernel's own.
    var source: String?
    var isIPv6 = false
  }

  private(set) var devices: [Device] = []
  private(set) var routes: [Route] = []

  /// - Parameter routes: the kernel's static routes; nil: those that networkd was told of last.
  init(_ world: World, _ live: NetworkdConfig, hasSwitch: Bool = true, routes: [NetworkdConfig.KernelRoute]? = nil) {
    devices = [Device(name: "lo", index: 1, kind: .loopback, mac: "00:00:00:00:00:00", mtu: 65536)]
    devices[0].addresses = [
      Address(ip: "127.0.0.1", prefix: 8), Address(ip: "::1", prefix: 128, isIPv6: true),
    ]
    let cards = world.nics.filter { $0.host == world.thisHost }.sorted { $0.position < $1.position }
    for card in cards {
      let holder = live.bridge(holding: card.device)
      let isUp = holder != nil || live.interfaces[card.device] != nil
      devices.append(
        Device(
          name: card.device, index: devices.count + 1, kind: .card(card), mac: card.mac,
          mtu: live.interfaces[card.device]?.mtu ?? 1500, isUp: isUp, hasCarrier: card.carrier,
          speed: card.carrier && isUp ? world.speed(of: card) : nil, isPort: holder != nil))
    }
    guard hasSwitch else { return }
    devices.append(
      Device(name: "ovs-system", index: devices.count + 1, kind: .system, mac: "7a:3c:51:0e:9d:42", isUp: false))
    for (name, bridge) in live.bridges.sorted(by: { Self.isBefore($0.key, $1.key) }) {
      add(name, bridge, world, live)
    }
    addRoutes(world, live, routes)
  }

  /// xenbr2 before xenbr10.
  static func isBefore(_ left: String, _ right: String) -> Bool {
    func parts(_ name: String) -> (String, Int) {
      (String(name.prefix { !$0.isNumber }), Int(name.drop { !$0.isNumber }) ?? -1)
    }
    return parts(left) < parts(right)
  }

  private mutating func add(
    _ name: String, _ bridge: NetworkdConfig.Bridge, _ world: World, _ live: NetworkdConfig
  ) {
    let interface = live.interfaces[name] ?? .init()
    let mac = bridge.mac ?? live.bridges[live.base(of: name)]?.mac ?? "7a:00:00:00:00:01"
    var device = Device(name: name, index: devices.count + 1, kind: .bridge, mac: mac, mtu: interface.mtu)
    device.addresses = Self.addresses(of: name, interface, mac, world, live)
    devices.append(device)
  }

  /// The addresses of a bridge's interface, those that DHCP or a router gave included.
  private static func addresses(
    of name: String, _ interface: NetworkdConfig.Interface, _ mac: String, _ world: World, _ live: NetworkdConfig
  ) -> [Address] {
    var found: [Address] = []
    let uplink = live.uplink(of: name)
    switch interface.ipv4 {
    case .none: break
    case .fixed(let addresses): found += addresses.map { Address(ip: $0.ip, prefix: $0.prefix) }
    case .dhcp:
      if let lease = world.lease(of: name, live) {
        found.append(
          Address(ip: lease.ip, prefix: IPv4Text.prefix(ofMask: lease.netmask) ?? 24, isDynamic: true))
      }
    }
    if interface.ipv6 == .none { return found }
    // Asked for by few: hundreds of bridges have nothing to ask.
    func segment() -> Wiring.Segment? { uplink.flatMap { world.segment(behind: $0) } }
    func prefix() -> String? { segment().flatMap { $0.router == nil ? nil : $0.subnet6 } }
    switch interface.ipv6 {
    case .none, .linkLocal: break
    case .fixed(let addresses):
      found += addresses.map { address in
        let isTaken =
          world.outside.occupied.contains { IPv6Text.isSame($0, address.ip) } && segment()?.holds(address.ip) == true
        return Address(ip: address.ip, prefix: address.prefix, isIPv6: true, isDuplicate: isTaken)
      }
    case .autoconf:
      guard let prefix = prefix() else { break }
      found.append(
        Address(
          ip: "\(prefix):\(World.interfaceIdentifier(ofMAC: mac))", prefix: 64, isIPv6: true, isDynamic: true))
    case .dhcp:
      guard let prefix = prefix() else { break }
      found.append(Address(ip: "\(prefix)::64", prefix: 128, isIPv6: true, isDynamic: true))
    }
    found.append(Address(ip: "fe80::" + World.interfaceIdentifier(ofMAC: mac), prefix: 64, isIPv6: true))
    return found
  }

  // MARK: Routes

  private mutating func addRoutes(_ world: World, _ live: NetworkdConfig, _ kept: [NetworkdConfig.KernelRoute]?) {
    if let name = world.defaultDevice ?? live.gatewayInterface, let interface = live.interfaces[name] {
      let leased = world.lease(of: name, live)?.router
      let gateway = interface.ipv4 == .dhcp ? leased : interface.ipv4Gateway
      if let gateway, !gateway.isEmpty {
        routes.append(Route(destination: "default", gateway: gateway, device: name))
      }
      if let gateway = interface.ipv6Gateway {
        routes.append(Route(destination: "default", gateway: gateway, device: name, isIPv6: true))
      }
    }
    for device in devices where device.name != "lo" {
      for address in device.addresses where !address.isIPv6 && address.prefix < 32 {
        routes.append(
          Route(
            destination: "\(Self.subnet(address.ip, address.prefix))/\(address.prefix)", device: device.name,
            source: address.ip))
      }
      for address in device.addresses where address.isIPv6 && address.prefix == 64 {
        let subnet = address.isLinkLocal ? "fe80::/64" : Self.subnet6(address.ip) + "/64"
        routes.append(Route(destination: subnet, device: device.name, isIPv6: true))
      }
      let own = kept?.filter { $0.device == device.name }.map(\.route) ?? live.interfaces[device.name]?.routes ?? []
      for route in own {
        // The kernel writes a route to one address without its length.
        let destination = route.prefix == 32 ? route.subnet : "\(route.subnet)/\(route.prefix)"
        routes.append(Route(destination: destination, gateway: route.gateway, device: device.name))
      }
    }
  }

  static func subnet(_ ip: String, _ prefix: Int) -> String {
    guard let number = IPv4Text.number(ip), let mask = IPv4Text.number(IPv4Text.mask(ofPrefix: prefix)) else {
      return ip
    }
    return IPv4Text.text(number & mask)
  }

  /// The first four groups of an IPv6 address.
  static func subnet6(_ ip: String) -> String {
    if let gap = ip.range(of: "::") { return ip[..<gap.lowerBound] + "::" }
    return ip.split(separator: ":").prefix(4).joined(separator: ":") + "::"
  }

  // MARK: Asking

  func device(_ name: String) -> Device? { devices.first { $0.name == name } }

  /// The first IPv4 address of a device.
  func ipv4(of name: String) -> Address? { device(name)?.addresses.first { !$0.isIPv6 } }

  /// The first IPv6 address of a device that others can reach.
  func ipv6(of name: String) -> Address? { device(name)?.addresses.first { $0.isIPv6 && !$0.isLinkLocal } }
}

extension String {
  /// Where a short text stands in this one.
  func range(of text: String) -> Range<String.Index>? {
    let wanted = Array(text.utf8)
    let bytes = utf8
    var index = bytes.startIndex
    while index != bytes.endIndex {
      if bytes[index...].starts(with: wanted) {
        return index..<(bytes.index(index, offsetBy: wanted.count))
      }
      index = bytes.index(after: index)
    }
    return nil
  }
}
