import JSON

/// What xcp-networkd knows: which bridges to make of which cards, and which address goes where. The same value is in
/// its file `networkd.db` (notes on dom0 §2.5) and, here, what the simulated kernel does.
struct NetworkdConfig: Sendable, Hashable {
  struct Address: Sendable, Hashable {
    var ip: String
    var prefix: Int
  }

  enum IPv4: Sendable, Hashable {
    case none
    case dhcp
    case fixed([Address])
  }

  enum IPv6: Sendable, Hashable {
    case none
    case linkLocal
    case dhcp
    case autoconf
    case fixed([Address])
  }

  struct Route: Sendable, Hashable {
    var subnet: String
    var prefix: Int
    var gateway: String
  }

  struct DNS: Sendable, Hashable {
    var servers: [String] = []
    var domains: [String] = []
  }

  struct Interface: Sendable, Hashable {
    var ipv4 = IPv4.none
    var ipv4Gateway: String?
    var ipv6 = IPv6.none
    var ipv6Gateway: String?
    var routes: [Route] = []
    var dns: DNS?
    var mtu: Int64 = 1500
    var settings: JSONObject = [:]
    var offload: JSONObject = ["lro": "off"]
    var isPersistent = false

    /// An address is wanted or given.
    var isConfigured: Bool {
      switch ipv6 {
      case .none, .linkLocal: ipv4 != .none
      default: true
      }
    }
  }

  struct Port: Sendable, Hashable {
    /// One card, or the members of a bond.
    var interfaces: [String]
    var bondProperties: JSONObject = [:]
    var bondMAC: String?

    /// One card alone is a plain port, whatever the bond's properties are (XAPI notes §3.6).
    var isBond: Bool { interfaces.count > 1 }

    /// A LACP bond that may not do without a partner.
    var needsPartner: Bool {
      bondProperties["mode"]?.string == "lacp" && bondProperties["lacp-fallback-ab"]?.string != "true"
    }
  }

  struct VLAN: Sendable, Hashable {
    var parent: String
    var tag: Int64
  }

  struct Bridge: Sendable, Hashable {
    /// By name: a card's, or a bond's.
    var ports: [String: Port] = [:]
    var vlan: VLAN?
    var mac: String?
    var snoopsIGMP = false
    var otherConfig: JSONObject = [:]
    var isPersistent = false
  }

  var interfaces: [String: Interface] = [:]
  var bridges: [String: Bridge] = [:]
  var gatewayInterface: String?
  var dnsInterface: String?
  /// On products that number cards themselves: name, position and MAC of each (notes on dom0 §1.10).
  var order: [NIC]?

  /// What is restored at boot: what is marked persistent, and the bridges that persistent VLANs stand on.
  var restoredAtBoot: NetworkdConfig {
    var kept = self
    kept.bridges = bridges.filter { $0.value.isPersistent }
    for bridge in kept.bridges.values {
      if let parent = bridge.vlan?.parent, let base = bridges[parent] { kept.bridges[parent] = base }
    }
    kept.interfaces = interfaces.filter { $0.value.isPersistent }
    return kept
  }

  // MARK: Asking

  /// The bridge at the bottom of a VLAN's bridge; a real bridge is its own.
  func base(of bridge: String) -> String { bridges[bridge]?.vlan?.parent ?? bridge }

  /// The port that leads out of a bridge, and the VLAN tag on it.
  func uplink(of bridge: String) -> Uplink? {
    guard let port = bridges[base(of: bridge)]?.ports.min(by: { $0.key < $1.key }) else { return nil }
    return Uplink(
      device: port.key, cards: port.value.interfaces, tag: bridges[bridge]?.vlan?.tag,
      isLACP: port.value.needsPartner, mac: bridges[base(of: bridge)]?.mac ?? "")
  }

  /// The bridge that a card is a port of, alone or in a bond.
  func bridge(holding card: String) -> (bridge: String, port: String)? {
    for (name, bridge) in bridges.sorted(by: { $0.key < $1.key }) {
      for (port, content) in bridge.ports where content.interfaces.contains(card) { return (name, port) }
    }
    return nil
  }

  /// The names of bridges that stand on another.
  func vlans(on bridge: String) -> [String] {
    bridges.filter { $0.value.vlan?.parent == bridge }.keys.sorted()
  }
}

/// How packets leave a bridge.
struct Uplink: Sendable, Hashable {
  /// A card's name or a bond's.
  var device: String
  var cards: [String]
  var tag: Int64?
  /// Carries nothing unless the switch speaks LACP.
  var isLACP: Bool
  /// The address that its frames carry.
  var mac: String
}
