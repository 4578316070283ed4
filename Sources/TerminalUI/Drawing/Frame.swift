/// What a screen looks like: a grid of styled cells and, perhaps, a cursor. A value: tests compare frames as text, and
/// the terminal is sent the difference between one frame and the next.
///
/// Everything drawn is clipped to the frame, so no caller has to ask whether there is room. Wide characters take two
/// cells and are never halved: the half that would remain becomes a space.
public struct Frame: Sendable, Equatable {
  public let size: Size
  /// Where the cursor is shown; nil hides it. Ignored outside the frame.
  public var cursor: Point?
  /// Row by row.
  private(set) var cells: [Cell]

  public init(size: Size) {
    self.size = size
    cells = [Cell](repeating: .blank, count: size.columns * size.rows)
  }

  /// The whole frame.
  public var bounds: Rect { Rect(size: size) }

  // MARK: Text

  /// Draws one line of text, cut to `width` columns and to the frame; cut text ends in "…". Control characters are
  /// shown as "·", so nothing that comes from outside can steer the terminal.
  ///
  /// - Parameters:
  ///   - point: Where the room for the text begins; may lie left of the frame.
  ///   - width: The columns the text may use; without it, all up to the right edge.
  ///   - align: Where shorter text stands within `width`.
  /// - Returns: How many columns the text took, without the room beside it.
  @discardableResult
  public mutating func draw(
    _ text: String, at point: Point, style: Style = .normal, width: Int? = nil, align: Alignment = .left
  ) -> Int {
    let toEdge = max(0, size.columns - point.column)
    let room = max(0, min(width ?? toEdge, toEdge))
    let fit = TextFit(text, columns: room)
    let slack = max(0, (width ?? fit.columns) - fit.columns)
    let start =
      switch align {
      case .left: point.column
      case .center: point.column + slack / 2
      case .right: point.column + slack
      }
    var column = start
    for scalar in text.unicodeScalars {
      let shown = TextWidth.shown(scalar)
      let width = TextWidth.columns(of: shown)
      if width == 0 {
        mark(shown, at: Point(column: column - 1, row: point.row), from: start)
        continue
      }
      if column + width > start + fit.textColumns { break }
      put(shown, width: width, at: Point(column: column, row: point.row), style)
      column += width
    }
    if fit.isCut && fit.columns > 0 {
      put("…", width: 1, at: Point(column: column, row: point.row), style)
    }
    return fit.columns
  }

  // MARK: Areas

  /// Fills a rectangle with one character. A wide one fills every second cell.
  public mutating func fill(_ rect: Rect, _ style: Style = .normal, with character: Character = " ") {
    let area = rect.intersection(bounds)
    let scalar = character.unicodeScalars.first.map(TextWidth.shown) ?? " "
    let width = max(1, TextWidth.columns(of: scalar))
    for row in area.row..<area.endRow {
      for column in stride(from: area.column, to: area.endColumn, by: width) {
        let fits = column + width <= area.endColumn
        put(fits ? scalar : " ", width: fits ? width : 1, at: Point(column: column, row: row), style)
      }
    }
  }

  /// Gives the cells of a rectangle another style and keeps their text.
  public mutating func restyle(_ rect: Rect, _ style: Style) {
    let area = rect.intersection(bounds)
    for row in area.row..<area.endRow {
      for index in row * size.columns + area.column..<row * size.columns + area.endColumn {
        cells[index].style = style
      }
    }
  }

  /// Draws another frame's cells with its top left corner at `point`; its cursor comes along.
  public mutating func draw(_ other: Frame, at point: Point) {
    let area = Rect(column: point.column, row: point.row, columns: other.size.columns, rows: other.size.rows)
      .intersection(bounds)
    for row in area.row..<area.endRow {
      for column in area.column..<area.endColumn {
        let index = (row - point.row) * other.size.columns + column - point.column
        let cell = other.cells[index]
        if cell.isContinuation && column > area.column { continue }
        let isWide = column + 1 < area.endColumn && other.cells[index + 1].isContinuation
        let whole = !cell.isContinuation && TextWidth.columns(of: cell) == (isWide ? 2 : 1)
        put(whole ? cell : Cell(" ", cell.style), width: whole && isWide ? 2 : 1, at: Point(column: column, row: row))
      }
    }
    if let inner = other.cursor {
      cursor = Point(column: inner.column + point.column, row: inner.row + point.row)
    }
  }

  // MARK: Looking

  /// The text of every row without the spaces at its end.
  public var lines: [String] {
    (0..<size.rows).map { row in
      var text = ""
      var end = text.endIndex
      for cell in cells[row * size.columns..<(row + 1) * size.columns] {
        cell.append(to: &text)
        if !cell.isSpace { end = text.endIndex }
      }
      return String(text[..<end])
    }
  }

  /// The style of a cell; `.normal` outside the frame.
  public func style(at point: Point) -> Style {
    bounds.contains(point) ? cells[point.row * size.columns + point.column].style : .normal
  }

  /// What a cell shows; nil outside the frame and in the second half of a wide character.
  public func character(at point: Point) -> Character? {
    guard bounds.contains(point) else { return nil }
    var text = ""
    cells[point.row * size.columns + point.column].append(to: &text)
    return text.first
  }

  // MARK: Cells

  mutating func put(_ scalar: Unicode.Scalar, width: Int, at point: Point, _ style: Style) {
    put(Cell(scalar, style), width: width, at: point)
  }

  /// Writes a cell and keeps its neighbours whole: a wide character that loses a half becomes spaces, one that would
  /// reach over the edge is drawn as spaces.
  private mutating func put(_ cell: Cell, width: Int, at point: Point) {
    guard point.row >= 0 && point.row < size.rows else { return }
    let line = point.row * size.columns
    let end = point.column + width
    guard point.column >= 0 && end <= size.columns else {
      for column in point.column..<end where column >= 0 && column < size.columns {
        put(Cell(" ", cell.style), width: 1, at: Point(column: column, row: point.row))
      }
      return
    }
    if cells[line + point.column].isContinuation {
      cells[line + point.column - 1] = Cell(" ", cells[line + point.column - 1].style)
    }
    if end < size.columns && cells[line + end].isContinuation {
      cells[line + end] = Cell(" ", cells[line + end].style)
    }
    cells[line + point.column] = cell
    if width == 2 { cells[line + point.column + 1] = Cell(continuationWith: cell.style) }
  }

  /// Joins a combining mark to the character that ends at `point`, unless that is not part of the text being drawn.
  private mutating func mark(_ scalar: Unicode.Scalar, at point: Point, from start: Int) {
    guard point.column >= start && bounds.contains(point) && TextWidth.isMark(scalar) else { return }
    var index = point.row * size.columns + point.column
    if cells[index].isContinuation { index -= 1 }
    cells[index].add(mark: scalar)
  }
}
