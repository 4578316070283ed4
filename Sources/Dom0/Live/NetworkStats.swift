/// `/dev/shm/network_stats`: what xcp-networkd saw last, written every five seconds (`reference/dom0.md` §3.9).
public struct NetworkStats: Hashable, Sendable {
  public var devices: [String: Device]
  /// Seconds since 1970.
  public var written: Int64

  public struct Device: Hashable, Sendable {
    public var hasCarrier: Bool
    /// Mb/s; nil when not known.
    public var speed: Int?
    public var duplex: NetworkDevice.Duplex?
    public var pciAddress: String?
    public var vendor: String?
    public var device: String?
    /// For a bond: links it has and links that are up.
    public var links: Int
    public var linksUp: Int
    public var members: [String]
  }

  public static let path = "/dev/shm/network_stats"

  /// Seconds after which networkd counts as dead or stuck.
  public static let stale: Int64 = 10
}
