import JSON

/// Brings arguments into the types that a call declares, failing in XAPI's words.
struct Unmarshaller {
  let schema: Schema

  func value(_ value: JSONValue, as type: FieldType, of owner: ClassSchema) throws(APIError) -> JSONValue {
    switch type {
    case .string, .ref, .datetime:
      guard case .string = value else { throw mismatch("string", value) }
      return value
    case .int: return .int(try integer(value))
    case .float: return .double(try fraction(value))
    case .bool:
      guard case .bool = value else { throw mismatch("bool", value) }
      return value
    case .enumeration(let name): return try enumeration(value, name, owner)
    case .set(let element): return try set(value, element, owner)
    case .map(let key, let element): return try map(value, key, element, owner)
    case .record:
      guard case .object = value else { throw mismatch("dictionary", value) }
      return value
    }
  }

  private func mismatch(_ wanted: String, _ found: JSONValue) -> APIError {
    .failure("Expected \(wanted), got '\(Self.print(found))'")
  }

  private func integer(_ value: JSONValue) throws(APIError) -> Int64 {
    switch value {
    case .int(let number): return number
    case .string(let text):
      guard let number = Int64(text) else { throw .failure("Int64.of_string") }
      return number
    default: throw mismatch("int64", value)
    }
  }

  private func fraction(_ value: JSONValue) throws(APIError) -> Double {
    switch value {
    case .int(let number): return Double(number)
    case .double(let number): return number
    case .string(let text):
      guard let number = Double(text) else { throw .failure("float_of_string") }
      return number
    default: throw mismatch("float", value)
    }
  }

  /// Enums are read without case; bond modes are not, and fail in words of their own.
  private func enumeration(_ value: JSONValue, _ name: String, _ owner: ClassSchema) throws(APIError) -> JSONValue {
    guard case .string(let text) = value else { throw mismatch("string", value) }
    guard let known = owner.enums[name] ?? schema.classes.lazy.compactMap({ $0.enums[name] }).first else {
      return value
    }
    if name == "bond_mode" {
      guard known.contains(text) else { throw .failure("Unmarshalling error in bond-mode") }
      return value
    }
    guard let match = known.first(where: { $0.lowercased() == text.lowercased() }) else {
      throw .failure("Unknown tag/contents")
    }
    return .string(match)
  }

  private func set(_ value: JSONValue, _ element: FieldType, _ owner: ClassSchema) throws(APIError) -> JSONValue {
    guard case .array(let values) = value else {
      throw .failure("Expecting Rpc.Enum, but found '\(Self.print(value))'")
    }
    var result: [JSONValue] = []
    for item in values { result.append(try self.value(item, as: element, of: owner)) }
    return .array(result)
  }

  private func map(
    _ value: JSONValue, _ key: FieldType, _ element: FieldType, _ owner: ClassSchema
  ) throws(APIError) -> JSONValue {
    guard case .object(let members) = value else { throw mismatch("dictionary", value) }
    var result = JSONObject()
    for (name, member) in members { result.append(name, try self.value(member, as: element, of: owner)) }
    return .object(result)
  }

  /// A value in the notation of XAPI's RPC library.
  static func print(_ value: JSONValue) -> String {
    switch value {
    case .null: "N"
    case .bool(let value): "B(\(value))"
    case .int(let value): "I(\(value))"
    case .double(let value): "F(\(value))"
    case .string(let value): "S(\(value))"
    case .array(let values): "[\(values.map(print).joined(separator: ";"))]"
    case .object(let members): "{\(members.map { "\($0):\(print($1))" }.joined(separator: ";"))}"
    }
  }
}
