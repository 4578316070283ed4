import HostNetworking
import TerminalUI

/// The last page before anything happens: old and new side by side, what stands in the way, and the host's name to type.
struct ResetReviewScreen: Screen {
  private var facts: ResetFacts
  private let request: ResetRequest
  private var plan: ResetPlan?
  private var hazards: [Hazard] = []
  /// Why there is no plan.
  private var problem: String?
  private var name = TextField(limit: 64)
  private var offset = 0

  init(_ facts: ResetFacts, _ request: ResetRequest) {
    self.facts = facts
    self.request = request
  }

  let title = "Emergency network reset: last look"

  let help = [
    "What is there now and what will be after the reboot. Nothing has been changed yet; Esc goes back.",
    "When something stands in the way it is said here, with what to do about it.",
    "Typing the host's name and Enter starts the reset: the layout is saved, XAPI stops, the files are written, the host reboots.",
  ]

  var errand: Errand? { .planReset(request, facts) }

  /// The same, with a new look at the host.
  private var lookAgain: Errand { .planReset(request, nil) }

  /// How high availability, should it block, is switched off from here.
  private var releaseSteps: [HARelease.Step]? {
    guard facts.hasHA else { return nil }
    return HARelease.steps(facts)
  }

  private var isBlocked: Bool { problem != nil || hazards.contains { $0.weight == .blocking } }
  private var isReady: Bool { plan != nil && !isBlocked }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    (isReady ? [("Enter", "reset")] : [("Ctrl-R", "look again")])
      + (releaseSteps == nil ? [] : [("Ctrl-A", "switch HA off first")])
      + [("Up/Down", "scroll"), ("Esc", "back: nothing has been changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape: return .back
    case .up: offset -= 1
    case .down: offset += 1
    case .pageUp: offset -= room.rows - 6
    case .pageDown: offset += room.rows - 6
    case .function(5), .control("r"):
      (plan, problem) = (nil, nil)
      return .ask(lookAgain)
    case .control("a") where releaseSteps != nil:
      return .open(HAReleaseScreen(releaseSteps ?? []))
    case .enter where isReady && name.text == facts.hostname:
      guard let plan else { return .done }
      return .replace(ResetProgressScreen(plan))
    case .enter: return .done
    default:
      guard isReady, name.handle(key) else {
        if case .character("?") = key { return .pass }
        if case .character = key { return .done }
        return .pass
      }
    }
    settle(context, room: room)
    return .done
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .resetPlanned(let plan, let facts, let hazards):
      (self.plan, self.facts, self.hazards, problem) = (plan, facts, hazards, nil)
    case .resetNotPlanned(let why): (plan, hazards, problem) = (nil, [], why)
    // Whatever was done about it: look anew.
    case .releasedHA: return .ask(lookAgain)
    default: return .pass
    }
    return .done
  }

  mutating func settle(_ context: Context, room: Size) {
    let rows = lines(context, columns: room.columns - 4).count
    offset = min(max(0, offset), max(0, rows - (room.rows - 2 - Self.footRows)))
  }

  private static let footRows = 2

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let (foot, body) = inside.splitBottom(Self.footRows)
    let lines = lines(context, columns: body.columns)
    for (row, line) in lines.dropFirst(offset).prefix(body.rows).enumerated() {
      line.draw(into: &frame, at: Point(column: body.column, row: body.row + row), columns: body.columns)
    }
    if offset > 0 { frame.draw("▲", at: Point(column: body.endColumn, row: body.row), style: .dim, width: 1) }
    if offset + body.rows < lines.count {
      frame.draw("▼", at: Point(column: body.endColumn, row: body.endRow - 1), style: .dim, width: 1)
    }
    drawFoot(into: &frame, in: foot)
  }

  private func drawFoot(into frame: inout Frame, in foot: Rect) {
    let row = Point(column: foot.column, row: foot.endRow - 1)
    guard isReady else {
      let words = plan == nil && problem == nil ? "Looking ..." : "Not possible as it is: see above. Nothing has been changed."
      frame.draw(words, at: row, style: isBlocked ? .bad : .dim, width: foot.columns)
      return
    }
    let effect = facts.isThisMachine ? "reset and reboot" : "reset"
    let question = "Type this host's name, \(facts.hostname), to \(effect): "
    let used = frame.draw(question, at: row, style: .strong, width: foot.columns)
    let room = max(8, min(foot.columns - used, columns(of: facts.hostname) + 8))
    name.draw(into: &frame, at: Point(column: row.column + used, row: row.row), width: room, focused: true)
  }

  private func lines(_ context: Context, columns: Int) -> [ReviewLine] {
    var lines: [ReviewLine] = []
    if let problem { lines += ReviewLine.facts([Fact("", problem, style: .bad, mark: "!! ")], columns) }
    let blocking = hazards.filter { $0.weight == .blocking }
    lines += ReviewLine.facts(ResetFacts.facts(of: blocking), columns)
    lines += ReviewLine.rows(("", "now", "after the reboot"), columns)
    lines += ResetReview(facts, request).rows.flatMap { ReviewLine.rows(($0.label, $0.now, $0.after), columns) }
    let rest = [facts.deletedFact, facts.keptFact, facts.vmsFact(context), savedFact, facts.roleFact]
    lines += ReviewLine.facts(rest, columns)
    return lines + ReviewLine.facts(ResetFacts.facts(of: hazards.filter { $0.weight != .blocking }), columns)
  }

  private var savedFact: Fact { Fact("Saved", "the layout first, to restore from the menu afterwards") }
}

/// A line of the review: a fact, or a label with what is now and what will be.
struct ReviewLine {
  private var parts: [(column: Int, text: String, style: Style)]

  static let labelColumns = 13

  /// Columns that the longest of these labels needs with a gap behind it; a third of the page at most, where longer ones wrap.
  static func labelColumns(for labels: [String], _ columns: Int) -> Int {
    let longest = labels.map { TerminalUI.columns(of: $0) }.max() ?? 0
    return max(labelColumns, min(longest + 1, columns / 3))
  }

  static func rows(
    _ row: (label: String, now: String, after: String), _ columns: Int, labelColumns: Int = Self.labelColumns
  ) -> [ReviewLine] {
    let room = max(10, (columns - labelColumns - 2) / 2)
    let label = row.label.wrapped(to: labelColumns - 1)
    let now = row.now.wrapped(to: room)
    let after = row.after.wrapped(to: room)
    let isHead = row.label.isEmpty
    return (0..<max(1, label.count, now.count, after.count)).map { line in
      ReviewLine(parts: [
        (0, label.indices.contains(line) ? label[line] : "", .dim),
        (labelColumns, now.indices.contains(line) ? now[line] : "", isHead ? .heading : .normal),
        (labelColumns + room + 2, after.indices.contains(line) ? after[line] : "", isHead ? .heading : .strong),
      ])
    }
  }

  static func facts(_ facts: [Fact], _ columns: Int) -> [ReviewLine] {
    facts.flatMap { fact -> [ReviewLine] in
      let indent = fact.label.isEmpty ? 0 : labelColumns
      let mark = TerminalUI.columns(of: fact.mark)
      return fact.value.wrapped(to: max(1, columns - indent - mark)).enumerated().map { line, text in
        ReviewLine(parts: [
          (0, line == 0 ? fact.label : "", .dim), (indent, line == 0 ? fact.mark : "", fact.style),
          (indent + mark, text, fact.style),
        ])
      }
    }
  }

  func draw(into frame: inout Frame, at point: Point, columns: Int) {
    for part in parts where part.column < columns {
      frame.draw(part.text, at: Point(column: point.column + part.column, row: point.row), style: part.style, width: columns - part.column)
    }
  }
}
