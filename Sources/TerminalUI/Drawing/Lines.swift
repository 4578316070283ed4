/// Boxes and lines, drawn with Unicode's box drawing characters; a terminal that has none shows what it has.
extension Frame {
  /// The ends of a line: plain, or joined to a line that crosses there.
  public enum LineEnds: Sendable {
    case plain
    /// "├" and "┤" (or "┬" and "┴"), to be laid over the sides of a box.
    case tees
  }

  /// Draws the outline of a rectangle, with a title set into its upper side when there is one and room for it.
  /// A rectangle of less than two columns or rows has no inside and is not drawn.
  public mutating func box(
    _ rect: Rect, title: String = "", style: Style = .border, titleStyle: Style = .heading
  ) {
    guard rect.columns >= 2 && rect.rows >= 2 else { return }
    let (left, top, right, bottom) = (rect.column, rect.row, rect.endColumn - 1, rect.endRow - 1)
    horizontalLine(at: Point(column: left + 1, row: top), length: rect.columns - 2, style: style)
    horizontalLine(at: Point(column: left + 1, row: bottom), length: rect.columns - 2, style: style)
    verticalLine(at: Point(column: left, row: top + 1), length: rect.rows - 2, style: style)
    verticalLine(at: Point(column: right, row: top + 1), length: rect.rows - 2, style: style)
    put("┌", width: 1, at: Point(column: left, row: top), style)
    put("┐", width: 1, at: Point(column: right, row: top), style)
    put("└", width: 1, at: Point(column: left, row: bottom), style)
    put("┘", width: 1, at: Point(column: right, row: bottom), style)
    self.title(title, on: rect, style: titleStyle)
  }

  /// Sets a title into a horizontal line, two columns from the left end of `rect`'s upper side, spaced from the line.
  public mutating func title(_ title: String, on rect: Rect, style: Style = .heading) {
    let room = rect.columns - 6
    guard !title.isEmpty && room > 0 else { return }
    let text = " " + title.fitted(to: min(room, TextWidth.columns(of: title))) + " "
    draw(text, at: Point(column: rect.column + 2, row: rect.row), style: style)
  }

  /// Draws a line of `length` cells to the right of `point`.
  public mutating func horizontalLine(
    at point: Point, length: Int, style: Style = .border, ends: LineEnds = .plain
  ) {
    guard length > 0 else { return }
    for offset in 0..<length {
      let isEnd = offset == 0 || offset == length - 1
      let scalar: Unicode.Scalar = ends == .tees && isEnd ? (offset == 0 ? "├" : "┤") : "─"
      put(scalar, width: 1, at: Point(column: point.column + offset, row: point.row), style)
    }
  }

  /// Draws a line of `length` cells downwards from `point`.
  public mutating func verticalLine(
    at point: Point, length: Int, style: Style = .border, ends: LineEnds = .plain
  ) {
    guard length > 0 else { return }
    for offset in 0..<length {
      let isEnd = offset == 0 || offset == length - 1
      let scalar: Unicode.Scalar = ends == .tees && isEnd ? (offset == 0 ? "┬" : "┴") : "│"
      put(scalar, width: 1, at: Point(column: point.column, row: point.row + offset), style)
    }
  }
}
