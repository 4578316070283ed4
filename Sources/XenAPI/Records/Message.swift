/// An alert. Kept on the coordinator's disk, not in the database. Class `message` of the data model
/// (`reference/xapi.md` §2).
public struct Message: XenRecord {
  public static let className = "message"

  public let uuid: String
  /// `BOND_STATUS_CHANGED`.
  public let name: String
  public let priority: Int64
  /// `Host`, `VM`, `Pool`.
  public let objectClass: String
  public let objectUUID: String
  public let timestamp: XenDate?
  public let body: String

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    name = fields.string("name")
    priority = fields.int("priority")
    objectClass = fields.string("cls")
    objectUUID = fields.string("obj_uuid")
    timestamp = fields.date("timestamp")
    body = fields.string("body")
  }
}
