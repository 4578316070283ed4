extension SchemaText {
  static let message = SchemaText(
    name: "message",
    text: """
    RO uuid: string
    RO name: string
    RO priority: int
    RO cls: enum cls
    RO obj_uuid: string
    RO timestamp: datetime
    RO body: string
    enum cls: VM Host SR Pool VMPP VMSS PVS_proxy VDI Certificate
    call create(name: string, priority: int, cls: enum cls, obj_uuid: string, body: string) -> message ref
    call destroy(self: message ref)
    call destroy_many(messages: message ref set)
    call get(cls: enum cls, obj_uuid: string, since: datetime) -> (message ref -> message record) map
    call get_since(since: datetime) -> (message ref -> message record) map
    """)
}
