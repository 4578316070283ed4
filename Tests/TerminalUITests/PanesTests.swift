import Testing

@testable import TerminalUI

@Suite struct PanesTests {
  @Test func sideBySide() {
    var frame = Frame(size: Size(columns: 32, rows: 4))
    let (left, right) = frame.sideBySide(frame.bounds, left: 14, titles: ("Console", "Status"))
    frame.fill(left, with: "l")
    frame.fill(right, with: "r")
    #expect(
      frame.lines == [
        "┌─ Console ────┬─ Status ──────┐",
        "│llllllllllllll│rrrrrrrrrrrrrrr│",
        "│llllllllllllll│rrrrrrrrrrrrrrr│",
        "└──────────────┴───────────────┘",
      ])
    // Without room for two there is one.
    frame = Frame(size: Size(columns: 15, rows: 3))
    let (only, none) = frame.sideBySide(frame.bounds, left: 14, titles: ("Console", "Status"))
    #expect(only.columns == 13 && none.isEmpty)
    #expect(frame.lines[0] == "┌─ Console ───┐")
  }

  @Test func stacked() {
    var frame = Frame(size: Size(columns: 20, rows: 7))
    let (top, bottom) = frame.stacked(frame.bounds, bottom: 2, titles: ("Interfaces", "eth0"))
    frame.fill(top, with: "t")
    frame.fill(bottom, with: "b")
    #expect(
      frame.lines == [
        "┌─ Interfaces ─────┐",
        "│tttttttttttttttttt│",
        "│tttttttttttttttttt│",
        "├─ eth0 ───────────┤",
        "│bbbbbbbbbbbbbbbbbb│",
        "│bbbbbbbbbbbbbbbbbb│",
        "└──────────────────┘",
      ])
    frame = Frame(size: Size(columns: 20, rows: 4))
    let (only, none) = frame.stacked(frame.bounds, bottom: 2)
    #expect(only.rows == 2 && none.isEmpty)
  }

  @Test(arguments: 0...5, 0...5) func tinyScreens(columns: Int, rows: Int) {
    for piece in 0...4 {
      var frame = Frame(size: Size(columns: columns, rows: rows))
      let beside = frame.sideBySide(frame.bounds, left: piece, titles: ("a", "b"))
      let above = frame.stacked(frame.bounds, bottom: piece, titles: ("a", "b"))
      for inner in [beside.left, beside.right, above.top, above.bottom] where !inner.isEmpty {
        #expect(inner.intersection(frame.bounds) == inner)
      }
    }
  }

  @Test func marksSayThatThereIsMore() {
    var frame = Frame(size: Size(columns: 5, rows: 5))
    frame.box(frame.bounds)
    var list = ListState()
    list.handle(.down, count: 9, visible: 3)
    frame.scrollMarks(list, count: 9, beside: frame.bounds.inset())
    #expect(frame.lines == ["┌───┐", "│   │", "│   │", "│   ▼", "└───┘"])
    list.selected = 5
    list.clamp(count: 9, visible: 3)
    frame.scrollMarks(list, count: 9, beside: frame.bounds.inset())
    #expect(frame.lines == ["┌───┐", "│   ▲", "│   │", "│   ▼", "└───┘"])
  }
}
