import Testing

@testable import TerminalUI

@Suite struct FrameTests {
  private func frame(_ columns: Int, _ rows: Int) -> Frame { Frame(size: Size(columns: columns, rows: rows)) }

  @Test func boxWithTitleAndText() {
    var frame = frame(24, 5)
    frame.box(frame.bounds, title: "Console")
    frame.draw("1 Status", at: Point(column: 2, row: 1))
    frame.horizontalLine(at: Point(column: 0, row: 2), length: 24, ends: .tees)
    frame.draw("right", at: Point(column: 2, row: 3), width: 20, align: .right)
    #expect(
      frame.lines == [
        "┌─ Console ────────────┐",
        "│ 1 Status             │",
        "├──────────────────────┤",
        "│                right │",
        "└──────────────────────┘",
      ])
    #expect(frame.style(at: Point(column: 3, row: 0)) == .heading)
    #expect(frame.style(at: Point(column: 0, row: 0)) == .border)
  }

  @Test func verticalLineJoinsABox() {
    var frame = frame(7, 4)
    frame.box(frame.bounds)
    frame.verticalLine(at: Point(column: 3, row: 0), length: 4, ends: .tees)
    #expect(frame.lines == ["┌──┬──┐", "│  │  │", "│  │  │", "└──┴──┘"])
  }

  @Test func longTextIsCutWithAnEllipsis() {
    var frame = frame(10, 3)
    #expect(frame.draw("management", at: Point(column: 0, row: 0)) == 10)
    #expect(frame.draw("management", at: Point(column: 1, row: 1)) == 9)
    #expect(frame.draw("management", at: Point(column: 0, row: 2), width: 5) == 5)
    #expect(frame.lines == ["management", " manageme…", "mana…"])
    #expect(frame.draw("x", at: Point(column: 0, row: 0), width: 0) == 0)
  }

  @Test(arguments: [-3, -1, 0, 5, 9, 10, 40], [-1, 0, 1, 2])
  func everythingClips(column: Int, row: Int) {
    var frame = frame(10, 2)
    frame.draw("日本語 text", at: Point(column: column, row: row))
    frame.fill(Rect(column: column, row: row, columns: 30, rows: 30), .good, with: "日")
    frame.box(Rect(column: column, row: row, columns: 30, rows: 30), title: "Title")
    frame.restyle(Rect(column: column, row: row, columns: 30, rows: 30), .bad)
    frame.draw(self.frame(4, 4), at: Point(column: column, row: row))
    #expect(frame.lines.allSatisfy { columns(of: $0) <= 10 })
  }

  @Test func textLeftOfTheFrameLosesItsBeginning() {
    var frame = frame(6, 1)
    frame.draw("abcdef", at: Point(column: -2, row: 0))
    #expect(frame.lines == ["cdef"])
  }

  @Test func wideCharactersAreNeverHalved() {
    var frame = frame(6, 1)
    // Over the right edge: no room for the second character's right half, and one column for the ellipsis.
    frame.draw("日本語", at: Point(column: 1, row: 0))
    #expect(frame.lines == [" 日本…"])
    frame = self.frame(6, 1)
    frame.draw("日本語", at: Point(column: -1, row: 0))
    #expect(frame.lines == [" 本語"])
    // Writing over one half leaves no other half behind.
    frame.draw("x", at: Point(column: 2, row: 0))
    #expect(frame.lines == [" x 語"] || frame.lines == ["  x語"])
    #expect(columns(of: frame.lines[0]) == 5)
  }

  @Test func overwritingEitherHalfClearsTheOther() {
    for column in 0...1 {
      var frame = frame(4, 1)
      frame.draw("語z", at: Point(column: 0, row: 0))
      frame.draw("x", at: Point(column: column, row: 0))
      #expect(frame.lines == [column == 0 ? "x z" : " xz"])
    }
  }

  @Test func combiningMarksStayWithTheirLetter() {
    var frame = frame(6, 1)
    let used = frame.draw("e\u{301}a\u{323}\u{302}\u{301}z", at: Point(column: 0, row: 0))
    #expect(used == 3)
    #expect(Array(frame.lines[0].unicodeScalars) == Array("e\u{301}a\u{323}\u{302}z".unicodeScalars))
    // A mark with nothing before it is not joined to what another text left there.
    frame.draw("\u{301}b", at: Point(column: 3, row: 0))
    #expect(Array(frame.lines[0].unicodeScalars) == Array("e\u{301}a\u{323}\u{302}zb".unicodeScalars))
  }

  @Test func controlCharactersNeverReachTheTerminal() {
    var frame = frame(20, 1)
    frame.draw("a\u{1B}[31mb\r\n\u{9B}c\u{7F}\u{202E}d\u{200B}e", at: Point(column: 0, row: 0))
    // "\r\n" is one Character but two control characters.
    #expect(frame.lines == ["a·[31mb···c·de"])
    let dangerous = frame.cells.contains { $0.base < 0x20 && $0.base != 0 || (0x7F..<0xA0).contains($0.base) }
    #expect(!dangerous)
  }

  @Test func joinedEmojiAreSeparateOnEveryTerminal() {
    var frame = frame(10, 1)
    #expect(frame.draw("👩‍💻!", at: Point(column: 0, row: 0)) == 5)
    #expect(Array(frame.lines[0].unicodeScalars) == ["👩", "💻", "!"])
  }

  @Test func framesWithinFrames() {
    var inner = frame(4, 2)
    inner.draw("日本", at: Point(column: 0, row: 0))
    inner.draw("abcd", at: Point(column: 0, row: 1), style: .good)
    inner.cursor = Point(column: 1, row: 1)
    var outer = frame(6, 3)
    outer.draw(inner, at: Point(column: 1, row: 1))
    #expect(outer.lines == ["", " 日本", " abcd"])
    #expect(outer.cursor == Point(column: 2, row: 2))
    #expect(outer.style(at: Point(column: 1, row: 2)) == .good)
    outer.draw(inner, at: Point(column: 3, row: 0))
    #expect(outer.lines == ["   日", " 日abc", " abcd"])
    outer.draw(inner, at: Point(column: -1, row: 2))
    #expect(outer.lines[2] == " 本cd" || outer.lines[2] == " 本 d" )
  }

  @Test func restyleKeepsTheText() {
    var frame = frame(5, 1)
    frame.draw("hello", at: Point(column: 0, row: 0))
    let plain = frame
    frame.restyle(Rect(column: 1, row: 0, columns: 2, rows: 1), .selection)
    #expect(frame.lines == plain.lines)
    #expect(frame != plain)
    #expect(frame.style(at: Point(column: 2, row: 0)) == .selection)
    #expect(frame.style(at: Point(column: 3, row: 0)) == .normal)
  }

  @Test func emptyFrames() {
    var frame = frame(0, 0)
    frame.draw("x", at: Point(column: 0, row: 0))
    frame.box(frame.bounds, title: "t")
    #expect(frame.lines == [])
  }
}
