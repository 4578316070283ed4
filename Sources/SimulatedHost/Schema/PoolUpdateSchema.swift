extension SchemaText {
  static let poolUpdate = SchemaText(
    name: "pool_update",
    text: """
    RO uuid: string
    C name_label: string
    C name_description: string
    C after_apply_guidance: enum update_after_apply_guidance set
    C enforce_homogeneity: bool
    RO hosts: host ref set
    C installation_size: int
    C key: string
    RW other_config: (string -> string) map
    C vdi: VDI ref
    C version: string
    enum livepatch_status: ok_livepatch_complete ok_livepatch_incomplete ok
    enum update_after_apply_guidance: restartHVM restartPV restartHost restartXAPI
    call apply(self: pool_update ref, host: host ref)
    call destroy(self: pool_update ref)
    call introduce(vdi: VDI ref) -> pool_update ref
    call pool_apply(self: pool_update ref)
    call pool_clean(self: pool_update ref)
    call precheck(self: pool_update ref, host: host ref) -> enum livepatch_status
    """)
}
