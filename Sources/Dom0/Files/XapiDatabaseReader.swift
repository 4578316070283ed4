/// Reads XAPI's database tag by tag and keeps the few columns of the few tables that are wanted.
struct XapiDatabaseReader: ~Copyable {
  private var tags: XMLTags
  /// The tables and rows that are open.
  private var open: [String] = []
  private var table: Table?
  private var sawRow = false

  init(_ stream: consuming FileStream) { tags = XMLTags(stream) }

  private typealias Table = (name: String, columns: Set<String>)

  mutating func read(into database: inout XapiDatabase) throws(HostFileError) {
    guard let root = try tags.next(), root.kind == .start, root.name == "database" else {
      throw .malformed(path: tags.path, reason: "it does not begin with <database>")
    }
    if !root.isClosed { open = [root.name] }
    do throws(HostFileError) {
      while !open.isEmpty { try step(into: &database) }
    } catch {
      // A network's name is worth having, even from half a file.
      guard sawRow, case .malformed(_, let reason) = error else { throw error }
      database.problems.append(table.map { "\(reason), in the table \($0.name)" } ?? reason)
    }
    if !sawRow, database.problems.isEmpty { throw .malformed(path: tags.path, reason: "there is no row in it") }
  }

  private mutating func step(into database: inout XapiDatabase) throws(HostFileError) {
    guard let tag = try tags.next() else { throw tags.damaged("it ends before </\(open.last ?? "database")>") }
    if tag.kind == .end {
      guard open.popLast() == tag.name else { throw tags.damaged("</\(tag.name)> closes nothing") }
      if open.count < 2 { table = nil }
      return
    }
    switch tag.name {
    case "manifest" where open.count == 1: break
    case "table" where open.count == 1:
      let name = try tags.attributes(of: tag)["name"] ?? ""
      table = tag.isClosed ? nil : XapiDatabase.columns[name].map { (name, $0) }
    case "pair" where open.count == 2:
      let pair = try tags.attributes(of: tag)
      if pair["key"] == "generation_count" { database.generation = pair["value"].flatMap { Int64($0) } }
    case "row" where open.count == 2:
      if let table {
        let columns = table.columns
        let row = try tags.attributes(of: tag) { columns.contains($0) }
        database.add(XapiRow(values: row), to: table.name)
      }
      sawRow = true
    default: throw tags.damaged("there is a <\(tag.name)> where none should be")
    }
    if !tag.isClosed { open.append(tag.name) }
  }
}

/// One row, its values still escaped.
struct XapiRow {
  let values: [String: String]

  func text(_ column: String) -> String { values[column].map(XapiText.unprotected) ?? "" }
  func flag(_ column: String, _ absent: Bool = false) -> Bool { values[column].map { $0 == "true" } ?? absent }
  func number(_ column: String) -> Int? { values[column].flatMap { Int($0) } }
  func set(_ column: String) -> [String] { XapiText.set(text(column)) }
  func map(_ column: String) -> [String: String] { XapiText.map(text(column)) }

  /// nil for what names no record.
  func reference(_ column: String) -> String? {
    let ref = text(column)
    return ref.isEmpty || ref == "OpaqueRef:NULL" || ref == "NULL" ? nil : ref
  }
}
