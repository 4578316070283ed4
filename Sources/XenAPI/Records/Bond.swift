/// A bond of NICs. Class `Bond` of the data model (`reference/xapi.md` §2).
public struct Bond: XenRecord {
  public static let className = "Bond"

  public let uuid: String
  /// The bond's own PIF.
  public let interface: Ref<PIF>?
  public let members: [Ref<PIF>]
  public let otherConfig: [String: String]
  /// Gets everything back when the bond is destroyed.
  public let primaryMember: Ref<PIF>?
  public let mode: BondMode
  public let properties: [String: String]
  /// Members with carrier.
  public let linksUp: Int64
  public let autoUpdateMAC: Bool

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    interface = fields.ref("master")
    members = fields.refs("slaves")
    otherConfig = fields.map("other_config")
    primaryMember = fields.ref("primary_slave")
    mode = fields.spelling("mode")
    properties = fields.map("properties")
    linksUp = fields.int("links_up")
    autoUpdateMAC = fields.bool("auto_update_mac", default: true)
  }
}
