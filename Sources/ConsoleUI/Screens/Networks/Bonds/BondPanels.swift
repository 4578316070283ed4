import HostNetworking
import TerminalUI

/// What each member carried lately, look by look.
struct BondHistory {
  /// More than the widest screen has columns.
  private static let limit = 400

  private(set) var received: [String: [Double?]] = [:]
  private(set) var sent: [String: [Double?]] = [:]

  mutating func take(_ live: BondLive) {
    for member in live.members {
      received[member.name] = Array(((received[member.name] ?? []) + [member.received]).suffix(Self.limit))
      sent[member.name] = Array(((sent[member.name] ?? []) + [member.sent]).suffix(Self.limit))
    }
  }
}

/// What a large screen shows of a bond besides: the traffic of each member as a course, how senders are spread, and both ends of
/// LACP side by side.
struct BondPanels {
  private static let gap = 2
  private static let narrowest = 26

  let live: BondLive
  let history: BondHistory

  /// Rows of one panel without the graphs.
  private var words: Int { 3 + (hasEnds ? 8 : 0) }
  private var hasEnds: Bool { live.members.contains { $0.ends != nil } }

  /// Draws nothing where there is too little room.
  func draw(into frame: inout Frame, in area: Rect) {
    guard area.columns >= 2 * Self.narrowest, area.rows >= words + 4, !live.members.isEmpty else { return }
    let count = min(live.members.count, (area.columns + Self.gap) / (Self.narrowest + Self.gap))
    let width = (area.columns - Self.gap * (count - 1)) / count
    let graph = min(5, (area.rows - words - 1) / 2)
    let top = most
    for (place, member) in live.members.prefix(count).enumerated() {
      var pane = Rect(column: area.column + place * (width + Self.gap), row: area.row, columns: width, rows: area.rows)
      func line(_ text: String, _ style: Style = .normal) {
        guard pane.rows > 0 else { return }
        frame.draw(text, at: pane.origin, style: style, width: pane.columns)
        pane = pane.splitTop(1).rest
      }
      func course(_ word: String, _ now: Double?, _ values: [Double?]) {
        line("\(member.name) \(word) \(BondScreen.rate(now))", .strong)
        let (bars, rest) = pane.splitTop(graph)
        BarGraph(values, most: top).draw(into: &frame, in: bars)
        pane = rest
      }
      course("received", member.received, history.received[member.name] ?? [])
      course("sent", member.sent, history.sent[member.name] ?? [])
      line(balance(member))
      guard hasEnds else { continue }
      line("")
      for (text, style) in ends(member) { line(text, style) }
    }
    guard count < live.members.count else { return }
    frame.draw(
      "and \(live.members.count - count) more in the list above", at: Point(column: area.column, row: area.endRow - 1), style: .dim, width: area.columns)
  }

  /// All graphs have one scale: who carries more is seen at once.
  private var most: Double {
    let all = live.members.flatMap { (history.received[$0.name] ?? []) + (history.sent[$0.name] ?? []) }
    return max(1, all.compactMap { $0 }.max() ?? 0)
  }

  private func balance(_ member: BondLive.Member) -> String {
    let all = live.members.map(\.hashes).reduce(0, +)
    if all > 0 {
      let load = member.load > 0 ? ", \(member.load) kB lately" : ""
      return "\(member.hashes) of \(all) groups of senders\(load)"
    }
    let sums = live.members.map { ($0.received ?? 0) + ($0.sent ?? 0) }
    let sum = sums.reduce(0, +)
    guard sum > 0 else { return "no traffic" }
    return "\(Int((((member.received ?? 0) + (member.sent ?? 0)) / sum * 100).rounded())) % of the bond's traffic"
  }

  private func ends(_ member: BondLive.Member) -> [(String, Style)] {
    func words(_ party: BondLive.Ends.Party) -> [(String, Style)] {
      guard let system = party.system else { return [("nobody answers", .warning), ("", .normal), ("", .normal)] }
      let numbers = [party.port.map { "port \($0)" }, party.key.map { "key \($0)" }].compactMap { $0 }.joined(separator: ", ")
      let works = party.state.contains("collecting") && party.state.contains("distributing")
      let word = works ? "sends and receives" : party.state.contains("synchronized") ? "in the group, waits" : "not in the group"
      let pace = party.state.contains("timeout") ? "fast" : "slow"
      return [(system, .normal), (numbers, .normal), ("\(word), asks for \(pace)", works ? .good : .warning)]
    }
    guard let ends = member.ends else { return [] }
    return [("This side", .dim)] + words(ends.own) + [("The switch", .dim)] + words(ends.partner)
  }
}
