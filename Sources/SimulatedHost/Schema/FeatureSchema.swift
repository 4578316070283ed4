extension SchemaText {
  static let feature = SchemaText(
    name: "Feature",
    text: """
    RO uuid: string
    C name_label: string
    C name_description: string
    RO enabled: bool
    C experimental: bool
    RO host: host ref
    C version: string = "1.0"
    """)
}
