import JSON

/// XAPI's database: rows by class, one counter that every change moves on, and refs kept in step at both ends.
struct Database: Sendable {
  let schema: Schema
  private(set) var tables: [Table]
  private let relations: [[ResolvedRelation]]
  /// Moves on by one with every change; event tokens are made of it.
  private(set) var generation: Int64 = 0
  /// How many more times a call may write before XAPI dies under it; nil: as often as it likes.
  private(set) var writesLeft: Int?

  /// Lets XAPI die after some writes of the next call; nil takes that back.
  mutating func dieAfter(writes: Int?) { writesLeft = writes }

  /// There was something to be written after the last write that was still made.
  private(set) var isDead = false

  /// Counts a write; false when it is not made any more.
  private mutating func mayWrite() -> Bool {
    guard let left = writesLeft else { return true }
    guard left > 0 else {
      isDead = true
      return false
    }
    writesLeft = left - 1
    return true
  }

  /// XAPI has died, or the call is over: the next one writes as it likes.
  /// - Returns: whether it died.
  mutating func endOfCall() -> Bool {
    defer { (writesLeft, isDead) = (nil, false) }
    return isDead
  }

  /// Numbers of rows of classes that are only counted.
  var counts: [String: Int64] = [:]

  init(product: Product) {
    schema = Schema(product: product)
    tables = schema.classes.map(Table.init)
    relations = ResolvedRelation.perClass(schema)
  }

  // MARK: Reading

  func table(_ name: String) -> Table? { schema.index(name).map { tables[$0] } }

  func row(_ name: String, _ ref: String) -> Row? { schema.index(name).flatMap { tables[$0].rows[ref] } }

  func exists(_ name: String, _ ref: String) -> Bool { row(name, ref) != nil }

  /// The value of a field; nil when the class, the row or the field does not exist.
  func get(_ name: String, _ ref: String, _ field: String) -> JSONValue? {
    guard let table = schema.index(name), let index = schema.classes[table].indexes[field] else { return nil }
    return tables[table].rows[ref]?.values[index]
  }

  func string(_ name: String, _ ref: String, _ field: String) -> String { get(name, ref, field)?.string ?? "" }

  func bool(_ name: String, _ ref: String, _ field: String) -> Bool { get(name, ref, field)?.bool ?? false }

  func int(_ name: String, _ ref: String, _ field: String) -> Int64 { get(name, ref, field)?.int ?? 0 }

  /// A set of strings or refs.
  func strings(_ name: String, _ ref: String, _ field: String) -> [String] {
    (get(name, ref, field)?.array ?? []).compactMap(\.string)
  }

  /// The refs of a class, in order.
  func refs(_ name: String) -> [String] { table(name)?.refs ?? [] }

  /// The refs of rows whose `field` is `value`, in order.
  func find(_ name: String, _ field: String, _ value: JSONValue) -> [String] {
    guard let table = schema.index(name), let index = schema.classes[table].indexes[field] else { return [] }
    return tables[table].rows.values.filter { $0.values[index] == value }.map(\.ref).sorted()
  }

  // MARK: Writing

  /// Adds a row. Fields that are not given get their defaults; unknown ones are ignored, as an older XAPI would.
  mutating func insert(_ name: String, ref: String, _ fields: JSONObject) {
    guard let table = schema.index(name), mayWrite() else { return }
    let definition = schema.classes[table]
    var values = definition.fields.map(\.initial)
    for (key, value) in fields {
      if let index = definition.indexes[key] { values[index] = value }
    }
    insert(table: table, ref: ref, values)
  }

  private mutating func insert(table: Int, ref: String, _ values: [JSONValue]) {
    generation += 1
    tables[table].rows[ref] = Row(ref: ref, values: values, created: generation, modified: generation)
    tables[table].updated = generation
    for relation in relations[table] { link(relation, from: ref, to: values[relation.field].string) }
  }

  /// Adds a row whose two-way refs are complete already: nothing at the other ends is touched.
  mutating func load(_ table: Int, ref: String, _ values: [JSONValue]) {
    generation += 1
    tables[table].rows[ref] = Row(ref: ref, values: values, created: generation, modified: generation)
    tables[table].updated = generation
  }

  mutating func reserve(_ name: String, _ count: Int) {
    if let table = schema.index(name) { tables[table].rows.reserveCapacity(count) }
  }

  /// Sets a field and, when it is a ref with a set at its other end, that set. A row that is gone is left alone.
  ///
  /// XAPI then takes the row out of all its sets and puts it back: the rows at the other ends of its other refs change
  /// too, as events tell.
  mutating func set(_ name: String, _ ref: String, _ field: String, _ value: JSONValue) {
    guard let table = schema.index(name), let index = schema.classes[table].indexes[field],
      let old = tables[table].rows[ref]?.values[index], mayWrite()
    else { return }
    generation += 1
    tables[table].rows[ref]?.values[index] = value
    touch(table, ref)
    guard relations[table].contains(where: { $0.field == index }) else { return }
    for relation in relations[table] {
      if relation.field == index, old != value {
        unlink(relation, from: ref, to: old.string)
        link(relation, from: ref, to: value.string)
      } else if let other = tables[table].rows[ref]?.values[relation.field].string {
        touch(relation.oneTable, other)
      }
    }
  }

  /// Removes a row and its ref from the sets at the other ends.
  /// - Parameter silently: XAPI forgot about this deletion: events never tell of it.
  mutating func remove(_ name: String, _ ref: String, silently: Bool = false) {
    guard let table = schema.index(name), tables[table].rows[ref] != nil, mayWrite(),
      let row = tables[table].rows.removeValue(forKey: ref)
    else { return }
    generation += 1
    tables[table].updated = generation
    if !silently { tables[table].remember(DeletedRow(ref: ref, created: row.created, deleted: generation)) }
    for relation in relations[table] { unlink(relation, from: ref, to: row.values[relation.field].string) }
  }

  /// Marks a row as changed without changing it (`event.inject`).
  mutating func bump(_ name: String, _ ref: String) {
    guard let table = schema.index(name), tables[table].rows[ref] != nil else { return }
    generation += 1
    touch(table, ref)
  }

  private mutating func touch(_ table: Int, _ ref: String) {
    guard tables[table].rows[ref] != nil else { return }
    tables[table].rows[ref]?.modified = generation
    tables[table].updated = generation
  }

  private mutating func link(_ relation: ResolvedRelation, from ref: String, to other: String?) {
    guard let other, let set = tables[relation.oneTable].rows[other]?.values[relation.set].array else { return }
    if !set.contains(.string(ref)) {
      tables[relation.oneTable].rows[other]?.values[relation.set] = .array(set + [.string(ref)])
    }
    touch(relation.oneTable, other)
  }

  private mutating func unlink(_ relation: ResolvedRelation, from ref: String, to other: String?) {
    guard let other, let set = tables[relation.oneTable].rows[other]?.values[relation.set].array else { return }
    tables[relation.oneTable].rows[other]?.values[relation.set] = .array(set.filter { $0 != .string(ref) })
    touch(relation.oneTable, other)
  }

  /// What is in memory only and does not live through a restart of the toolstack: sessions, tasks, deletions.
  mutating func restart() {
    for name in ["session", "task"] { for ref in refs(name) { remove(name, ref, silently: true) } }
    for index in tables.indices { tables[index].forgetDeletions() }
  }
}
