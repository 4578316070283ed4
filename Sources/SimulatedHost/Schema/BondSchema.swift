extension SchemaText {
  static let bond = SchemaText(
    name: "Bond",
    text: """
    RO uuid: string
    C master: PIF ref
    RO slaves: PIF ref set
    RW other_config: (string -> string) map
    RO primary_slave: PIF ref
    RO mode: enum bond_mode = balance-slb
    RO properties: (string -> string) map
    RO links_up: int
    RO auto_update_mac: bool = true
    enum bond_mode: balance-slb active-backup lacp
    call create(network: network ref, members: PIF ref set, MAC: string, mode?: enum bond_mode, properties?: \
      (string -> string) map) -> Bond ref
    call destroy(self: Bond ref)
    call set_mode(self: Bond ref, value: enum bond_mode)
    call set_property(self: Bond ref, name: string, value: string)
    """)
}
