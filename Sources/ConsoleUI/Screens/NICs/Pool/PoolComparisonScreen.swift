import HostNetworking
import TerminalUI

/// The pool's hosts beside each other, device by device, and below it what differs.
struct PoolComparisonScreen: Screen {
  private enum Stage {
    case looking
    case failed(ChangeProblem)
    case known(PoolComparison)
  }

  private var stage = Stage.looking
  private var table = PoolTable()
  private var selected = 0
  /// Not all hosts fit beside each other.
  private var hasMoreHosts = false
  /// Rows of the list of differences that are scrolled away.
  private var offset = 0

  let title = "Compare the pool's hosts"

  let help = [
    "Devices down, hosts across: what is unlike the others is marked with !. What most hosts have counts as right, at a tie what the "
      + "coordinator has.",
    "Below, each difference once with its cause. Enter shows what it means and the lines that would mend it; nothing is changed here.",
    "Left and Right show other hosts, d only what differs. Tab scrolls the table where it is longer than its room.",
    "The same on the command line: xcpconsole nic compare.",
  ]

  var errand: Errand? { .compareHosts }

  private var comparison: PoolComparison? { if case .known(let comparison) = stage { comparison } else { nil } }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    guard let comparison, !comparison.isAlone else { return [("r", "look again"), ("Esc", "back"), ("?", "help")] }
    return (comparison.differences.isEmpty ? [] : [("Enter", "what it means")])
      + (hasMoreHosts ? [("Left/Right", "hosts")] : [])
      + [("d", table.onlyDifferences ? "show all" : "only differences"), ("r", "look again"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape: return .back
    case .character("r"), .function(5):
      if case .looking = stage { return .done }
      if case .failed = stage { stage = .looking }
      return .ask(.compareHosts)
    default: break
    }
    guard let comparison, !comparison.isAlone else {
      return key == .left || key == .character("h") ? .back : .pass
    }
    let count = comparison.differences.count
    switch key {
    case .left, .character("h"):
      if !table.scroll(by: -1, comparison, room) { return .back }
    case .right, .character("l"): _ = table.scroll(by: 1, comparison, room)
    case .character("d"): table.onlyDifferences.toggle()
    case .tab: table.scrollRows(comparison, room)
    case .up, .character("k"): choose(selected - 1, comparison, room)
    case .down, .character("j"): choose(selected + 1, comparison, room)
    case .pageUp: choose(selected - 5, comparison, room)
    case .pageDown: choose(selected + 5, comparison, room)
    case .home, .character("g"): choose(0, comparison, room)
    case .end, .character("G"): choose(count - 1, comparison, room)
    case .enter:
      guard comparison.differences.indices.contains(selected) else { return .done }
      return .open(PoolDifferenceScreen(comparison.differences[selected]))
    default: return .pass
    }
    settle(context, room: room)
    return .done
  }

  private mutating func choose(_ index: Int, _ comparison: PoolComparison, _ room: Size) {
    selected = min(max(0, index), max(0, comparison.differences.count - 1))
    guard comparison.differences.indices.contains(selected) else { return }
    table.reveal(comparison.differences[selected], comparison, room)
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .compared(let result) = report else { return .pass }
    switch result {
    case .failure(let problem): stage = .failed(problem)
    case .success(let comparison):
      let isFirst = self.comparison == nil
      stage = .known(comparison)
      if isFirst { choose(0, comparison, room) }
    }
    settle(context, room: room)
    return .done
  }

  mutating func settle(_ context: Context, room: Size) {
    guard let comparison else { return }
    selected = min(selected, max(0, comparison.differences.count - 1))
    _ = table.scroll(by: 0, comparison, room)
    hasMoreHosts = !table.showsAll(comparison, room.columns - 2)
    let rows = FactRows(facts(comparison, context), columns: room.columns - 4).rows
    let visible = max(1, Self.bottomRows(comparison, table, room))
    let chosen = selected + heading(comparison, context).count
    if let first = rows.firstIndex(where: { $0.fact == chosen }), let last = rows.lastIndex(where: { $0.fact == chosen }) {
      if last >= offset + visible { offset = last - visible + 1 }
      if first < offset || selected == 0 { offset = selected == 0 ? 0 : first }
    }
    offset = min(offset, max(0, rows.count - visible))
  }

  // MARK: Words

  private func heading(_ comparison: PoolComparison, _ context: Context) -> [Fact] {
    guard case .saved(let at, let why) = comparison.source else { return [] }
    return [
      Fact(
        "", "XAPI cannot be asked (\(why)). This is its database as saved \(Units.moment(at, now: context.now.wall)): settings only, no links, no cards.",
        style: .warning, mark: "!  ")
    ]
  }

  private func facts(_ comparison: PoolComparison, _ context: Context) -> [Fact] {
    let differences = comparison.differences.map { difference in
      let isNotice = difference.weight <= .notice
      return Fact(
        "", difference.text.sentence, style: difference.weight == .trouble ? .bad : isNotice ? .normal : .warning,
        mark: difference.weight == .trouble ? "!! " : isNotice ? "-  " : "!  ")
    }
    let alike = differences.isEmpty ? [Fact("", "All \(comparison.hosts.count) hosts are alike.", style: .good)] : []
    return heading(comparison, context) + differences + alike
  }

  private func standing(_ comparison: PoolComparison) -> String {
    let uneven = comparison.differences.count { $0.weight > .notice }
    let notices = comparison.differences.count - uneven
    let words = (uneven > 0 ? [Units.count(uneven, "difference")] : []) + (notices > 0 ? ["\(notices) worth knowing"] : [])
    return words.isEmpty ? "nothing differs" : words.joined(separator: ", ")
  }

  // MARK: Drawing

  /// Rows of the lower pane: what the table leaves, and at least a third.
  private static func bottomRows(_ comparison: PoolComparison, _ table: PoolTable, _ room: Size) -> Int {
    let inside = room.rows - 3
    let wanted = table.rows(comparison).count + 1
    return max(1, inside - min(max(2, wanted), inside * 2 / 3))
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    switch stage {
    case .looking:
      frame.box(area, title: title)
      frame.draw("Looking at the pool: XAPI is asked, which may take 20 s ...", at: area.inset(left: 2, top: 1).origin, style: .dim, width: area.columns - 4)
    case .failed(let problem):
      frame.box(area, title: title)
      let facts =
        [Fact("", problem.text.sentence, style: .bad, mark: "!! ")] + (problem.remedy.map { [Fact("", $0.sentence, mark: "   ")] } ?? [])
      let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
      FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
    case .known(let comparison): draw(comparison, into: &frame, in: area, context)
    }
  }

  private func draw(_ comparison: PoolComparison, into frame: inout Frame, in area: Rect, _ context: Context) {
    guard !comparison.isAlone else {
      frame.box(area, title: title)
      let words = "This host is alone in its pool: there is nothing to compare with. Once other hosts have joined, this page sets them beside each other."
      let facts = heading(comparison, context) + [Fact("", words)]
      let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
      FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
      return
    }
    let rows = Self.bottomRows(comparison, table, Size(columns: area.columns, rows: area.rows))
    let (top, bottom) = frame.stacked(
      area, bottom: rows, titles: ("\(title)\(table.range(comparison, area.columns - 2))", standing(comparison)))
    table.draw(comparison, into: &frame, in: top)
    let facts = facts(comparison, context)
    let inside = bottom.inset(left: 1, right: 1)
    let chosen = comparison.differences.isEmpty ? nil : selected + heading(comparison, context).count
    let lines = FactRows(facts, columns: inside.columns)
    lines.draw(into: &frame, in: inside, from: offset, chosen: chosen, facts)
    if offset > 0 { frame.draw("▲", at: Point(column: bottom.endColumn, row: bottom.row), style: .dim, width: 1) }
    if offset + inside.rows < lines.rows.count {
      frame.draw("▼", at: Point(column: bottom.endColumn, row: bottom.endRow - 1), style: .dim, width: 1)
    }
  }
}

/// One difference in full.
struct PoolDifferenceScreen: Screen {
  private let difference: PoolDifference
  private var page = FactsPage()

  init(_ difference: PoolDifference) { self.difference = difference }

  let title = "What differs"

  let help = [
    "What differs, what it means, and the lines that would mend it. Names in brackets: the host on which a line has to be typed; others can "
      + "be typed on any host of the pool. Nothing is done from here.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] { [("Esc", "back"), ("Up/Down", "scroll"), ("?", "help")] }

  private var facts: [Fact] {
    let style: Style = difference.weight == .trouble ? .bad : difference.weight == .notice ? .strong : .warning
    var facts = [Fact("", difference.text.sentence, style: style), Fact("", ""), Fact("", difference.meaning), Fact("", "")]
    if !difference.hosts.isEmpty { facts.append(Fact("Unlike", difference.hosts.joined(separator: ", "))) }
    if !difference.devices.isEmpty { facts.append(Fact("Devices", difference.devices.joined(separator: ", "))) }
    guard !difference.mending.isEmpty else { return facts }
    facts += [Fact("", ""), Fact("", "What would mend it", style: .heading)]
    return facts
      + difference.mending.map { line in
        Fact("", line.host.map { "[\($0)] \(line.text)" } ?? line.text, style: line.text.hasPrefix("#") ? .dim : .normal, mark: "  ")
      }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"), .enter: .back
    default: page.handle(key, facts, room: FactsPage.room(room))
    }
  }

  mutating func settle(_ context: Context, room: Size) { page.settle(facts, room: FactsPage.room(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) { page.draw(into: &frame, in: area, title: title, facts) }
}
