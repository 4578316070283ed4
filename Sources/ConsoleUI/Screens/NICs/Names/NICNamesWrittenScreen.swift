import HostNetworking
import TerminalUI

/// The rules for names are written; they count from the next boot on, which is offered here.
struct NICNamesWrittenScreen: Screen {
  private enum Stage {
    case written
    /// The host reboots at that moment.
    case counting(until: ContinuousClock.Instant)
    case rebooting(StepState)
  }

  private let plan: ChangePlan
  private let logProblem: String?
  private var stage = Stage.written
  private var page = FactsPage()

  init(_ plan: ChangePlan, logProblem: String?) {
    self.plan = plan
    self.logProblem = logProblem
  }

  /// Whether a plan is one whose effect waits for a reboot.
  static func isFor(_ plan: ChangePlan) -> Bool {
    switch plan.intent {
    case .renameNICs, .resetNICNames: true
    default: false
    }
  }

  let title = "Names of NICs: written"

  let help = [
    "The new names count from the next boot on. b reboots after a countdown that Esc stops; Esc alone leaves the reboot to you.",
    "VMs that run on this host end with a reboot: move them to another host or shut them down first.",
    "After the reboot the list of names tells what is left to do in XAPI, and f does it.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    switch stage {
    case .written: [("b", "reboot"), ("Enter", "later"), ("?", "help")]
    case .counting: [("b", "reboot now"), ("Esc", "do not reboot yet")]
    case .rebooting: [("Esc", "back")]
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch (stage, key) {
    case (.written, .character("b")):
      stage = .counting(until: context.now.instant + .seconds(ResetProgressScreen.countdown))
      return .done
    case (.counting, .character("b")): return reboot()
    case (.counting, .escape), (.counting, .left), (.counting, .character("h")):
      stage = .written
      return .done
    case (.counting, _): return key == .control("l") ? .pass : .done
    case (_, .enter), (_, .escape), (_, .left), (_, .character("h")): return .backWith(.changed)
    default: return page.handle(key, facts(context), room: pageRoom(room))
    }
  }

  private mutating func reboot() -> Reaction {
    stage = .rebooting(.running("asking the host to reboot"))
    return .ask(.reboot)
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .rebooting(let state) = report, case .rebooting = stage else { return .pass }
    stage = .rebooting(state)
    return .done
  }

  func nextWake(_ context: Context) -> ContinuousClock.Instant? {
    guard case .counting(let until) = stage else { return nil }
    return until - .seconds(max(0, context.now.seconds(until: until) - 1))
  }

  mutating func tick(_ context: Context) -> Reaction {
    guard case .counting(let until) = stage, context.now.instant >= until else { return .pass }
    return reboot()
  }

  // MARK: Drawing

  private func pageRoom(_ room: Size) -> Size { Size(columns: room.columns - 4, rows: max(1, room.rows - 4)) }

  mutating func settle(_ context: Context, room: Size) { page.settle(facts(context), room: pageRoom(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let (foot, body) = inside.splitBottom(2)
    page.draw(into: &frame, in: body, facts(context))
    let word = word(context)
    frame.draw(word.value, at: Point(column: foot.column, row: foot.endRow - 1), style: word.style, width: foot.columns)
  }

  private func facts(_ context: Context) -> [Fact] {
    var facts = [Fact("", "\(plan.title.sentence) The rules are written and were read again.", style: .good)]
    if let logProblem { facts.append(ChangeProgressScreen.unlogged(logProblem)) }
    let running = (context.host?.vms ?? []).filter { $0.powerState == .running }.map(\.name)
    if !running.isEmpty {
      let words = running.count > 6 ? "\(running.prefix(6).joined(separator: ", ")) and \(running.count - 6) more" : running.joined(separator: ", ")
      facts += [
        Fact("", ""), Fact("", "\(running.count == 1 ? "A VM runs" : "\(running.count) VMs run") here and end\(running.count == 1 ? "s" : "") with the reboot: \(words). Move or shut them down first.", style: .warning, mark: "!  "),
      ]
    }
    return facts + [Fact("", ""), Fact("", "What follows", style: .heading)] + plan.consequences.dropFirst().map { Fact("", $0.sentence, mark: "  ") }
  }

  private func word(_ context: Context) -> Fact {
    switch stage {
    case .written: Fact("", "The names change when the host reboots. b reboots it.", style: .strong)
    case .counting(let until): Fact("", "The host reboots in \(context.now.seconds(until: until)) s. Esc stops that.", style: .warning)
    case .rebooting(.failed(let why)): Fact("", "The reboot did not start: \(why)".sentence, style: .bad)
    case .rebooting(.done(let text)) where !text.isEmpty: Fact("", text, style: .strong)
    case .rebooting: Fact("", "The host reboots. This console comes back with it.", style: .strong)
    }
  }
}
