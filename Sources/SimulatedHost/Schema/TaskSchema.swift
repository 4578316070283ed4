extension SchemaText {
  static let task = SchemaText(
    name: "task",
    text: """
    RO uuid: string
    RO name_label: string
    RO name_description: string
    RO allowed_operations: enum task_allowed_operations set
    RO current_operations: (string -> enum task_allowed_operations) map
    RO created: datetime
    RO finished: datetime
    RO status: enum task_status_type
    RO resident_on: host ref
    RO progress: float
    RO type: string
    RO result: string
    RO error_info: string set
    RW other_config: (string -> string) map
    RO subtask_of: task ref
    RO subtasks: task ref set
    RO backtrace: string = "()"
    enum task_allowed_operations: cancel destroy
    enum task_status_type: pending success failure cancelling cancelled
    call cancel(task: task ref)
    call create(label: string, description: string) -> task ref
    call destroy(self: task ref)
    call set_error_info(self: task ref, value: string set)
    call set_progress(self: task ref, value: float)
    call set_result(self: task ref, value: string)
    call set_status(self: task ref, value: enum task_status_type)
    """)
}
