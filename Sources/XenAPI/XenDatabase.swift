import HashTreeCollections
import JSON

/// All rows of one class. Copies share what they have in common: a new state of a pool with tens of thousands of
/// interfaces costs little more than what changed.
public struct RecordTable<Record: XenRecord>: Sendable {
  private var rows: TreeDictionary<Ref<Record>, Record> = [:]

  public init() {}

  public var count: Int { rows.count }
  public var isEmpty: Bool { rows.isEmpty }
  public subscript(ref: Ref<Record>) -> Record? { rows[ref] }
  public subscript(ref: Ref<Record>?) -> Record? { ref.flatMap { rows[$0] } }
  /// In no particular order.
  public var all: some Sequence<(ref: Ref<Record>, record: Record)> {
    rows.lazy.map { (ref: $0.key, record: $0.value) }
  }
  public var first: (ref: Ref<Record>, record: Record)? { rows.first.map { (ref: $0.key, record: $0.value) } }

  mutating func put(_ record: Record, _ ref: Ref<Record>) { rows[ref] = record }
  mutating func remove(_ ref: Ref<Record>) { rows[ref] = nil }
}

/// What this program knows of XAPI's database at one moment: a value.
public struct XenDatabase: Sendable {
  public internal(set) var pools = RecordTable<Pool>()
  public internal(set) var hosts = RecordTable<Host>()
  public internal(set) var hostMetrics = RecordTable<HostMetrics>()
  public internal(set) var pifs = RecordTable<PIF>()
  public internal(set) var pifMetrics = RecordTable<PIFMetrics>()
  public internal(set) var networks = RecordTable<Network>()
  public internal(set) var bonds = RecordTable<Bond>()
  public internal(set) var vlans = RecordTable<VLAN>()
  public internal(set) var tunnels = RecordTable<Tunnel>()
  public internal(set) var sriovs = RecordTable<NetworkSRIOV>()
  public internal(set) var vifs = RecordTable<VIF>()
  public internal(set) var vms = RecordTable<VM>()
  public internal(set) var pcis = RecordTable<PCI>()
  public internal(set) var sdnControllers = RecordTable<SDNController>()
  /// Values that could not be read as what they should be, the latest hundred.
  public internal(set) var oddities: [Oddity] = []

  public init() {}

  /// The classes above as `event.from` and `valid_ref_counts` spell them. `message` is left out on purpose: asking for
  /// it from the beginning makes XAPI read every alert from disk.
  public static let eventClasses = tables.map { $0.eventClass }

  /// One entry for each table: how to reach it by the name of its class.
  private struct Entry: Sendable {
    let eventClass: String
    let count: @Sendable (XenDatabase) -> Int
    let put: @Sendable (inout XenDatabase, String, inout RecordFields) -> Void
    let remove: @Sendable (inout XenDatabase, String) -> Void

    init<Record>(_ path: any WritableKeyPath<XenDatabase, RecordTable<Record>> & Sendable) {
      eventClass = Record.className.lowercased()
      count = { $0[keyPath: path].count }
      put = { database, ref, fields in
        guard let ref = Ref<Record>(ref) else { return }
        database[keyPath: path].put(Record(&fields), ref)
      }
      remove = { database, ref in
        if let ref = Ref<Record>(ref) { database[keyPath: path].remove(ref) }
      }
    }
  }

  private static let tables: [Entry] = [
    Entry(\.pools), Entry(\.hosts), Entry(\.hostMetrics), Entry(\.pifs), Entry(\.pifMetrics), Entry(\.networks),
    Entry(\.bonds), Entry(\.vlans), Entry(\.tunnels), Entry(\.sriovs), Entry(\.vifs), Entry(\.vms), Entry(\.pcis),
    Entry(\.sdnControllers),
  ]

  private static let byClass = Dictionary(uniqueKeysWithValues: tables.map { ($0.eventClass, $0) })

  /// Takes in a record of a class by its event name; classes that this program does not keep are passed over.
  mutating func put(class name: String, ref: String, _ fields: inout RecordFields) {
    Self.byClass[name]?.put(&self, ref, &fields)
  }

  mutating func remove(class name: String, ref: String) { Self.byClass[name]?.remove(&self, ref) }

  /// By how many rows XAPI has more than this database, for each class where the numbers differ: events were lost.
  func gaps(to counts: [String: Int]) -> [String: Int] {
    var gaps: [String: Int] = [:]
    for entry in Self.tables {
      if let theirs = counts[entry.eventClass], theirs != entry.count(self) {
        gaps[entry.eventClass] = theirs - entry.count(self)
      }
    }
    return gaps
  }

  mutating func note(_ odd: [Oddity]) {
    guard !odd.isEmpty else { return }
    oddities = Array((oddities + odd).suffix(100))
  }
}
