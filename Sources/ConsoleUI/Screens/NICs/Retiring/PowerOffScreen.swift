import HostNetworking
import TerminalUI

/// Switches the host off, so that a card can be taken out. VMs that run can be shut down cleanly first.
struct PowerOffScreen: Screen {
  private let path: RetirePath
  private var states: [StepState]
  private var list = ListState()
  private var isAsking = false
  /// nil before the host was asked to switch off.
  private var outcome: StepState?

  init(_ path: RetirePath) {
    self.path = path
    states = path.runningVMs.map { _ in .waiting }
  }

  let title = "Shut this host down"

  let help = [
    "The host is switched off, so that the card can be pulled. VMs that run here can be shut down cleanly first; what still runs "
      + "then ends with the host.",
    "A VM that does not follow within a few minutes can be forced off, or left.",
    "After the card is out and the host has started again, the way goes on where it was left: in the list of interfaces, a, Remove.",
  ]

  private var vms: [ResetFacts.VM] { path.runningVMs }
  private var hasStarted: Bool { states.contains { $0 != .waiting } }
  private var isAtWork: Bool { hasStarted && !states.allSatisfy(\.isOver) }
  private var left: [ResetFacts.VM] { zip(vms, states).filter { if case .done = $0.1 { false } else { true } }.map(\.0) }

  private var chosenCanBeGivenUp: Bool {
    guard hasStarted, states.indices.contains(list.selected) else { return false }
    if case .failed = states[list.selected] { return true }
    return !states[list.selected].isOver
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if outcome != nil { return [("Esc", "back"), ("?", "help")] }
    if isAsking { return [("y or F8", "switch the host off"), ("Esc", "not yet")] }
    var keys: [(key: String, does: String)] = []
    if !hasStarted, !vms.isEmpty { keys.append(("s", "shut the VMs down cleanly")) }
    if chosenCanBeGivenUp { keys += [("f", "force this one off"), ("g", "give up on this one")] }
    if !isAtWork { keys.append(("o", "switch the host off")) }
    return keys + [("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if isAsking, outcome == nil {
      switch key {
      case .character("y"), .function(8):
        outcome = .running("asking the host to switch off")
        return .ask(.powerOff)
      case .escape, .left, .character("h"), .character("n"):
        isAsking = false
        return .done
      default: return .pass
      }
    }
    switch key {
    case .character("s") where !hasStarted && !vms.isEmpty:
      states = states.map { _ in .running("waiting for its turn") }
      return .ask(.shutDown(vms))
    case .character("f") where chosenCanBeGivenUp: return .ask(.giveUp(vms[list.selected], .forceOff))
    case .character("g") where chosenCanBeGivenUp: return .ask(.giveUp(vms[list.selected], .leave))
    case .character("o") where !isAtWork && outcome == nil:
      isAsking = true
      return .done
    case .escape, .left, .character("h"): return .backWith(.changed)
    default: return list.handle(key, count: states.count, visible: max(1, room.rows - 7)) ? .done : .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .shutdown(let vm, let state):
      guard let index = vms.firstIndex(of: vm) else { return .pass }
      states[index] = state
    case .poweringOff(let state): outcome = state
    default: return .pass
    }
    return .done
  }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let words = words
    let foot = FactRows(words, columns: inside.columns)
    let (bottom, rest) = inside.splitBottom(min(foot.rows.count + 1, max(0, inside.rows - 4)))
    let (top, body) = rest.splitTop(2)
    frame.draw(head, at: top.origin, style: .strong, width: top.columns)
    for index in list.rows(count: states.count, visible: body.rows) {
      let row = Rect(column: body.column, row: body.row + index - list.offset, columns: body.columns, rows: 1)
      let isChosen = index == list.selected && hasStarted
      if isChosen { frame.fill(row, .selection) }
      let remark = states[index].remark.isEmpty ? "" : ": \(states[index].remark)"
      frame.draw(
        (hasStarted ? states[index].mark : "").fitted(to: StepState.markColumns) + vms[index].name + remark, at: row.origin,
        style: isChosen ? .selection : hasStarted ? states[index].style : .normal, width: row.columns)
    }
    frame.scrollMarks(list, count: states.count, beside: body)
    foot.draw(into: &frame, in: bottom.inset(top: 1), words)
  }

  private var head: String {
    if vms.isEmpty { return "No VM runs here." }
    guard hasStarted else { return "\(Units.count(vms.count, "VM")) \(vms.count == 1 ? "runs" : "run") here:" }
    let down = vms.count - left.count
    return "\(down) of \(Units.count(vms.count, "VM")) \(down == 1 ? "is" : "are") down."
  }

  private var words: [Fact] {
    switch outcome {
    case .failed(let why)?: return [Fact("", why.sentence, style: .bad)]
    case .done(let note)? where !note.isEmpty: return [Fact("", note, style: .warning)]
    case .done?, .skipped?, .undone?:
      return [
        Fact("", "The host switches off.", style: .strong),
        Fact("", "Pull the card of \(path.device) and start the host again. Then: list of interfaces, \(path.device), a, Remove."),
      ]
    case .running?, .waiting?: return [Fact("", "The host is asked to switch off ...", style: .strong)]
    case nil: break
    }
    if isAsking {
      let ends = left.isEmpty ? "" : " \(left.map(\.name).prefix(5).joined(separator: ", "))\(left.count > 5 ? " and \(left.count - 5) more" : "") still \(left.count == 1 ? "runs" : "run") and \(left.count == 1 ? "ends" : "end") with it."
      return [Fact("", "Switch this host off now?\(ends)", style: .warning, mark: "!  ")]
    }
    return [Fact("", "Nothing is switched off before o and y. In a pool, VMs can be migrated to other hosts first.", style: .dim)]
  }
}
