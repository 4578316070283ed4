/// What `event.from` asks for: a class, one row of a class, or everything.
struct Subscription: Sendable {
  /// Classes by number: all rows.
  private var whole: Set<Int> = []
  /// Single rows by class.
  private var single: [Int: Set<String>] = [:]
  /// Asked for tasks and nothing else: such calls are answered without waiting for company.
  let onlyTasks: Bool

  /// Reads `*`, `class` and `class/ref`. Unknown classes match nothing.
  init(_ texts: [String], _ schema: Schema) {
    for text in texts {
      let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      if text == "*" {
        // Sessions and the like change all the time and are not for clients; messages come from disk.
        whole = Set(schema.classes.indices.filter { !Self.hidden.contains(schema.classes[$0].name) })
      } else if let table = schema.eventIndex(String(parts[0])), !Self.hidden.contains(schema.classes[table].name) {
        if parts.count == 2 { single[table, default: []].insert(String(parts[1])) } else { whole.insert(table) }
      }
    }
    onlyTasks = Set(single.keys).union(whole) == Set([schema.index("task")].compactMap(\.self))
  }

  private static let hidden: Set<String> = ["session", "event", "user", "secret", "subject"]

  /// The classes with something asked for, in order.
  var tables: [Int] { Set(whole).union(single.keys).sorted() }

  func matches(_ table: Int, _ ref: String) -> Bool { whole.contains(table) || single[table]?.contains(ref) == true }
}

/// What changed since a generation, as rows by class.
struct Changes: Sendable {
  struct Entry: Sendable {
    let table: Int
    let ref: String
    /// Generation of the change; a new row's creation.
    let generation: Int64
  }

  var added: [Entry] = []
  var modified: [Entry] = []
  var deleted: [Entry] = []
  /// The generation to ask from next time.
  var last: Int64

  var isEmpty: Bool { added.isEmpty && modified.isEmpty && deleted.isEmpty }
}

extension Database {
  /// A row appears once: as added when it was made after `since`, else as modified. One that came and went since is not
  /// told at all.
  func changes(since: Int64, _ subscription: Subscription) -> Changes {
    var found = Changes(last: since)
    for index in subscription.tables where tables[index].updated > since {
      found.last = max(found.last, tables[index].updated)
      for ref in tables[index].refs(modifiedAfter: since) where subscription.matches(index, ref.ref) {
        if ref.created > since {
          found.added.append(Changes.Entry(table: index, ref: ref.ref, generation: ref.created))
        } else {
          found.modified.append(Changes.Entry(table: index, ref: ref.ref, generation: ref.modified))
        }
      }
      for row in tables[index].deleted.reversed() where row.deleted > since && row.created <= since {
        guard subscription.matches(index, row.ref) else { continue }
        found.deleted.append(Changes.Entry(table: index, ref: row.ref, generation: row.deleted))
      }
    }
    return found
  }

  /// How many rows there are of every class, by the names events use.
  var validRefCounts: [(String, Int64)] {
    let kept = tables.map { ($0.schema.eventName, Int64($0.rows.count)) }
    return kept + schema.countedOnly.map { ($0, counts[$0] ?? 0) }
  }
}
