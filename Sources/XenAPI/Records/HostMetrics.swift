/// What XAPI measures of a host. Class `host_metrics` of the data model (`reference/xapi.md` §2).
public struct HostMetrics: XenRecord {
  public static let className = "host_metrics"

  public let uuid: String
  /// Bytes.
  public let memoryTotal: Int64
  /// Bytes. XAPI stopped filling it: mostly 0.
  public let memoryFree: Int64
  /// The coordinator hears this host's heartbeat.
  public let live: Bool
  public let lastUpdated: XenDate?

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    memoryTotal = fields.int("memory_total")
    memoryFree = fields.int("memory_free")
    live = fields.bool("live", default: true)
    lastUpdated = fields.date("last_updated")
  }
}
