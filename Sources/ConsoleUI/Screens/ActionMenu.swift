import TerminalUI

/// What can be done, as a menu beside what is said of the chosen item. The choice stays on its item when others come or go.
struct ActionMenu<Item: Hashable & Sendable>: Sendable {
  private(set) var items: [Item] = []
  private var list = MenuList([], numbered: 0)

  /// Inside its lines.
  private static var columns: Int { 34 }

  /// What the keys of the menu do.
  var keys: [(key: String, does: String)] {
    [("Up/Down", "choose"), ("1-\(min(9, max(1, items.count)))", "jump"), ("Enter", "open"), ("Esc", "back"), ("?", "help")]
  }

  var chosen: Item? { items.indices.contains(list.selected) ? items[list.selected] : nil }

  mutating func settle(_ fresh: [Item], room: Size, label: (Item) -> String) {
    if fresh != items {
      let chosen = chosen
      items = fresh
      list = MenuList(items.map(label), numbered: 9, chosen: chosen.flatMap { items.firstIndex(of: $0) } ?? 0)
    }
    list.settle(visible: room.rows - 2)
  }

  /// - Parameter open: what a chosen item leads to.
  mutating func handle(_ key: Key, room: Size, open: (Item) -> Reaction) -> Reaction {
    if let opened = list.handle(key, visible: room.rows - 2), items.indices.contains(opened) { return open(items[opened]) }
    switch key {
    case .escape, .left, .character("h"): return .back
    default: return list.move(key, visible: room.rows - 2) ? .done : .pass
    }
  }

  /// - Parameters:
  ///   - name: of what the menu is about; nil when that is nothing in particular.
  ///   - general: the menu's title then.
  ///   - label: the title of what is said.
  func draw(into frame: inout Frame, in area: Rect, name: String?, general: String = "Actions", label: String, _ facts: [Fact]) {
    let (left, right) = frame.sideBySide(
      area, left: area.columns >= 60 ? Self.columns : area.columns, titles: (name.map { "Actions: \($0)" } ?? general, label))
    list.draw(into: &frame, in: left)
    let inner = right.inset(left: 1, right: 1)
    FactRows(facts, columns: inner.columns).draw(into: &frame, in: inner, facts)
  }
}
