import JSON

enum MessageCalls {
  static let handlers: [String: CallHandler] = [
    "message.create": create, "message.destroy": destroy, "message.get_since": since, "message.get": get,
  ]

  private static let create: CallHandler = { world, _, arguments in
    .string(
      world.create(
        "message",
        [
          "name": arguments.values[0], "priority": arguments.values[1], "cls": arguments.values[2],
          "obj_uuid": arguments.values[3], "body": arguments.values[4], "timestamp": .string(world.clock().datetime),
        ]))
  }

  private static let destroy: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("message", arguments.string(0))
    world.database.remove("message", arguments.string(0))
    return .nothing
  }

  /// Datetimes of one form compare as texts.
  private static let since: CallHandler = { world, _, arguments in
    records(world) { row in (row["timestamp"]?.string ?? "") >= arguments.string(0) }
  }

  private static let get: CallHandler = { world, _, arguments in
    records(world) { row in
      row["cls"] == arguments.values[0] && row["obj_uuid"] == arguments.values[1]
        && (row["timestamp"]?.string ?? "") >= arguments.string(2)
    }
  }

  private static func records(_ world: World, where wanted: (JSONObject) -> Bool) -> JSONValue {
    guard let table = world.database.table("message") else { return .object(JSONObject()) }
    var found = JSONObject()
    for ref in table.refs {
      guard let row = table.rows[ref] else { continue }
      let record = table.record(row)
      if wanted(record) { found.append(ref, .object(record)) }
    }
    return .object(found)
  }
}
