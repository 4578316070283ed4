import TerminalUI

/// A page of facts that scrolls; facts that lead somewhere can be chosen, and Enter goes there.
struct FactsPage: Sendable {
  private var offset = 0
  private var chosen: Int?

  /// - Returns: where to go, `.done`, or `.pass` for keys that are not this page's.
  mutating func handle(_ key: Key, _ facts: [Fact], room: Size) -> Reaction {
    let rows = FactRows(facts, columns: room.columns)
    let places = facts.indices.filter { facts[$0].place != nil }
    switch key {
    case .down, .character("j"): step(+1, places, rows, room)
    case .up, .character("k"): step(-1, places, rows, room)
    case .pageDown: scroll(by: room.rows - 1, rows, room)
    case .pageUp: scroll(by: 1 - room.rows, rows, room)
    case .home, .character("g"): scroll(by: -rows.rows.count, rows, room)
    case .end, .character("G"): scroll(by: rows.rows.count, rows, room)
    case .enter, .right, .character("l"):
      guard let chosen, facts.indices.contains(chosen), let place = facts[chosen].place else { return .pass }
      return .go(place)
    default: return .pass
    }
    return .done
  }

  mutating func settle(_ facts: [Fact], room: Size) {
    let rows = FactRows(facts, columns: room.columns)
    scroll(by: 0, rows, room)
    let places = facts.indices.filter { facts[$0].place != nil }
    if let chosen, !places.contains(chosen) { self.chosen = nil }
    if chosen == nil { chosen = places.first { isShown($0, rows, room) } }
  }

  /// Goes to the next fact that leads somewhere, or scrolls when there is none that way.
  private mutating func step(_ direction: Int, _ places: [Int], _ rows: FactRows, _ room: Size) {
    let next =
      direction > 0
      ? places.first { $0 > chosen ?? -1 } : places.last { $0 < chosen ?? Int.max }
    guard let next else { return scroll(by: direction, rows, room) }
    chosen = next
    guard let first = rows.rows.firstIndex(where: { $0.fact == next }),
      let last = rows.rows.lastIndex(where: { $0.fact == next })
    else { return }
    if last >= offset + room.rows { offset = last - room.rows + 1 }
    if first < offset { offset = first }
  }

  private func isShown(_ fact: Int, _ rows: FactRows, _ room: Size) -> Bool {
    rows.rows.firstIndex { $0.fact == fact }.map { $0 >= offset && $0 < offset + room.rows } ?? false
  }

  private mutating func scroll(by lines: Int, _ rows: FactRows, _ room: Size) {
    offset = min(max(0, offset + lines), max(0, rows.rows.count - room.rows))
  }

  /// The room for facts within a box that fills `size`.
  static func room(_ size: Size) -> Size { Size(columns: size.columns - 4, rows: size.rows - 2) }

  /// Draws the facts in a box that fills `area`.
  func draw(into frame: inout Frame, in area: Rect, title: String, _ facts: [Fact]) {
    frame.box(area, title: title)
    draw(into: &frame, in: area.inset(left: 2, top: 1, right: 2, bottom: 1), facts)
  }

  func draw(into frame: inout Frame, in area: Rect, _ facts: [Fact]) {
    let rows = FactRows(facts, columns: area.columns)
    rows.draw(into: &frame, in: area, from: offset, chosen: chosen, facts)
    if offset > 0 { frame.draw("▲", at: Point(column: area.endColumn, row: area.row), style: .dim, width: 1) }
    if offset + area.rows < rows.rows.count {
      frame.draw("▼", at: Point(column: area.endColumn, row: area.endRow - 1), style: .dim, width: 1)
    }
  }
}
