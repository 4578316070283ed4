/// A network interface of a host as XAPI knows it: a NIC, a bond, a VLAN, a tunnel end or an SR-IOV function. Class
/// `PIF` of the data model (`reference/xapi.md` §2).
public struct PIF: XenRecord {
  public static let className = "PIF"

  public let uuid: String
  /// `eth0`, `bond0`, `tunnel0`; VLANs and SR-IOV carry the device below them.
  public let device: String
  public let network: Ref<Network>?
  public let host: Ref<Host>?
  /// Lower-case hex with colons; `fe:ff:ff:ff:ff:ff` for VLANs and SR-IOV.
  public let mac: String
  /// -1 on bonds and tunnels that were never plugged.
  public let mtu: Int64
  /// The tag, 0 to 4094; -1 for untagged.
  public let vlan: Int64
  /// VLANs share the row of the interface below.
  public let metrics: Ref<PIFMetrics>?
  public let physical: Bool
  /// Plugged: its bridge is up.
  public let currentlyAttached: Bool
  public let ipConfigurationMode: IPConfigurationMode
  /// IPv4 address; empty when there is none.
  public let ip: String
  public let netmask: String
  public let gateway: String
  /// Comma separated, IPv4 and IPv6 mixed.
  public let dns: String
  /// The bond this interface is a member of.
  public let bondSlaveOf: Ref<Bond>?
  /// The bond this interface is.
  public let bondMasterOf: [Ref<Bond>]
  /// The VLAN this interface is.
  public let vlanMasterOf: Ref<VLAN>?
  /// The VLANs on top of this interface.
  public let vlanSlaveOf: [Ref<VLAN>]
  /// XAPI listens here.
  public let management: Bool
  public let otherConfig: [String: String]
  public let disallowUnplug: Bool
  public let tunnelAccessPIFOf: [Ref<Tunnel>]
  public let tunnelTransportPIFOf: [Ref<Tunnel>]
  public let ipv6ConfigurationMode: IPConfigurationMode
  /// Addresses with prefix length.
  public let ipv6: [String]
  public let ipv6Gateway: String
  public let primaryAddressType: AddressFamily
  /// False: XAPI never touches it.
  public let managed: Bool
  public let properties: [String: String]
  public let capabilities: [String]
  public let igmpSnoopingStatus: IGMPStatus
  public let sriovPhysicalPIFOf: [Ref<NetworkSRIOV>]
  public let sriovLogicalPIFOf: [Ref<NetworkSRIOV>]
  public let pci: Ref<PCI>?

  public init(_ fields: inout RecordFields) {
    uuid = fields.string("uuid")
    device = fields.string("device")
    network = fields.ref("network")
    host = fields.ref("host")
    mac = fields.string("MAC")
    mtu = fields.int("MTU", default: -1)
    vlan = fields.int("VLAN", default: -1)
    metrics = fields.ref("metrics")
    physical = fields.bool("physical")
    currentlyAttached = fields.bool("currently_attached")
    ipConfigurationMode = fields.spelling("ip_configuration_mode")
    ip = fields.string("IP")
    netmask = fields.string("netmask")
    gateway = fields.string("gateway")
    dns = fields.string("DNS")
    bondSlaveOf = fields.ref("bond_slave_of")
    bondMasterOf = fields.refs("bond_master_of")
    vlanMasterOf = fields.ref("VLAN_master_of")
    vlanSlaveOf = fields.refs("VLAN_slave_of")
    management = fields.bool("management")
    otherConfig = fields.map("other_config")
    disallowUnplug = fields.bool("disallow_unplug")
    tunnelAccessPIFOf = fields.refs("tunnel_access_PIF_of")
    tunnelTransportPIFOf = fields.refs("tunnel_transport_PIF_of")
    ipv6ConfigurationMode = fields.spelling("ipv6_configuration_mode")
    ipv6 = fields.strings("IPv6")
    ipv6Gateway = fields.string("ipv6_gateway")
    primaryAddressType = fields.spelling("primary_address_type")
    managed = fields.bool("managed", default: true)
    properties = fields.map("properties")
    capabilities = fields.strings("capabilities")
    igmpSnoopingStatus = fields.spelling("igmp_snooping_status")
    sriovPhysicalPIFOf = fields.refs("sriov_physical_PIF_of")
    sriovLogicalPIFOf = fields.refs("sriov_logical_PIF_of")
    pci = fields.ref("PCI")
  }
}
