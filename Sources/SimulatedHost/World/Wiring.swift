/// Where a host's cables lead to: which networks of the outside world answer on which cards.
public struct Wiring: Hashable, Sendable {
  /// One network out there, as a switch hands it to this host.
  public struct Segment: Hashable, Sendable {
    /// Cards on whose switch ports the network is.
    public var devices: Set<String>
    /// The tag it has there; nil for untagged.
    public var vlan: Int?
    /// First three numbers of its addresses, such as `10.0.4`; the mask is 255.255.255.0.
    public var subnet: String
    /// Its router; nil when there is none.
    public var router: String?
    /// A DHCP server answers.
    public var hasDHCP: Bool
    /// Other subnets on the same wire, without a router or DHCP of their own.
    public var alsoSubnets: Set<String>
    /// First four groups of its IPv6 addresses, such as `2001:db8:4:0`; nil when IPv6 is not spoken. Its routers are
    /// `fe80::1` and the prefix's `::1`.
    public var subnet6: String?

    public init(
      devices: Set<String>, vlan: Int? = nil, subnet: String, router: String? = nil, hasDHCP: Bool = true,
      alsoSubnets: Set<String> = [], subnet6: String? = "2001:db8:4:0"
    ) {
      self.devices = devices
      self.vlan = vlan
      self.subnet = subnet
      self.router = router
      self.hasDHCP = hasDHCP
      self.alsoSubnets = alsoSubnets
      self.subnet6 = subnet6
    }

    /// Whether an address belongs here.
    func holds(_ ip: String) -> Bool {
      if ip.contains(":") {
        guard let subnet6 else { return false }
        return ip.hasPrefix("fe80:") || IPv6Text.prefix64(ip) == IPv6Text.prefix64(subnet6 + "::")
      }
      return isMain(ip) || alsoSubnets.contains { ip.hasPrefix($0 + ".") }
    }

    /// In the subnet that has the router.
    func isMain(_ ip: String) -> Bool { ip.hasPrefix(subnet + ".") }

    /// Passes packets on.
    func isRouter(_ ip: String) -> Bool {
      guard ip.contains(":") else { return ip == router }
      guard router != nil, let subnet6 else { return false }
      return IPv6Text.isSame(ip, "fe80::1") || IPv6Text.isSame(ip, subnet6 + "::1")
    }

    /// Name and time servers stand beside the router.
    func isServer(_ ip: String) -> Bool {
      guard ip.contains(":") else { return isMain(ip) && ["2", "3"].contains(ip.dropFirst(subnet.count + 1)) }
      guard let subnet6 else { return false }
      return IPv6Text.isSame(ip, subnet6 + "::2") || IPv6Text.isSame(ip, subnet6 + "::3")
    }
  }

  public var segments: [Segment]
  /// The switch speaks LACP on this host's ports. Without it a bond in mode lacp that may not fall back carries
  /// nothing.
  public var hasLACP: Bool

  public init(segments: [Segment], hasLACP: Bool = true) {
    self.segments = segments
    self.hasLACP = hasLACP
  }
}

/// Who answers out there besides routers, servers and the pool's hosts.
struct Outside: Sendable, Hashable {
  /// Addresses that somebody else has on this host's networks.
  var occupied: Set<String> = []
  /// Addresses of name servers that do not answer questions; they still answer a ping.
  var deadServers: Set<String> = []
  /// Addresses that nobody has any more: what stood there is switched off.
  var gone: Set<String> = []
  /// Addresses elsewhere that answer through a router.
  var far: Set<String> = [
    "1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "2606:4700:4700::1111", "2001:4860:4860::8888",
    "2620:fe::fe",
  ]
  /// Machines with addresses on this host's networks that are neither routers nor servers nor of the pool: storage.
  var standing: Set<String> = []
  /// How long packets may be on their way, by the address they go to or by the card of this host they leave through.
  var pathLimits: [String: PathLimit] = [:]
  /// DHCP servers answer.
  var hasDHCP = true
  /// Routers pass packets on.
  var isConnected = true
}

/// The narrowest place on a way.
struct PathLimit: Sendable, Hashable {
  /// Bytes of a whole packet.
  var most: Int
  /// The router that says so when one is longer; nil: it is lost without a word, as at a switch port.
  var teller: String?
}

extension World {
  /// The network behind an uplink: one of its cards must have a link and a switch port that carries it.
  ///
  /// Without a wiring every cable leads to every network.
  func segment(behind uplink: Uplink) -> Wiring.Segment? {
    let linked = uplink.cards.filter { card in nics.contains { $0.host == thisHost && $0.device == card && $0.carrier }
    }
    guard !linked.isEmpty else { return nil }
    guard let wiring else {
      let tag = uplink.tag ?? -1
      let prefix = subnet(ofTag: tag)
      return Wiring.Segment(
        devices: Set(linked), vlan: uplink.tag.map { Int($0) }, subnet: prefix, router: "\(prefix).1",
        alsoSubnets: knownSubnets[tag, default: []].subtracting([prefix]), subnet6: subnet6(ofTag: tag))
    }
    if uplink.isLACP, !wiring.hasLACP { return nil }
    return wiring.segments.first { segment in
      segment.vlan.map(Int64.init) == uplink.tag && !segment.devices.isDisjoint(with: linked)
    }
  }

  /// The documentation prefix (RFC 3849), a part of it for every VLAN.
  func subnet6(ofTag tag: Int64) -> String {
    tag < 0 || !separatesVLANs ? "2001:db8:4:0" : "2001:db8:4:" + String((tag & 0xfff) + 0x1000, radix: 16)
  }

  /// Notes the subnets of fixed addresses by tag: that is where they belong.
  mutating func noteSubnets() {
    for pif in database.refs("PIF") where database.string("PIF", pif, "ip_configuration_mode") == "Static" {
      let parts = database.string("PIF", pif, "IP").split(separator: ".")
      guard parts.count == 4 else { continue }
      knownSubnets[database.int("PIF", pif, "VLAN"), default: []].insert(parts.prefix(3).joined(separator: "."))
    }
  }

  /// The address that the coordinator answers on.
  var coordinatorIP: String { coordinatorAddress ?? database.string("host", coordinator, "address") }

  /// Whether this host, with `address` behind `uplink`, gets an answer from the coordinator's address: it is on the
  /// same network, or this network's router is asked and the coordinator is on some other.
  /// - Parameter gateway: where packets for other networks are sent; nil: nowhere.
  func reachesCoordinator(from address: String, behind uplink: Uplink, gateway: String?) -> Bool {
    guard let here = segment(behind: uplink), here.holds(address) else { return false }
    let there = coordinatorIP
    if outside.gone.contains(there) { return false }
    if here.holds(there) { return true }
    guard let gateway, here.isRouter(gateway), here.isMain(address) || address.contains(":") else { return false }
    if outside.gone.contains(gateway) { return false }
    return outside.isConnected && wiring?.segments.contains { $0.holds(there) } != true
  }
}
