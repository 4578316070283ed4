import HostNetworking
import TerminalUI

/// Devices down, hosts across: as many hosts as there is room for, each as wide as that allows.
struct PoolTable: Sendable {
  /// Hosts and devices that are as all others are left out, but for one host.
  var onlyDifferences = false {
    didSet { (firstHost, firstRow) = (0, 0) }
  }
  private var firstHost = 0
  private var firstRow = 0

  /// Of a host; less says nothing.
  private static let leastColumns = 20
  private static let mostColumns = 48
  private static let mostNameColumns = 16

  // MARK: What is shown

  func rows(_ comparison: PoolComparison) -> [PoolComparison.Row] {
    onlyDifferences ? comparison.rows.filter(\.differs) : comparison.rows
  }

  private func hosts(_ comparison: PoolComparison) -> [Int] {
    guard onlyDifferences else { return Array(comparison.hosts.indices) }
    let all = comparison.hosts.indices
    let odd = all.filter { host in comparison.rows.contains { $0.cells[host].contains(where: \.differs) } }
    guard !odd.isEmpty else { return [] }
    // One that is as it should be stays, to compare with.
    let even = all.filter { !odd.contains($0) && comparison.hosts[$0].isLive }
    return [even.first { comparison.hosts[$0].isHere } ?? even.first].compactMap { $0 } + odd
  }

  private func nameColumns(_ comparison: PoolComparison) -> Int {
    min(Self.mostNameColumns, comparison.rows.map { TerminalUI.columns(of: $0.name) }.max() ?? 0) + 2
  }

  /// How many hosts fit beside each other, and how wide.
  private func layout(_ comparison: PoolComparison, _ columns: Int) -> (count: Int, width: Int) {
    let room = max(1, columns - nameColumns(comparison))
    let fitting = max(1, room / (Self.leastColumns + 1))
    let count = max(1, min(fitting, hosts(comparison).count))
    return (count, min(Self.mostColumns, max(1, room / count - 1)))
  }

  /// `, hosts 1-3 of 64`; empty when all are shown.
  func range(_ comparison: PoolComparison, _ columns: Int) -> String {
    let hosts = hosts(comparison)
    let count = layout(comparison, columns).count
    guard count < hosts.count else { return ": \(Units.count(comparison.hosts.count, "host"))" }
    return ", hosts \(firstHost + 1)-\(min(hosts.count, firstHost + count)) of \(hosts.count)"
  }

  func showsAll(_ comparison: PoolComparison, _ columns: Int) -> Bool {
    layout(comparison, columns).count >= hosts(comparison).count
  }

  // MARK: Moving

  /// - Returns: false when there is nothing more that way.
  mutating func scroll(by step: Int, _ comparison: PoolComparison, _ room: Size) -> Bool {
    let count = layout(comparison, room.columns - 2).count
    let wanted = min(max(0, firstHost + step * count), max(0, hosts(comparison).count - count))
    defer { firstHost = wanted }
    return wanted != firstHost
  }

  /// A page of the table further, and from its end back to its beginning.
  mutating func scrollRows(_ comparison: PoolComparison, _ room: Size) {
    let visible = max(1, (room.rows - 3) * 2 / 3 - 1)
    firstRow = firstRow + visible < rows(comparison).count ? firstRow + visible : 0
  }

  /// Shows the first host that a difference is about.
  mutating func reveal(_ difference: PoolDifference, _ comparison: PoolComparison, _ room: Size) {
    let shown = hosts(comparison)
    guard let name = difference.hosts.first, let place = shown.firstIndex(where: { comparison.hosts[$0].name == name }) else { return }
    let count = layout(comparison, room.columns - 2).count
    if place < firstHost || place >= firstHost + count { firstHost = min(place, max(0, shown.count - count)) }
  }

  // MARK: Drawing

  func draw(_ comparison: PoolComparison, into frame: inout Frame, in area: Rect) {
    let all = hosts(comparison)
    let rows = rows(comparison)
    guard !rows.isEmpty, !all.isEmpty else {
      frame.draw("Nothing differs (d shows all).", at: Point(column: area.column + 1, row: area.row), style: .dim, width: area.columns - 1)
      return
    }
    let (count, width) = layout(comparison, area.columns)
    let shown = all.dropFirst(firstHost).prefix(count)
    let names = nameColumns(comparison)
    let place: (Int) -> Int = { area.column + names + $0 * (width + 1) }
    for (index, host) in shown.enumerated() {
      frame.draw(Self.head(comparison.hosts[host], width), at: Point(column: place(index), row: area.row), style: .heading, width: width)
    }
    let first = min(firstRow, max(0, rows.count - (area.rows - 1)))
    for (line, row) in rows.dropFirst(first).prefix(area.rows - 1).enumerated() {
      let line = area.row + 1 + line
      frame.draw(
        (row.differs ? "!" : " ") + row.name, at: Point(column: area.column, row: line), style: row.differs ? .warning : .dim, width: names - 1)
      for (index, host) in shown.enumerated() {
        draw(row.cells[host], into: &frame, at: Point(column: place(index), row: line), width)
      }
    }
    if first > 0 { frame.draw("▲", at: Point(column: area.endColumn, row: area.row + 1), style: .dim, width: 1) }
    if first + area.rows - 1 < rows.count { frame.draw("▼", at: Point(column: area.endColumn, row: area.endRow - 1), style: .dim, width: 1) }
  }

  private static func head(_ host: PoolComparison.Host, _ width: Int) -> String {
    var marks: [String] = []
    if host.isHere { marks.append("here") }
    if host.isCoordinator { marks.append("coordinator") }
    if !host.isLive { marks.append("off") }
    guard !marks.isEmpty else { return host.name }
    let long = "\(host.name) (\(marks.joined(separator: ", ")))"
    return TerminalUI.columns(of: long) <= width ? long : host.isLive ? "\(host.name) (\(marks[0]))" : "\(host.name) (off)"
  }

  /// What differs first, then as much of the rest as fits.
  private func draw(_ parts: [PoolComparison.Part], into frame: inout Frame, at point: Point, _ width: Int) {
    let odd = parts.filter(\.differs)
    let ordered = odd + parts.filter { !$0.differs }
    var text = odd.isEmpty ? "" : "! "
    for (index, part) in ordered.enumerated() {
      let longer = text + (index == 0 ? "" : ", ") + part.text
      if index > 0, TerminalUI.columns(of: longer) > width { continue }
      text = longer
    }
    if ordered.isEmpty { text = "-" }
    frame.draw(text, at: point, style: odd.isEmpty ? (ordered.isEmpty ? .dim : .normal) : .warning, width: width)
  }
}
