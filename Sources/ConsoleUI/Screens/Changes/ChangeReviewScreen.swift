import HostNetworking
import TerminalUI

/// The last look before any change: what is now and what will be, what follows, what to look out for, and the steps.
struct ChangeReviewScreen: Screen {
  private enum Stage {
    case planning
    case failed(ChangeProblem)
    case planned(ChangePlan)
  }

  private var intent: Intent
  private var stage: Stage
  private var showsCommands = false
  private var offset = 0

  /// Has the plan made when it opens.
  init(_ intent: Intent) {
    self.intent = intent
    stage = .planning
  }

  /// Shows a plan that is there.
  init(_ plan: ChangePlan) {
    intent = plan.intent
    stage = .planned(plan)
  }

  var title: String { "\(intent.name.capitalizedFirst): review" }

  let help = [
    "What is there now and what will be. Nothing has been changed yet; Esc goes back and changes nothing.",
    "What stands in the way is said first, with what to do about it. r looks again when that is done.",
    "p, where it is offered, plans the same with one thing more or less.",
    "v shows the exact commands of every step, as they would be typed by hand; v or Esc hides them again.",
    "A change that could cut this host off is made on trial: it is put back by itself, even if this console or the whole "
      + "session is lost, unless somebody keeps it in time.",
  ]

  var errand: Errand? { if case .planning = stage { .planChange(intent) } else { nil } }

  private var plan: ChangePlan? { if case .planned(let plan) = stage { plan } else { nil } }
  /// Where nothing will appear there is nothing to plug or to leave.
  private var variant: (does: String, intent: Intent)? { plan?.findsNothing == true ? nil : intent.variant }
  /// Leads back from the commands first.
  private var hidesCommands: Bool { showsCommands && plan != nil }
  private var canApply: Bool { plan.map { !$0.isBlocked && !$0.isEmpty } ?? false }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    switch stage {
    case .planning: [("Esc", "cancel: nothing has been changed"), ("?", "help")]
    case .failed(let problem):
      [("r", "try again")] + (problem.namesToolstack ? [("t", "toolstack")] : []) + [("Esc", "back: nothing changed"), ("?", "help")]
    case .planned(let plan) where showsCommands:
      (canApply ? [("y or F8", plan.findsNothing ? "look anyway" : "apply")] : []) + [("v or Esc", "hide commands")]
        + (variant.map { [("p", $0.does)] } ?? []) + [("r", "look again"), ("?", "help")]
    case .planned(let plan):
      (canApply ? [("y or F8", plan.findsNothing ? "look anyway" : "apply")] : [])
        + (plan.steps.isEmpty ? [] : [("v", "show commands")])
        + (variant.map { [("p", $0.does), ("Esc", "back")] } ?? [])
        + [("r", "look again")] + (variant == nil ? [("Esc", canApply ? "back: nothing changed" : "back")] : []) + [("?", "help")]
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape where hidesCommands, .left where hidesCommands, .character("h") where hidesCommands, .character("v"):
      showsCommands.toggle()
      offset = 0
    case .escape, .left, .character("h"): return .back
    case .character("t"):
      guard case .failed(let problem) = stage, problem.namesToolstack else { return .done }
      return .open(ToolstackScreen())
    case .character("y"), .function(8):
      guard let plan, canApply else { return .done }
      return .replace(ChangeProgressScreen(plan))
    case .character("p"):
      guard case .planned = stage, let variant else { return .done }
      intent = variant.intent
      stage = .planning
      return .ask(.planChange(intent))
    case .character("r"), .function(5):
      if case .planning = stage { return .done }
      stage = .planning
      return .ask(.planChange(intent))
    case .up, .character("k"): offset -= 1
    case .down, .character("j"): offset += 1
    case .pageUp: offset -= max(1, room.rows - 4)
    case .pageDown, .character(" "): offset += max(1, room.rows - 4)
    case .home, .character("g"): offset = 0
    case .end, .character("G"): offset = .max / 2
    default: return .pass
    }
    settle(context, room: room)
    return .done
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .changePlanned(let result) = report, case .planning = stage else { return .pass }
    switch result {
    // Of another change, which was given up before its plan had come.
    case .success(let plan) where plan.intent != intent: return .pass
    case .success(let plan): stage = .planned(plan)
    case .failure(let problem): stage = .failed(problem)
    }
    settle(context, room: room)
    return .done
  }

  // MARK: Drawing

  private static let footRows = 2

  private func pageRows(_ room: Size) -> Int { max(1, room.rows - 2 - Self.footRows) }

  mutating func settle(_ context: Context, room: Size) {
    let rows = lines(columns: room.columns - 4).count
    offset = min(max(0, offset), max(0, rows - pageRows(room)))
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let (foot, body) = inside.splitBottom(Self.footRows)
    let lines = lines(columns: inside.columns)
    for (row, line) in lines.dropFirst(offset).prefix(body.rows).enumerated() {
      line.draw(into: &frame, at: Point(column: body.column, row: body.row + row), columns: body.columns)
    }
    if offset > 0 { frame.draw("▲", at: Point(column: body.endColumn, row: body.row), style: .dim, width: 1) }
    let rest = lines.count - offset - body.rows
    if rest > 0 {
      frame.draw("▼", at: Point(column: body.endColumn, row: body.endRow - 1), style: .dim, width: 1)
    }
    let words = footWords(more: rest)
    frame.draw(words.value, at: Point(column: foot.column, row: foot.endRow - 1), style: words.style, width: foot.columns)
  }

  private func footWords(more: Int) -> Fact {
    switch stage {
    case .planning: return Fact("", "Nothing has been changed yet.", style: .dim)
    case .failed: return Fact("", "Nothing has been changed.", style: .dim)
    case .planned(let plan):
      if plan.isBlocked { return Fact("", "Not possible as it is: see above. Nothing has been changed.", style: .bad) }
      if plan.isEmpty { return Fact("", "There is nothing to do: all is so already.", style: .good) }
      if plan.findsNothing, more <= 0 { return Fact("", "y has XAPI look all the same.", style: .strong) }
      if more > 0 { return Fact("", "More below: Down or Space. y applies.", style: .strong) }
      return Fact("", plan.isProvisional ? "y makes this change on trial." : "y makes this change.", style: .strong)
    }
  }

  private func lines(columns: Int) -> [ReviewLine] {
    switch stage {
    case .planning:
      ReviewLine.facts([Fact("", "Looking at the host and asking the network ...", style: .strong)], columns)
    case .failed(let problem):
      ReviewLine.facts(
        [Fact("", problem.text.sentence, style: .bad, mark: "!! ")]
          + (problem.remedy.map { [Fact("", $0.sentence, mark: "   ")] } ?? []), columns)
    case .planned(let plan): PlanLines(plan, showsCommands: showsCommands).lines(columns)
    }
  }
}

extension ChangePlan {
  /// A look for new NICs of which it is known beforehand that none will appear.
  fileprivate var findsNothing: Bool { if case .scanNICs = intent { differences.isEmpty } else { false } }
}

/// A plan as the lines of a page.
struct PlanLines {
  private let plan: ChangePlan
  private let showsCommands: Bool

  init(_ plan: ChangePlan, showsCommands: Bool) {
    self.plan = plan
    self.showsCommands = showsCommands
  }

  func lines(_ columns: Int) -> [ReviewLine] {
    var lines = ReviewLine.facts([Fact("", plan.title, style: .strong)], columns)
    lines += ReviewLine.facts(ResetFacts.facts(of: plan.hazards.filter { $0.weight == .blocking }), columns)
    if showsCommands { return lines + commands(columns) }
    lines += differences(columns)
    lines += section("Will happen", plan.consequences.map { Fact("", $0.sentence, mark: "  ") }, columns)
    lines += section("Look at this", ResetFacts.facts(of: plan.hazards.filter { $0.weight != .blocking }), columns)
    guard !plan.steps.isEmpty else { return lines }
    if !plan.findsNothing { lines += section("If it goes wrong", [Fact("", wayBack, mark: "  ")], columns) }
    return lines + section("Steps", [Fact("", steps, mark: "  ")], columns)
  }

  private func differences(_ columns: Int) -> [ReviewLine] {
    guard !plan.differences.isEmpty else { return [] }
    let labels = ReviewLine.labelColumns(for: plan.differences.map(\.name), columns)
    return ReviewLine.rows(("", "now", "after"), columns, labelColumns: labels)
      + plan.differences.flatMap { line in
        ReviewLine.rows((line.name, line.now, line.isChange ? line.after : "as now"), columns, labelColumns: labels)
      }
  }

  private var wayBack: String {
    plan.isProvisional
      ? "It is put back by itself unless you keep it in time, also when this console, the session or XAPI is lost."
      : "Should a step fail, what was done before it is taken back."
  }

  private var steps: String {
    let all = (plan.isProvisional ? ["save the way back"] : []) + plan.steps.map { $0.sentence.lowercasedFirst }
    return all.enumerated().map { "\($0.offset + 1) \($0.element)" }.joined(separator: ", ")
  }

  private func section(_ heading: String, _ facts: [Fact], _ columns: Int) -> [ReviewLine] {
    facts.isEmpty ? [] : ReviewLine.facts([Fact("", heading, style: .heading)] + facts, columns)
  }

  private func commands(_ columns: Int) -> [ReviewLine] {
    let first = plan.isProvisional ? [Fact("", "Save the way back.", style: .heading, mark: "1 ")] : []
    return ReviewLine.facts(first, columns) + plan.steps.flatMap { step in
      ReviewLine.facts(
        [Fact("", step.sentence.sentence, style: .heading, mark: "\(step.id + (plan.isProvisional ? 2 : 1)) ")]
          + step.commands.map { Fact("", $0, mark: "  ") }, columns)
    }
  }
}

extension String {
  /// With a capital letter, and nothing else touched: names stay as they are.
  var capitalizedFirst: String { (first?.uppercased() ?? "") + dropFirst() }

  /// With a small letter, unless it begins with an abbreviation.
  var lowercasedFirst: String {
    guard let second = dropFirst().first, !second.isUppercase else { return self }
    return (first?.lowercased() ?? "") + dropFirst()
  }
}
