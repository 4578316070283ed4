/// The one pool row; a single host has one too. Class `pool` of the data model (`reference/xapi.md` §2).
public struct Pool: XenRecord {
  public static let className = "pool"

  public let uuid: String
  /// Empty on a host that never had its pool named.
  public let nameLabel: String
  public let nameDescription: String
  /// The coordinator.
  public let coordinator: Ref<Host>?
  public let otherConfig: [String: String]
  /// Gates most changes of the management network.
  public let haEnabled: Bool
  public let redoLogEnabled: Bool
  public let igmpSnoopingEnabled: Bool
  public let tlsVerificationEnabled: Bool
  /// Licence flags, for example `restrict_network_sriov`.
  public let restrictions: [String: String]

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    nameLabel = fields.string("name_label")
    nameDescription = fields.string("name_description")
    coordinator = fields.ref("master")
    otherConfig = fields.map("other_config")
    haEnabled = fields.bool("ha_enabled")
    redoLogEnabled = fields.bool("redo_log_enabled")
    igmpSnoopingEnabled = fields.bool("igmp_snooping_enabled")
    tlsVerificationEnabled = fields.bool("tls_verification_enabled")
    restrictions = fields.map("restrictions")
  }
}
