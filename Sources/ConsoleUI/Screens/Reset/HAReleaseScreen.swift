import HostNetworking
import TerminalUI

/// Switches high availability off, step by step, so that a reset can follow.
struct HAReleaseScreen: Screen {
  private let steps: [HARelease.Step]
  private var states: [HARelease.Step: StepState] = [:]
  private var hasBegun = false
  private var outcome: Fact?

  init(_ steps: [HARelease.Step]) { self.steps = steps }

  let title = "Switch high availability off"

  let help = [
    "With high availability on, XAPI refuses what the reset asks of it and the host ends without an address. So it has to be off first.",
    "Where XAPI answers, the pool is asked. Where it does not, this host is told alone, and XAPI is restarted so that the pool's "
      + "setting follows.",
  ]

  var holds: String? { hasBegun && outcome == nil ? "high availability is being switched off" : nil }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if holds != nil { return [("", "please wait: up to a few minutes")] }
    return (hasBegun ? [] : [("y or F8", "switch it off")]) + [("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if holds != nil { return key == .control("l") ? .pass : .done }
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("y"), .function(8):
      guard !hasBegun else { return .done }
      hasBegun = true
      return .ask(.releaseHA(steps))
    default: return .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .releaseStep(let step, let state): states[step] = state
    case .releasedHA(let problem):
      outcome =
        problem.map { Fact("", "It is still on: \($0)".sentence, style: .bad) }
        ?? Fact("", "High availability is off. Esc goes back to the reset.", style: .good)
    default: return .pass
    }
    return .done
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let (foot, body) = inside.splitBottom(3)
    let rows = steps.map { StepRows.Step(sentence: "\($0.sentence) (\($0.equivalent))", state: states[$0] ?? .waiting) }
    StepRows(rows, columns: body.columns).draw(into: &frame, in: body, at: nil)
    let words = [outcome ?? Fact("", hasBegun ? "Please wait." : "Nothing has been changed yet.", style: .dim)]
    FactRows(words, columns: foot.columns).draw(into: &frame, in: foot, words)
  }
}
