import TerminalUI

/// A line of facts: a label, what it says, how it looks and where Enter leads.
struct Fact {
  var label: String
  var value: String
  var style = Style.normal
  var place: Place?
  /// Values set in columns are cut where others are wrapped.
  var wraps: Bool
  /// Stands before the first line of the value; the following lines are set in as far.
  var mark: String

  init(
    _ label: String, _ value: String, style: Style = .normal, place: Place? = nil, wraps: Bool = true, mark: String = ""
  ) {
    self.label = label
    self.value = value
    self.style = style
    self.place = place
    self.wraps = wraps
    self.mark = mark
  }
}

/// Facts laid out in rows: labels in a column of their own, values wrapped beside them.
struct FactRows {
  struct Row {
    let label: String
    let text: String
    let style: Style
    let fact: Int
  }

  let rows: [Row]
  let labelColumns: Int

  init(_ facts: [Fact], columns: Int) {
    let widest = facts.map { TerminalUI.columns(of: $0.label) }.max() ?? 0
    let labelColumns = min(widest + 2, max(0, columns / 3))
    self.labelColumns = labelColumns
    rows = facts.enumerated().flatMap { index, fact in
      let indent = fact.label.isEmpty ? 0 : labelColumns
      let markColumns = TerminalUI.columns(of: fact.mark)
      let lines = fact.wraps ? fact.value.wrapped(to: max(1, columns - indent - markColumns)) : [fact.value]
      return (lines.isEmpty ? [""] : lines).enumerated().map { line, text in
        let mark = line == 0 ? fact.mark : String(repeating: " ", count: markColumns)
        return Row(label: line == 0 ? fact.label : "", text: mark + text, style: fact.style, fact: index)
      }
    }
  }

  /// - Parameter chosen: the fact to show as chosen.
  func draw(into frame: inout Frame, in area: Rect, from first: Int = 0, chosen: Int? = nil, _ facts: [Fact]) {
    for (line, row) in rows.dropFirst(first).prefix(area.rows).enumerated() {
      let place = Point(column: area.column, row: area.row + line)
      let isChosen = row.fact == chosen
      if isChosen {
        frame.fill(Rect(column: place.column, row: place.row, columns: area.columns, rows: 1), .selection)
      }
      let indent = facts[row.fact].label.isEmpty ? 0 : labelColumns
      frame.draw(row.label, at: place, style: isChosen ? .selection : .dim, width: max(0, indent - 1))
      frame.draw(
        row.text, at: Point(column: place.column + indent, row: place.row), style: isChosen ? .selection : row.style,
        width: max(0, area.columns - indent))
    }
  }
}
