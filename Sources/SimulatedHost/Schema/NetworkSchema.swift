extension SchemaText {
  static let network = SchemaText(
    name: "network",
    text: """
    RO uuid: string
    RW name_label: string
    RW name_description: string
    RO allowed_operations: enum network_operations set
    RO current_operations: (string -> enum network_operations) map
    RO VIFs: VIF ref set
    RO PIFs: PIF ref set
    RW MTU: int = 1500
    RW other_config: (string -> string) map
    C bridge: string
    C managed: bool = true
    RO blobs: (string -> blob ref) map
    RW tags: string set
    RO default_locking_mode: enum network_default_locking_mode = unlocked
    RO assigned_ips: (VIF ref -> string) map
    RO purpose: enum network_purpose set
    enum network_default_locking_mode: unlocked disabled
    enum network_operations: attaching
    enum network_purpose: nbd insecure_nbd
    call add_purpose(self: network ref, value: enum network_purpose)
    call create(args: network record) -> network ref
    call create_new_blob(network: network ref, name: string, mime_type: string, public: bool) -> blob ref
    call destroy(self: network ref)
    call remove_purpose(self: network ref, value: enum network_purpose)
    call set_default_locking_mode(network: network ref, value: enum network_default_locking_mode)
    call attach(network: network ref, host: host ref)
    """)
}
