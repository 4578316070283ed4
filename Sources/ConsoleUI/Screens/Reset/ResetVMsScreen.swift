import HostNetworking
import TerminalUI

/// The third page, when VMs run: they can be shut down cleanly first, for the reboot would pull their plugs.
struct ResetVMsScreen: Screen {
  private let facts: ResetFacts
  private let request: ResetRequest
  private var states: [StepState]
  private var list = ListState()

  init(_ facts: ResetFacts, _ request: ResetRequest) {
    self.facts = facts
    self.request = request
    states = facts.runningVMs.map { _ in .waiting }
  }

  let title = "Emergency network reset: running VMs"

  let help = [
    "The reboot ends every VM on this host as if its plug were pulled. Here they can be shut down cleanly first.",
    "A VM that does not follow within a few minutes can be forced off, or left to the reboot.",
  ]

  private var hasStarted: Bool { states.contains { $0 != .waiting } }
  private var isAtWork: Bool { hasStarted && !states.allSatisfy(\.isOver) }

  /// Still waited for, or has refused.
  private var chosenCanBeGivenUp: Bool {
    guard hasStarted, states.indices.contains(list.selected) else { return false }
    if case .failed = states[list.selected] { return true }
    return !states[list.selected].isOver
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    var keys: [(key: String, does: String)] = []
    if !hasStarted { keys.append(("s", "shut them down cleanly")) }
    if chosenCanBeGivenUp { keys += [("f", "force this one off"), ("g", "give up on this one")] }
    keys.append(("c", hasStarted && !isAtWork ? "continue" : "continue, the reboot ends them"))
    return keys + [("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .character("s") where !hasStarted:
      states = states.map { _ in .running("waiting for its turn") }
      return .ask(.shutDown(facts.runningVMs))
    case .character("f") where chosenCanBeGivenUp: return .ask(.giveUp(facts.runningVMs[list.selected], .forceOff))
    case .character("g") where chosenCanBeGivenUp: return .ask(.giveUp(facts.runningVMs[list.selected], .leave))
    case .character("c"): return .open(ResetReviewScreen(facts.after(stopped), request))
    case .enter where hasStarted && !isAtWork: return .open(ResetReviewScreen(facts.after(stopped), request))
    case .escape, .left, .character("h"): return .back
    default: return list.handle(key, count: states.count, visible: max(1, room.rows - 5)) ? .done : .pass
    }
  }

  private var stopped: [ResetFacts.VM] {
    zip(facts.runningVMs, states).filter { if case .done = $0.1 { true } else { false } }.map(\.0)
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .shutdown(let vm, let state) = report, let index = facts.runningVMs.firstIndex(of: vm) else { return .pass }
    states[index] = state
    return .done
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let done = states.count { if case .done = $0 { true } else { false } }
    let head =
      hasStarted
      ? "\(done) of \(Units.count(states.count, "VM")) \(done == 1 ? "is" : "are") down."
      : "\(Units.count(states.count, "VM")) \(states.count == 1 ? "runs" : "run") here. The reboot would pull \(states.count == 1 ? "its plug" : "their plugs")."
    let (top, rest) = inside.splitTop(2)
    frame.draw(head, at: top.origin, style: .strong, width: top.columns)
    for index in list.rows(count: states.count, visible: rest.rows) {
      let row = Rect(column: rest.column, row: rest.row + index - list.offset, columns: rest.columns, rows: 1)
      let isChosen = index == list.selected
      if isChosen { frame.fill(row, .selection) }
      let state = states[index]
      let remark = state.remark.isEmpty ? "" : ": \(state.remark)"
      frame.draw(
        state.mark.fitted(to: StepState.markColumns) + facts.runningVMs[index].name + remark, at: row.origin,
        style: isChosen ? .selection : hasStarted ? state.style : .normal, width: row.columns)
    }
    frame.scrollMarks(list, count: states.count, beside: rest)
  }
}

extension ResetFacts {
  /// The same host once these VMs are down.
  func after(_ stopped: [VM]) -> ResetFacts {
    var facts = self
    facts.runningVMs.removeAll(where: stopped.contains)
    return facts
  }
}
