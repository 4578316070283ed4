import JSON

/// A table as `ovs-vsctl --format=json` writes it.
struct OVSTable {
  let rows: [Row]

  /// The tables of an answer, one after the other.
  static func parse(_ answer: [UInt8]) throws(LiveFailure) -> [OVSTable] {
    do {
      return try tables(answer)
    } catch let failure as LiveFailure {
      throw failure
    } catch {
      throw garbage("\(error)")
    }
  }

  private static func tables(_ answer: [UInt8]) throws -> [OVSTable] {
    try answer.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      var tables: [OVSTable] = []
      scanner.skipSpace()
      while scanner.offset < bytes.count {
        tables.append(try OVSTable(scanner.value()))
        scanner.skipSpace()
      }
      return tables
    }
  }

  private init(_ value: JSONValue) throws(LiveFailure) {
    guard let headings = value["headings"]?.array?.compactMap(\.string), let data = value["data"]?.array else {
      throw Self.garbage("a table without headings or data")
    }
    var rows: [Row] = []
    for (number, cells) in data.enumerated() {
      guard let cells = cells.array, cells.count == headings.count else {
        throw Self.garbage("row \(number + 1) has not as many cells as there are headings")
      }
      rows.append(Row(cells: Dictionary(zip(headings, cells)) { first, _ in first }))
    }
    self.rows = rows
  }

  fileprivate static func garbage(_ reason: String) -> LiveFailure { .garbage(tool: "ovs-vsctl", reason: reason) }

  /// Cells by heading. A column that this version does not have reads as empty.
  struct Row {
    fileprivate let cells: [String: JSONValue]

    func required(_ name: String, of table: String) throws(LiveFailure) -> String {
      guard let text = text(name), !text.isEmpty else { throw garbage("a row of table \(table) has no \(name)") }
      return text
    }

    /// The one value of a cell; nil when it is an empty set, or has several.
    private func scalar(_ name: String) -> JSONValue? {
      let values = atoms(name)
      return values.count == 1 ? values[0] : nil
    }

    func text(_ name: String) -> String? { scalar(name).flatMap(Self.text) }
    func bool(_ name: String) -> Bool? { scalar(name)?.bool }
    func number(_ name: String) -> Int? { scalar(name)?.int.flatMap { Int(exactly: $0) } }
    func list(_ name: String) -> [String] { atoms(name).compactMap(Self.text) }

    func map(_ name: String) -> [String: String] {
      guard let (kind, content) = Self.tagged(cells[name]), kind == "map" else { return [:] }
      let pairs: [(String, String)] = (content.array ?? []).compactMap { pair in
        guard let pair = pair.array, pair.count == 2, let key = Self.text(pair[0]), let value = Self.text(pair[1])
        else {
          return nil
        }
        return (key, value)
      }
      return Dictionary(pairs) { first, _ in first }
    }

    /// A set of one is written as the bare value, one of none or several as `["set", […]]`.
    private func atoms(_ name: String) -> [JSONValue] {
      guard let cell = cells[name] else { return [] }
      if let (kind, content) = Self.tagged(cell), kind == "set" { return content.array ?? [] }
      return [cell]
    }

    private static func tagged(_ cell: JSONValue?) -> (kind: String, content: JSONValue)? {
      guard let parts = cell?.array, parts.count == 2, let kind = parts[0].string else { return nil }
      return (kind, parts[1])
    }

    private static func text(_ atom: JSONValue) -> String? {
      switch atom {
      case .string(let text): text
      case .int(let number): "\(number)"
      case .bool(let value): "\(value)"
      case .double(let number): "\(number)"
      default:
        if let (kind, content) = tagged(atom), kind == "uuid" || kind == "named-uuid" { content.string } else { nil }
      }
    }
  }
}
