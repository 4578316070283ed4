import JSON

/// What a method's name means.
enum Operation: Sendable {
  case getAll, getAllRecords, getAllRecordsWhere, getRecord, getByUUID, getByNameLabel
  case getField(FieldSchema), setField(FieldSchema)
  case addToMap(FieldSchema), removeFromMap(FieldSchema), addToSet(FieldSchema), removeFromSet(FieldSchema)
  case call(CallSchema)

  /// The operation of a class by name; nil when the class has none of that name.
  init?(_ name: String, of owner: ClassSchema) {
    if let call = owner.call(name) {
      self = .call(call)
      return
    }
    if owner.missing.contains(name) { return nil }
    switch name {
    case "get_all": self = .getAll
    case "get_all_records": self = .getAllRecords
    case "get_all_records_where": self = .getAllRecordsWhere
    case "get_record": self = .getRecord
    case "get_by_uuid" where owner.field("uuid") != nil: self = .getByUUID
    case "get_by_name_label" where owner.field("name_label") != nil: self = .getByNameLabel
    default:
      guard let accessor = Self.accessor(name, of: owner) else { return nil }
      self = accessor
    }
  }

  private static func accessor(_ name: String, of owner: ClassSchema) -> Operation? {
    func field(after prefix: String) -> FieldSchema? {
      name.hasPrefix(prefix) ? owner.field(String(name.dropFirst(prefix.count))) : nil
    }
    func writable(after prefix: String) -> FieldSchema? {
      field(after: prefix).flatMap { $0.access == .readWrite ? $0 : nil }
    }
    if let found = field(after: "get_") { return .getField(found) }
    if let found = writable(after: "set_") { return .setField(found) }
    if let found = writable(after: "add_to_"), found.type.isMap { return .addToMap(found) }
    if let found = writable(after: "remove_from_"), found.type.isMap { return .removeFromMap(found) }
    if let found = writable(after: "add_"), found.type.isSet { return .addToSet(found) }
    if let found = writable(after: "remove_"), found.type.isSet { return .removeFromSet(found) }
    return nil
  }

  var needsSession: Bool {
    if case .call(let call) = self { call.needsSession } else { true }
  }

  /// The types of the parameters after the session, and how many of them may be left out.
  func parameters(of owner: ClassSchema) -> (types: [FieldType], optional: Int) {
    let ref = FieldType.ref(owner.name)
    switch self {
    case .getAll, .getAllRecords: return ([], 0)
    case .getAllRecordsWhere, .getByUUID, .getByNameLabel: return ([.string], 0)
    case .getRecord, .getField: return ([ref], 0)
    case .setField(let field): return ([ref, field.type], 0)
    case .addToMap: return ([ref, .string, .string], 0)
    case .removeFromMap, .addToSet, .removeFromSet: return ([ref, .string], 0)
    case .call(let call): return (call.parameters.map(\.type), call.parameters.filter(\.optional).count)
    }
  }
}

extension FieldType {
  var isMap: Bool { if case .map = self { true } else { false } }
  var isSet: Bool { if case .set = self { true } else { false } }
}
