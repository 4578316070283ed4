extension SchemaText {
  static let certificate = SchemaText(
    name: "Certificate",
    text: """
    RO uuid: string
    C fingerprint: string
    C host: host ref
    RO name: string
    C not_after: datetime
    C not_before: datetime
    RO type: enum certificate_type = host
    enum certificate_type: ca host host_internal
    """)
}
