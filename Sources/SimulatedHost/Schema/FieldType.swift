import JSON

/// A type of XAPI's data model, as far as values on the wire tell types apart.
indirect enum FieldType: Hashable, Sendable {
  case string, int, float, bool, datetime
  case enumeration(String)
  case ref(String)
  case set(FieldType)
  case map(FieldType, FieldType)
  case record(String)

  /// Reads the spelling of the data model: `PIF ref set`, `(string -> string) map`, `enum bond_mode`.
  init?(_ text: Substring) {
    let words = text.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
    guard let first = words.first, let last = words.last else { return nil }
    switch last {
    case "set":
      guard words.count > 1, let element = FieldType(text.dropLast(4)) else { return nil }
      self = .set(element)
    case "map":
      // `(key -> value) map`
      let inner = text.dropFirst().dropLast(5)
      let arrow = inner.utf8.indices.first { inner.utf8[$0...].starts(with: " -> ".utf8) }
      guard let arrow, let key = FieldType(inner[..<arrow]),
        let value = FieldType(inner[inner.utf8.index(arrow, offsetBy: 4)...])
      else { return nil }
      self = .map(key, value)
    case "ref": self = .ref(String(first))
    case "record": self = .record(String(first))
    default:
      switch first {
      case "string": self = .string
      case "int": self = .int
      case "float": self = .float
      case "bool": self = .bool
      case "datetime": self = .datetime
      case "enum" where words.count == 2: self = .enumeration(String(words[1]))
      default: return nil
      }
    }
  }

  /// What a field of this type holds when nobody set it.
  var zero: JSONValue {
    switch self {
    case .string: .string("")
    case .int: .int(0)
    case .float: .double(0)
    case .bool: .bool(false)
    case .datetime: .string(Wire.epoch)
    case .enumeration: .string("")
    case .ref: .string(Wire.nullRef)
    case .set: .array([])
    case .map, .record: .object(JSONObject())
    }
  }
}

extension FieldType: CustomStringConvertible {
  var description: String {
    switch self {
    case .string: "string"
    case .int: "int"
    case .float: "float"
    case .bool: "bool"
    case .datetime: "datetime"
    case .enumeration(let name): "enum \(name)"
    case .ref(let name): "\(name) ref"
    case .set(let element): "\(element) set"
    case .map(let key, let value): "(\(key) -> \(value)) map"
    case .record(let name): "\(name) record"
    }
  }
}

/// Literals that XAPI uses on the wire.
enum Wire {
  static let nullRef = "OpaqueRef:NULL"
  /// The datetime that means "not set".
  static let epoch = "19700101T00:00:00Z"
}
