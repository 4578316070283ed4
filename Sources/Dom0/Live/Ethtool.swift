/// What `ethtool NIC` and its options tell of one NIC (`reference/dom0.md` §3.8).
public struct EthtoolLink: Hashable, Sendable {
  /// Mb/s; nil when not known.
  public var speed: Int?
  public var duplex: NetworkDevice.Duplex?
  public var negotiates: Bool?
  /// `Twisted Pair`, `FIBRE`, `Direct Attach Copper`…
  public var port: String?
  public var hasLink: Bool?
  /// For instance `10000baseT/Full`.
  public var supportedModes: [String]
  public var advertisedModes: [String]
  public var partnerModes: [String]
  /// Letters, `d` for none.
  public var wakeOn: String?
  /// Every `Name: value` line, with the lines that continue it.
  public var fields: [String: [String]]
}

/// `ethtool -i`.
public struct EthtoolDriver: Hashable, Sendable {
  public var driver: String?
  public var version: String?
  public var firmware: String?
  public var bus: String?
}

/// A line of `ethtool -k`.
public struct EthtoolFeature: Hashable, Sendable {
  /// The long name, for instance `tcp-segmentation-offload`.
  public var name: String
  public var isOn: Bool
  /// Cannot be changed.
  public var isFixed: Bool
  /// Asked for, though it is not so.
  public var requested: Bool?
}

/// `ethtool -g`: entries of the rings.
public struct EthtoolRings: Hashable, Sendable {
  public var most: [String: Int]
  public var current: [String: Int]
}

/// A line of a table: `ethtool -S` or `-m`.
public struct EthtoolRow: Hashable, Sendable {
  public var name: String
  public var value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}
