import TerminalUI

/// A list in a box, with the details of the chosen row below it where there is room.
struct BrowserLayout {
  /// Rows of the details, without the line above them; 0 where the list needs all the room.
  let detailRows: Int
  private let rows: Int

  init(_ room: Size) {
    rows = room.rows
    detailRows = room.rows < 16 ? 0 : room.rows < 30 ? 6 : 10
  }

  /// Rows for the list's own lines: without box, column titles, filter and details.
  func listRows(filter: Bool) -> Int {
    max(1, rows - 3 - (detailRows == 0 ? 0 : detailRows + 1) - (filter ? 1 : 0))
  }

  func draw(
    into frame: inout Frame, in area: Rect, title: String, list: (inout Frame, Rect) -> Void, detailTitle: String,
    details: [Fact]
  ) {
    let (upper, lower) = frame.stacked(area, bottom: detailRows, titles: (title, detailTitle))
    list(&frame, upper)
    let inner = lower.inset(left: 1, right: 1)
    FactRows(details, columns: inner.columns).draw(into: &frame, in: inner, details)
  }
}
