extension SchemaText {
  static let sdnController = SchemaText(
    name: "SDN_controller",
    text: """
    RO uuid: string
    C protocol: enum sdn_controller_protocol = ssl
    C address: string
    C port: int
    enum sdn_controller_protocol: ssl pssl
    call forget(self: SDN_controller ref)
    call introduce(protocol?: enum sdn_controller_protocol, address?: string, port?: int) -> SDN_controller ref
    """)
}
