import HostNetworking
import TerminalUI

/// A reset that was cut off, that waits for its reboot, or that the host has just come back from.
struct LastResetScreen: Screen {
  private var state: ResetStanding
  private var isAtWork = false
  /// What came of finishing or undoing.
  private var outcome: Fact?
  private var verdicts: [(check: LayoutVerify.Check, verdict: LayoutVerify.Verdict)] = []

  init(_ state: ResetStanding) { self.state = state }

  let title = "Emergency network reset"

  let help = [
    "A reset was begun on this host. Interrupted ones can be finished or taken back, each as often as it takes.",
    "After the reboot the new connection is checked line by line, and what was deleted can be put back from the saved layout.",
  ]

  var errand: Errand? {
    if case .carriedOut(let journal) = state { .verify(path: journal.layout) } else { nil }
  }

  private var layout: String? { if case .carriedOut(let journal) = state { journal.layout } else { nil } }

  var holds: String? { isAtWork ? "the reset is at work" : nil }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if isAtWork { return [("", "a few seconds")] }
    if outcome != nil { return [("Esc", "menu")] }
    return switch state {
    case .interrupted: [("f", "finish it"), ("u", "take it back"), ("Esc", "later")]
    case .waitingForReboot: [("b", "reboot now"), ("u", "take it back"), ("Esc", "later")]
    case .waitingForXAPI: [("u", "take it back"), ("Esc", "later")]
    case .carriedOut:
      (layout == nil ? [] : [("Enter", "put the rest back")])
        + [("r", "check again"), ("d", "done with this"), ("Esc", "menu")]
    case .none, .damaged: [("Esc", "menu")]
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if isAtWork { return key == .control("l") ? .pass : .done }
    switch (state, key) {
    case (_, .escape), (_, .left): return .back
    case (.interrupted, .character("f")) where outcome == nil: return start(.finishReset)
    case (.interrupted, .character("u")), (.waitingForReboot, .character("u")), (.waitingForXAPI, .character("u")):
      return outcome == nil ? start(.undoReset) : .done
    case (.waitingForReboot, .character("b")) where outcome == nil: return .ask(.reboot)
    case (.carriedOut, .character("r")), (.carriedOut, .function(5)):
      verdicts = []
      return errand.map { .ask($0) } ?? .done
    case (.carriedOut, .character("d")):
      outcome = Fact("", "This is not shown again. The layout stays under Saved network layouts.")
      return .ask(.closeReset)
    case (.carriedOut, .enter): return layout.map { .open(RestoreScreen(path: $0)) } ?? .back
    default: return .pass
    }
  }

  private mutating func start(_ errand: Errand) -> Reaction {
    isAtWork = true
    return .ask(errand)
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .verified(let check, let verdict):
      if let index = verdicts.firstIndex(where: { $0.check == check }) {
        verdicts[index].verdict = verdict
      } else {
        verdicts.append((check, verdict))
      }
    case .resetOver(.ready):
      // Finished: what is left is the reboot.
      isAtWork = false
      if case .interrupted(let journal) = state { state = .waitingForReboot(journal) }
    case .resetOver(.undone(let reason)):
      isAtWork = false
      outcome = Fact("", "Everything was put back: the host is as before the reset. \(reason)", style: .good)
    case .resetOver(.stuck(let reason)):
      isAtWork = false
      outcome = Fact("", reason, style: .bad)
    case .rebooting(.failed(let why)): outcome = Fact("", "The reboot did not start: \(why)", style: .bad)
    case .rebooting: outcome = Fact("", "The host reboots.", style: .strong)
    default: return .pass
    }
    return .done
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let facts = facts
    FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
  }

  private var facts: [Fact] {
    if isAtWork { return [Fact("", "At work ...", style: .strong)] }
    var facts: [Fact]
    switch state {
    case .none: facts = [Fact("", "No reset is under way.")]
    case .interrupted(let journal):
      facts = [
        Fact("", "A network reset of this host was cut off in its midst.", style: .bad), Fact("", ""),
        Fact("", "It was to give management to \(journal.summary)."), Fact("", ""),
        Fact("", "f finishes it, u puts everything back as it was before. Either can be repeated.", style: .strong),
      ]
    case .waitingForReboot(let journal):
      facts = [
        Fact("", "A network reset of this host is written and waits for the reboot.", style: .warning), Fact("", ""),
        Fact("", "Afterwards management is on \(journal.summary)."), Fact("", ""),
        Fact("", "b reboots now, u puts everything back as it was before.", style: .strong),
      ]
    case .waitingForXAPI(let journal):
      facts = [
        Fact("", "The host has rebooted after a network reset; XAPI has not come to it yet.", style: .warning), Fact("", ""),
        Fact("", "Management goes to \(journal.summary)."), Fact("", ""),
        Fact("", "A member does it once it has reached its coordinator. Should that take long: see Status for what is wrong, or u "
          + "puts everything back as it was before."),
      ]
    case .damaged(let reason):
      facts = [Fact("", "A network reset of this host was begun, but its journal cannot be used: \(reason).", style: .bad)]
    case .carriedOut(let journal):
      facts = [Fact("", "The network reset is done: management is on \(journal.summary).", style: .strong), Fact("", "")]
      facts += verdicts.map { Self.fact($0.check, $0.verdict) }
      facts.append(Fact("", ""))
      facts.append(
        layout == nil
          ? Fact("", "No layout was saved before the reset: there is nothing to put back.")
          : Fact("", "Enter shows what else was there before and how to put it back, step by step."))
    }
    return facts + (outcome.map { [Fact("", ""), $0] } ?? [])
  }

  static func fact(_ check: LayoutVerify.Check, _ verdict: LayoutVerify.Verdict) -> Fact {
    let label = check.rawValue
    return switch verdict {
    case .looking: Fact(label, "looking ...", style: .dim)
    case .good(let text): Fact(label, text, style: .good, mark: "ok  ")
    case .bad(let text): Fact(label, text, style: .bad, mark: "!!  ")
    case .none(let text): Fact(label, text, style: .dim, mark: "-   ")
    }
  }
}
