extension SchemaText {
  static let vifMetrics = SchemaText(
    name: "VIF_metrics",
    text: """
    RO uuid: string
    RO io_read_kbs: float
    RO io_write_kbs: float
    RO last_updated: datetime
    RW other_config: (string -> string) map
    """)
}
