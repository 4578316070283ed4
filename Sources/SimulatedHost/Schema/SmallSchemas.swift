extension SchemaText {
  /// Users with a role; a local superuser is none.
  static let subject = SchemaText(
    name: "subject",
    text: """
    RO uuid: string
    C subject_identifier: string
    C other_config: (string -> string) map
    RO roles: role ref set
    """)

  static let user = SchemaText(
    name: "user",
    text: """
    RO uuid: string
    C short_name: string
    RW fullname: string
    RW other_config: (string -> string) map
    no get_all
    no get_all_records
    """)

  static let secret = SchemaText(
    name: "secret",
    text: """
    RO uuid: string
    RW value: string
    RW other_config: (string -> string) map
    """)

  /// A VIF whose VM streams its disk from a PVS server through the host's cache.
  static let pvsProxy = SchemaText(
    name: "PVS_proxy",
    text: """
    RO uuid: string
    RO VIF: VIF ref
    RO currently_attached: bool
    """)
}
