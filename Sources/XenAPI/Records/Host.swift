/// A host of the pool. Class `host` of the data model (`reference/xapi.md` §2).
public struct Host: XenRecord {
  public static let className = "host"

  /// Equals `INSTALLATION_UUID` in that machine's inventory.
  public let uuid: String
  public let nameLabel: String
  public let nameDescription: String
  public let hostname: String
  /// The management address; empty when there is none.
  public let address: String
  /// False in maintenance mode.
  public let enabled: Bool
  public let apiMajor: Int64
  public let apiMinor: Int64
  /// `product_brand`, `product_version`, `xapi_build`, `network_backend` and more.
  public let softwareVersion: [String: String]
  /// Has `boot_time` and `agent_start_time`, seconds since 1970 as text.
  public let otherConfig: [String: String]
  public let pifs: [Ref<PIF>]
  public let pcis: [Ref<PCI>]
  /// Includes the control domain.
  public let residentVMs: [Ref<VM>]
  public let controlDomain: Ref<VM>?
  public let metrics: Ref<HostMetrics>?
  /// `cpu_count`, `socket_count`, `modelname`.
  public let cpuInfo: [String: String]
  public let biosStrings: [String: String]
  public let currentOperations: [String: String]
  public let pendingGuidances: [String]

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    nameLabel = fields.string("name_label")
    nameDescription = fields.string("name_description")
    hostname = fields.string("hostname")
    address = fields.string("address")
    enabled = fields.bool("enabled")
    apiMajor = fields.int("API_version_major")
    apiMinor = fields.int("API_version_minor")
    softwareVersion = fields.map("software_version")
    otherConfig = fields.map("other_config")
    pifs = fields.refs("PIFs")
    pcis = fields.refs("PCIs")
    residentVMs = fields.refs("resident_VMs")
    controlDomain = fields.ref("control_domain")
    metrics = fields.ref("metrics")
    cpuInfo = fields.map("cpu_info")
    biosStrings = fields.map("bios_strings")
    currentOperations = fields.map("current_operations")
    pendingGuidances = fields.strings("pending_guidances")
  }
}
