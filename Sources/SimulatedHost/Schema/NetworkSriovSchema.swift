extension SchemaText {
  static let networkSRIOV = SchemaText(
    name: "network_sriov",
    text: """
    RO uuid: string
    C physical_PIF: PIF ref
    C logical_PIF: PIF ref
    RO requires_reboot: bool
    RO configuration_mode: enum sriov_configuration_mode = unknown
    enum sriov_configuration_mode: sysfs modprobe manual unknown
    call create(pif: PIF ref, network: network ref) -> network_sriov ref
    call destroy(self: network_sriov ref)
    call get_remaining_capacity(self: network_sriov ref) -> int
    """)
}
