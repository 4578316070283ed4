/// A PCI device. Class `PCI` of the data model (`reference/xapi.md` §2).
public struct PCI: XenRecord {
  public static let className = "PCI"

  public let uuid: String
  public let className: String
  public let vendorName: String
  public let deviceName: String
  public let host: Ref<Host>?
  /// `0000:04:00.0`.
  public let pciID: String
  public let subsystemVendorName: String
  public let subsystemDeviceName: String
  /// Empty before XAPI 21.
  public let driverName: String

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    className = fields.string("class_name")
    vendorName = fields.string("vendor_name")
    deviceName = fields.string("device_name")
    host = fields.ref("host")
    pciID = fields.string("pci_id")
    subsystemVendorName = fields.string("subsystem_vendor_name")
    subsystemDeviceName = fields.string("subsystem_device_name")
    driverName = fields.string("driver_name")
  }
}
