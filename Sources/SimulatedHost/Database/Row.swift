import JSON

/// One object: its fields in the order of its class, and when it was made and last touched.
struct Row: Sendable {
  let ref: String
  var values: [JSONValue]
  /// Generation of the database at creation.
  var created: Int64
  /// Generation of the last change, the row's creation included.
  var modified: Int64
}

/// A row that is gone, remembered for `event.from`.
struct DeletedRow: Sendable {
  let ref: String
  let created: Int64
  let deleted: Int64
}

/// The rows of one class.
struct Table: Sendable {
  /// Deletions are remembered up to the first number, then the oldest are dropped down to the second (XAPI notes §1.8).
  static let deletionsKept = (most: 512, trimmed: 256)

  let schema: ClassSchema
  var rows: [String: Row] = [:]
  private(set) var deleted: [DeletedRow] = []
  /// Generation of the last change to any row, deletions included.
  var updated: Int64 = 0

  init(schema: ClassSchema) { self.schema = schema }

  mutating func remember(_ row: DeletedRow) {
    deleted.append(row)
    if deleted.count > Self.deletionsKept.most { deleted.removeFirst(deleted.count - Self.deletionsKept.trimmed) }
  }

  /// What a toolstack restart does: deletions live in memory only.
  mutating func forgetDeletions() { deleted = [] }

  /// When rows younger than a generation were made and changed, oldest first.
  func refs(modifiedAfter since: Int64) -> [(ref: String, created: Int64, modified: Int64)] {
    var found: [(ref: String, created: Int64, modified: Int64)] = []
    for row in rows.values where row.modified > since { found.append((row.ref, row.created, row.modified)) }
    found.sort { $0.created < $1.created }
    return found
  }

  /// Refs in the order that answers list them.
  var refs: [String] { rows.keys.sorted() }
}
