/// A window in the middle of the screen that wants an answer before anything else.
public struct Dialog: Hashable, Sendable {
  /// What came of a key.
  public enum Outcome: Hashable, Sendable {
    /// The dialog stays; the key was its own.
    case open
    /// Read, or agreed to; for an input its text.
    case accepted(String)
    /// Left with Esc, or declined.
    case cancelled
    /// Not a key of the dialog.
    case ignored
  }

  private enum Kind: Hashable {
    case message
    case confirm(yes: String, no: String)
    case input(TextField, placeholder: String)
  }

  public var title: String
  public var body: [String]
  /// What is wrong with the input, shown below it.
  public var error: String?
  private var kind: Kind
  private var scroll = 0

  private init(_ title: String, body: [String], kind: Kind) {
    self.title = title
    self.body = body
    self.kind = kind
  }

  /// Something to be read. Enter, Esc or Space close it.
  public static func message(_ title: String, _ body: [String]) -> Dialog {
    Dialog(title, body: body, kind: .message)
  }

  /// A question. `y` or F8 agree; Esc or `n` do not; Enter does neither, so that nothing is agreed to by habit.
  public static func confirm(_ title: String, _ body: [String], yes: String = "yes", no: String = "no") -> Dialog {
    Dialog(title, body: body, kind: .confirm(yes: yes, no: no))
  }

  /// A line to be typed. Enter accepts, Esc leaves.
  public static func input(_ title: String, _ body: [String], field: TextField = TextField(), placeholder: String = "")
    -> Dialog
  {
    Dialog(title, body: body, kind: .input(field, placeholder: placeholder))
  }

  /// The text typed so far; empty when the dialog asks for none.
  public var text: String {
    if case .input(let field, _) = kind { field.text } else { "" }
  }

  public mutating func handle(_ key: Key) -> Outcome {
    switch kind {
    case .message:
      switch key {
      case .enter, .escape, .character(" "): return .accepted("")
      default: return scroll(key) ? .open : .ignored
      }
    case .confirm:
      switch key {
      case .character("y"), .character("Y"), .function(8): return .accepted("")
      case .character("n"), .character("N"), .escape: return .cancelled
      default: return scroll(key) ? .open : .ignored
      }
    case .input(var field, let placeholder):
      switch key {
      case .enter: return .accepted(field.text)
      case .escape: return .cancelled
      default:
        guard field.handle(key) else { return .ignored }
        error = nil
        kind = .input(field, placeholder: placeholder)
        return .open
      }
    }
  }

  /// Draws the dialog over the middle of what is there.
  public func draw(over frame: inout Frame) {
    draw(over: &frame, in: frame.bounds)
  }

  /// Draws the dialog over the middle of an area. Text that is too long for it scrolls.
  public func draw(over frame: inout Frame, in area: Rect) {
    let widest = (body + [title, legend.text(width: .max), error ?? ""]).map { TextWidth.columns(of: $0) }.max() ?? 0
    let width = min(max(widest, 30), 70, max(0, area.columns - 6))
    let lines = body.flatMap { $0.wrapped(to: width) }
    let errors = error.map { $0.wrapped(to: width) } ?? []
    let window = area.centered(columns: width + 4, rows: lines.count + errors.count + extraRows + 4)
    frame.cursor = nil
    frame.fill(window)
    frame.box(window, title: title)
    var (foot, rest) = window.inset(left: 2, top: 1, right: 2, bottom: 1).splitBottom(1)
    legend.draw(into: &frame, row: foot.row, column: foot.column, width: foot.columns, style: .normal)
    (_, rest) = rest.splitBottom(1)
    (foot, rest) = rest.splitBottom(errors.count)
    for (row, line) in errors.enumerated() where row < foot.rows {
      frame.draw(line, at: Point(column: foot.column, row: foot.row + row), style: .bad, width: foot.columns)
    }
    if case .input(let field, let placeholder) = kind {
      (foot, rest) = rest.splitBottom(1)
      field.draw(into: &frame, at: foot.origin, width: foot.columns, focused: true)
      if field.text.isEmpty {
        frame.draw(placeholder, at: foot.origin, style: Style(.placeholder), width: foot.columns)
      }
      (_, rest) = rest.splitBottom(1)
    }
    drawBody(lines, into: &frame, in: rest)
  }

  private func drawBody(_ lines: [String], into frame: inout Frame, in area: Rect) {
    let first = min(scroll, max(0, lines.count - area.rows))
    for (row, line) in lines[first...].prefix(area.rows).enumerated() {
      frame.draw(line, at: Point(column: area.column, row: area.row + row), width: area.columns)
    }
    if first > 0 { frame.draw("▲", at: Point(column: area.endColumn, row: area.row), style: .dim) }
    if first + area.rows < lines.count {
      frame.draw("▼", at: Point(column: area.endColumn, row: area.endRow - 1), style: .dim)
    }
  }

  /// Rows of the kind's own: the field and the empty row above it.
  private var extraRows: Int {
    if case .input = kind { 2 } else { 0 }
  }

  private var legend: KeyLegend {
    switch kind {
    case .message: KeyLegend([("Enter", "close")])
    case .confirm(let yes, let no): KeyLegend([("y", yes), ("n", no)])
    case .input: KeyLegend([("Enter", "accept"), ("Esc", "leave")])
    }
  }

  private mutating func scroll(_ key: Key) -> Bool {
    switch key {
    case .up: scroll = max(0, scroll - 1)
    // Drawing knows how many lines there are; more than one screen of slack would have to be scrolled back.
    case .down: scroll = min(scroll + 1, body.reduce(0) { $0 + 1 + $1.utf8.count / 20 })
    default: return false
    }
    return true
  }
}
