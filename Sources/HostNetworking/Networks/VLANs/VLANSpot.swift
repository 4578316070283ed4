import JSON
import XenAPI

/// Where a VLAN lies or shall lie: an interface of one host of the pool, by names that stay when XAPI makes its row anew.
public struct VLANSpot: Hashable, Sendable {
  /// The host's uuid.
  public var host: String
  /// For sentences; empty where there is one host only.
  public var hostName: String
  /// What the VLAN lies on there: `eth1`, `bond0`, `SR-IOV on eth2`.
  public var base: String

  public init(host: String, hostName: String, base: String) {
    self.host = host
    self.hostName = hostName
    self.base = base
  }

  var json: JSONValue { ["host": .string(host), "name": .string(hostName), "on": .string(base)] }

  init?(_ json: JSONValue) {
    guard let host = json["host"]?.string, let name = json["name"]?.string, let base = json["on"]?.string else { return nil }
    self.init(host: host, hostName: name, base: base)
  }
}

extension [VLANSpot] {
  /// `bond0`, `bond0 of xcp2`, `bond0 of xcp1, xcp2 and xcp3`, `bond0 of 64 hosts`.
  var words: String {
    guard let first else { return "no host" }
    let bases = Set(map(\.base)).sorted(by: comesBefore)
    let base = PoolWords.list(bases, most: 3)
    if count == 1, first.hostName.isEmpty { return base }
    return "\(base) of " + (count > 4 ? "\(count) hosts" : PoolWords.list(map(\.hostName)))
  }
}

/// Finds the rows that spots stand for in one state of the database.
struct SpotFinder {
  private let database: XenDatabase
  private let hosts: [String: Host]

  init(_ database: XenDatabase) {
    self.database = database
    hosts = Dictionary(database.hosts.all.map { ($0.record.uuid, $0.record) }, uniquingKeysWith: { first, _ in first })
  }

  /// What a VLAN can lie on; of several rows of the same name the plugged one, or the first.
  func base(_ spot: VLANSpot) -> (ref: Ref<PIF>, pif: PIF)? {
    let candidates = (hosts[spot.host]?.pifs ?? []).lazy.compactMap { ref in database.pifs[ref].map { (ref: ref, pif: $0) } }
      .filter { $0.pif.vlan < 0 && $0.pif.tunnelAccessPIFOf.isEmpty && database.name(of: $0.pif) == spot.base }
    return candidates.first { $0.pif.currentlyAttached } ?? candidates.first
  }

  /// The VLAN at a spot; the interface above it may be missing.
  func vlan(_ tag: Int, at spot: VLANSpot) -> (ref: Ref<VLAN>, vlan: VLAN, upper: PIF?)? {
    guard let base = base(spot) else { return nil }
    for ref in base.pif.vlanSlaveOf {
      guard let vlan = database.vlans[ref], vlan.tag == Int64(tag) else { continue }
      return (ref, vlan, database.pifs[vlan.untaggedPIF])
    }
    return nil
  }
}
