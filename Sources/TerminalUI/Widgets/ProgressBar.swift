/// A bar that fills from the left.
public struct ProgressBar: Hashable, Sendable {
  /// From 0 to 1; nil when it is not known how much there is to do.
  public var fraction: Double?
  /// For a bar of unknown length: where the moving piece is; one more at every step.
  public var step: Int

  public init(fraction: Double?, step: Int = 0) {
    self.fraction = fraction.map { $0.isFinite ? min(max(0, $0), 1) : 0 }
    self.step = step
  }

  /// `done` of `total`; nothing to do is done.
  public init(done: Int, total: Int) {
    self.init(fraction: total > 0 ? Double(done) / Double(total) : 1)
  }

  public func draw(into frame: inout Frame, at point: Point, width: Int, style: Style = .accent) {
    guard width > 0 else { return }
    let row = Rect(column: point.column, row: point.row, columns: width, rows: 1)
    frame.fill(row, .dim, with: "░")
    frame.fill(filled(of: row), style, with: "█")
  }

  private func filled(of row: Rect) -> Rect {
    guard let fraction else {
      // A piece that runs to and fro.
      let length = max(1, row.columns / 4)
      let way = max(1, row.columns - length)
      let place = ((step % (2 * way)) + 2 * way) % (2 * way)
      let start = place <= way ? place : 2 * way - place
      return Rect(column: row.column + min(start, row.columns - length), row: row.row, columns: length, rows: 1)
    }
    // Full only when all is done, empty only when nothing is.
    var cells = Int((fraction * Double(row.columns)).rounded(.down))
    if fraction > 0 && cells == 0 { cells = 1 }
    if fraction < 1 && cells == row.columns && row.columns > 1 { cells -= 1 }
    return Rect(column: row.column, row: row.row, columns: cells, rows: 1)
  }
}
