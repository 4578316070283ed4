/// The SDN controller of the pool. Class `SDN_controller` of the data model (`reference/xapi.md` §2).
public struct SDNController: XenRecord {
  public static let className = "SDN_controller"

  public let uuid: String
  public let `protocol`: SDNProtocol
  public let address: String
  public let port: Int64

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    `protocol` = fields.spelling("protocol")
    address = fields.string("address")
    port = fields.int("port")
  }
}
