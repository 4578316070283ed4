/// What the kernel, Open vSwitch and systemd say right now, each part with its own success or failure.
public struct LiveNetwork: Sendable {
  /// What can be asked for.
  public struct Parts: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    // From files: a few milliseconds, no process.
    public static let backend = Parts(rawValue: 1 << 0)
    public static let devices = Parts(rawValue: 1 << 1)
    public static let kernelBonds = Parts(rawValue: 1 << 2)
    public static let kernelVLANs = Parts(rawValue: 1 << 3)
    public static let stats = Parts(rawValue: 1 << 4)
    // From tools.
    public static let addresses = Parts(rawValue: 1 << 5)
    public static let routes = Parts(rawValue: 1 << 6)
    public static let neighbours = Parts(rawValue: 1 << 7)
    public static let openVSwitch = Parts(rawValue: 1 << 8)
    public static let switchBonds = Parts(rawValue: 1 << 9)
    public static let units = Parts(rawValue: 1 << 10)
    public static let time = Parts(rawValue: 1 << 11)
    /// biosdevname reads firmware tables and takes its time; what it says does not change while the host runs.
    public static let firmwareNames = Parts(rawValue: 1 << 12)

    public static let files: Parts = [.backend, .devices, .kernelBonds, .kernelVLANs, .stats]
    public static let tools: Parts = [
      .addresses, .routes, .neighbours, .openVSwitch, .switchBonds, .units, .time,
    ]
    public static let all: Parts = [.files, .tools, .firmwareNames]
  }

  /// nil when it was not asked for, was not read yet, or does not exist with this host's backend.
  public typealias Part<Value> = Result<Value, LiveFailure>?

  /// When the latest part was read.
  public var instant: ContinuousClock.Instant
  /// The same as seconds since 1970.
  public var wall: Int64

  public var backend: Part<NetworkBackend> = nil
  public var devices: Part<[NetworkDevice]> = nil
  public var kernelBonds: Part<[KernelBondStatus]> = nil
  public var kernelVLANs: Part<[KernelVLAN]> = nil
  public var stats: Part<NetworkStats> = nil
  public var addresses: Part<[IPDevice]> = nil
  /// Of both families, the main tables.
  public var routes: Part<[IPRoute]> = nil
  public var neighbours: Part<[IPNeighbour]> = nil
  public var openVSwitch: Part<OpenVSwitch> = nil
  public var switchBonds: Part<[SwitchBond]> = nil
  public var lacp: Part<[SwitchLACP]> = nil
  public var units: Part<[SystemUnit]> = nil
  public var time: Part<[ChronySource]> = nil
  public var firmwareNames: Part<[FirmwareName]> = nil

  /// When each part was read.
  var moments: [Parts: ContinuousClock.Instant] = [:]

  /// When a part was read; nil when it was not.
  public func instant(of part: Parts) -> ContinuousClock.Instant? { moments[part] }

  /// With nothing read yet.
  public init(instant: ContinuousClock.Instant, wall: Int64) {
    self.instant = instant
    self.wall = wall
  }
}
