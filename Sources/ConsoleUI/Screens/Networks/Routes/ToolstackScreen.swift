import HostNetworking
import TerminalUI

/// The toolstack: how it is, and its restart. It can be left while the restart goes on; the first line tells how XAPI is.
struct ToolstackScreen: Screen {
  private enum Stage {
    case looking
    case known(ToolstackFacts)
    case planning(ToolstackFacts, ToolstackPart)
    case planned(ToolstackFacts, ChangePlan)
    /// Since when; nil for one that was begun before this page was opened.
    case running(ChangePlan, since: ContinuousClock.Instant?)
    case over(ChangePlan, ChangeOutcome)
    case failed(ChangeProblem)
  }

  private var stage = Stage.looking
  private var states: [Int: StepState] = [:]
  private var logProblem: String?
  private var page = FactsPage()

  let title = "Toolstack"

  let help = [
    "XAPI and its helpers start anew; VMs, their disks and their traffic go on. It helps when XAPI hangs, and it sets up what XAPI has on "
      + "record: static routes, VLANs, addresses.",
    "1 restarts everything (xe-toolstack-restart), 2 XAPI alone, 3 the network daemon alone: the lighter, the less is lost. What is lost or "
      + "stands in the way is told before, and y begins.",
    "It may take minutes. Esc leaves this page while it goes on: the first line tells when XAPI answers again.",
  ]

  var errand: Errand? { .routes(.lookAtToolstack) }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    let choices: [(key: String, does: String)] = [("1", "all"), ("2", "XAPI alone"), ("3", "network daemon alone")]
    let rest: [(key: String, does: String)] = [("r", "look again"), ("Esc", "back"), ("?", "help")]
    switch stage {
    case .looking: return [("Esc", "back"), ("?", "help")]
    case .known: return choices + rest
    case .planning: return [("Esc", "back: nothing was done"), ("?", "help")]
    case .planned(_, let plan):
      return (plan.isBlocked ? [] : [("y or F8", "restart")]) + choices + [("r", "look again"), ("Esc", "back: nothing was done"), ("?", "help")]
    case .running: return [("Esc", "leave: it goes on"), ("?", "help")]
    case .over: return [("r", "look again"), ("Esc", "back"), ("?", "help")]
    case .failed: return rest
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5):
      if case .running = stage { return .done }
      stage = .looking
      return .ask(.routes(.lookAtToolstack))
    case .character("1"): return choose(.toolstack)
    case .character("2"): return choose(.xapi)
    case .character("3"): return choose(.networkd)
    case .character("y"), .function(8):
      guard case .planned(_, let plan) = stage, !plan.isBlocked else { return .done }
      stage = .running(plan, since: context.now.instant)
      states = [:]
      return .ask(.routes(.restart(plan)))
    default:
      let lines = lines(room.columns - 4, context)
      return page.handle(key, lines, room: FactsPage.room(room))
    }
  }

  private mutating func choose(_ part: ToolstackPart) -> Reaction {
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
    case .routes(.restartStep(let plan, let id, let state)):
      // The page may have been left, and opened again, while it went on.
      if case .running = stage {} else {
        stage = .running(plan, since: nil)
        states = Dictionary(uniqueKeysWithValues: (0..<id).map { ($0, .done()) })
      }
      states[id] = state
    case .routes(.restartOver(let plan, let outcome)): stage = .over(plan, outcome)
    case .notLogged(let why): logProblem = why
    default: return .pass
    }
    settle(context, room: room)
    return .done
  }

  /// The seconds are seen going by.
  func nextWake(_ context: Context) -> ContinuousClock.Instant? {
    if case .running = stage { context.now.instant + .seconds(1) } else { nil }
  }

  mutating func tick(_ context: Context) -> Reaction { if case .running = stage { .done } else { .pass } }

  mutating func settle(_ context: Context, room: Size) {
    page.settle(lines(room.columns - 4, context), room: FactsPage.room(room))
  }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    page.draw(into: &frame, in: area, title: title, lines(area.columns - 4, context))
  }

  private func lines(_ columns: Int, _ context: Context) -> [Fact] {
    switch stage {
    case .looking: [Fact("", "Looking ...", style: .dim)]
    case .known(let facts):
      Self.state(facts) + [Fact("", "")] + Self.choices
    case .planning(let facts, _): Self.state(facts) + [Fact("", ""), Fact("", "Looking what a restart would meet ...", style: .strong)]
    case .planned(let facts, let plan): [Fact("", plan.title.sentence, style: .strong)] + Self.review(plan) + [Fact("", "")] + Self.state(facts)
    case .running(let plan, let since):
      [Fact("", plan.title + (since.map { ": \((context.now.instant - $0).components.seconds) s" } ?? ""), style: .strong), Fact("", "")] + steps(plan)
        + [Fact("", ""), Fact("", "VMs go on. You may leave with Esc: the restart goes on, and the first line tells how XAPI is.", style: .dim)]
    case .over(let plan, let outcome):
      [Fact("", plan.title.sentence, style: .strong), Fact("", "")] + steps(plan) + [Fact("", "")] + Self.ending(outcome, plan)
    case .failed(let problem): [Fact("", problem.text.sentence, style: .bad)] + (problem.remedy.map { [Fact("", $0.sentence)] } ?? [])
    }
  }

  private static let choices = [
    Fact("1", "Restart the whole toolstack: xe-toolstack-restart. Takes up to some minutes."),
    Fact("2", "Restart XAPI alone: systemctl restart xapi. When it hangs and its helpers are well."),
    Fact("3", "Restart the network daemon alone: systemctl restart xcp-networkd. Sets up missing bridges and addresses."),
  ]

  private static func state(_ facts: ToolstackFacts) -> [Fact] {
    var lines = [
      Fact(
        "XAPI", facts.silence.map { "\(facts.progress.words), and does not answer: \($0)" } ?? "answers", style: facts.silence == nil ? .good : .bad)
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

  private func steps(_ plan: ChangePlan) -> [Fact] {
    plan.steps.map { step in
      let state = states[step.id] ?? .waiting
      return Fact("", step.sentence + (state.remark.isEmpty ? "" : ": \(state.remark)"), style: state.style, mark: state.mark.fitted(to: StepState.markColumns))
    } + (logProblem.map { [ChangeProgressScreen.unlogged($0)] } ?? [])
  }

  private static func ending(_ outcome: ChangeOutcome, _ plan: ChangePlan) -> [Fact] {
    switch outcome {
    case .done where plan.intent == .routes(.restart(.networkd)): [Fact("", "Done: the network daemon runs. XAPI was not asked.", style: .good)]
    case .done: [Fact("", "Done: XAPI answers.", style: .good)]
    case .undone(let why), .refused(let why), .goingBack(let why), .stuck(let why, _): [Fact("", why.sentence, style: .bad)]
    case .waiting: []
    }
  }
}
