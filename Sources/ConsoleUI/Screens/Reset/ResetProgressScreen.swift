import HostNetworking
import TerminalUI

/// The reset at work, then the countdown to the reboot.
struct ResetProgressScreen: Screen {
  private enum Stage {
    case working
    /// Everything is written; the host reboots at that moment.
    case counting(until: ContinuousClock.Instant)
    /// Everything is written; the reboot was put off.
    case written
    case rebooting(StepState)
    case undone(String)
    case stuck(String)
  }

  private let steps: [ResetStep]
  private var states: [ResetStep.Kind: StepState] = [:]
  private var stage = Stage.working
  private let plan: ResetPlan

  /// How long the reboot can still be stopped.
  static let countdown: Int64 = 10

  init(_ plan: ResetPlan) {
    self.plan = plan
    steps = plan.steps
  }

  let title = "Emergency network reset"

  let help = [
    "The steps of the reset as they are done. Should one fail, everything is put back and the host is as before.",
    "When all is written the host reboots after a countdown; Esc stops it, the reset then happens at the next boot.",
  ]

  var errand: Errand? { .reset(plan) }

  var holds: String? {
    switch stage {
    case .working: "the reset is at work"
    case .counting, .written, .rebooting, .undone, .stuck: nil
    }
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    switch stage {
    case .working: [("", "a few seconds; a power cut now does no harm")]
    case .counting: [("b", "reboot now"), ("Esc", "do not reboot yet")]
    case .written: [("b", "reboot now"), ("u", "take it all back"), ("Esc", "menu")]
    case .rebooting: [("Esc", "menu")]
    case .undone: [("Enter", "back to the menu")]
    case .stuck: [("u", "try again to take it back"), ("Esc", "menu")]
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch (stage, key) {
    case (.working, .control("l")): return .pass
    case (.working, _): return .done
    case (.counting, .character("b")), (.written, .character("b")): return reboot()
    case (.counting, .escape):
      stage = .written
      return .done
    case (.written, .character("u")), (.stuck, .character("u")):
      stage = .working
      return .ask(.undoReset)
    case (.counting, _): return key == .control("l") ? .pass : .done
    case (_, .escape), (_, .enter), (_, .left): return .go(.top)
    default: return .pass
    }
  }

  private mutating func reboot() -> Reaction {
    stage = .rebooting(.running("asking the host to reboot"))
    return .ask(.reboot)
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .resetStep(let kind, let state): states[kind] = state
    case .resetOver(.ready): stage = .counting(until: context.now.instant + .seconds(Self.countdown))
    case .resetOver(.undone(let reason)): stage = .undone(reason)
    case .resetOver(.stuck(let reason)): stage = .stuck(reason)
    case .rebooting(let state): stage = .rebooting(state)
    default: return .pass
    }
    return .done
  }

  func nextWake(_ context: Context) -> ContinuousClock.Instant? {
    guard case .counting(let until) = stage else { return nil }
    // On the second, so that the number on the screen is right.
    return until - .seconds(max(0, context.now.seconds(until: until) - 1))
  }

  mutating func tick(_ context: Context) -> Reaction {
    guard case .counting(let until) = stage, context.now.instant >= until else { return .pass }
    return reboot()
  }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let words = FactRows(words(context), columns: inside.columns)
    let (foot, body) = inside.splitBottom(words.rows.count + 1)
    let rows = steps.map { StepRows.Step(sentence: $0.sentence, state: states[$0.kind] ?? .waiting) }
    StepRows(rows, columns: body.columns).draw(into: &frame, in: body, at: rows.lastIndex { $0.state != .waiting })
    words.draw(into: &frame, in: foot.inset(top: 1), self.words(context))
  }

  private func words(_ context: Context) -> [Fact] {
    switch stage {
    case .working: [Fact("", "Please wait.", style: .dim)]
    case .counting(let until):
      [Fact("", "Everything is written. The host reboots in \(context.now.seconds(until: until)) s.", style: .strong)]
    case .written:
      [Fact("", "Everything is written; the reset happens at the next boot, and until then XAPI stays stopped.", style: .warning)]
    case .rebooting(let state):
      switch state {
      case .failed(let why): [Fact("", "The reboot did not start: \(why) The reset happens at the next boot, however it comes.", style: .bad)]
      case .done(let text): [Fact("", text.isEmpty ? "The host reboots." : text, style: .strong)]
      default: [Fact("", "The host reboots. This console comes back with it.", style: .strong)]
      }
    case .undone(let reason):
      [Fact("", reason, style: .bad), Fact("", "Everything was put back: the host is as before.", style: .strong)]
    case .stuck(let reason):
      [Fact("", reason, style: .bad), Fact("", "What is left to do is kept and offered again at the next start.", style: .warning)]
    }
  }
}
