extension SchemaText {
  static let event = SchemaText(
    name: "event",
    text: """
    enum event_operation: add del mod
    no get_all
    no get_all_records
    no get_by_uuid
    no get_record
    call from(classes: string set, token: string, timeout: float) -> an event batch
    call get_current_id() -> int
    call inject(class: string, ref: string) -> string
    call next() -> event record set
    call register(classes: string set)
    call unregister(classes: string set)
    """)
}
