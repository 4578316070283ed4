/// The line at the foot of the screen that says which keys work now.
public struct KeyLegend: Hashable, Sendable {
  private struct Entry: Hashable {
    var key: String
    var meaning: String

    /// The way out and the help are wanted most where least is known.
    var isKept: Bool { key.hasPrefix("Esc") || key == "?" || key == "F1" }

    var columns: Int { TextWidth.columns(of: key) + 1 + TextWidth.columns(of: meaning) }
  }

  private let entries: [Entry]
  private static let gap = 2

  /// - Parameter entries: Keys and what they do ("Enter", "open"), the most important first: when the screen is too
  ///   narrow, entries are left out from the end of the list, Esc and help (`?`, F1) last of all, and words are never cut.
  public init(_ entries: [(String, String)]) {
    self.entries = entries.map { Entry(key: $0.0, meaning: $0.1) }
  }

  /// Draws the legend into columns `column..<column + width` of a row; all of the row by default.
  public func draw(
    into frame: inout Frame, row: Int, column: Int = 0, width: Int? = nil, style: Style = .footer,
    keyStyle: Style = .key
  ) {
    let room = width ?? frame.size.columns - column
    frame.fill(Rect(column: column, row: row, columns: room, rows: 1), style)
    var place = Point(column: column, row: row)
    for entry in shown(width: room) {
      place.column += frame.draw(entry.key, at: place, style: keyStyle) + 1
      place.column += frame.draw(entry.meaning, at: place, style: style) + Self.gap
    }
  }

  /// As text, as drawn into `width` columns.
  public func text(width: Int) -> String {
    shown(width: width).map { "\($0.key) \($0.meaning)" }.joined(separator: "  ")
  }

  private func shown(width: Int) -> [Entry] {
    var shown = entries
    while !shown.isEmpty, shown.reduce(-Self.gap, { $0 + $1.columns + Self.gap }) > width {
      shown.remove(at: shown.lastIndex { !$0.isKept } ?? shown.count - 1)
    }
    return shown
  }
}
