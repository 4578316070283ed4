/// A VLAN: the tie between the interface that carries the tag and the untagged one above it. Class `VLAN` of the data
/// model (`reference/xapi.md` §2).
public struct VLAN: XenRecord {
  public static let className = "VLAN"

  public let uuid: String
  /// The interface below, which carries the tagged frames.
  public let taggedPIF: Ref<PIF>?
  /// The interface above.
  public let untaggedPIF: Ref<PIF>?
  public let tag: Int64
  public let otherConfig: [String: String]

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    taggedPIF = fields.ref("tagged_PIF")
    untaggedPIF = fields.ref("untagged_PIF")
    tag = fields.int("tag", default: -1)
    otherConfig = fields.map("other_config")
  }
}
