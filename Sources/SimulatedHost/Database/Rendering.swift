import JSON

extension Table {
  /// A row as XAPI shows it: every field, in the class's order.
  func record(_ row: Row) -> JSONObject {
    var record = JSONObject()
    record.reserveCapacity(row.values.count)
    for (field, value) in zip(schema.fields, row.values) { record.append(field.name, value) }
    return record
  }

  /// The same as JSON text, without building it first.
  func render(_ row: Row, into writer: inout JSONWriter) {
    for (key, value) in zip(schema.keys, row.values) {
      writer.raw(key)
      writer.value(value)
    }
    writer.raw("}")
  }
}

/// Collects a long JSON text in pieces, so that tens of megabytes never have to move to a larger buffer.
struct PieceWriter {
  private static let pieceSize = 256 * 1024
  private var done: [[UInt8]] = []
  var writer = JSONWriter(reserving: 4096)

  /// To be called where a piece may end.
  mutating func breathe() {
    guard writer.bytes.count >= Self.pieceSize else { return }
    done.append(writer.bytes)
    writer = JSONWriter(reserving: Self.pieceSize + 16 * 1024)
  }

  var pieces: [[UInt8]] { done + [writer.bytes] }
}

extension Database {
  /// `get_all_records`: an object of records by ref.
  func renderRecords(_ table: Table, _ refs: [String]) -> [[UInt8]] {
    var out = PieceWriter()
    out.writer.raw("{")
    var first = true
    for ref in refs {
      guard let row = table.rows[ref] else { continue }
      if !first { out.writer.raw(",") }
      first = false
      out.writer.string(ref)
      out.writer.raw(":")
      table.render(row, into: &out.writer)
      out.breathe()
    }
    out.writer.raw("}")
    return out.pieces
  }

  /// An answer of `event.from`.
  func render(_ changes: Changes, messages: Int64) -> [[UInt8]] {
    var out = PieceWriter()
    out.writer.raw(#"{"events":"#)
    renderEvents(changes, into: &out, id: { String($0.generation) }, timestamp: "0.0")
    out.writer.raw(#","valid_ref_counts":{"#)
    for (index, (name, count)) in validRefCounts.enumerated() {
      if index > 0 { out.writer.raw(",") }
      out.writer.string(name)
      out.writer.raw(":")
      out.writer.value(.int(count))
    }
    out.writer.raw(#"},"token":"#)
    out.writer.string(EventToken(database: changes.last, messages: messages).text)
    out.writer.raw("}")
    return out.pieces
  }

  /// The list of events: added rows, then modified ones, then deletions.
  func renderEvents(
    _ changes: Changes, into out: inout PieceWriter, id: (Changes.Entry) -> String, timestamp: String
  ) {
    out.writer.raw("[")
    var first = true
    for (operation, entries) in [("add", changes.added), ("mod", changes.modified), ("del", changes.deleted)] {
      for entry in entries {
        if !first { out.writer.raw(",") }
        first = false
        renderEvent(operation, entry, into: &out.writer, id: id(entry), timestamp: timestamp)
        out.breathe()
      }
    }
    out.writer.raw("]")
  }

  private func renderEvent(
    _ operation: String, _ entry: Changes.Entry, into writer: inout JSONWriter, id: String, timestamp: String
  ) {
    writer.raw(#"{"id":"#)
    writer.string(id)
    writer.raw(#","timestamp":"#)
    writer.string(timestamp)
    writer.raw(#","class":"#)
    writer.string(tables[entry.table].schema.eventName)
    writer.raw(#","operation":"#)
    writer.string(operation)
    writer.raw(#","ref":"#)
    writer.string(entry.ref)
    if let row = tables[entry.table].rows[entry.ref] {
      writer.raw(#","snapshot":"#)
      tables[entry.table].render(row, into: &writer)
    }
    writer.raw("}")
  }
}
