import JSON

/// One answer of `event.from` (`reference/xapi.md` §1.8), already taken in.
package struct EventBatch: Sendable {
  /// Where the next call goes on.
  var token = ""
  /// Rows of every class, as XAPI counts them, by event name.
  var counts: [String: Int] = [:]
  package var events = 0

  /// Reads the answer's result at the scanner and applies it to `database`. Events are taken in as they are read, so
  /// that a pool of tens of thousands of interfaces is never in memory twice.
  package init(_ scanner: inout JSONScanner, into database: inout XenDatabase) throws(JSONError) {
    var fields = RecordFields(scanner.bytes)
    var first = true
    try scanner.beginObject()
    while let key = try scanner.nextKey(&first) {
      switch scanner.text(key) {
      case "token" where try scanner.peek() == .string: token = try scanner.string()
      case "valid_ref_counts" where try scanner.peek() == .object:
        var firstCount = true
        try scanner.beginObject()
        while let name = try scanner.nextKey(&firstCount) {
          if let count = try scanner.looseInt() { counts[scanner.text(name)] = Int(clamping: count) }
        }
      case "events":
        var firstEvent = true
        try scanner.beginArray()
        while try scanner.nextElement(&firstEvent) {
          guard try scanner.peek() == .object else {
            try scanner.skip()
            continue
          }
          try Self.event(&scanner, &fields, into: &database)
          events += 1
        }
      default: try scanner.skip()
      }
    }
    database.note(fields.oddities)
  }

  private static func event(
    _ scanner: inout JSONScanner, _ fields: inout RecordFields, into database: inout XenDatabase
  ) throws(JSONError) {
    var (name, operation, ref) = ("", "", "")
    var hasSnapshot = false
    var first = true
    try scanner.beginObject()
    while let key = try scanner.nextKey(&first) {
      switch scanner.text(key) {
      case "class" where try scanner.peek() == .string: name = try scanner.string()
      case "operation" where try scanner.peek() == .string: operation = try scanner.string()
      case "ref" where try scanner.peek() == .string: ref = try scanner.string()
      case "snapshot" where try scanner.peek() == .object:
        try fields.scan(&scanner)
        hasSnapshot = true
      default: try scanner.skip()
      }
    }
    if operation == "del" {
      database.remove(class: name, ref: ref)
    } else if hasSnapshot {
      database.put(class: name, ref: ref, &fields)
    }
  }
}
