/// A VM, template, snapshot or control domain; only what a network console needs. Class `VM` of the data model
/// (`reference/xapi.md` §2).
public struct VM: XenRecord {
  public static let className = "VM"

  public let uuid: String
  public let nameLabel: String
  public let powerState: PowerState
  public let residentOn: Ref<Host>?
  public let scheduledToBeResidentOn: Ref<Host>?
  public let affinity: Ref<Host>?
  public let isTemplate: Bool
  public let isSnapshot: Bool
  public let isControlDomain: Bool
  public let vifs: [Ref<VIF>]
  /// Bytes.
  public let memoryTarget: Int64
  /// Bytes.
  public let memoryDynamicMax: Int64
  public let vcpusAtStartup: Int64

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    nameLabel = fields.string("name_label")
    powerState = fields.spelling("power_state")
    residentOn = fields.ref("resident_on")
    scheduledToBeResidentOn = fields.ref("scheduled_to_be_resident_on")
    affinity = fields.ref("affinity")
    isTemplate = fields.bool("is_a_template")
    isSnapshot = fields.bool("is_a_snapshot")
    isControlDomain = fields.bool("is_control_domain")
    vifs = fields.refs("VIFs")
    memoryTarget = fields.int("memory_target")
    memoryDynamicMax = fields.int("memory_dynamic_max")
    vcpusAtStartup = fields.int("VCPUs_at_startup")
  }
}
