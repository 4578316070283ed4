import Dom0
import XenAPI

/// Tells the links of all NICs whenever one changes, and how much goes over them now and then.
///
/// At a look between changes only the carrier and two counters of each NIC are read; the driver is asked for speed and duplex
/// when its link has changed.
public struct LinkWatch: Sendable {
  private let system: HostSystem
  private let interval: Duration
  private let isNIC: NetworkDevice.Rule

  /// - Parameters:
  ///   - interval: how often rates are measured; nil: every two seconds, where nobody tells of changes every second.
  ///   - isNIC: which devices are watched.
  public init(_ system: HostSystem, every interval: Duration? = nil, isNIC: @escaping NetworkDevice.Rule = NetworkDevice.nicRule) {
    self.system = system
    self.interval = interval ?? (system.isThisMachine ? .seconds(2) : .seconds(1))
    self.isNIC = isNIC
  }

  /// Goes on until its task is cancelled.
  public func run(_ report: @escaping @Sendable (LinkSnapshot) -> Void) async {
    guard system.isThisMachine else { return await look(nil, report) }
    let changes = NetworkChanges(of: system, settle: .milliseconds(50), otherwise: .seconds(1))
    let bell = Doorbell()
    await withTaskGroup { group in
      group.addTask { for await _ in changes.rings { bell.ring() } }
      group.addTask { await look(changes.source == .kernel ? bell : nil, report) }
      await group.waitForAll()
    }
  }

  /// - Parameter bell: rings when something has changed; nil when nobody tells.
  private func look(_ bell: Doorbell?, _ report: @Sendable (LinkSnapshot) -> Void) async {
    var reader = LinkReader(system, isNIC)
    var history = LinkHistory()
    let pause = bell ?? Doorbell()
    var next = ContinuousClock.now
    while !Task.isCancelled {
      let now = ContinuousClock.now
      let measures = now >= next
      if measures { next = now + interval }
      var snapshot = history.take(reader.read(measures: measures), at: .now, measures: measures)
      snapshot.isTold = bell != nil
      report(snapshot)
      await pause.wait(max(.milliseconds(1), next - .now))
    }
  }
}

/// Reads what the watch has to know, and no more.
struct LinkReader {
  private let system: HostSystem
  private let isNIC: NetworkDevice.Rule
  private var files: [String: LinkFiles] = [:]
  private var known: [String: LinkReading] = [:]
  /// Devices that are no NICs: bridges and the like, of which there may be hundreds.
  private var others: Set<String> = []

  init(_ system: HostSystem, _ isNIC: @escaping NetworkDevice.Rule) {
    self.system = system
    self.isNIC = isNIC
  }

  mutating func read(measures: Bool) -> [LinkReading] {
    sort()
    return files.values.map { file in
      let reading = read(file, measures)
      known[file.name] = reading
      return reading
    }
  }

  /// Finds out which devices are NICs, of those that have come.
  private mutating func sort() {
    let names = Set(NetworkDevice.names(on: system))
    for name in files.keys where !names.contains(name) { (files[name], known[name]) = (nil, nil) }
    others.formIntersection(names)
    for name in names where files[name] == nil && !others.contains(name) {
      if let device = NetworkDevice.one(name, on: system), isNIC(device) {
        files[name] = LinkFiles(name, on: system)
      } else {
        others.insert(name)
      }
    }
  }

  private func read(_ file: LinkFiles, _ measures: Bool) -> LinkReading {
    let carrier = file.hasCarrier
    let changes = file.changes
    var reading: LinkReading
    if let old = known[file.name], old.carrier == carrier, old.changes == changes, changes != nil || carrier != nil {
      reading = old
      if carrier == true, old.speed == nil { reading.speed = file.speed }
      if carrier == nil { reading.isUp = file.isUp }
    } else {
      reading = LinkReading(device: file.name, isUp: carrier != nil || file.isUp, carrier: carrier, changes: changes)
      if carrier == true { (reading.speed, reading.duplex) = (file.speed, file.duplex) }
    }
    // Two NICs may have changed names.
    if !measures || known[file.name] == nil || reading.index == nil { (reading.index, reading.mac) = (file.index, file.mac) }
    if measures { (reading.received, reading.sent) = (file.receivedBytes, file.sentBytes) }
    return reading
  }
}

extension LinkWatch {
  /// The links at this moment, and no more.
  public static func once(_ system: HostSystem, isNIC: @escaping NetworkDevice.Rule = NetworkDevice.nicRule) -> LinkSnapshot {
    var reader = LinkReader(system, isNIC)
    var history = LinkHistory()
    return history.take(reader.read(measures: true), at: .now, measures: true)
  }
}
