import HostNetworking
import TerminalUI

/// What was changed on this host of late, by whom, and how it went.
struct RecentChangesScreen: Screen {
  private var history: ChangeLog.History?
  private var changes: [LoggedChange] = []
  private var list = ListState()

  let title = "Recent changes"

  let help = [
    "Every change that this program has made on this host, the newest first: when, by whom and from where, and how it ended.",
    "Enter shows the steps of a change with the commands that do the same by hand.",
    "The lines are kept in \(ChangeLog.path), and each goes to the host's system log as well.",
  ]

  var errand: Errand? { .listChanges }

  private var chosen: LoggedChange? { changes.indices.contains(list.selected) ? changes[list.selected] : nil }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    (chosen == nil ? [] : [("Enter", "steps and commands")]) + [("r", "look again"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5): return .ask(.listChanges)
    case .enter, .right, .character("l"): return chosen.map { .open(LoggedChangeScreen($0)) } ?? .done
    default: return list.handle(key, count: changes.count, visible: Self.visible(room)) ? .done : .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .changes(let history) = report else { return .pass }
    self.history = history
    changes = history.changes
    settle(context, room: room)
    return .done
  }

  mutating func settle(_ context: Context, room: Size) { list.clamp(count: changes.count, visible: Self.visible(room)) }

  private static let footRows = 6

  private static func visible(_ room: Size) -> Int { max(1, room.rows - footRows - 3) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(
      area, bottom: min(Self.footRows, max(0, area.rows - 8)), titles: (title, chosen.map { Units.moment($0.time) } ?? ""))
    let inside = top.inset(left: 1, right: 1)
    if let words {
      frame.draw(words.value, at: inside.origin, style: words.style, width: inside.columns)
    } else {
      drawList(into: &frame, in: inside, context)
    }
    let lines = details
    FactRows(lines, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), lines)
  }

  private var words: Fact? {
    guard let history else { return Fact("", "Looking ...", style: .dim) }
    guard changes.isEmpty else { return nil }
    if let problem = history.problem { return Fact("", problem.sentence, style: .bad) }
    return Fact("", "This program has changed nothing on this host so far.", style: .dim)
  }

  private func drawList(into frame: inout Frame, in area: Rect, _ context: Context) {
    let who = min(24, max(0, area.columns - 60))
    for index in list.rows(count: changes.count, visible: area.rows) {
      let row = Rect(column: area.column, row: area.row + index - list.offset, columns: area.columns, rows: 1)
      let isChosen = index == list.selected
      if isChosen { frame.fill(row, .selection) }
      let change = changes[index]
      func put(_ text: String, _ column: Int, _ width: Int, _ style: Style) {
        frame.draw(text, at: Point(column: row.column + column, row: row.row), style: isChosen ? .selection : style, width: width)
      }
      put((isChosen ? ">" : " ") + Units.moment(change.time, now: context.now.wall), 0, 13, .dim)
      put(change.result.word, 14, 11, change.result.style)
      put(change.title, 26, area.columns - 26 - (who == 0 ? 0 : who + 1), .normal)
      if who > 0 { put(change.who.words, area.columns - who, who, .dim) }
    }
    frame.scrollMarks(list, count: changes.count, beside: area)
  }

  private var details: [Fact] {
    var lines: [Fact] = []
    if let chosen {
      lines.append(Fact("What", "\(chosen.intent): \(chosen.title)"))
      lines.append(Fact("Who", chosen.who.words))
      let failed = chosen.entries.last { $0.result == .failed }
      let note = failed.map { ": \($0.sentence): \($0.note)" } ?? ""
      lines.append(Fact("Result", chosen.result.word + note, style: chosen.result.style))
    }
    if let damaged = history?.damaged, damaged > 0 {
      let words = damaged == 1 ? "1 line of the log is damaged and left out." : "\(damaged) lines of the log are damaged and left out."
      lines.append(Fact("", words, style: .warning))
    }
    return lines
  }
}

/// One change, step by step.
struct LoggedChangeScreen: Screen {
  private let change: LoggedChange
  private var page = FactsPage()

  init(_ change: LoggedChange) { self.change = change }

  var title: String { change.title }

  let help = [
    "The steps of one change in the order in which they were done, how each went, and the commands that do the same by hand.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] { [("Up/Down", "scroll"), ("Esc", "back"), ("?", "help")] }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): .back
    default: page.handle(key, lines, room: FactsPage.room(room))
    }
  }

  mutating func settle(_ context: Context, room: Size) { page.settle(lines, room: FactsPage.room(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    page.draw(into: &frame, in: area, title: title, lines)
  }

  private var lines: [Fact] {
    [Fact("What", change.intent), Fact("Who", change.who.words), Fact("Result", change.result.word, style: change.result.style)]
      + change.entries.flatMap(Self.lines)
  }

  private static func lines(_ entry: ChangeLogEntry) -> [Fact] {
    let number = entry.step == 0 ? "" : "\(entry.step)"
    let why = entry.note.isEmpty ? "" : " (\(entry.note))"
    let head = Fact(number, "\(Units.time(entry.time)) \(entry.result.word): \(entry.sentence)\(why)", style: entry.result.style)
    return [Fact("", "", wraps: false), head] + entry.commands.map { Fact(" ", "# \($0)", style: .dim) }
  }
}

extension ChangeLogEntry.Result {
  var word: String {
    switch self {
    case .done: "done"
    case .skipped: "left out"
    case .failed: "FAILED"
    case .undone: "taken back"
    case .kept: "kept"
    case .reverted: "taken back"
    }
  }

  var style: Style {
    switch self {
    case .done, .kept: .good
    case .skipped: .dim
    case .failed: .bad
    case .undone, .reverted: .warning
    }
  }
}
