import HostNetworking
import TerminalUI

/// What a saved layout has and this host lacks, as steps: each can be left out, then they are done one by one.
struct RestoreScreen: Screen {
  private enum Stage {
    case planning
    case failed(LayoutError)
    case choosing(LayoutRestore)
    case working(LayoutRestore)
    case over(LayoutRestore, isComplete: Bool)
  }

  private let path: String
  private var mapping = NICMapping.none
  private var stage = Stage.planning
  /// nil until the first plan tells what is better left out.
  private var skipped: Set<RestoreStep.ID>?
  private var states: [RestoreStep.ID: StepState] = [:]
  private var verdicts: [(check: LayoutVerify.Check, verdict: LayoutVerify.Verdict)] = []
  private var list = ListState()
  private var question: Dialog?

  init(path: String) { self.path = path }

  let title = "Put a layout back"

  let help = [
    "What the saved layout has and this host lacks now, in the order in which it is put back. Networks survive a reset; bonds, VLANs, "
      + "tunnels, SR-IOV and addresses do not.",
    "Space leaves a step out or takes it in again; what depends on it is left out too. v shows the xe commands of the chosen step.",
    "NICs are matched by their MAC. When a NIC or the whole board was replaced, m tells which NIC of this host stands for which of the "
      + "layout.",
    "The step that moves management comes last; it may interrupt an SSH session for a moment. All can be repeated: what is there "
      + "already is not made again.",
  ]

  var errand: Errand? { .planRestore(path: path, mapping: mapping) }

  var holds: String? { if case .working = stage { "the layout is being put back" } else { nil } }

  private var plan: LayoutRestore? {
    switch stage {
    case .planning, .failed: nil
    case .choosing(let plan), .working(let plan), .over(let plan, _): plan
    }
  }

  private var chosen: RestoreStep? {
    guard let plan, plan.steps.indices.contains(list.selected) else { return nil }
    return plan.steps[list.selected]
  }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    switch stage {
    case .planning: [("Esc", "back")]
    case .failed: [("r", "try again"), ("Esc", "back")]
    case .choosing(let plan):
      (plan.isComplete ? [] : [("y or F8", "put back"), ("Space", "leave out"), ("v", "xe commands")])
        + [("m", "match NICs"), ("r", "look again"), ("Esc", "back")]
    case .working: [("", "each step is done once; please wait")]
    case .over: [("r", "look again"), ("v", "xe commands"), ("Esc", "menu")]
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if question != nil { return answer(key) }
    switch (stage, key) {
    case (.working, .control("l")): return .pass
    case (.over, .escape): return .go(.top)
    case (.working, .escape): return .done
    case (_, .escape), (_, .left), (_, .character("h")): return .back
    case (.working, .character("r")), (.working, .function(5)): return .done
    case (_, .character("r")), (_, .function(5)): return look()
    case (.choosing(let plan), .character("m")): return .open(NICMatchScreen(plan, mapping: mapping))
    case (_, .character("v")):
      guard let chosen else { return .done }
      question = .message("By hand", [chosen.sentence.sentence, ""] + chosen.commands)
      return .done
    case (.choosing(let plan), .character(" ")):
      toggle(plan)
      return .done
    case (.choosing(let plan), .character("y")), (.choosing(let plan), .function(8)): return ask(plan)
    default: return list.handle(key, count: plan?.steps.count ?? 0, visible: listRows(room)) ? .done : .pass
    }
  }

  private mutating func look() -> Reaction {
    stage = .planning
    (states, verdicts) = ([:], [])
    return errand.map { .ask($0) } ?? .done
  }

  private mutating func toggle(_ plan: LayoutRestore) {
    guard let chosen, chosen.blocked == nil else { return }
    if skipped?.remove(chosen.id) == nil { skipped?.insert(chosen.id) }
  }

  private mutating func ask(_ plan: LayoutRestore) -> Reaction {
    let left = plan.leftOut(skipping: skipped ?? [])
    let count = plan.steps.count - left.count
    guard count > 0, !plan.hazards.contains(where: { $0.weight == .blocking }) else { return .done }
    var body = ["\(Units.count(count, "step")), one after the other."]
    if let step = plan.steps.first(where: { $0.touchesManagement && left[$0.id] == nil }) {
      body += ["", "\(step.sentence.sentence) Sessions over the network may freeze for a moment."]
    }
    question = .confirm("Put this back?", body, yes: "put back", no: "not yet")
    return .done
  }

  private mutating func answer(_ key: Key) -> Reaction {
    guard var dialog = question else { return .done }
    let outcome = dialog.handle(key)
    question = dialog
    switch outcome {
    case .open, .ignored: return key == .control("l") ? .pass : .done
    case .cancelled: question = nil
    case .accepted:
      question = nil
      // Reading the commands agrees to nothing.
      guard case .choosing(let plan) = stage, isAgreement(key) else { return .done }
      stage = .working(plan)
      return .ask(.restore(plan, skipping: skipped ?? []))
    }
    return .done
  }

  private func isAgreement(_ key: Key) -> Bool {
    switch key {
    case .character("y"), .character("Y"), .function(8): true
    default: false
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    guard case .matched(let mapping) = choice else { return .done }
    self.mapping = mapping
    return look()
  }

  // MARK: Reports

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .restorePlanned(.success(let plan)):
      stage = .choosing(plan)
      mapping = plan.mapping
      skipped = skipped?.intersection(plan.steps.map(\.id)) ?? plan.doubtful
      list.clamp(count: plan.steps.count, visible: listRows(room))
    case .restorePlanned(.failure(let error)): stage = .failed(error)
    case .restoreStep(let id, let state):
      states[id] = state
      if case .working(let plan) = stage, case .running = state, let index = plan.steps.firstIndex(where: { $0.id == id }) {
        list.selected = index
        list.clamp(count: plan.steps.count, visible: listRows(room))
      }
    case .restoreOver(let outcome):
      guard let plan else { return .pass }
      states = outcome.states
      stage = .over(plan, isComplete: outcome.isComplete)
      return .ask(.verify(path: path))
    case .verified(let check, let verdict):
      guard case .over = stage else { return .pass }
      if let index = verdicts.firstIndex(where: { $0.check == check }) {
        verdicts[index].verdict = verdict
      } else {
        verdicts.append((check, verdict))
      }
    default: return .pass
    }
    return .done
  }

  mutating func settle(_ context: Context, room: Size) {
    list.clamp(count: plan?.steps.count ?? 0, visible: listRows(room))
  }

  // MARK: Drawing

  private func footRows(_ rows: Int) -> Int { min(9, max(3, rows / 3)) }
  private func listRows(_ room: Size) -> Int { max(1, room.rows - footRows(room.rows) - 3) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: footRows(area.rows), titles: (heading, footTitle))
    let inside = top.inset(left: 1, right: 1)
    switch stage {
    case .planning: frame.draw("Comparing the layout with this host ...", at: inside.origin, style: .dim, width: inside.columns)
    case .failed(let error):
      let lines = [Fact("", "\(error)".sentence, style: .bad)]
      FactRows(lines, columns: inside.columns).draw(into: &frame, in: inside, lines)
    case .choosing(let plan), .working(let plan), .over(let plan, _): drawSteps(plan, into: &frame, in: inside)
    }
    let lines = foot
    FactRows(lines, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), lines)
    question?.draw(over: &frame, in: area)
  }

  private var heading: String {
    guard let plan else { return title }
    let host = plan.layout.host.name
    return "Layout of \(Units.moment(plan.layout.taken.at))\(host.isEmpty ? "" : ", \(host)"): \(Units.count(plan.steps.count, "step"))"
  }

  private var footTitle: String {
    switch stage {
    case .over: "How it stands"
    case .choosing, .working, .planning, .failed: "Look at this"
    }
  }

  private func drawSteps(_ plan: LayoutRestore, into frame: inout Frame, in area: Rect) {
    guard !plan.isComplete else {
      let words = "All of the layout is there: nothing to put back."
      frame.draw(words, at: area.origin, style: .good, width: area.columns)
      return
    }
    let left = plan.leftOut(skipping: skipped ?? [])
    for index in list.rows(count: plan.steps.count, visible: area.rows) {
      let step = plan.steps[index]
      let row = Rect(column: area.column, row: area.row + index - list.offset, columns: area.columns, rows: 1)
      let isChosen = index == list.selected
      if isChosen { frame.fill(row, .selection) }
      let (mark, style) = look(of: step, left)
      frame.draw(
        mark.fitted(to: StepState.markColumns) + step.sentence.sentence, at: row.origin, style: isChosen ? .selection : style,
        width: row.columns)
    }
    frame.scrollMarks(list, count: plan.steps.count, beside: area)
  }

  private func look(of step: RestoreStep, _ left: [RestoreStep.ID: String]) -> (mark: String, style: Style) {
    if case .choosing = stage {
      if step.blocked != nil { return ("cannot", .bad) }
      if left[step.id] != nil { return ("[ ]", .dim) }
      return ("[x]", step.touchesManagement ? .warning : .normal)
    }
    let state = states[step.id] ?? .waiting
    return (state.mark, state.style)
  }

  private var foot: [Fact] {
    switch stage {
    case .planning, .failed: return []
    case .over(_, let isComplete):
      let head = Fact(
        "", isComplete ? "Everything was put back." : "Not everything was put back: choose a step to see why.",
        style: isComplete ? .good : .warning)
      return [head] + chosenFacts + verdicts.map { LastResetScreen.fact($0.check, $0.verdict) }
    case .working: return chosenFacts
    case .choosing(let plan):
      let nics = plan.nics.filter { $0.kind != .same }.map {
        Fact("", $0.sentence.sentence, style: $0.isMissing ? .warning : .normal, mark: $0.isMissing ? "!  " : "   ")
      }
      return chosenFacts + ResetFacts.facts(of: plan.hazards) + nics
    }
  }

  private var chosenFacts: [Fact] {
    guard let chosen, let plan else { return [] }
    if let state = states[chosen.id] {
      return state.remark.isEmpty ? [] : [Fact("", state.remark.sentence, style: state.style)]
    }
    let reason = plan.leftOut(skipping: skipped ?? [])[chosen.id].map {
      Fact("", $0.sentence, style: chosen.blocked == nil ? .dim : .bad)
    }
    return [reason].compactMap { $0 } + ResetFacts.facts(of: chosen.hazards)
  }
}

extension NICMatch {
  var isMissing: Bool { if case .missing = kind { true } else { false } }
}
