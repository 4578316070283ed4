import JSON

/// `/var/lib/xcp/networkd.db`: what networkd sets up at boot (`reference/dom0.md` §2.5). networkd overwrites it while
/// it runs: never edit it then. Missing or undecodable, networkd takes `management.conf` instead.
///
/// Newer releases put the six raw octets of a MAC into a string, so that the file need not be UTF-8: it is read as
/// Latin-1.
public struct NetworkdDB: Hashable, Sendable {
  public static let path = "/var/lib/xcp/networkd.db"
  private static let limit = 8 << 20

  /// The file's bytes, as they were read.
  public let bytes: [UInt8]
  /// NICs and bridges, in the order of the file.
  public let interfaces: [Interface]
  public let bridges: [Bridge]
  /// The bridge whose gateway is the host's default route.
  public let gatewayInterface: String?
  /// The bridge whose name servers the host uses.
  public let dnsInterface: String?
  /// networkd's own order of NICs; nil on releases with `interface-rename` (8.2, 8.3).
  public let interfaceOrder: [OrderedInterface]?
  /// Parts that are not as networkd writes them, by their place. What they hold is left out above.
  public let problems: [String]

  public init(parsing bytes: [UInt8]) throws(HostFileError) {
    try HostText.check(bytes, path: Self.path)
    let text = Latin1.utf8(bytes)
    let root: JSONValue
    do throws(JSONError) {
      root = try JSONValue(parsing: text)
    } catch {
      let place = JSONError(reason: error.reason, offset: Latin1.offset(error.offset, inUTF8: text))
      throw .malformed(path: Self.path, reason: place.description)
    }
    guard let object = root.object else { throw .malformed(path: Self.path, reason: "it is not a JSON object") }
    self.bytes = bytes
    var reader = NetworkdDBReader()
    interfaces = reader.members(object["interface_config"], "interface_config") { $0.interface($1, $2, $3) }
    bridges = reader.members(object["bridge_config"], "bridge_config") { $0.bridge($1, $2, $3) }
    gatewayInterface = reader.text(object["gateway_interface"], "gateway_interface")
    dnsInterface = reader.text(object["dns_interface"], "dns_interface")
    interfaceOrder = reader.order(object["interface_order"])
    problems = reader.problems
  }

  public init(of system: HostSystem) throws(HostFileError) {
    try self.init(parsing: try system.read(Self.path, limit: Self.limit))
  }

  public func interface(_ name: String) -> Interface? { interfaces.last { $0.name == name } }
  public func bridge(_ name: String) -> Bridge? { bridges.last { $0.name == name } }

  /// The bridge one of whose ports uses this NIC, if any.
  public func bridge(using nic: String) -> Bridge? {
    bridges.first { $0.ports.contains { $0.interfaces.contains(nic) } }
  }

  /// The NICs below a bridge: of a VLAN's bridge those of its parent.
  public func nics(below name: String) -> [String] {
    var name = name
    // A VLAN's parent is never a VLAN's bridge, but the file may say so in a circle.
    for _ in 0..<4 {
      guard let bridge = bridge(name) else { return [] }
      guard let vlan = bridge.vlan else { return bridge.ports.flatMap(\.interfaces) }
      name = vlan.parent
    }
    return []
  }
}

extension NetworkdDB {
  public struct Address: Hashable, Sendable, CustomStringConvertible {
    public var address: String
    public var prefix: Int

    public init(address: String, prefix: Int) {
      self.address = address
      self.prefix = prefix
    }

    public var description: String { "\(address)/\(prefix)" }
  }

  public enum IPv4: Hashable, Sendable {
    /// `None4`.
    case off
    case dhcp
    case `static`([Address])
  }

  public enum IPv6: Hashable, Sendable {
    /// `None6`.
    case off
    case linkLocal
    case dhcp
    case autoconf
    case `static`([Address])
  }

  public struct Route: Hashable, Sendable {
    public var subnet: String
    /// Prefix length.
    public var prefix: Int
    public var gateway: String

    public init(subnet: String, prefix: Int, gateway: String) {
      self.subnet = subnet
      self.prefix = prefix
      self.gateway = gateway
    }
  }

  /// What networkd knows of a NIC, or of a bridge as something with an address.
  public struct Interface: Hashable, Sendable {
    public var name: String
    public var ipv4 = IPv4.off
    public var ipv4Gateway: String?
    public var ipv6 = IPv6.off
    public var ipv6Gateway: String?
    public var routes: [Route] = []
    public var nameServers: [String] = []
    public var searchDomains: [String] = []
    /// Bytes.
    public var mtu = 1500
    public var ethtoolSettings: [String: String] = [:]
    public var ethtoolOffload: [String: String] = ["lro": "off"]
    /// True when it is set up again at boot.
    public var isPersistent = false

    public init(name: String) { self.name = name }
  }

  public struct Port: Hashable, Sendable {
    public var name: String
    public var interfaces: [String] = []
    public var bondProperties: [String: String] = [:]
    public var bondMAC: String?
    /// `Basic_port` or `PVS_proxy`.
    public var kind = "Basic_port"

    public init(name: String) { self.name = name }

    /// True for a port of several NICs.
    public var isBond: Bool { interfaces.count > 1 || bondProperties["mode"] != nil }
  }

  public struct Bridge: Hashable, Sendable {
    public var name: String
    public var ports: [Port] = []
    /// The bridge below and the tag, for a VLAN's bridge.
    public var vlan: VLAN?
    public var mac: String?
    public var igmpSnooping: Bool?
    public var otherConfig: [String: String] = [:]
    /// True when it is made again at boot; parents of VLANs are, too.
    public var isPersistent = false

    public init(name: String) { self.name = name }
  }

  public struct VLAN: Hashable, Sendable {
    public var parent: String
    public var tag: Int

    public init(parent: String, tag: Int) {
      self.parent = parent
      self.tag = tag
    }
  }

  /// A NIC in networkd's own order.
  public struct OrderedInterface: Hashable, Sendable {
    public var name: String
    public var position: Int
    /// Lower case with colons.
    public var mac: String
    /// `0000:05:00.0`; nil when it is not on the PCI bus.
    public var pci: String?
    public var isPresent: Bool

    public init(name: String, position: Int, mac: String, pci: String?, isPresent: Bool) {
      self.name = name
      self.position = position
      self.mac = mac
      self.pci = pci
      self.isPresent = isPresent
    }
  }
}
