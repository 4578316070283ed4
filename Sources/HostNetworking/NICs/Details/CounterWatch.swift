import Dom0

/// The counters and the link of one NIC at one moment.
public struct CounterSample: Sendable {
  public var device: String
  public var instant: ContinuousClock.Instant
  /// The kernel's number for the device; nil when it is not there.
  public var index: Int?
  public var isUp = false
  /// nil while the device is down.
  public var hasCarrier: Bool?
  /// Mb/s; nil without a link.
  public var speed: Int?
  /// nil when the kernel tells none.
  public var counters: NetworkDevice.Counters?

  public init(device: String, instant: ContinuousClock.Instant) {
    self.device = device
    self.instant = instant
  }

  public var link: LinkState {
    switch hasCarrier {
    case true?: .up
    case false?: .down
    case nil: isUp || index == nil ? .unknown : .down
    }
  }
}

/// Tells the counters of one NIC every second.
struct CounterWatch: Sendable {
  private let device: String
  private let system: HostSystem
  private let interval: Duration

  init(_ device: String, _ system: HostSystem, every interval: Duration = .seconds(1)) {
    self.device = device
    self.system = system
    self.interval = interval
  }

  func run(_ report: @escaping @Sendable (CounterSample) -> Void) async {
    let files = LinkFiles(device, on: system)
    var speed: Int?
    var seen: (index: Int?, carrier: Bool?, changes: UInt64?)?
    while !Task.isCancelled {
      var sample = CounterSample(device: device, instant: .now)
      sample.counters = files.counters
      sample.index = files.index
      sample.isUp = files.isUp
      sample.hasCarrier = files.hasCarrier
      let now = (sample.index, sample.hasCarrier, files.changes)
      // The driver is asked only when its answer may be another one.
      if seen == nil || seen! != now { speed = sample.hasCarrier == true ? files.speed : nil }
      seen = now
      sample.speed = speed
      report(sample)
      try? await Task.sleep(for: interval)
    }
  }
}
