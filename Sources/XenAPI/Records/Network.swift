/// A network: what PIFs and VIFs plug into. Class `network` of the data model (`reference/xapi.md` §2).
public struct Network: XenRecord {
  public static let className = "network"

  public let uuid: String
  public let nameLabel: String
  public let nameDescription: String
  public let vifs: [Ref<VIF>]
  /// One for each host at most; none for a private network.
  public let pifs: [Ref<PIF>]
  /// Takes effect at the next plug.
  public let mtu: Int64
  public let otherConfig: [String: String]
  /// `xenbr0`, `xapi1`, `xenapi` (the host internal management network).
  public let bridge: String
  public let managed: Bool
  public let tags: [String]
  public let defaultLockingMode: LockingMode
  public let purpose: [String]

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    nameLabel = fields.string("name_label")
    nameDescription = fields.string("name_description")
    vifs = fields.refs("VIFs")
    pifs = fields.refs("PIFs")
    mtu = fields.int("MTU", default: 1500)
    otherConfig = fields.map("other_config")
    bridge = fields.string("bridge")
    managed = fields.bool("managed", default: true)
    tags = fields.strings("tags")
    defaultLockingMode = fields.spelling("default_locking_mode")
    purpose = fields.strings("purpose")
  }
}
