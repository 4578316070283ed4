/// One host's end of a private network between hosts. Class `tunnel` of the data model (`reference/xapi.md` §2).
public struct Tunnel: XenRecord {
  public static let className = "tunnel"

  public let uuid: String
  public let accessPIF: Ref<PIF>?
  public let transportPIF: Ref<PIF>?
  /// Written by the SDN controller: `active`, `key`.
  public let status: [String: String]
  public let otherConfig: [String: String]
  public let `protocol`: TunnelProtocol

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    accessPIF = fields.ref("access_PIF")
    transportPIF = fields.ref("transport_PIF")
    status = fields.map("status")
    otherConfig = fields.map("other_config")
    `protocol` = fields.spelling("protocol")
  }
}
