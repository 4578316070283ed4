import HostNetworking
import TerminalUI

/// The doctor's lines below each other, live, and what the chosen one is about.
struct LadderList: Sendable {
  /// Tells the reports of this run from those of one that was left or begun anew.
  let run = UInt64.random(in: 1...UInt64.max)
  private(set) var lines: [DoctorLine] = []
  private(set) var report: DoctorReport?
  private var list = ListState()
  /// The user has chosen a line: from then on the choice is left alone.
  private var isTouched = false

  private static let markColumns = 4
  private static let titleColumns = 18
  /// Of the pane below the list, with its lines.
  private static let detailRows = 7

  var chosen: DoctorLine? { lines.indices.contains(list.selected) ? lines[list.selected] : nil }

  // MARK: What comes in

  mutating func receive(_ report: ErrandReport, room: Size) -> Reaction {
    switch report {
    case .doctor(let news, run): take(news)
    case .doctorOver(let report, run): take(report)
    default: return .pass
    }
    settle(room: room)
    return .done
  }

  mutating func take(_ news: DoctorNews) {
    switch news {
    case .began(let lines): self.lines = lines
    case .line(let line):
      guard let place = lines.firstIndex(where: { $0.id == line.id }) else { return }
      lines[place] = line
    }
    pointAtTrouble()
  }

  mutating func take(_ report: DoctorReport) {
    self.report = report
    lines = report.lines
    pointAtTrouble()
  }

  /// The first thing that is wrong explains itself without a key.
  private mutating func pointAtTrouble() {
    guard !isTouched else { return }
    list.selected = lines.firstIndex(where: \.state.isBad) ?? 0
  }

  // MARK: Keys

  mutating func handle(_ key: Key, room: Size) -> Bool {
    guard list.handle(key, count: lines.count, visible: Self.visible(room)) else { return false }
    isTouched = true
    return true
  }

  mutating func settle(room: Size) { list.clamp(count: lines.count, visible: Self.visible(room)) }

  private static func detailRows(_ rows: Int) -> Int { min(detailRows, max(0, rows - 8)) }
  /// Without the box, the pane below and the line between.
  private static func visible(_ room: Size) -> Int {
    let details = detailRows(room.rows)
    return max(1, room.rows - details - (details > 0 ? 3 : 2))
  }

  // MARK: Words

  /// How the whole stands.
  var standing: String {
    guard let report else { return lines.isEmpty ? "looking at this host" : "testing" }
    let wrong = report.troubles.count
    return switch report.verdict {
    case .good: "all is well"
    case .notice: "nothing is wrong"
    case .bad: wrong == 1 ? "one thing is wrong" : "\(wrong) things are wrong"
    case .unknown: "nothing could be looked at"
    }
  }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, title: String) {
    let (top, bottom) = frame.stacked(
      area, bottom: Self.detailRows(area.rows), titles: ("\(title): \(standing)", chosen?.title ?? ""))
    let inside = top.inset(left: 1, right: 1)
    if lines.isEmpty { frame.draw("Looking at this host ...", at: inside.origin, style: .dim, width: inside.columns) }
    for index in list.rows(count: lines.count, visible: inside.rows) {
      drawRow(index, into: &frame, in: Rect(
        column: inside.column, row: inside.row + index - list.offset, columns: inside.columns, rows: 1))
    }
    frame.scrollMarks(list, count: lines.count, beside: inside)
    guard let chosen, !bottom.isEmpty else { return }
    let facts = chosen.facts
    FactRows(facts, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), facts)
  }

  private func drawRow(_ index: Int, into frame: inout Frame, in row: Rect) {
    let line = lines[index]
    let isChosen = index == list.selected
    if isChosen { frame.fill(row, .selection) }
    let style: Style = isChosen ? .selection : line.state.style
    let head = (isChosen ? ">" : " ") + line.state.mark.fitted(to: Self.markColumns)
    frame.draw(head, at: row.origin, style: style, width: row.columns)
    let titleColumn = Self.markColumns + 1
    let title = Point(column: row.column + titleColumn, row: row.row)
    frame.draw(line.title, at: title, style: isChosen ? .selection : .normal, width: min(Self.titleColumns - 1, row.columns - titleColumn))
    let text = Point(column: title.column + Self.titleColumns, row: row.row)
    frame.draw(line.text, at: text, style: style, width: max(0, row.columns - titleColumn - Self.titleColumns))
  }
}

extension DoctorLine {
  /// What was found, what it means and what to do; of a line where nothing is wrong, what it looks at.
  var facts: [Fact] {
    guard let word else {
      let found = text.isEmpty ? [] : [Fact("Found", text.sentence, style: state.style)]
      return found + [Fact("Looks at", id.rung.about)]
    }
    return [
      Fact("Found", word.text.sentence, style: state.style), Fact("It means", word.meaning),
      Fact("What to do", word.remedy, style: .strong),
    ]
  }
}

extension DoctorLine.State {
  /// Words and signs, not colours alone: a line that is bad must be seen on any terminal.
  var mark: String {
    switch self {
    case .waiting: ""
    case .running: "..."
    case .ok: "ok"
    case .notice: "!"
    case .bad: "!!"
    case .skipped, .none: "-"
    }
  }

  var style: Style {
    switch self {
    case .waiting, .running, .skipped, .none: .dim
    case .ok: .good
    case .notice: .warning
    case .bad: .bad
    }
  }
}
