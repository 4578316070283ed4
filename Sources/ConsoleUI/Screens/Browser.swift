import TerminalUI

/// A list of things with a filter: what the interface, network and search screens have in common. The choice follows the
/// thing, not the row, when the list changes under it.
struct Browser: Sendable {
  struct Row: Sendable {
    /// Stays the same while the thing exists.
    let id: String
    /// One for each column.
    let cells: [Cell]
    /// What the filter looks at besides the cells.
    var more = ""

    var styles: [Int: Style] {
      Dictionary(uniqueKeysWithValues: cells.enumerated().map { ($0.offset, $0.element.style) })
    }
  }

  /// The rows of a list with what is worked out of all of them.
  struct Contents: Sendable {
    let rows: [Row]
    /// Its columns are as wide as the rows want them.
    let table: Table

    init() { self.init([], columns: []) }

    /// - Parameter most: how wide a column becomes for what it holds.
    init(_ rows: [Row], columns: [Table.Column], most: Int = 44) {
      self.rows = rows
      table = Table(columns, gap: 1).measured(rows.lazy.map { $0.cells.map(\.text) }, most: most)
    }
  }

  struct Cell: Sendable {
    let text: String
    var style = Style.normal

    init(_ text: String, _ style: Style = .normal) {
      self.text = text
      self.style = style
    }
  }

  private var list = ListState()
  private(set) var chosen: String?
  /// nil when no filter is being typed or in force.
  private(set) var filter: TextField?
  private var isTyping = false
  /// Indices of the rows that the filter lets through; nil for all. Found when something changes, not when it is drawn.
  private var passing: [Int]?

  init(chosen: String? = nil) { self.chosen = chosen }

  /// The filter as it stands.
  var filterText: String { filter?.text ?? "" }

  private func count(_ contents: Contents) -> Int { passing?.count ?? contents.rows.count }

  /// The row at a place of the list as it is shown; nil when the rows have changed and nothing has settled yet.
  private func row(_ place: Int, _ contents: Contents) -> Row? {
    let index = passing.map { $0.indices.contains(place) ? $0[place] : -1 } ?? place
    return contents.rows.indices.contains(index) ? contents.rows[index] : nil
  }

  private mutating func applyFilter(_ contents: Contents) {
    let filter = Filter(filterText)
    passing =
      filter.isEmpty
      ? nil
      : contents.rows.indices.filter { index in
        filter.matches(contents.rows[index].cells.map(\.text) + [contents.rows[index].more])
      }
  }

  /// Follows the chosen thing to its row, or stays near where it was.
  /// - Parameter room: rows of the list on the screen.
  mutating func settle(_ contents: Contents, room: Int) {
    applyFilter(contents)
    let count = count(contents)
    if let index = (0..<count).first(where: { row($0, contents)?.id == chosen }) { list.selected = index }
    list.clamp(count: count, visible: room)
    chosen = row(list.selected, contents)?.id
  }

  /// - Returns: false for a key that is none of the list's.
  mutating func handle(_ key: Key, _ contents: Contents, room: Int) -> Bool {
    if isTyping { return type(key, contents, room) }
    switch key {
    case .character("/"):
      filter = filter ?? TextField()
      isTyping = true
    case .escape where filter != nil: filter = nil
    default: return move(key, contents, room)
    }
    return true
  }

  private mutating func type(_ key: Key, _ contents: Contents, _ room: Int) -> Bool {
    switch key {
    case .escape:
      filter = nil
      isTyping = false
    case .enter:
      isTyping = false
      if filterText.isEmpty { filter = nil }
    case .up, .down, .pageUp, .pageDown: return move(key, contents, room)
    case .tab: return false
    default: return filter?.handle(key) ?? false
    }
    return true
  }

  private mutating func move(_ key: Key, _ contents: Contents, _ room: Int) -> Bool {
    guard list.handle(key, count: count(contents), visible: room) else { return false }
    chosen = row(list.selected, contents)?.id
    return true
  }

  /// True while keys go into the filter.
  var takesText: Bool { isTyping }

  // MARK: Drawing

  /// Draws the titles of the columns, the rows and, below them, the filter when there is one.
  /// - Parameter isFocused: false for a list that is only looked at: nothing in it is chosen.
  func draw(into frame: inout Frame, in area: Rect, _ contents: Contents, isFocused: Bool = true, empty: String) {
    var area = area
    let count = count(contents)
    if filter != nil {
      let (line, rest) = area.splitBottom(1)
      area = rest
      drawFilter(into: &frame, in: line, shown: count, of: contents.rows.count)
    }
    let layout = contents.table.layout(width: area.columns - 1)
    let (titles, body) = area.splitTop(1)
    contents.table.drawHeader(
      into: &frame, at: Point(column: titles.column + 1, row: titles.row), layout: layout, style: .dim)
    if count == 0 {
      let text = contents.rows.isEmpty ? empty : "Nothing matches \"\(filterText)\"."
      frame.draw(text, at: Point(column: body.column + 1, row: body.row), style: .dim, width: body.columns - 1)
    }
    for (line, place) in list.rows(count: count, visible: body.rows).enumerated() {
      guard let row = row(place, contents) else { continue }
      let start = Point(column: body.column, row: body.row + line)
      let isChosen = isFocused && place == list.selected
      if isChosen {
        frame.fill(Rect(column: start.column, row: start.row, columns: body.columns, rows: 1), .selection)
        // The mark tells what the colour tells.
        frame.draw(">", at: start, style: .selection, width: 1)
      }
      contents.table.draw(
        row.cells.map(\.text), into: &frame, at: Point(column: start.column + 1, row: start.row), layout: layout,
        style: isChosen ? .selection : .normal, styles: isChosen ? [:] : row.styles)
    }
    frame.scrollMarks(list, count: count, beside: body)
  }

  private func drawFilter(into frame: inout Frame, in line: Rect, shown: Int, of all: Int) {
    guard let filter else { return }
    let count = "\(shown) of \(all)"
    frame.draw("/", at: Point(column: line.column + 1, row: line.row), style: .key, width: 1)
    frame.draw(
      count, at: Point(column: line.column, row: line.row), style: .dim, width: line.columns - 1, align: .right)
    filter.draw(
      into: &frame, at: Point(column: line.column + 2, row: line.row),
      width: max(0, line.columns - 4 - TerminalUI.columns(of: count)), focused: isTyping)
  }
}
