extension SchemaText {
  static let pbd = SchemaText(
    name: "PBD",
    text: """
    RO uuid: string
    C SR: SR ref
    RO currently_attached: bool
    C device_config: (string -> string) map
    C host: host ref
    RW other_config: (string -> string) map
    call create(args: PBD record) -> PBD ref
    call destroy(self: PBD ref)
    call plug(self: PBD ref)
    call set_device_config(self: PBD ref, value: (string -> string) map)
    call unplug(self: PBD ref)
    """)
}
