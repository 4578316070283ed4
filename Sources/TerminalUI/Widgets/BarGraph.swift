/// A course of values as bars that stand beside each other, one column each.
///
/// Drawn with full and half blocks, which every console's font has; a terminal without them gets `#` and `:`.
public struct BarGraph: Hashable, Sendable {
  /// From the oldest to the latest; nil where nothing is known.
  public var values: [Double?]
  /// What a bar of full height stands for; nil: the largest of the values.
  public var most: Double?

  public init(_ values: [Double?], most: Double? = nil) {
    self.values = values
    self.most = most
  }

  /// Draws the latest values, as many as there are columns, at the right.
  public func draw(into frame: inout Frame, in area: Rect, style: Style = .accent) {
    guard area.rows > 0 else { return }
    let top = most ?? values.compactMap { $0 }.max() ?? 0
    let shown = values.suffix(area.columns)
    let first = area.column + area.columns - shown.count
    for (offset, value) in shown.enumerated() {
      let column = first + offset
      guard let value else { continue }
      let halves = Self.halves(value, of: top, rows: area.rows)
      if halves == 0 { frame.draw("·", at: Point(column: column, row: area.endRow - 1), style: .dim, width: 1) }
      for row in 0..<(halves + 1) / 2 {
        let isHalf = row == halves / 2
        frame.draw(isHalf ? "▄" : "█", at: Point(column: column, row: area.endRow - 1 - row), style: style, width: 1)
      }
    }
  }

  /// How many half cells high a bar is: none only for nothing at all.
  static func halves(_ value: Double, of most: Double, rows: Int) -> Int {
    guard value > 0, most > 0, value.isFinite else { return 0 }
    let share = min(1, value / most)
    return max(1, Int((share * Double(rows * 2)).rounded()))
  }
}
