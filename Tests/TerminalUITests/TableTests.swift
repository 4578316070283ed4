import Testing

@testable import TerminalUI

@Suite struct TableTests {
  private let table = Table([
    .init("Device", minimum: 6, ideal: 8),
    .init("Link", minimum: 4, ideal: 5),
    .init("MAC", minimum: 17, priority: 2),
    .init("Used as", minimum: 8, ideal: 20, priority: 1),
    .init("MTU", minimum: 4, priority: 3, alignment: .right),
  ])

  private func titles(_ width: Int) -> [String] {
    table.layout(width: width).map { table.columns[$0.index].title }
  }

  @Test func widerScreensShowMoreColumns() {
    #expect(titles(12) == ["Device", "Link"])
    #expect(titles(22) == ["Device", "Link", "Used as"])
    #expect(titles(41) == ["Device", "Link", "MAC", "Used as"])
    #expect(titles(80) == ["Device", "Link", "MAC", "Used as", "MTU"])
    // A column of lower priority that fits is shown though one before it does not.
    #expect(titles(29) == ["Device", "Link", "Used as", "MTU"])
  }

  @Test(arguments: 0...100) func itAlwaysFits(width: Int) {
    let layout = table.layout(width: width)
    var end = -table.gap
    for place in layout {
      #expect(place.start >= end + table.gap && place.width > 0)
      #expect(place.width <= table.columns[place.index].ideal)
      end = place.start + place.width
    }
    #expect(end <= max(0, width))
  }

  @Test func rowsAndTitles() {
    var frame = Frame(size: Size(columns: 62, rows: 2))
    let rows = [["eth0", "up", "ec:f4:bb:c3:af:a8", "bond0 member", "1500"]]
    let measured = table.measured(rows)
    let layout = measured.layout(width: 62)
    measured.drawHeader(into: &frame, at: Point(column: 0, row: 0), layout: layout)
    measured.draw(rows[0], into: &frame, at: Point(column: 0, row: 1), layout: layout, styles: [1: .good])
    #expect(
      frame.lines == [
        "Device  Link  MAC                Used as        MTU",
        "eth0    up    ec:f4:bb:c3:af:a8  bond0 member  1500",
      ])
    #expect(frame.style(at: Point(column: 8, row: 1)) == .good)
    #expect(frame.style(at: Point(column: 0, row: 1)) == .normal)
  }
}
