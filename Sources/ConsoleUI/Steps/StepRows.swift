import HostNetworking
import TerminalUI

/// The steps of a plan below each other, each with how far it has come.
struct StepRows {
  struct Step {
    let sentence: String
    let state: StepState
  }

  private let rows: [(text: String, style: Style, step: Int)]

  init(_ steps: [Step], columns: Int) {
    rows = steps.enumerated().flatMap { index, step in
      let text = step.sentence + (step.state.remark.isEmpty ? "" : ": \(step.state.remark)")
      return text.wrapped(to: max(1, columns - StepState.markColumns)).enumerated().map { line, text in
        let mark = line == 0 ? step.state.mark : ""
        return (mark.fitted(to: StepState.markColumns) + text, step.state.style, index)
      }
    }
  }

  /// Draws as many rows as there is room for, those around the step at work.
  func draw(into frame: inout Frame, in area: Rect, at step: Int?) {
    let current = step.flatMap { step in rows.lastIndex { $0.step == step } } ?? 0
    let first = max(0, min(rows.count - area.rows, current - area.rows + 2))
    for (line, row) in rows.dropFirst(first).prefix(area.rows).enumerated() {
      frame.draw(row.text, at: Point(column: area.column, row: area.row + line), style: row.style, width: area.columns)
    }
    if first > 0 { frame.draw("▲", at: Point(column: area.endColumn, row: area.row), style: .dim, width: 1) }
    if first + area.rows < rows.count {
      frame.draw("▼", at: Point(column: area.endColumn, row: area.endRow - 1), style: .dim, width: 1)
    }
  }
}

extension StepState {
  static let markColumns = 8

  /// Words, not colours: a step that failed must be seen on any terminal.
  var mark: String {
    switch self {
    case .waiting: ""
    case .running: "..."
    case .done: "ok"
    case .skipped: "left"
    case .failed: "FAILED"
    case .undone: "undone"
    }
  }

  var style: Style {
    switch self {
    case .waiting, .skipped: .dim
    case .running: .strong
    case .done: .good
    case .failed: .bad
    case .undone: .warning
    }
  }

  var remark: String {
    switch self {
    case .running(let text), .done(let text), .skipped(let text), .failed(let text): text
    case .waiting, .undone: ""
    }
  }
}
