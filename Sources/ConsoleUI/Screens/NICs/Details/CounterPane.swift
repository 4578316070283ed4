import HostNetworking
import TerminalUI

/// What goes over a NIC: rates now and over the last minute, errors and drops.
struct CounterPane {
  private let history: CounterHistory

  init(_ history: CounterHistory) { self.history = history }

  // MARK: A few rows

  /// Rows that the small pane needs inside its lines.
  static let smallRows = 4

  func drawSmall(into frame: inout Frame, in area: Rect) {
    guard area.rows >= Self.smallRows else { return }
    let half = (area.columns - 2) / 2
    let (left, right) = (area.splitLeft(half).left, area.splitLeft(half + 2).rest)
    let each = Self.each(half)
    drawCourse("rx", \.receivedBytes, \.receivedPackets, into: &frame, in: left.splitTop(area.rows - 1).top, each)
    drawCourse("tx", \.sentBytes, \.sentPackets, into: &frame, in: right.splitTop(area.rows - 1).top, each)
    frame.draw(
      troubles, at: Point(column: area.column, row: area.endRow - 1), style: hasTroubles ? .warning : .normal, width: area.columns)
  }

  /// A little more than a minute fits.
  private static func each(_ columns: Int) -> Duration { columns >= 60 ? .seconds(1) : .seconds(2) }

  /// What is told of: as much as there is room for, and no more than was seen.
  func title(_ columns: Int) -> String {
    let half = (columns - 2) / 2
    let seconds = min(Self.each(half).components.seconds * Int64(half), history.seen.components.seconds)
    guard seconds > 0 else { return "Traffic: counting" }
    return "Traffic over the last \(seconds) s"
  }

  private func drawCourse(
    _ name: String, _ bytes: @escaping (CounterRates) -> Double, _ packets: @escaping (CounterRates) -> Double,
    into frame: inout Frame, in area: Rect, _ each: Duration
  ) {
    let course = history.course(bytes, count: area.columns, each: each)
    let top = course.compactMap { $0 }.max() ?? 0
    let now = history.now.map { "\(Units.bits(bytes($0))), \(Units.packets(packets($0)))" } ?? "counting..."
    frame.draw("\(name) \(now)", at: area.origin, style: .strong, width: area.columns)
    if top > 0 {
      let most = "most \(Units.bits(top))"
      let room = area.columns - TerminalUI.columns(of: "\(name) \(now)") - 2
      if room >= TerminalUI.columns(of: most) {
        frame.draw(
          most, at: Point(column: area.endColumn - TerminalUI.columns(of: most), row: area.row), style: .dim, width: room)
      }
    }
    BarGraph(course).draw(into: &frame, in: area.splitTop(1).rest)
  }

  private var hasTroubles: Bool { (history.now?.errors ?? 0) > 0 || (history.now?.drops ?? 0) > 0 }

  /// `errors rx 0 tx 0 (+0/s), drops rx 12 tx 0 (+0/s)`.
  private var troubles: String {
    guard let latest = history.latest else { return "errors and drops: counting..." }
    guard let counters = latest.counters else { return "The kernel tells no counters." }
    let (errors, drops) = (history.now?.errors ?? 0, history.now?.drops ?? 0)
    return "errors rx \(counters.receiveErrors) tx \(counters.sendErrors) (\(Units.growth(errors))), "
      + "drops rx \(counters.receiveDrops) tx \(counters.sendDrops) (\(Units.growth(drops)))"
  }

  // MARK: With room

  func drawLarge(into frame: inout Frame, in area: Rect) {
    let each = Self.each(area.columns)
    let rows = max(2, min(9, (area.rows - 14) / 3))
    var rest = area
    for (name, bytes, packets) in [
      ("rx", \CounterRates.receivedBytes, \CounterRates.receivedPackets), ("tx", \.sentBytes, \.sentPackets),
    ] {
      let parts = rest.splitTop(rows + 1)
      drawCourse(name, { $0[keyPath: bytes] }, { $0[keyPath: packets] }, into: &frame, in: parts.top, each)
      rest = parts.rest.splitTop(1).rest
    }
    let parts = rest.splitTop(4)
    let course = history.course({ $0.errors + $0.drops }, count: area.columns, each: each)
    let sum = history.now.map { Units.growth($0.errors + $0.drops) } ?? "counting..."
    frame.draw(
      "errors and drops \(sum)", at: parts.top.origin, style: hasTroubles ? .warning : .strong, width: area.columns)
    BarGraph(course, most: max(1, course.compactMap { $0 }.max() ?? 0))
      .draw(into: &frame, in: parts.top.splitTop(1).rest, style: .warning)
    drawTable(into: &frame, in: parts.rest.splitTop(1).rest)
  }

  private func drawTable(into frame: inout Frame, in area: Rect) {
    guard let counters = history.latest?.counters else {
      frame.draw(troubles, at: area.origin, style: .dim, width: area.columns)
      return
    }
    let lines = [
      ("", "received", "sent"),
      ("bytes", Units.bytes(counters.receivedBytes), Units.bytes(counters.sentBytes)),
      ("packets", "\(counters.receivedPackets)", "\(counters.sentPackets)"),
      ("errors", "\(counters.receiveErrors)", "\(counters.sendErrors)"),
      ("drops", "\(counters.receiveDrops)", "\(counters.sendDrops)"),
    ]
    for (index, line) in lines.prefix(area.rows).enumerated() {
      let row = area.row + index
      frame.draw(line.0, at: Point(column: area.column, row: row), style: .dim, width: 10)
      for (place, text) in [(0, line.1), (1, line.2)] {
        frame.draw(
          text, at: Point(column: area.column + 10 + place * 20, row: row), style: index == 0 ? .dim : .normal,
          width: max(0, min(18, area.columns - 10 - place * 20)), align: .right)
      }
    }
    if history.breaks > 0, area.rows > lines.count {
      frame.draw(
        "The counters were set back \(Units.count(history.breaks, "time")) meanwhile.",
        at: Point(column: area.column, row: area.row + lines.count), style: .dim, width: area.columns)
    }
  }
}
