extension SchemaText {
  static let tunnel = SchemaText(
    name: "tunnel",
    text: """
    RO uuid: string
    C access_PIF: PIF ref
    C transport_PIF: PIF ref
    RW status: (string -> string) map = {"active" -> "false"}
    RW other_config: (string -> string) map
    RW protocol: enum tunnel_protocol = gre
    enum tunnel_protocol: gre vxlan
    call create(transport_PIF: PIF ref, network: network ref, protocol?: enum tunnel_protocol) -> tunnel ref
    call destroy(self: tunnel ref)
    """)
}
