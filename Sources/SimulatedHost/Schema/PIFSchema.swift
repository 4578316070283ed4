extension SchemaText {
  static let pif = SchemaText(
    name: "PIF",
    text: """
    RO uuid: string
    C device: string
    C network: network ref
    C host: host ref
    C MAC: string
    C MTU: int
    C VLAN: int
    RO metrics: PIF_metrics ref
    RO physical: bool
    RO currently_attached: bool = true
    RO ip_configuration_mode: enum ip_configuration_mode = None
    RO IP: string
    RO netmask: string
    RO gateway: string
    RO DNS: string
    RO bond_slave_of: Bond ref
    RO bond_master_of: Bond ref set
    RO VLAN_master_of: VLAN ref
    RO VLAN_slave_of: VLAN ref set
    RO management: bool
    RW other_config: (string -> string) map
    RO disallow_unplug: bool
    RO tunnel_access_PIF_of: tunnel ref set
    RO tunnel_transport_PIF_of: tunnel ref set
    RO ipv6_configuration_mode: enum ipv6_configuration_mode = None
    RO IPv6: string set
    RO ipv6_gateway: string
    RO primary_address_type: enum primary_address_type = IPv4
    C managed: bool = true
    RO properties: (string -> string) map
    RO capabilities: string set
    RO igmp_snooping_status: enum pif_igmp_status = unknown
    RO sriov_physical_PIF_of: network_sriov ref set
    RO sriov_logical_PIF_of: network_sriov ref set
    RO PCI: PCI ref
    enum ip_configuration_mode: None DHCP Static
    enum ipv6_configuration_mode: None DHCP Static Autoconf
    enum pif_igmp_status: enabled disabled unknown
    enum primary_address_type: IPv4 IPv6
    call create_VLAN(device: string, network: network ref, host: host ref, VLAN: int) -> PIF ref
    call db_forget(self: PIF ref)
    call db_introduce(device: string, network: network ref, host: host ref, MAC: string, MTU: int, VLAN: int, \
      physical: bool, ip_configuration_mode: enum ip_configuration_mode, IP: string, netmask: string, gateway: \
      string, DNS: string, bond_slave_of: Bond ref, VLAN_master_of: VLAN ref, management: bool, other_config: \
      (string -> string) map, disallow_unplug: bool, ipv6_configuration_mode: enum ipv6_configuration_mode, \
      IPv6: string set, ipv6_gateway: string, primary_address_type: enum primary_address_type, managed: bool, \
      properties: (string -> string) map) -> PIF ref
    call destroy(self: PIF ref)
    call forget(self: PIF ref)
    call introduce(host: host ref, MAC: string, device: string, managed?: bool) -> PIF ref
    call plug(self: PIF ref)
    call reconfigure_ip(self: PIF ref, mode: enum ip_configuration_mode, IP: string, netmask: string, gateway: \
      string, DNS: string)
    call reconfigure_ipv6(self: PIF ref, mode: enum ipv6_configuration_mode, IPv6: string, gateway: string, DNS: \
      string)
    call scan(host: host ref)
    call set_disallow_unplug(self: PIF ref, value: bool)
    call set_primary_address_type(self: PIF ref, primary_address_type: enum primary_address_type)
    call set_property(self: PIF ref, name: string, value: string)
    call unplug(self: PIF ref)
    """)
}
