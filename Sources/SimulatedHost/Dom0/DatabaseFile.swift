import JSON

/// XAPI's database as it lies on disk: `state.db` on the coordinator, `state-backup.xml` on members (notes on dom0
/// §2.11).
///
/// Values are XAPI's own: sets `('a' 'b')`, maps `(('k' 'v'))`, blanks written as `%.`, all inside XML attributes.
struct DatabaseFile {
  private var out: [UInt8] = []
  /// Classes that live in memory only.
  private static let volatile: Set<String> = ["session", "task", "user", "event"]

  static func bytes(_ database: Database) -> [UInt8] {
    var file = DatabaseFile()
    file.write(database)
    return file.out
  }

  private mutating func write(_ database: Database) {
    raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<database><manifest>")
    for (key, value) in [
      ("schema_major_vsn", "5"), ("schema_minor_vsn", "793"), ("generation_count", String(database.generation)),
    ] {
      raw("<pair key=\"\(key)\" value=\"\(value)\"/>")
    }
    raw("</manifest>")
    for table in database.tables where !Self.volatile.contains(table.schema.name) {
      raw("<table name=\"\(table.schema.name)\">")
      let names = table.schema.fields.map { Self.column($0.name, of: table.schema.name) }
      for ref in table.refs {
        guard let row = table.rows[ref] else { continue }
        write(row, names)
      }
      raw("</table>")
    }
    raw("</database>")
  }

  private mutating func write(_ row: Row, _ names: [String]) {
    raw("<row ref=\"\(row.ref)\" __ctime=\"\(row.created)\" __mtime=\"\(row.modified)\" _ref=\"\(row.ref)\"")
    for (name, value) in zip(names, row.values) {
      raw(" \(name)=\"")
      write(value)
      raw("\"")
    }
    raw("/>")
  }

  /// Fields that the data model groups have their group's name in front, with two underscores.
  private static func column(_ field: String, of owner: String) -> String {
    let groups: [(prefix: String, owners: Set<String>)] = [
      ("name_", ["network", "VM", "host", "SR", "VDI", "task", "Cluster", "pool_update", "message"]),
      ("qos_", ["VIF"]), ("memory_", ["VM", "host", "host_metrics", "VM_metrics"]), ("VCPUs_", ["VM", "VM_metrics"]),
      ("actions_", ["VM"]), ("PV_", ["VM"]), ("HVM_", ["VM"]), ("API_version_", ["host"]),
    ]
    for group in groups where field.hasPrefix(group.prefix) && group.owners.contains(owner) {
      return group.prefix + "_" + field.dropFirst(group.prefix.count)
    }
    return field
  }

  // MARK: Values

  private mutating func write(_ value: JSONValue) {
    switch value {
    case .null: break
    case .bool(let flag): raw(flag ? "true" : "false")
    case .int(let number): raw(String(number))
    case .double(let number): raw(String(number))
    case .string(let text): for byte in text.utf8 { attribute(byte) }
    case .array(let values):
      raw("(")
      for (index, value) in values.enumerated() {
        if index > 0 { attribute(UInt8(ascii: " ")) }
        quoted(value.string ?? value.description)
      }
      raw(")")
    case .object(let members):
      raw("(")
      for (index, (key, value)) in members.enumerated() {
        if index > 0 { attribute(UInt8(ascii: " ")) }
        raw("(")
        quoted(key)
        attribute(UInt8(ascii: " "))
        quoted(value.string ?? value.description)
        raw(")")
      }
      raw(")")
    }
  }

  /// A string inside a set or a map.
  private mutating func quoted(_ text: String) {
    raw("'")
    for byte in text.utf8 {
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\\") { raw("\\") }
      attribute(byte)
    }
    raw("'")
  }

  /// A byte inside an attribute: XAPI protects blanks from XML, XML protects itself.
  private mutating func attribute(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: " "): raw("%.")
    case UInt8(ascii: "\t"): raw("%t")
    case UInt8(ascii: "\n"): raw("%n")
    case UInt8(ascii: "\r"): raw("%r")
    case UInt8(ascii: "%"): raw("%%")
    case UInt8(ascii: "&"): raw("&amp;")
    case UInt8(ascii: "<"): raw("&lt;")
    case UInt8(ascii: ">"): raw("&gt;")
    case UInt8(ascii: "\""): raw("&quot;")
    default: out.append(byte)
    }
  }

  private mutating func raw(_ text: String) { out += text.utf8 }
}
