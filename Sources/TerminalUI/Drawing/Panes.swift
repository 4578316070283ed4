/// Panes that share the line between them.
extension Frame {
  /// Draws two panes beside each other: one box, divided by a line.
  ///
  /// - Parameter left: Columns of the left pane inside its lines. Where the right one would get none, there is only the
  ///   left one, over the whole width.
  /// - Returns: What is inside the lines.
  public mutating func sideBySide(
    _ rect: Rect, left: Int, titles: (String, String) = ("", ""), style: Style = .border, titleStyle: Style = .heading
  ) -> (left: Rect, right: Rect) {
    let inside = rect.inset()
    box(rect, style: style)
    guard inside.columns >= left + 2 && left > 0 && rect.rows >= 2 else {
      title(titles.0, on: rect, style: titleStyle)
      return (inside, Rect(column: inside.endColumn, row: inside.row, columns: 0, rows: inside.rows))
    }
    let divider = rect.splitLeft(left + 1).rest
    verticalLine(at: divider.origin, length: rect.rows, style: style, ends: .tees)
    title(titles.0, on: rect.splitLeft(left + 2).left, style: titleStyle)
    title(titles.1, on: divider, style: titleStyle)
    return (inside.splitLeft(left).left, inside.splitLeft(left + 1).rest)
  }

  /// Draws two panes above each other: one box, divided by a line.
  ///
  /// - Parameter bottom: Rows of the lower pane inside its lines. Where the upper one would get none, there is only the
  ///   upper one, over the whole height.
  /// - Returns: What is inside the lines.
  public mutating func stacked(
    _ rect: Rect, bottom: Int, titles: (String, String) = ("", ""), style: Style = .border,
    titleStyle: Style = .heading
  ) -> (top: Rect, bottom: Rect) {
    let inside = rect.inset()
    box(rect, title: titles.0, style: style, titleStyle: titleStyle)
    guard inside.rows >= bottom + 2 && bottom > 0 && rect.columns >= 2 else {
      return (inside, Rect(column: inside.column, row: inside.endRow, columns: inside.columns, rows: 0))
    }
    let divider = rect.splitBottom(bottom + 2).bottom
    horizontalLine(at: divider.origin, length: rect.columns, style: style, ends: .tees)
    title(titles.1, on: divider, style: titleStyle)
    let (lower, rest) = inside.splitBottom(bottom)
    return (rest.splitBottom(1).rest, lower)
  }

  /// Marks, on the line to the right of a list, that there is more of it above or below.
  ///
  /// - Parameter rect: The list's rows, inside its lines.
  public mutating func scrollMarks(_ list: ListState, count: Int, beside rect: Rect, style: Style = .dim) {
    guard !rect.isEmpty else { return }
    let shown = list.rows(count: count, visible: rect.rows)
    if shown.lowerBound > 0 { draw("▲", at: Point(column: rect.endColumn, row: rect.row), style: style) }
    if shown.upperBound < count { draw("▼", at: Point(column: rect.endColumn, row: rect.endRow - 1), style: style) }
  }
}
