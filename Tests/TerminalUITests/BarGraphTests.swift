import Testing

@testable import TerminalUI

@Suite struct BarGraphTests {
  private func lines(_ values: [Double?], columns: Int, rows: Int, most: Double? = nil) -> [String] {
    var frame = Frame(size: Size(columns: columns, rows: rows))
    BarGraph(values, most: most).draw(into: &frame, in: Rect(column: 0, row: 0, columns: columns, rows: rows))
    return frame.lines
  }

  @Test func barsAreAsHighAsTheirShare() {
    #expect(lines([0, 25, 50, 100], columns: 4, rows: 2) == ["   █", "·▄██"])
    #expect(lines([75], columns: 1, rows: 2, most: 100) == ["▄", "█"])
  }

  @Test func theLatestIsAtTheRight() {
    #expect(lines([100, 50], columns: 4, rows: 1) == ["  █▄"])
    #expect(lines([1, 2, 100, 100], columns: 2, rows: 1) == ["██"])
  }

  @Test func nothingKnownIsNotNothing() {
    #expect(lines([nil, 0, 4], columns: 3, rows: 1) == [" ·█"])
    #expect(lines([nil, nil], columns: 2, rows: 1).joined().allSatisfy { $0 == " " })
  }

  @Test func theSmallestIsStillToBeSeen() {
    #expect(lines([0.001, 1000], columns: 2, rows: 1) == ["▄█"])
    #expect(BarGraph.halves(.infinity, of: 10, rows: 2) == 0)
    #expect(BarGraph.halves(20, of: 10, rows: 2) == 4)
  }

  @Test func everyTerminalHasTheBars() {
    #expect(GlyphFallback.ascii("█") == UInt32(UInt8(ascii: "#")) && GlyphFallback.ascii("▄") == UInt32(UInt8(ascii: ":")))
  }
}
