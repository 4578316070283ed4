import Dom0

/// One NIC on the watch for links.
public struct WatchedLink: Hashable, Sendable {
  public var device: String
  /// Lower case.
  public var mac: String?
  public var link: LinkState
  /// False for a NIC that nobody has set up: then the kernel cannot see whether there is a cable.
  public var isUp: Bool
  /// Mb/s; nil without a link.
  public var speed: Int?
  public var duplex: NetworkDevice.Duplex?
  /// When the link last changed while it was watched.
  public var changed: ContinuousClock.Instant?
  /// How often it has changed since the watch began, the short ones that nobody saw included.
  public var changes = 0
  /// Bytes per second; nil while they are not known.
  public var receiving: Double?
  public var sending: Double?
  /// Not in the machine any more.
  public var isGone = false
}

/// The links of all NICs at one moment.
public struct LinkSnapshot: Sendable {
  public var instant: ContinuousClock.Instant
  /// In the order of their names.
  public var links: [WatchedLink] = []
  /// Devices whose link has changed since the snapshot before.
  public var news: [String] = []
  /// The kernel tells of changes at once; otherwise somebody looks again and again.
  public var isTold = false

  public init(instant: ContinuousClock.Instant) { self.instant = instant }
}

/// What was read of one NIC.
struct LinkReading: Hashable, Sendable {
  var device: String
  var index: Int?
  var mac: String?
  var isUp: Bool
  var carrier: Bool?
  /// As the kernel counts them; nil where it does not.
  var changes: UInt64?
  var speed: Int?
  var duplex: NetworkDevice.Duplex?
  var received: UInt64?
  var sent: UInt64?

  var link: LinkState {
    switch carrier {
    case true?: .up
    case false?: .down
    case nil: isUp ? .unknown : .down
    }
  }
}

/// Makes snapshots out of readings: what has changed, how often, and how much goes over each link.
struct LinkHistory: Sendable {
  private struct Entry: Sendable {
    var reading: LinkReading
    var link: WatchedLink
    /// When the bytes were read that `reading` has.
    var measured: ContinuousClock.Instant
  }

  private var entries: [String: Entry] = [:]
  private var hasBegun = false

  /// - Parameter measures: the bytes were read as well, and are to be made rates of.
  mutating func take(_ readings: [LinkReading], at instant: ContinuousClock.Instant, measures: Bool) -> LinkSnapshot {
    var news: [String] = []
    for reading in readings {
      if let old = entries[reading.device] {
        if update(old, reading, instant, measures) { news.append(reading.device) }
      } else {
        var link = WatchedLink(device: reading.device, mac: reading.mac, link: reading.link, isUp: reading.isUp)
        (link.speed, link.duplex) = (reading.speed, reading.duplex)
        // One that comes while others are watched is news.
        if hasBegun {
          (link.changed, link.changes) = (instant, 1)
          news.append(reading.device)
        }
        entries[reading.device] = Entry(reading: reading, link: link, measured: instant)
      }
    }
    let present = Set(readings.map(\.device))
    for (name, var entry) in entries where !present.contains(name) && !entry.link.isGone {
      entry.link.isGone = true
      (entry.link.link, entry.link.speed, entry.link.duplex) = (.unknown, nil, nil)
      (entry.link.receiving, entry.link.sending) = (nil, nil)
      (entry.link.changed, entry.link.changes) = (instant, entry.link.changes + 1)
      entries[name] = entry
      news.append(name)
    }
    hasBegun = true
    var snapshot = LinkSnapshot(instant: instant)
    snapshot.links = entries.values.map(\.link).sorted { comesBefore($0.device, $1.device) }
    snapshot.news = news.sorted { comesBefore($0, $1) }
    return snapshot
  }

  /// Some drivers tell the speed a moment after the link: that is no other speed.
  private static func isOtherSpeed(_ old: LinkReading, _ new: LinkReading) -> Bool {
    guard let before = old.speed, let after = new.speed else { return false }
    return before != after
  }

  /// - Returns: true when the link has changed.
  private mutating func update(_ old: Entry, _ reading: LinkReading, _ instant: ContinuousClock.Instant, _ measures: Bool) -> Bool {
    var entry = old
    let isOther = old.link.isGone || old.reading.index != reading.index
    var changes = 0
    if isOther {
      changes = 1
    } else if let before = old.reading.changes, let after = reading.changes, after >= before {
      // A device that is taken down and up again changes its link as well.
      changes = Int(clamping: after - before)
    }
    if changes == 0, old.reading.link != reading.link || Self.isOtherSpeed(old.reading, reading) { changes = 1 }
    if changes > 0 {
      entry.link.changes += changes
      entry.link.changed = instant
    }
    entry.link.isGone = false
    (entry.link.mac, entry.link.link, entry.link.isUp) = (reading.mac, reading.link, reading.isUp)
    (entry.link.speed, entry.link.duplex) = (reading.speed, reading.duplex)
    if measures || isOther {
      let seconds = (instant - old.measured).inSeconds
      func rate(_ before: UInt64?, _ after: UInt64?) -> Double? {
        guard changes == 0, seconds > 0, let before, let after else { return nil }
        let most = (reading.speed ?? old.reading.speed).map { Double($0) * 125_000 * (seconds + 1) * 1.5 }
        return CounterStep.between(before, after, most: most).map { Double($0) / seconds }
      }
      entry.link.receiving = rate(old.reading.received, reading.received)
      entry.link.sending = rate(old.reading.sent, reading.sent)
      entry.reading = reading
      if !measures { (entry.reading.received, entry.reading.sent) = (nil, nil) }
      entry.measured = instant
    } else {
      // What was counted before a change says nothing of the link that is there now.
      let isSame = changes == 0
      let (received, sent) = isSame ? (old.reading.received, old.reading.sent) : (nil, nil)
      entry.reading = reading
      (entry.reading.received, entry.reading.sent) = (received, sent)
      if !isSame { (entry.link.receiving, entry.link.sending) = (nil, nil) }
    }
    entries[reading.device] = entry
    return changes > 0
  }
}
