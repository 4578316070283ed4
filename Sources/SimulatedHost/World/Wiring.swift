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

    public init(devices: Set<String>, vlan: Int? = nil, subnet: String, router: String? = nil, hasDHCP: Bool = true) {
      self.devices = devices
      self.vlan = vlan
      self.subnet = subnet
      self.router = router
      self.hasDHCP = hasDHCP
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

extension World {
  /// The network behind an uplink: one of its cards must have a link and a switch port that carries it.
  ///
  /// Without a wiring every cable leads to every network.
  func segment(behind uplink: Uplink) -> Wiring.Segment? {
    let linked = uplink.cards.filter { card in nics.contains { $0.host == thisHost && $0.device == card && $0.carrier }
    }
    guard !linked.isEmpty else { return nil }
    guard let wiring else {
      let prefix = subnet(ofTag: uplink.tag ?? -1)
      return Wiring.Segment(devices: Set(linked), subnet: prefix, router: "\(prefix).1")
    }
    if uplink.isLACP, !wiring.hasLACP { return nil }
    return wiring.segments.first { segment in
      segment.vlan.map(Int64.init) == uplink.tag && !segment.devices.isDisjoint(with: linked)
    }
  }

  /// The address that the coordinator answers on.
  var coordinatorIP: String { coordinatorAddress ?? database.string("host", coordinator, "address") }

  /// Whether this host, with `address` behind `uplink`, gets an answer from the coordinator's address: it is on the
  /// same network, or this network has a router and the coordinator is on some other.
  func reachesCoordinator(from address: String, behind uplink: Uplink) -> Bool {
    guard let here = segment(behind: uplink) else { return false }
    guard wiring != nil else { return true }
    func isIn(_ segment: Wiring.Segment, _ ip: String) -> Bool { ip.hasPrefix(segment.subnet + ".") }
    guard isIn(here, address) else { return false }
    return isIn(here, coordinatorIP)
      || (here.router != nil && wiring?.segments.contains { isIn($0, coordinatorIP) } != true)
  }
}
