import Dom0

/// How much a counter has grown between two looks.
enum CounterStep {
  private static let narrow = UInt64(1) << 32

  /// - Parameter most: what it can have grown by at the most, for instance what the link can carry; nil when nobody knows.
  /// - Returns: nil when the counter was set to nothing in between, so that nobody can tell.
  static func between(_ old: UInt64, _ new: UInt64, most: Double? = nil) -> UInt64? {
    if new >= old { return new - old }
    // Some drivers count in 32 bits; one that was in the upper half has more likely come round than been set back.
    var wrapped: UInt64?
    if old < narrow, old >= narrow / 2, new < narrow / 2 { wrapped = new + (narrow - old) }
    if old > UInt64.max / 2, new < UInt64.max / 2 { wrapped = new &- old }
    guard let wrapped else { return nil }
    if let most, Double(wrapped) > most { return nil }
    return wrapped
  }
}

/// What goes over a NIC in a second.
public struct CounterRates: Hashable, Sendable {
  /// Bytes per second.
  public var receivedBytes: Double = 0
  public var sentBytes: Double = 0
  /// Packets per second.
  public var receivedPackets: Double = 0
  public var sentPackets: Double = 0
  /// Of both directions, per second.
  public var errors: Double = 0
  public var drops: Double = 0

  public init() {}

  /// nil when a counter was set back in between, the clock stood still, or the device is another one.
  init?(from old: CounterSample, to new: CounterSample) {
    guard old.index == new.index, let before = old.counters, let after = new.counters else { return nil }
    let seconds = (new.instant - old.instant).inSeconds
    guard seconds > 0 else { return nil }
    // Half as much again: bytes are counted when they are handed over, not when they are on the wire.
    let most = (new.speed ?? old.speed).map { Double($0) * 125_000 * (seconds + 1) * 1.5 }
    func rate(_ counter: KeyPath<NetworkDevice.Counters, UInt64>, most: Double? = nil) -> Double? {
      CounterStep.between(before[keyPath: counter], after[keyPath: counter], most: most).map { Double($0) / seconds }
    }
    guard let receivedBytes = rate(\.receivedBytes, most: most), let sentBytes = rate(\.sentBytes, most: most),
      let receivedPackets = rate(\.receivedPackets), let sentPackets = rate(\.sentPackets),
      let receiveErrors = rate(\.receiveErrors), let sendErrors = rate(\.sendErrors),
      let receiveDrops = rate(\.receiveDrops), let sendDrops = rate(\.sendDrops)
    else { return nil }
    self.receivedBytes = receivedBytes
    self.sentBytes = sentBytes
    self.receivedPackets = receivedPackets
    self.sentPackets = sentPackets
    errors = receiveErrors + sendErrors
    drops = receiveDrops + sendDrops
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// The rates of one NIC over the last minutes, made of counters that are read at uneven intervals.
public struct CounterHistory: Sendable {
  /// What was between two looks.
  struct Span: Sendable {
    var start: ContinuousClock.Instant
    var end: ContinuousClock.Instant
    /// nil when nobody can tell.
    var rates: CounterRates?
  }

  /// How far back it goes.
  public static let length = Duration.seconds(150)

  private(set) var spans: [Span] = []
  public private(set) var latest: CounterSample?
  /// How often the counters were set back, or the device changed, since the first look.
  public private(set) var breaks = 0

  public init() {}

  public mutating func take(_ sample: CounterSample) {
    defer { latest = sample }
    guard let latest, latest.device == sample.device, latest.instant < sample.instant else {
      if latest?.device != sample.device { self = CounterHistory() }
      return
    }
    let rates = CounterRates(from: latest, to: sample)
    if rates == nil, latest.counters != nil, sample.counters != nil { breaks += 1 }
    spans.append(Span(start: latest.instant, end: sample.instant, rates: rates))
    let oldest = sample.instant - Self.length
    spans.removeAll { $0.end < oldest }
  }

  /// How much of the past it tells of.
  public var seen: Duration {
    guard let first = spans.first, let latest else { return .zero }
    return latest.instant - first.start
  }

  /// The rates between the last two looks; nil when they are not known.
  public var now: CounterRates? { spans.last?.rates }

  /// A rate's course up to the last look, the latest last.
  /// - Parameters:
  ///   - count: how many values.
  ///   - each: how long one of them stands for.
  /// - Returns: nil where nothing is known.
  public func course(_ rate: (CounterRates) -> Double, count: Int, each: Duration) -> [Double?] {
    guard let end = latest?.instant, count > 0 else { return [] }
    return (0..<count).map { index in
      let from = end - each * (count - index)
      return average(rate, from: from, to: from + each)
    }
  }

  private func average(_ rate: (CounterRates) -> Double, from: ContinuousClock.Instant, to: ContinuousClock.Instant) -> Double? {
    var (sum, weight) = (0.0, 0.0)
    for span in spans where span.end > from && span.start < to {
      guard let rates = span.rates else { continue }
      let share = (min(span.end, to) - max(span.start, from)).inSeconds
      sum += rate(rates) * share
      weight += share
    }
    return weight > 0 ? sum / weight : nil
  }
}
