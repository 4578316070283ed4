import ArgumentParser
import Dom0
import Glibc
import HostNetworking
import JSON
import XenAPI

/// How a change on the command line is gone about.
struct PlanOptions: ParsableArguments {
  @Flag(help: "Show what would happen, and change nothing.")
  var dryRun = false

  @Flag(help: "Do not ask.")
  var yes = false

  @Flag(help: "Answer with a JSON object; needs --dry-run or --yes.")
  var json = false

  init() {}

  init(dryRun: Bool, yes: Bool, json: Bool) {
    self.dryRun = dryRun
    self.yes = yes
    self.json = json
  }

  mutating func validate() throws {
    if json, !dryRun, !yes { throw ValidationError("--json asks nothing: add --dry-run or --yes") }
    if dryRun, yes { throw ValidationError("--dry-run and --yes contradict each other") }
  }

  static let exitCodes = """
    Exit code 0: done, or nothing to do; 1: it failed and was taken back, or was refused; 2: wrong usage; 3: done, and waits to be \
    confirmed (xcpconsole pending).
    """
}

/// Carries an intent out on the command line: shows the plan, asks, does it, says how it went.
struct PlanRunner {
  let host: HostOptions
  let options: PlanOptions
  let standard: Standard

  func run(_ intent: Intent) throws -> Int32 {
    Interrupts.letThrough()
    let system = try host.checked()
    let client = try host.client()
    defer { _ = try? waiting { await client.logout() } }
    let probes: any NetworkProbes = system.isThisMachine ? SocketProbes(system) : ToolProbes(system)
    let plan: ChangePlan
    do {
      plan = try waiting { try await ChangePlanning(client, system, probes).plan(intent) }
    } catch let problem as ChangeProblem {
      throw Failure(text: "\(problem)")
    }
    let paper = PlanPaper(plan)
    if options.dryRun || !options.json { show(paper) }
    if options.dryRun { return plan.isBlocked ? 1 : 0 }
    if plan.isBlocked {
      if options.json { standard.say(paper.json(outcome: .refused("it is not possible as it is")).description) }
      return 1
    }
    if plan.isEmpty {
      if options.json { standard.say(paper.json(outcome: .done).description) }
      return 0
    }
    try agree()
    return try apply(plan, paper, client, system)
  }

  private func show(_ paper: PlanPaper) {
    if options.json { return standard.say(paper.json().description) }
    for line in paper.lines { standard.say(line) }
  }

  private func agree() throws {
    if options.yes { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure(text: "this asks before it changes anything: run it at a terminal, or add --yes")
    }
    standard.say("Do this? Type yes:")
    guard readLine() == "yes" else { throw Failure(text: "nothing was changed") }
  }

  private func apply(_ plan: ChangePlan, _ paper: PlanPaper, _ client: XenClient, _ system: HostSystem) throws -> Int32 {
    let settings = ChangeSettings(guardWay: GuardCommand.way(host))
    let (standard, isQuiet) = (standard, options.json)
    let outcome = Interrupts.held {
      await ChangeRun(plan, client: client, system: system, settings: settings).run { id, state in
        if !isQuiet { PlanPaper.tell(id, state, plan, standard) }
      } notLogged: {
        standard.complain("the log of changes could not be written: \($0)")
      }
    } stopping: {
      standard.complain("it cannot be stopped in its midst; Ctrl-C again leaves it to itself")
    }
    guard let outcome else { return 1 }
    if options.json { standard.say(paper.json(outcome: outcome).description) } else { PlanPaper.tell(outcome, plan, standard) }
    return switch outcome {
    case .done: 0
    case .waiting: 3
    case .refused, .undone, .goingBack, .stuck: 1
    }
  }
}

/// A plan, and how it went, for people and for programs.
struct PlanPaper {
  private let plan: ChangePlan

  init(_ plan: ChangePlan) { self.plan = plan }

  var lines: [String] {
    var lines = [plan.title]
    lines += plan.hazards.map { hazard in
      let mark = hazard.weight == .blocking ? "!!" : hazard.weight == .warning ? " !" : " -"
      return "\(mark) \(hazard.text)" + (hazard.remedy.map { ". \($0)" } ?? "")
    }
    let widest = plan.differences.map(\.name.count).max() ?? 0
    lines += plan.differences.map { difference in
      let name = difference.name + String(repeating: " ", count: widest - difference.name.count)
      return "   \(name)  \(difference.now)" + (difference.isChange ? " -> \(difference.after)" : "")
    }
    lines += plan.consequences.map { "   \($0)" }
    if plan.isEmpty, !plan.isBlocked { return lines + ["There is nothing to do: all is so already."] }
    for step in plan.steps {
      lines.append("\(step.id + 1). \(step.sentence)")
      lines += step.commands.map { "      # \($0)" }
    }
    if plan.isBlocked {
      lines.append("Not possible as it is; nothing was changed.")
    } else if plan.isProvisional {
      lines.append("On trial: it goes back by itself unless it is kept in time (xcpconsole pending --keep).")
    }
    return lines
  }

  static func tell(_ id: Int, _ state: StepState, _ plan: ChangePlan, _ standard: Standard) {
    switch state {
    case .running(""): standard.say("[\(id + 1)/\(plan.steps.count)] \(plan.steps[id].sentence)")
    // Parts done are for those who look at a page that changes.
    case .running(let note) where !note.hasSuffix("%"): standard.say("      \(note)")
    case .done(let note) where !note.isEmpty: standard.say("      \(note)")
    case .failed(let why): standard.say("      FAILED: \(why)")
    case .undone: standard.say("      taken back: \(plan.steps[id].sentence)")
    default: break
    }
  }

  static func tell(_ outcome: ChangeOutcome, _ plan: ChangePlan, _ standard: Standard) {
    switch outcome {
    case .done: standard.say("Done.")
    case .waiting:
      standard.say("Done on trial: it goes back by itself unless it is confirmed. To keep it: xcpconsole pending --keep")
    case .refused(let why): standard.complain("\(why); nothing was changed")
    case .undone(let why) where !plan.takesBack: standard.complain(why)
    case .undone(let why): standard.complain("\(why); everything was taken back")
    case .goingBack(let why): standard.complain("\(why); it is being taken back")
    case .stuck(let why, let left):
      standard.complain("\(why); taking it back did not work either. Left to do: \(left.joined(separator: "; "))")
    }
  }

  func json(outcome: ChangeOutcome? = nil) -> JSONValue {
    var object = JSONObject([
      ("title", .string(plan.title)), ("possible", .bool(!plan.isBlocked)),
      (
        "hazards",
        .array(
          plan.hazards.map {
            ["weight": .string("\($0.weight)"), "text": .string($0.text), "remedy": $0.remedy.map { .string($0) } ?? .null]
          })
      ),
      (
        "differences",
        .array(plan.differences.map { ["name": .string($0.name), "now": .string($0.now), "after": .string($0.after)] })
      ),
      ("consequences", .array(plan.consequences.map { .string($0) })),
      (
        "steps",
        .array(
          plan.steps.map { ["sentence": .string($0.sentence), "commands": .array($0.commands.map { .string($0) })] })
      ),
    ])
    if let outcome {
      let (word, why) = Self.words(outcome)
      object.append("outcome", .string(word))
      if !why.isEmpty { object.append("why", .string(why)) }
      if case .stuck(_, let left) = outcome { object.append("left", .array(left.map { .string($0) })) }
    }
    return .object(object)
  }

  private static func words(_ outcome: ChangeOutcome) -> (String, String) {
    switch outcome {
    case .done: ("done", "")
    case .waiting: ("waiting", "")
    case .refused(let why): ("refused", why)
    case .undone(let why): ("undone", why)
    case .goingBack(let why): ("going back", why)
    case .stuck(let why, _): ("stuck", why)
    }
  }
}
