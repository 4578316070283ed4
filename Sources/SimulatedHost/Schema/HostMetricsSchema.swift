extension SchemaText {
  static let hostMetrics = SchemaText(
    name: "host_metrics",
    text: """
    RO uuid: string
    RO memory_total: int
    RO memory_free: int
    RO live: bool
    RO last_updated: datetime
    RW other_config: (string -> string) map
    """)
}
