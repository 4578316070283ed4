import JSON

enum TaskCalls {
  static let handlers: [String: CallHandler] = [
    "task.create": create, "task.destroy": destroy, "task.cancel": cancel,
    "task.set_status": setter("status"), "task.set_progress": setter("progress"),
    "task.set_result": setter("result"), "task.set_error_info": setter("error_info"),
  ]

  private static let create: CallHandler = { world, _, arguments in
    .string(begin(&world, label: arguments.string(0), description: arguments.string(1)))
  }

  /// A new task, pending.
  static func begin(_ world: inout World, label: String, description: String = "") -> String {
    world.create(
      "task",
      [
        "name_label": .string(label), "name_description": .string(description), "status": "pending", "progress": 0.0,
        "created": .string(world.clock().datetime), "type": "<none/>", "resident_on": .string(world.thisHost),
      ])
  }

  /// Ends a task the way its work ended. Results are written as XML whatever the caller spoke.
  static func end(_ world: inout World, _ task: String, _ result: Result<JSONValue, APIError>) {
    switch result {
    case .success(let value):
      world.database.set("task", task, "result", .string("<value>\(escape(value))</value>"))
      world.database.set("task", task, "status", "success")
    case .failure(let error):
      world.database.set("task", task, "error_info", error.list)
      world.database.set("task", task, "status", error.code == "TASK_CANCELLED" ? "cancelled" : "failure")
    }
    world.database.set("task", task, "progress", 1.0)
    world.database.set("task", task, "finished", .string(world.clock().datetime))
  }

  private static func escape(_ value: JSONValue) -> String {
    (value.string ?? value.description).map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: String(character)
      }
    }.joined()
  }

  private static let destroy: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("task", arguments.string(0))
    world.database.remove("task", arguments.string(0))
    return .nothing
  }

  /// A request to cancel stays noted in `current_operations`, even on a task that is done.
  private static let cancel: CallHandler = { world, _, arguments throws(APIError) in
    let task = arguments.string(0)
    try world.require("task", task)
    var operations = world.database.get("task", task, "current_operations")?.object ?? JSONObject()
    operations["DummyRef:|\(world.names.uuid())|task.cancel"] = "cancel"
    world.database.set("task", task, "current_operations", .object(operations))
    return .nothing
  }

  private static func setter(_ field: String) -> CallHandler {
    { world, _, arguments throws(APIError) in
      try world.require("task", arguments.string(0))
      world.database.set("task", arguments.string(0), field, arguments.values[1])
      return .nothing
    }
  }
}
