import TerminalUI

/// A list of things with a filter and the details of the chosen one: what the interface, network and search screens have in
/// common. The choice follows the thing, not the row, when the list changes under it.
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

  init(chosen: String? = nil) { self.chosen = chosen }

  /// The filter as it stands.
  var filterText: String { filter?.text ?? "" }

  func visible(_ rows: [Row]) -> [Row] {
    guard !filterText.isEmpty else { return rows }
    let filter = Filter(filterText)
    return rows.filter { row in filter.matches(row.cells.map(\.text) + [row.more]) }
  }

  mutating func choose(_ id: String) { chosen = id }

  /// Follows the chosen thing to its row, or stays near where it was.
  /// - Parameter room: rows of the list on the screen.
  mutating func settle(_ rows: [Row], room: Int) {
    let shown = visible(rows)
    if let index = shown.firstIndex(where: { $0.id == chosen }) { list.selected = index }
    list.clamp(count: shown.count, visible: room)
    chosen = shown.isEmpty ? nil : shown[list.selected].id
  }

  /// - Returns: false for a key that is none of the list's.
  mutating func handle(_ key: Key, _ rows: [Row], room: Int) -> Bool {
    defer { settle(rows, room: room) }
    if isTyping { return type(key, rows, room) }
    switch key {
    case .character("/"):
      filter = filter ?? TextField()
      isTyping = true
      return true
    case .escape where filter != nil:
      filter = nil
      return true
    default: return move(key, rows, room)
    }
  }

  private mutating func type(_ key: Key, _ rows: [Row], _ room: Int) -> Bool {
    switch key {
    case .escape:
      filter = nil
      isTyping = false
      return true
    case .enter:
      isTyping = false
      if filterText.isEmpty { filter = nil }
      return true
    case .up, .down, .pageUp, .pageDown: return move(key, rows, room)
    case .tab: return false
    default: return filter?.handle(key) ?? false
    }
  }

  private mutating func move(_ key: Key, _ rows: [Row], _ room: Int) -> Bool {
    let shown = visible(rows)
    guard list.handle(key, count: shown.count, visible: room) else { return false }
    chosen = shown.isEmpty ? nil : shown[list.selected].id
    return true
  }

  /// True while keys go into the filter.
  var takesText: Bool { isTyping }

  // MARK: Drawing

  /// Draws the titles of the columns, the rows and, below them, the filter when there is one.
  /// - Parameter isFocused: false for a list that is only looked at: nothing in it is chosen.
  func draw(
    into frame: inout Frame, in area: Rect, _ rows: [Row], columns: [Table.Column], isFocused: Bool = true, empty: String
  ) {
    var area = area
    let shown = visible(rows)
    if filter != nil {
      let (line, rest) = area.splitBottom(1)
      area = rest
      drawFilter(into: &frame, in: line, shown: shown.count, of: rows.count)
    }
    let table = Table(columns, gap: 1).measured(shown.lazy.map { $0.cells.map(\.text) }, most: 44)
    let layout = table.layout(width: area.columns - 1)
    let (titles, body) = area.splitTop(1)
    table.drawHeader(
      into: &frame, at: Point(column: titles.column + 1, row: titles.row), layout: layout, style: .dim)
    if shown.isEmpty {
      let text = rows.isEmpty ? empty : "Nothing matches \"\(filterText)\"."
      frame.draw(text, at: Point(column: body.column + 1, row: body.row), style: .dim, width: body.columns - 1)
    }
    for (line, index) in list.rows(count: shown.count, visible: body.rows).enumerated() {
      let place = Point(column: body.column, row: body.row + line)
      let row = shown[index]
      let isChosen = isFocused && index == list.selected
      if isChosen {
        frame.fill(Rect(column: place.column, row: place.row, columns: body.columns, rows: 1), .selection)
        // The mark tells what the colour tells.
        frame.draw(">", at: place, style: .selection, width: 1)
      }
      table.draw(
        row.cells.map(\.text), into: &frame, at: Point(column: place.column + 1, row: place.row), layout: layout,
        style: isChosen ? .selection : .normal, styles: isChosen ? [:] : row.styles)
    }
    frame.scrollMarks(list, count: shown.count, beside: body)
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
