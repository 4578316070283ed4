extension SchemaText {
  static let console = SchemaText(
    name: "console",
    text: """
    RO uuid: string
    RO protocol: enum console_protocol
    RO location: string
    RO VM: VM ref
    RW other_config: (string -> string) map
    enum console_protocol: vt100 rfb rdp
    call create(args: console record) -> console ref
    call destroy(self: console ref)
    """)
}
