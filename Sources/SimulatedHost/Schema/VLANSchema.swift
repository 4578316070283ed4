extension SchemaText {
  static let vlan = SchemaText(
    name: "VLAN",
    text: """
    RO uuid: string
    C tagged_PIF: PIF ref
    RO untagged_PIF: PIF ref
    C tag: int = -1
    RW other_config: (string -> string) map
    call create(tagged_PIF: PIF ref, tag: int, network: network ref) -> VLAN ref
    call destroy(self: VLAN ref)
    """)
}
