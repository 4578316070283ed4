extension SchemaText {
  static let pifMetrics = SchemaText(
    name: "PIF_metrics",
    text: """
    RO uuid: string
    RO io_read_kbs: float
    RO io_write_kbs: float
    RO carrier: bool
    RO vendor_id: string
    RO vendor_name: string
    RO device_id: string
    RO device_name: string
    RO speed: int
    RO duplex: bool
    RO pci_bus_path: string
    RO last_updated: datetime
    RW other_config: (string -> string) map
    """)
}
