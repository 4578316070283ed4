import Testing

@testable import TerminalUI

@Suite struct GeometryTests {
  @Test func splitsGiveThePieceAskedForFirst() {
    let screen = Rect(size: Size(columns: 80, rows: 24))
    #expect(screen.splitTop(1).top == Rect(column: 0, row: 0, columns: 80, rows: 1))
    #expect(screen.splitTop(1).rest == Rect(column: 0, row: 1, columns: 80, rows: 23))
    #expect(screen.splitBottom(1).bottom == Rect(column: 0, row: 23, columns: 80, rows: 1))
    #expect(screen.splitBottom(1).rest == Rect(column: 0, row: 0, columns: 80, rows: 23))
    #expect(screen.splitLeft(36).left == Rect(column: 0, row: 0, columns: 36, rows: 24))
    #expect(screen.splitLeft(36).rest == Rect(column: 36, row: 0, columns: 44, rows: 24))
    #expect(screen.splitRight(10).right == Rect(column: 70, row: 0, columns: 10, rows: 24))
    #expect(screen.splitRight(10).rest == Rect(column: 0, row: 0, columns: 70, rows: 24))
  }

  @Test func nothingIsEverNegative() {
    let tiny = Rect(column: 3, row: 4, columns: 1, rows: 1)
    #expect(tiny.inset(by: 3).isEmpty)
    #expect(tiny.inset(by: 3).columns == 0)
    #expect(tiny.splitTop(9).top == tiny)
    #expect(tiny.splitTop(9).rest.rows == 0)
    #expect(tiny.splitLeft(-2).left.columns == 0)
    #expect(Rect(column: 0, row: 0, columns: -4, rows: -1).isEmpty)
    #expect(Size(columns: -1, rows: -1) == Size(columns: 0, rows: 0))
    let apart = tiny.intersection(Rect(column: 10, row: 10, columns: 2, rows: 2))
    #expect(apart.isEmpty)
  }

  @Test func centeringStaysInside() {
    let screen = Rect(column: 2, row: 1, columns: 20, rows: 10)
    #expect(screen.centered(columns: 6, rows: 3) == Rect(column: 9, row: 4, columns: 6, rows: 3))
    #expect(screen.centered(columns: 60, rows: 30) == screen)
  }
}
