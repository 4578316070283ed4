/// A change as the log tells it: its steps in the order in which they were done.
public struct LoggedChange: Hashable, Sendable, Identifiable {
  public var id: String
  public var title: String
  public var intent: String
  public var who: ChangeFacts.Session
  /// When its last line was written; seconds since 1970.
  public var time: Int64
  /// The earliest first.
  public var entries: [ChangeLogEntry]

  /// How it ended, in one word.
  public var result: ChangeLogEntry.Result {
    if let whole = entries.last(where: { $0.step == 0 }) { return whole.result }
    if entries.contains(where: { $0.result == .failed }) { return .failed }
    if let last = entries.last(where: { $0.result != .skipped }) { return last.result }
    return .skipped
  }
}

extension ChangeLog.History {
  /// The changes that the entries belong to, the newest first.
  public var changes: [LoggedChange] {
    var changes: [LoggedChange] = []
    var places: [String: Int] = [:]
    for entry in entries {
      if let place = places[entry.change] {
        changes[place].entries.append(entry)
      } else {
        places[entry.change] = changes.count
        changes.append(
          LoggedChange(
            id: entry.change, title: entry.title, intent: entry.intent, who: entry.who, time: entry.time, entries: [entry]))
      }
    }
    for place in changes.indices {
      changes[place].entries.reverse()
      // Whoever began it is who it was; a guard may have ended it.
      if let first = changes[place].entries.first { changes[place].who = first.who }
    }
    return changes
  }
}
