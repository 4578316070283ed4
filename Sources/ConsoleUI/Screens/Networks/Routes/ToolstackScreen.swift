import HostNetworking
import TerminalUI

/// The toolstack: how it is, and its restart. It can be left while the restart goes on; the first line tells how XAPI is.
struct ToolstackScreen: Screen {
  private enum Stage {
    case looking
    case known(ToolstackFacts)
    case planning(ToolstackFacts, ToolstackPart)
    case planned(ToolstackFacts, ChangePlan)
    /// The console knows how far it is.
    case begun
    case failed(ChangeProblem)
  }

  private var stage = Stage.looking
  private var page = FactsPage()

  let title = "Toolstack"

  let help = [
    "XAPI and its helpers start anew; VMs, their disks and their traffic go on. It helps when XAPI hangs, and it sets up what XAPI has on "
      + "record: static routes, VLANs, addresses.",
    "1 restarts everything (xe-toolstack-restart), 2 XAPI alone, 3 the network daemon alone: the lighter, the less is lost. What is lost or "
      + "stands in the way is told before, and y begins.",
    "It may take minutes. Esc leaves this page while it goes on: the first line tells how long it has been, and how it ended; more of that stands here.",
    "It does not change any setting, restarts no VM, and does not help when XAPI's own records are wrong.",
  ]

  var errand: Errand? { .routes(.lookAtToolstack) }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    let choices: [(key: String, does: String)] = [("1", "all"), ("2", "XAPI alone"), ("3", "network daemon alone")]
    let rest: [(key: String, does: String)] = [("r", "look again"), ("Esc", "back"), ("?", "help")]
    if context.restart?.isRunning == true { return [("Esc", "leave: it goes on"), ("?", "help")] }
    switch stage {
    case .looking: return [("Esc", "back"), ("?", "help")]
    case .known: return choices + rest
    case .planning: return [("Esc", "back: nothing was done"), ("?", "help")]
    case .planned(_, let plan):
      return (plan.isBlocked ? [] : [("y or F8", "restart")]) + choices + [("r", "look again"), ("Esc", "back: nothing was done"), ("?", "help")]
    case .begun, .failed: return rest
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5):
      if context.restart?.isRunning == true { return .done }
      stage = .looking
      return .ask(.routes(.lookAtToolstack))
    case .character("1"): return choose(.toolstack, context)
    case .character("2"): return choose(.xapi, context)
    case .character("3"): return choose(.networkd, context)
    case .character("y"), .function(8):
      guard case .planned(_, let plan) = stage, !plan.isBlocked, context.restart?.isRunning != true else { return .done }
      stage = .begun
      return .ask(.routes(.restart(plan)))
    default:
      let lines = lines(room.columns - 4, context)
      return page.handle(key, lines, room: FactsPage.room(room))
    }
  }

  private mutating func choose(_ part: ToolstackPart, _ context: Context) -> Reaction {
    if context.restart?.isRunning == true { return .done }
    let facts: ToolstackFacts
    switch stage {
    case .known(let known), .planned(let known, _), .planning(let known, _): facts = known
    default: return .done
    }
    stage = .planning(facts, part)
    return .ask(.planChange(.routes(.restart(part))))
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .routes(.toolstack(let facts)):
      guard case .looking = stage else { return .pass }
      stage = .known(facts)
    case .changePlanned(let result):
      guard case .planning(let facts, let part) = stage else { return .pass }
      switch result {
      case .success(let plan):
        guard plan.intent == .routes(.restart(part)) else { return .pass }
        stage = .planned(facts, plan)
      case .failure(let problem): stage = .failed(problem)
      }
    case .routes(.restartStep), .routes(.restartOver), .notLogged: break
    default: return .pass
    }
    settle(context, room: room)
    return .done
  }

  mutating func settle(_ context: Context, room: Size) {
    page.settle(lines(room.columns - 4, context), room: FactsPage.room(room))
  }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    page.draw(into: &frame, in: area, title: title, lines(area.columns - 4, context))
  }

  private func lines(_ columns: Int, _ context: Context) -> [Fact] {
    if let restart = context.restart, restart.isRunning {
      return [Fact("", "\(restart.plan.title): \(context.now.seconds(since: restart.since)) s", style: .strong), Fact("", "")] + Self.steps(restart)
        + [Fact("", ""), Fact("", "VMs go on. You may leave with Esc: the restart goes on, and the first line tells how it ended.", style: .dim)]
    }
    let last = context.restart.map { Self.end($0) } ?? []
    switch stage {
    case .looking: return last + [Fact("", "Looking ...", style: .dim)]
    case .known(let facts): return last + Self.state(facts) + [Fact("", "")] + Self.choices
    case .planning(let facts, _): return Self.state(facts) + [Fact("", ""), Fact("", "Looking what a restart would meet ...", style: .strong)]
    case .planned(let facts, let plan): return [Fact("", plan.title.sentence, style: .strong)] + Self.review(plan) + [Fact("", "")] + Self.state(facts)
    case .begun: return last.isEmpty ? [Fact("", "It begins ...", style: .dim)] : last + [Fact("", "r looks how the host is now.", style: .dim)]
    case .failed(let problem): return [Fact("", problem.text.sentence, style: .bad)] + (problem.remedy.map { [Fact("", $0.sentence)] } ?? [])
    }
  }

  /// How the last one ended, for those who were elsewhere as well.
  private static func end(_ restart: RestartNow) -> [Fact] {
    let time = restart.ended.map { ", \(Units.time($0))" } ?? ""
    return [Fact("", "\(restart.plan.title)\(time)".sentence, style: .strong)] + steps(restart) + ending(restart) + [Fact("", "")]
  }

  private static let choices = [
    Fact("1", "Restart the whole toolstack: xe-toolstack-restart. Takes up to some minutes."),
    Fact("2", "Restart XAPI alone: systemctl restart xapi. When it hangs and its helpers are well."),
    Fact("3", "Restart the network daemon alone: systemctl restart xcp-networkd. Sets up missing bridges and addresses."),
  ]

  private static func state(_ facts: ToolstackFacts) -> [Fact] {
    var lines = [
      Fact("XAPI", facts.standing, style: facts.silence == nil ? .good : .bad)
    ]
    if let problem = facts.unitsProblem {
      lines.append(Fact("Services", "not known: \(problem)", style: .warning))
    } else if facts.brokenUnits.isEmpty {
      lines.append(Fact("Services", "all \(facts.units.filter(\.isActive).count) of the toolstack run", style: .good))
    } else {
      lines.append(Fact("Services", facts.brokenUnits.map { "\($0.name) is \($0.active)" }.joined(separator: ", "), style: .bad))
    }
    if let tasks = facts.tasks {
      lines.append(Fact("Tasks", tasks.isEmpty ? "none at work" : tasks.joined(separator: ", "), style: tasks.isEmpty ? .normal : .warning))
    }
    if facts.isHAArmed { lines.append(Fact("HA", "on", style: .warning)) }
    if facts.isRestarting { lines.append(Fact("Restart", "one is at work now", style: .strong)) }
    return lines
  }

  private static func review(_ plan: ChangePlan) -> [Fact] {
    ResetFacts.facts(of: plan.hazards) + plan.consequences.map { Fact("", $0.sentence, mark: "  ") }
      + [Fact("", "By hand: \(plan.steps.first?.commands.joined(separator: "; ") ?? "")", style: .dim, mark: "  ")]
      + [plan.isBlocked ? Fact("", "Not possible as it is. Nothing was done.", style: .bad) : Fact("", "y restarts.", style: .strong)]
  }

  private static func steps(_ restart: RestartNow) -> [Fact] {
    restart.plan.steps.map { step in
      var state = restart.states[step.id] ?? .waiting
      // What was stopped and started was done: nothing of a restart is taken back.
      if state == .undone { state = .done() }
      return Fact("", step.sentence + (state.remark.isEmpty ? "" : ": \(state.remark)"), style: state.style, mark: state.mark.fitted(to: StepState.markColumns))
    } + (restart.logProblem.map { [ChangeProgressScreen.unlogged($0)] } ?? [])
  }

  private static func ending(_ restart: RestartNow) -> [Fact] {
    switch restart.outcome {
    case .done: [Fact("", done(restart.plan.intent), style: .good)]
    case .refused(let why): [Fact("", "\(why.sentence) Nothing was restarted.", style: .bad)]
    case .undone(let why), .goingBack(let why), .stuck(let why, _): failed(why, restart)
    case .waiting, nil: []
    }
  }

  /// The step that failed has told why, mostly; what can be done then differs by what was restarted.
  private static func failed(_ why: String, _ restart: RestartNow) -> [Fact] {
    let isTold = restart.states.values.contains { if case .failed(let text) = $0 { text == why } else { false } }
    let lines = isTold ? [] : [Fact("", why.sentence, style: .bad)]
    if case .routes(.restart(.networkd)) = restart.plan.intent { return lines + [Fact("", "journalctl -u xcp-networkd tells why.")] }
    return lines + [Fact("", "journalctl -u xapi tells why. 1 tries again; the emergency network reset of the main menu needs no XAPI.")]
  }

  private static func done(_ intent: Intent) -> String {
    switch intent {
    case .routes(.restart(.networkd)): "Done: the network daemon runs. XAPI was not restarted."
    case .routes(.restart(.xapi)): "Done: XAPI answers."
    default: "Done: XAPI answers, and its services run."
    }
  }
}
