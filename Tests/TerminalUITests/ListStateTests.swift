import Testing

@testable import TerminalUI

@Suite struct ListStateTests {
  @Test func movesAndScrolls() {
    var list = ListState()
    for _ in 0..<4 { #expect(list.handle(.down, count: 10, visible: 4) == true) }
    #expect(list.selected == 4 && list.offset == 1)
    #expect(list.rows(count: 10, visible: 4) == 1..<5)
    list.handle(.end, count: 10, visible: 4)
    #expect(list.selected == 9 && list.offset == 6)
    list.handle(.down, count: 10, visible: 4)
    #expect(list.selected == 9)
    list.handle(.pageUp, count: 10, visible: 4)
    #expect(list.selected == 6 && list.offset == 6)
    list.handle(.character("k"), count: 10, visible: 4)
    #expect(list.selected == 5 && list.offset == 5)
    list.handle(.character("g"), count: 10, visible: 4)
    #expect(list.selected == 0 && list.offset == 0)
    list.handle(.character("G"), count: 10, visible: 4)
    #expect(list.selected == 9)
    #expect(list.handle(.enter, count: 10, visible: 4) == false)
    #expect(list.handle(.character("x"), count: 10, visible: 4) == false)
  }

  @Test func staysInAListThatChanges() {
    var list = ListState()
    list.handle(.end, count: 10, visible: 4)
    list.clamp(count: 3, visible: 4)
    #expect(list.selected == 2 && list.offset == 0)
    list.clamp(count: 0, visible: 4)
    #expect(list.selected == 0 && list.rows(count: 0, visible: 4).isEmpty)
    list.handle(.down, count: 0, visible: 0)
    #expect(list.selected == 0)
    list.handle(.end, count: 5, visible: 0)
    #expect(list.selected == 4 && list.offset == 4)
    #expect(list.rows(count: 2, visible: 3).count <= 2)
  }

  @Test func aTallerScreenShowsMoreOfTheList() {
    var list = ListState()
    list.handle(.end, count: 10, visible: 3)
    #expect(list.offset == 7)
    list.clamp(count: 10, visible: 8)
    #expect(list.offset == 2 && list.selected == 9)
  }
}
