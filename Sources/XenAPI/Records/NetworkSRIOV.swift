/// SR-IOV on a NIC. Class `network_sriov` of the data model (`reference/xapi.md` §2).
public struct NetworkSRIOV: XenRecord {
  public static let className = "network_sriov"

  public let uuid: String
  public let physicalPIF: Ref<PIF>?
  public let logicalPIF: Ref<PIF>?
  /// Virtual functions appear only after a reboot.
  public let requiresReboot: Bool
  public let configurationMode: SRIOVConfigurationMode

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    physicalPIF = fields.ref("physical_PIF")
    logicalPIF = fields.ref("logical_PIF")
    requiresReboot = fields.bool("requires_reboot")
    configurationMode = fields.spelling("configuration_mode")
  }
}
