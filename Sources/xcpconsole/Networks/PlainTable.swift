import TerminalUI

/// Rows of text in columns as wide as what stands in them; the last one is not padded.
struct PlainTable {
  private let rows: [[String]]

  init(_ titles: [String], _ rows: [[String]]) { self.rows = [titles] + rows }

  var lines: [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0.indices.contains(column) ? TerminalUI.columns(of: $0[column]) : 0 }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, text in column == row.count - 1 ? text : text.fitted(to: widths[column]) }.joined(separator: "  ")
    }
  }
}
