extension SchemaText {
  static let pci = SchemaText(
    name: "PCI",
    text: """
    RO uuid: string
    C class_id: string @26.17
    C class_name: string
    C vendor_id: string @26.17
    C vendor_name: string
    C device_id: string @26.17
    C device_name: string
    C host: host ref
    C pci_id: string
    RO dependencies: PCI ref set
    RW other_config: (string -> string) map
    C subsystem_vendor_id: string @26.17
    C subsystem_vendor_name: string
    C subsystem_device_id: string @26.17
    C subsystem_device_name: string
    C driver_name: string
    """)
}
