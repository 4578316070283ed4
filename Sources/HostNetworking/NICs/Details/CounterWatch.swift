import Dom0

/// The counters of one NIC at one moment.
public struct CounterSample: Sendable {
  public var device: String
  public var instant: ContinuousClock.Instant

  public init(device: String, instant: ContinuousClock.Instant) {
    self.device = device
    self.instant = instant
  }
}

/// Tells the counters of one NIC every second.
struct CounterWatch: Sendable {
  private let device: String
  private let system: HostSystem

  init(_ device: String, _ system: HostSystem) {
    self.device = device
    self.system = system
  }

  func run(_ report: @escaping @Sendable (CounterSample) -> Void) async {}
}
