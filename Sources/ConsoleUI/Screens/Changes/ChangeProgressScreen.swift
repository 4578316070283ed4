import HostNetworking
import TerminalUI

/// A change at work, step by step, and how it ended. One that has to be confirmed goes on to `KeepScreen`.
struct ChangeProgressScreen: Screen {
  private let plan: ChangePlan
  private var states: [ChangeStep.ID: StepState] = [:]
  private var outcome: ChangeOutcome?
  /// Why the log of changes has gaps.
  private var logProblem: String?

  init(_ plan: ChangePlan) { self.plan = plan }

  var title: String { plan.intent.name.capitalizedFirst }

  let help = [
    "The steps of the change as they are done. Should one fail, what was done before it is taken back.",
    "A change that could cut this host off is watched by a process of its own: should this console be cut off or killed, "
      + "everything is put back when the time is up.",
  ]

  var errand: Errand? { .apply(plan) }

  var holds: String? { outcome == nil ? "the change is being made" : nil }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if outcome == nil { return [("", plan.isProvisional ? "please wait; a lost connection does no harm" : "please wait")] }
    return [("Enter or Esc", "go on"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    guard outcome != nil else { return key == .control("l") ? .pass : .done }
    switch key {
    case .enter, .escape, .left, .character("h"): return .backWith(.changed)
    default: return .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .changeStep(let id, let state): states[id] = state
    case .notLogged(let why): logProblem = why
    case .changeOver(.waiting(let change)): return .replace(KeepScreen(change, logProblem: logProblem))
    case .changeOver(.done) where NICNamesWrittenScreen.isFor(plan): return .replace(NICNamesWrittenScreen(plan, logProblem: logProblem))
    case .changeOver(let outcome): self.outcome = outcome
    default: return .pass
    }
    return .done
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let facts = words
    let foot = FactRows(facts, columns: inside.columns)
    let (bottom, rest) = inside.splitBottom(min(foot.rows.count + 1, max(0, inside.rows - 4)))
    let (head, body) = rest.splitTop(2)
    frame.draw(plan.title, at: head.origin, style: .strong, width: head.columns)
    let rows = plan.steps.map { StepRows.Step(sentence: $0.sentence, state: states[$0.id] ?? .waiting) }
    StepRows(rows, columns: body.columns).draw(into: &frame, in: body, at: rows.lastIndex { $0.state != .waiting })
    foot.draw(into: &frame, in: bottom.inset(top: 1), facts)
  }

  private var words: [Fact] { ending + (logProblem.map { [Self.unlogged($0)] } ?? []) }

  static func unlogged(_ why: String) -> Fact {
    Fact("", "The log of changes could not be written: \(why)".sentence, style: .warning, mark: "!  ")
  }

  private var ending: [Fact] {
    switch outcome {
    case nil: return [Fact("", "Please wait.", style: .dim)]
    case .done?, .waiting?: return [Fact("", "Done.", style: .good)]
    case .refused(let why)?:
      return [Fact("", why.sentence, style: .bad), Fact("", "Nothing has been changed.", style: .strong)]
    case .undone(let reason)?:
      return [Fact("", reason.sentence, style: .bad), Fact("", "Everything was taken back: the host is as before.", style: .strong)]
    case .goingBack(let reason)?:
      return [
        Fact("", reason.sentence, style: .bad),
        Fact("", "It is being taken back, also without this console; the first line says so until that is done.", style: .warning),
      ]
    case .stuck(let reason, let left)?:
      return [Fact("", reason.sentence, style: .bad), Fact("", "Taking it back did not work either. Left to do:", style: .warning)]
        + left.map { Fact("", $0.sentence, style: .warning, mark: "  ") }
        + (plan.isProvisional ? [Fact("", "This is tried again by itself, also without this console.")] : [])
    }
  }
}
