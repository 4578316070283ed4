/// Fields below each other, one of which has the keyboard.
public struct Form: Sendable {
  /// What came of a key.
  public enum Outcome: Hashable, Sendable {
    /// The form took the key.
    case open
    /// Enter on the last field, with every field right: use the values.
    case submitted
    /// Esc.
    case cancelled
    /// Not a key of the form.
    case ignored
  }

  public private(set) var fields: [FormField]
  /// The index of the field that has the keyboard.
  public private(set) var focus: Int

  public init(_ fields: [FormField]) {
    self.fields = fields
    focus = fields.firstIndex { !$0.isHidden } ?? 0
  }

  // MARK: Values

  /// The field of that id; nil when the form has none.
  public subscript(id: String) -> FormField? {
    fields.first { $0.id == id }
  }

  /// The value of the field of that id as text; empty when the form has none.
  public func value(_ id: String) -> String { self[id]?.value ?? "" }

  /// Whether the checkbox of that id is on.
  public func isOn(_ id: String) -> Bool { value(id) == "true" }

  /// The index of the option chosen in the field of that id.
  public func choice(_ id: String) -> Int? {
    if case .choice(_, let selected) = self[id]?.kind { selected } else { nil }
  }

  /// Changes the field of that id: its label, its options, whether it applies.
  public mutating func update(_ id: String, _ change: (inout FormField) -> Void) {
    guard let index = fields.firstIndex(where: { $0.id == id }) else { return }
    change(&fields[index])
    if fields.indices.contains(focus) && fields[focus].isHidden { moveFocus(by: 1) }
  }

  /// Types a value into the field of that id as a whole.
  public mutating func setText(_ text: String, _ id: String) {
    update(id) { field in
      guard let old = field.textField else { return }
      field.textField = TextField(text, limit: old.limit, secret: old.isSecret)
    }
  }

  public mutating func setHidden(_ isHidden: Bool, _ id: String) {
    update(id) { $0.isHidden = isHidden }
  }

  /// Whether every field can be taken as it is.
  public var isValid: Bool { fields.allSatisfy { $0.problem == nil } }

  /// The first problem with its field's id; nil when there is none.
  public var firstProblem: (id: String, reason: String)? {
    for field in fields {
      if let reason = field.problem { return (field.id, reason) }
    }
    return nil
  }

  // MARK: Keys

  /// Tab, Shift-Tab, up and down move between fields; Enter goes on to the next and, on the last, submits; whatever is
  /// wrong then is shown and gets the keyboard. Everything else belongs to the field.
  public mutating func handle(_ key: Key) -> Outcome {
    switch key {
    case .tab, .down: moveFocus(by: 1)
    case .backTab, .up: moveFocus(by: -1)
    case .escape: return .cancelled
    case .enter:
      if focus != fields.lastIndex(where: { !$0.isHidden }) {
        moveFocus(by: 1)
      } else {
        return submit() ? .submitted : .open
      }
    default:
      guard fields.indices.contains(focus) else { return .ignored }
      return fields[focus].handle(key) ? .open : .ignored
    }
    return .open
  }

  /// Shows every problem and moves to the first.
  ///
  /// - Returns: Whether there was none.
  public mutating func submit() -> Bool {
    for index in fields.indices { fields[index].wasLeft = true }
    guard let wrong = fields.firstIndex(where: { $0.problem != nil }) else { return true }
    focus = wrong
    return false
  }

  private mutating func moveFocus(by step: Int) {
    guard fields.contains(where: { !$0.isHidden }) else { return }
    if fields.indices.contains(focus) { fields[focus].wasLeft = true }
    repeat {
      focus = (focus + step + fields.count) % fields.count
    } while fields[focus].isHidden
  }

  // MARK: Drawing

  /// Rows the form takes in full: a row per field and one more where something is wrong.
  public var rows: Int {
    fields.reduce(0) { $0 + ($1.isHidden ? 0 : $1.shownProblem == nil ? 1 : 2) }
  }

  /// Draws the form into an area. When there are more rows than room, those around the field that has the keyboard are
  /// shown.
  public func draw(into frame: inout Frame, in area: Rect, focused: Bool = true) {
    guard !area.isEmpty else { return }
    let labels = fields.filter { !$0.isHidden }.map { TextWidth.columns(of: $0.label) }.max() ?? 0
    let column = min(labels + 2, area.columns / 2)
    var row = area.row - hiddenRows(room: area.rows)
    for (index, field) in fields.enumerated() where !field.isHidden {
      let hasFocus = focused && index == focus
      if row >= area.row && row < area.endRow {
        let labelStyle: Style = hasFocus ? .strong : .normal
        frame.draw(field.label, at: Point(column: area.column, row: row), style: labelStyle, width: column - 1)
        let place = Point(column: area.column + column, row: row)
        field.draw(into: &frame, at: place, width: area.columns - column, focused: hasFocus)
      }
      row += 1
      if let problem = field.shownProblem {
        if row >= area.row && row < area.endRow {
          let place = Point(column: area.column + column, row: row)
          frame.draw("! " + problem, at: place, style: .bad, width: area.columns - column)
        }
        row += 1
      }
    }
  }

  /// Rows scrolled out above so that the focused field and its problem are in view.
  private func hiddenRows(room: Int) -> Int {
    var end = 0
    for field in fields.prefix(focus + 1) where !field.isHidden { end += field.shownProblem == nil ? 1 : 2 }
    return max(0, end - room)
  }
}

extension FormField {
  /// Draws what the field holds.
  func draw(into frame: inout Frame, at point: Point, width: Int, focused: Bool) {
    let style: Style = focused ? .fieldFocused : .field
    switch kind {
    case .choice(_, _):
      let text = focused ? "< \(value) >" : "  \(value)"
      frame.draw(text, at: point, style: focused ? .fieldFocused : .normal, width: width)
      if focused { frame.cursor = point }
    case .checkbox(let isOn):
      frame.draw(isOn ? "[x]" : "[ ]", at: point, style: style, width: width)
      if focused { frame.cursor = Point(column: point.column + 1, row: point.row) }
    case .text, .ipv4, .ipv6, .cidr:
      guard let field = textField else { return }
      let room = min(width, max(16, (field.limit ?? 60) + 1))
      field.draw(into: &frame, at: point, width: room, focused: focused)
      if field.text.isEmpty {
        frame.draw(placeholder, at: point, style: Style(.placeholder, underline: !focused), width: room)
      }
    }
  }
}
