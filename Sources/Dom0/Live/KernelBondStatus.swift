/// A bond of the kernel as `/proc/net/bonding/NAME` tells it (`reference/dom0.md` §3.7).
public struct KernelBondStatus: Hashable, Sendable {
  public var name: String
  /// In the kernel's words, for instance `fault-tolerance (active-backup)`.
  public var mode: String?
  public var hasLink: Bool?
  /// Milliseconds.
  public var upDelay: Int?
  public var downDelay: Int?
  public var active: String?
  /// The switch at the other end, with 802.3ad; all zeros when nobody answers.
  public var partnerMAC: String?
  /// The group of ports that carries, with 802.3ad.
  public var aggregator: Int?
  /// `slow` or `fast`, with 802.3ad.
  public var rate: String?
  public var members: [Member]

  public struct Member: Hashable, Sendable {
    public var name: String
    public var hasLink: Bool?
    /// Mb/s.
    public var speed: Int?
    public var duplex: NetworkDevice.Duplex?
    /// How often the link went.
    public var failures: Int?
    public var permanentMAC: String?
    public var aggregator: Int?
  }

  public static let folder = "/proc/net/bonding"
}

/// A VLAN of the kernel, a line of `/proc/net/vlan/config`.
public struct KernelVLAN: Hashable, Sendable {
  public var name: String
  public var tag: Int
  public var device: String

  public static let path = "/proc/net/vlan/config"
}
