import HostNetworking
import TerminalUI

/// The way to take a NIC out of the machine: how far it has been gone, and what can be done now.
struct RetireScreen: Screen {
  private enum Stage {
    case looking
    case failed(ChangeProblem)
    case known(RetirePath)
  }

  private let device: String
  private var stage = Stage.looking
  private var list = ListState()

  init(_ device: String) { self.device = device }

  var title: String { "Remove \(device)" }

  let help = [
    "The way to take a NIC out of the machine, in five stages. How far it has been gone is worked out of how the host is: leave it at "
      + "any point and come back, also after the reboot.",
    "Below are the things to be done now, each with the ways to do it. Enter or a digit opens the review of one; nothing is changed "
      + "before y is pressed there.",
    "! stands in the way: XAPI would refuse to unplug or forget the NIC. - is only better done first.",
    "What cannot be done from here says what to type. r looks again.",
  ]

  var errand: Errand? { .lookAtRetiring(device) }

  // MARK: What there is to do

  private var path: RetirePath? { if case .known(let path) = stage { path } else { nil } }

  private var needs: [RetirePath.Need] { path?.steps.filter { $0.state == .now }.flatMap(\.needs) ?? [] }

  /// A row that can be chosen.
  private enum Offer {
    case way(RetirePath.Choice)
    /// Too many to stand here: they have a page of their own.
    case ways(RetirePath.Need, [RetirePath.Choice])

    var text: String {
      switch self {
      case .way(let choice): choice.text
      case .ways(let need, let choices): "\(need.summary): \(choices.count) ways"
      }
    }
  }

  /// So many ways of one need stand on this page.
  private static let mostWays = 5

  private static func offers(_ need: RetirePath.Need) -> [Offer] {
    let ways = need.choices.filter { if case .byHand = $0.way { false } else { true } }
    return ways.count > mostWays ? [.ways(need, ways)] : ways.map { .way($0) }
  }

  private var offers: [Offer] { needs.flatMap(Self.offers) }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    let count = offers.count
    let acts: [(key: String, does: String)] =
      count == 0 ? [] : [("Up/Down", "choose"), (count == 1 ? "1" : "1-\(min(9, count))", "jump"), ("Enter", "review")]
    return acts + [("Esc", "leave"), ("r", "look again"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .enter, .right, .character("l"): return act(list.selected)
    case .character("r"), .function(5):
      if case .looking = stage { return .done }
      return .ask(.lookAtRetiring(device))
    case .character(let digit) where ("1"..."9").contains(digit):
      guard let number = digit.wholeNumberValue, number <= offers.count else { return .done }
      list.selected = number - 1
      return act(list.selected)
    default: return list.handle(key, count: offers.count, visible: 1000) ? .done : .pass
    }
  }

  private func act(_ index: Int) -> Reaction {
    guard offers.indices.contains(index), let path else { return .done }
    guard case .way(let choice) = offers[index] else {
      guard case .ways(let need, let choices) = offers[index] else { return .done }
      return .open(RetireWaysScreen(device, need, choices))
    }
    switch choice.way {
    case .change(let intent): return .open(ChangeReviewScreen(intent))
    case .moveManagement: return .open(ManagementTargetScreen())
    case .powerOff: return .open(PowerOffScreen(path))
    case .byHand: return .done
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .retiring(device, let result) = report else { return .pass }
    switch result {
    case .success(let path): stage = .known(path)
    case .failure(let problem): stage = .failed(problem)
    }
    list.clamp(count: offers.count, visible: 1000)
    return .done
  }

  /// After a change the way is looked at anew.
  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    guard choice == .changed else { return .done }
    list = ListState()
    return .ask(.lookAtRetiring(device))
  }

  // MARK: Drawing

  /// A line of the upper pane.
  private struct Row {
    var mark = ""
    var text: String
    var style: Style
    var textStyle: Style
  }

  private static let markColumns = 21

  private func rows(_ path: RetirePath, _ columns: Int) -> [Row] {
    let card = path.card.isEmpty ? "No card of that name is known any more." : path.card
    return card.wrapped(to: columns).map { Row(text: $0, style: .dim, textStyle: .dim) }
      + path.steps.flatMap { step in
        let (word, style) = Self.word(step.state)
        let mark = word.fitted(to: 6) + "\(step.stage.rawValue + 1) " + step.stage.title.fitted(to: 13)
        return step.text.wrapped(to: max(1, columns - Self.markColumns)).enumerated().map { line, text in
          Row(
            mark: (line == 0 ? mark : "").fitted(to: Self.markColumns), text: text, style: style,
            textStyle: step.state == .now ? .normal : .dim)
        }
      }
  }

  private static func word(_ state: RetirePath.State) -> (String, Style) {
    switch state {
    case .done: ("done", .good)
    case .now: ("NOW", .strong)
    case .later: ("later", .dim)
    }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    guard let path else { return drawWithout(into: &frame, in: area) }
    let rows = rows(path, area.columns - 4)
    let (top, bottom) = frame.stacked(
      area, bottom: max(min(8, area.rows - 9), area.rows - 3 - rows.count), titles: ("\(title) from the host", path.isOver ? "The end" : "Now"))
    let page = top.inset(left: 1, right: 1)
    for (place, row) in rows.prefix(page.rows).enumerated() {
      let line = Point(column: page.column, row: page.row + place)
      frame.draw(row.mark, at: line, style: row.style, width: page.columns)
      let indent = columns(of: row.mark)
      frame.draw(
        row.text, at: Point(column: line.column + indent, row: line.row), style: row.textStyle, width: page.columns - indent)
    }
    drawWays(into: &frame, in: bottom.inset(left: 1, right: 1), path)
  }

  private func drawWithout(into frame: inout Frame, in area: Rect) {
    frame.box(area, title: "\(title) from the host")
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    if case .failed(let problem) = stage {
      let facts = [Fact("", problem.text.sentence, style: .bad, mark: "!! ")] + (problem.remedy.map { [Fact("", $0.sentence, mark: "   ")] } ?? [])
      FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
    } else {
      frame.draw("Looking at what uses \(device) ...", at: inside.origin, style: .dim, width: inside.columns)
    }
  }

  /// A line of the lower pane: words, or a way that can be chosen.
  private struct Line {
    var text: String
    var style: Style
    var choice: Int?
  }

  private func lines(_ path: RetirePath, _ columns: Int) -> [Line] {
    if path.isOver {
      return "\(device) is out of the machine, and XAPI has forgotten it.".wrapped(to: columns).map { Line(text: $0, style: .good) }
    }
    var lines: [Line] = []
    var number = 0
    for need in needs {
      let mark = need.isRequired ? "! " : "- "
      for (row, text) in need.text.sentence.wrapped(to: max(1, columns - 2)).enumerated() {
        lines.append(Line(text: (row == 0 ? mark : "  ") + text, style: need.isRequired ? .warning : .normal))
      }
      for choice in need.choices {
        guard case .byHand(let command) = choice.way else { continue }
        lines.append(Line(text: "    \(choice.text):", style: .dim))
        lines += command.wrapped(to: max(1, columns - 6)).map { Line(text: "      \($0)", style: .normal) }
      }
      for offer in Self.offers(need) {
        let digit = number < 9 ? "\(number + 1)" : " "
        let sign = number == list.selected ? ">" : " "
        for (row, text) in offer.text.wrapped(to: max(1, columns - 5)).enumerated() {
          lines.append(Line(text: (row == 0 ? "  \(sign)\(digit) " : "     ") + text, style: .normal, choice: number))
        }
        number += 1
      }
    }
    return lines
  }

  private func drawWays(into frame: inout Frame, in area: Rect, _ path: RetirePath) {
    let lines = lines(path, area.columns)
    let last = lines.lastIndex { $0.choice == list.selected } ?? 0
    // The chosen way is in view; from the first one on, so is what stands above it.
    let first = list.selected == 0 && last < area.rows ? 0 : min(max(0, lines.count - area.rows), max(0, last - area.rows + 2))
    for (row, line) in lines.dropFirst(first).prefix(area.rows).enumerated() {
      let isChosen = line.choice != nil && line.choice == list.selected
      frame.draw(
        isChosen ? line.text.fitted(to: area.columns) : line.text, at: Point(column: area.column, row: area.row + row),
        style: isChosen ? .selection : line.style, width: area.columns)
    }
    if first > 0 { frame.draw("▲", at: Point(column: area.endColumn, row: area.row), style: .dim, width: 1) }
    if first + area.rows < lines.count { frame.draw("▼", at: Point(column: area.endColumn, row: area.endRow - 1), style: .dim, width: 1) }
  }
}
