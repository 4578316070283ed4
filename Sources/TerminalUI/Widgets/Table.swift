/// Decides which columns of a table there is room for and how wide they are: wider screens show more columns, and the
/// same ones no wider than they need to be.
public struct Table: Hashable, Sendable {
  public struct Column: Hashable, Sendable {
    public var title: String
    /// Fewer columns than this and the table column is left out. At least the title's first letters should fit.
    public var minimum: Int
    /// What the content would like to have; never given more, unless the table is told to fill its room.
    public var ideal: Int
    /// Columns of lower numbers are shown first; 0 is shown always, cut if it must be.
    public var priority: Int
    public var alignment: Alignment

    public init(
      _ title: String, minimum: Int, ideal: Int? = nil, priority: Int = 0, alignment: Alignment = .left
    ) {
      self.title = title
      self.minimum = max(1, minimum)
      self.ideal = max(self.minimum, ideal ?? minimum)
      self.priority = priority
      self.alignment = alignment
    }
  }

  /// A column that is shown.
  public struct Placed: Hashable, Sendable {
    /// Its index among the table's columns.
    public let index: Int
    /// Columns from the table's left edge.
    public let start: Int
    public let width: Int
  }

  public var columns: [Column]
  /// Empty columns between two table columns.
  public var gap: Int

  public init(_ columns: [Column], gap: Int = 2) {
    self.columns = columns
    self.gap = max(0, gap)
  }

  /// The same table with each column's ideal width set to what the rows need, within the minimum and `most`.
  public func measured(_ rows: some Sequence<[String]>, most: Int = 40) -> Table {
    var needed = columns.map { TextWidth.columns(of: $0.title) }
    for row in rows {
      for (index, text) in row.prefix(columns.count).enumerated() {
        needed[index] = max(needed[index], TextWidth.columns(of: text))
      }
    }
    var table = self
    for index in columns.indices {
      table.columns[index].ideal = max(columns[index].minimum, min(needed[index], most))
    }
    return table
  }

  /// The columns shown in `width`, left to right in the table's own order.
  public func layout(width: Int) -> [Placed] {
    var shown = chosen(width: width)
    // What is left goes to the columns in order of priority, each up to its ideal width.
    var left = width - shown.reduce(0) { $0 + columns[$1].minimum } - gap * max(0, shown.count - 1)
    var widths = columns.map(\.minimum)
    for index in byPriority(shown) {
      let more = max(0, min(left, columns[index].ideal - columns[index].minimum))
      widths[index] += more
      left -= more
    }
    shown.sort()
    var placed: [Placed] = []
    var start = 0
    for index in shown {
      let columnWidth = min(widths[index], max(0, width - start))
      guard columnWidth > 0 else { break }
      placed.append(Placed(index: index, start: start, width: columnWidth))
      start += columnWidth + gap
    }
    return placed
  }

  /// Draws the titles in a row.
  public func drawHeader(
    into frame: inout Frame, at point: Point, layout: [Placed], style: Style = .heading
  ) {
    draw(columns.map(\.title), into: &frame, at: point, layout: layout, style: style)
  }

  /// Draws one row of texts, one per column of the table (shown or not).
  ///
  /// - Parameter styles: Styles for single columns by their index, instead of `style`.
  public func draw(
    _ texts: [String], into frame: inout Frame, at point: Point, layout: [Placed], style: Style = .normal,
    styles: [Int: Style] = [:]
  ) {
    for place in layout where place.index < texts.count {
      frame.draw(
        texts[place.index], at: Point(column: point.column + place.start, row: point.row),
        style: styles[place.index] ?? style, width: place.width, align: columns[place.index].alignment)
    }
  }

  private func byPriority(_ indices: [Int]) -> [Int] {
    indices.sorted { (columns[$0].priority, $0) < (columns[$1].priority, $1) }
  }

  /// All of priority 0, and of the others, in order of priority, each for which the minimum still fits.
  private func chosen(width: Int) -> [Int] {
    var used = 0
    var chosen: [Int] = []
    for index in byPriority(Array(columns.indices)) {
      let needed = columns[index].minimum + (chosen.isEmpty ? 0 : gap)
      if columns[index].priority > 0 && used + needed > width { continue }
      used += needed
      chosen.append(index)
    }
    return chosen
  }
}
