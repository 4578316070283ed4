import TerminalUI

/// The rows of a menu: chosen with the arrows, or opened by the digit before them, as a colleague on the phone says it.
struct MenuList: Sendable {
  private let labels: [String]
  /// So many of them, from the first, have a digit.
  private let numbered: Int
  private var list = ListState()

  init(_ labels: [String], numbered: Int, chosen: Int = 0) {
    self.labels = labels
    self.numbered = min(numbered, labels.count)
    list.selected = min(max(0, chosen), max(0, labels.count - 1))
  }

  var selected: Int { list.selected }

  /// - Returns: the item to be opened; nil when the key opens none.
  mutating func handle(_ key: Key, visible: Int) -> Int? {
    switch key {
    case .enter, .right, .character("l"): return selected
    case .character(let character) where ("1"..."9").contains(character):
      guard let digit = character.wholeNumberValue, digit <= numbered else { return nil }
      list.selected = digit - 1
      list.clamp(count: labels.count, visible: max(1, visible))
      return selected
    default: return nil
    }
  }

  /// - Returns: false for a key that does not move the choice.
  mutating func move(_ key: Key, visible: Int) -> Bool {
    list.handle(key, count: labels.count, visible: max(1, visible))
  }

  mutating func settle(visible: Int) { list.clamp(count: labels.count, visible: max(1, visible)) }

  func draw(into frame: inout Frame, in area: Rect) {
    for index in list.rows(count: labels.count, visible: area.rows) {
      let row = Point(column: area.column, row: area.row + index - list.offset)
      let isChosen = index == list.selected
      let digit = index < numbered ? "\(index + 1)" : " "
      let text = (isChosen ? ">" : " ") + "\(digit) \(labels[index])"
      frame.draw(
        isChosen ? text.fitted(to: area.columns) : text, at: row, style: isChosen ? .selection : .normal, width: area.columns)
    }
    frame.scrollMarks(list, count: labels.count, beside: area)
  }
}
