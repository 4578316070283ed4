/// Link state of an interface. Class `PIF_metrics` of the data model (`reference/xapi.md` §2).
public struct PIFMetrics: XenRecord {
  public static let className = "PIF_metrics"

  public let uuid: String
  /// The link is up; of a bond, any member's.
  public let carrier: Bool
  public let vendorId: String
  public let vendorName: String
  public let deviceId: String
  public let deviceName: String
  /// Mbit/s; 0 without carrier; of a bond, the sum of the links that are up.
  public let speed: Int64
  /// True for full duplex.
  public let duplex: Bool
  public let pciBusPath: String
  /// When something changed last, not when it was looked at last.
  public let lastUpdated: XenDate?

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    carrier = fields.bool("carrier")
    vendorId = fields.string("vendor_id")
    vendorName = fields.string("vendor_name")
    deviceId = fields.string("device_id")
    deviceName = fields.string("device_name")
    speed = fields.int("speed")
    duplex = fields.bool("duplex")
    pciBusPath = fields.string("pci_bus_path")
    lastUpdated = fields.date("last_updated")
  }
}
