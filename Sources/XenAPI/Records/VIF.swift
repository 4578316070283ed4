/// A virtual NIC of a VM. Class `VIF` of the data model (`reference/xapi.md` §2).
public struct VIF: XenRecord {
  public static let className = "VIF"

  public let uuid: String
  /// Position in the VM, `0` and up.
  public let device: String
  public let network: Ref<Network>?
  public let vm: Ref<VM>?
  public let mac: String
  public let mtu: Int64
  public let otherConfig: [String: String]
  public let currentlyAttached: Bool
  public let lockingMode: LockingMode
  public let ipv4Allowed: [String]
  public let ipv6Allowed: [String]
  /// Tags that its VM may use itself; from XAPI 26.17 on.
  public let trunks: [String]

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    device = fields.string("device")
    network = fields.ref("network")
    vm = fields.ref("VM")
    mac = fields.string("MAC")
    mtu = fields.int("MTU")
    otherConfig = fields.map("other_config")
    currentlyAttached = fields.bool("currently_attached")
    lockingMode = fields.spelling("locking_mode")
    ipv4Allowed = fields.strings("ipv4_allowed")
    ipv6Allowed = fields.strings("ipv6_allowed")
    trunks = fields.strings("trunks")
  }
}
