import JSON

/// The calls that every class has.
enum GenericCalls {
  static func run(
    _ operation: Operation, of owner: ClassSchema, on world: inout World, _ arguments: Arguments
  ) throws(APIError) -> RPCResult {
    let name = owner.name
    switch operation {
    case .getAll: return .value(.array(world.database.refs(name).map { .string($0) }))
    case .getAllRecords: return records(world, name, where: nil)
    case .getAllRecordsWhere:
      let filter = try RecordFilter(arguments.string(0))
      return records(world, name, where: filter)
    case .getByUUID:
      guard let ref = world.database.find(name, "uuid", arguments.values[0]).first else {
        throw APIError("UUID_INVALID", name, arguments.string(0))
      }
      return .value(.string(ref))
    case .getByNameLabel:
      return .value(.array(world.database.find(name, "name_label", arguments.values[0]).map { .string($0) }))
    case .getRecord:
      guard let table = world.database.table(name), let row = table.rows[arguments.string(0)] else {
        throw .handleInvalid(name, arguments.string(0))
      }
      return .value(.object(table.record(row)))
    case .getField(let field):
      guard let value = world.database.get(name, arguments.string(0), field.name) else {
        throw .handleInvalid(name, arguments.string(0))
      }
      return .value(value)
    case .call: return .value(.nothing)
    default:
      try change(operation, name, on: &world, arguments)
      return .value(.nothing)
    }
  }

  private static func change(
    _ operation: Operation, _ name: String, on world: inout World, _ arguments: Arguments
  ) throws(APIError) {
    let ref = arguments.string(0)
    try world.require(name, ref)
    switch operation {
    case .setField(let field): world.database.set(name, ref, field.name, arguments.values[1])
    case .addToMap(let field):
      var members = world.database.get(name, ref, field.name)?.object ?? JSONObject()
      let key = arguments.string(1)
      if members[key] != nil { throw APIError("MAP_DUPLICATE_KEY", name, field.name, ref, key) }
      members[key] = arguments.values[2]
      world.database.set(name, ref, field.name, .object(members))
    case .removeFromMap(let field):
      var members = world.database.get(name, ref, field.name)?.object ?? JSONObject()
      members[arguments.string(1)] = nil
      world.database.set(name, ref, field.name, .object(members))
    case .addToSet(let field):
      let set = world.database.get(name, ref, field.name)?.array ?? []
      if !set.contains(arguments.values[1]) {
        world.database.set(name, ref, field.name, .array(set + [arguments.values[1]]))
      }
    case .removeFromSet(let field):
      let set = world.database.get(name, ref, field.name)?.array ?? []
      world.database.set(name, ref, field.name, .array(set.filter { $0 != arguments.values[1] }))
    default: break
    }
  }

  private static func records(_ world: World, _ name: String, where filter: RecordFilter?) -> RPCResult {
    guard let table = world.database.table(name) else { return .value(.object(JSONObject())) }
    let refs = table.refs.filter { ref in
      guard let filter, let row = table.rows[ref] else { return true }
      return filter.matches(table.schema, row)
    }
    return .rendered(world.database.renderRecords(table, refs))
  }
}
