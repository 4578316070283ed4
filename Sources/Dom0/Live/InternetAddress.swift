/// A device as `ip -j addr` tells it, with its addresses (`reference/dom0.md` §3.8).
public struct IPDevice: Hashable, Sendable {
  public var name: String
  public var index: Int?
  /// `UP`, `LOWER_UP`, `NO-CARRIER`…
  public var flags: Set<String>
  /// Bytes.
  public var mtu: Int?
  public var mac: String?
  /// `ether`, `loopback`…
  public var linkType: String?
  /// The bridge, bond or switch (`ovs-system`) it is in.
  public var master: String?
  /// The device below, for a VLAN of the kernel.
  public var lower: String?
  public var addresses: [IPAddress]

  /// Set to be up.
  public var isUp: Bool { flags.contains("UP") }
  /// Up with a link. The operational state is no judge: ports of Open vSwitch say `UNKNOWN` there.
  public var isRunning: Bool { isUp && flags.contains("LOWER_UP") && !flags.contains("NO-CARRIER") }
}

/// An address on a device.
public struct IPAddress: Hashable, Sendable {
  public enum Family: Hashable, Sendable { case v4, v6 }

  public var family: Family
  public var address: String
  public var prefixLength: Int
  public var broadcast: String?
  /// `global`, `link`, `host`…
  public var scope: String?
  /// Given by DHCP or by a router.
  public var isDynamic: Bool
  /// Not yet known to be free (IPv6).
  public var isTentative: Bool
  /// Somebody else has it (IPv6).
  public var isDuplicate: Bool
  public var isDeprecated: Bool
  /// Seconds it stays valid; nil for ever.
  public var validFor: Int?
}

/// A route of the main table.
public struct IPRoute: Hashable, Sendable {
  public var family: IPAddress.Family
  /// `unreachable`, `blackhole`, `prohibit`…; nil for one that leads somewhere.
  public var kind: String?
  /// Network and prefix length; nil for the default route.
  public var destination: String?
  public var gateway: String?
  /// nil for a route of more than one way, and for those that lead nowhere (`unreachable`…).
  public var device: String?
  public var source: String?
  /// `kernel`, `static`, `ra`, `dhcp`…
  public var origin: String?
  public var scope: String?
  public var metric: Int?
  /// `dead`, `linkdown`, `onlink`…
  public var flags: Set<String>
  /// The other ways of a route with several next hops.
  public var nextHops: [NextHop]

  public struct NextHop: Hashable, Sendable {
    public var gateway: String?
    public var device: String?
    public var flags: Set<String>
  }

  public var isDefault: Bool { destination == nil }
}

/// What is known of another machine on the link.
public struct IPNeighbour: Hashable, Sendable {
  public var address: String
  public var device: String?
  /// nil when nobody answered.
  public var mac: String?
  /// `REACHABLE`, `STALE`, `FAILED`…
  public var states: Set<String>

  /// Nobody answered when last asked.
  public var isUnreachable: Bool { states.contains("FAILED") || states.contains("INCOMPLETE") && mac == nil }
}
