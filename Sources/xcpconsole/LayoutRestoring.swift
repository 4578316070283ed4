import Dom0
import Glibc
import HostNetworking
import JSON
import XenAPI

extension LayoutCommand.Restore {
  func run(on standard: Standard) throws -> Int32 {
    Interrupts.letThrough()
    let system = try host.checked()
    let mapping = try LayoutFailure.told {
      try NICMapping(parsing: map.flatMap { $0.split(separator: ",").map { String($0) } })
    }
    let (path, layout) = try LayoutFile.read(file, of: system)
    let client = try host.client()
    defer { _ = try? waiting { await client.logout() } }
    let plan = try plan(layout, mapping, client, system)
    let skipped = try chosen(plan)
    if dryRun {
      show(plan, path, skipping: skipped, standard)
      return 0
    }
    if !json { show(plan, path, skipping: skipped, standard) }
    let leftOut = plan.leftOut(skipping: skipped)
    if plan.steps.allSatisfy({ leftOut[$0.id] != nil }) {
      if json { standard.say(RestoreReport(plan, path, leftOut).json.description) }
      return 0
    }
    try agree(standard)
    return carryOut(plan, path, skipping: skipped, client, RestoreLog(plan, on: system), standard)
  }

  private func plan(
    _ layout: NetworkLayout, _ mapping: NICMapping, _ client: XenClient, _ system: HostSystem
  ) throws -> LayoutRestore {
    try LayoutFailure.told {
      do {
        return try waiting {
          var reader = DatabaseReader(client)
          let database = try await reader.read()
          guard let host = await LayoutSource.thisHost(in: database, client, system) else {
            throw LayoutError.noHost(uuid: "")
          }
          return try LayoutRestore(layout, on: database, host: host, mapping: mapping)
        }
      } catch let error as XenError {
        throw Failure(text: "a layout can only be put back through XAPI: \(error)")
      }
    }
  }

  /// The steps that `--skip` names, and those that would cut this host off.
  private func chosen(_ plan: LayoutRestore) throws -> Set<RestoreStep.ID> {
    var chosen = evenWithoutLink ? [] : plan.doubtful
    for word in skip.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
      guard let number = Int(word) else {
        throw Failure(text: "--skip \(word): takes numbers of steps, such as 2,5", code: 2)
      }
      guard plan.steps.indices.contains(number - 1) else {
        throw Failure(text: "--skip \(number): the plan has \(plan.steps.count) steps", code: 2)
      }
      chosen.insert(plan.steps[number - 1].id)
    }
    return chosen
  }

  private func show(
    _ plan: LayoutRestore, _ path: String, skipping skipped: Set<RestoreStep.ID>, _ standard: Standard
  ) {
    let report = RestoreReport(plan, path, plan.leftOut(skipping: skipped))
    if json { return standard.say(report.json.description) }
    for line in report.lines { standard.say(line) }
  }

  private func agree(_ standard: Standard) throws {
    if yes { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure(text: "restore asks before it changes anything: run it at a terminal, or add --yes")
    }
    standard.say("Do this? Type yes:")
    guard readLine() == "yes" else { throw Failure(text: "nothing was changed") }
  }

  private func carryOut(
    _ plan: LayoutRestore, _ path: String, skipping skipped: Set<RestoreStep.ID>, _ client: XenClient,
    _ log: RestoreLog, _ standard: Standard
  ) -> Int32 {
    let isQuiet = json
    let leftOut = plan.leftOut(skipping: skipped)
    let outcome = Interrupts.held {
      await LayoutRestoreRun(plan, client: client, skipping: skipped).run { id, state in
        log.step(id, state)
        if !isQuiet, leftOut[id] == nil { RestoreReport.tell(id, state, plan, standard) }
      }
    } stopping: {
      standard.complain("stopping after this step (Ctrl-C again leaves it to XAPI)")
    }
    if let problem = log.problem { standard.complain(problem) }
    guard let outcome else { return 1 }
    if json {
      standard.say(RestoreReport(plan, path, leftOut, outcome).json.description)
    } else if outcome.isComplete {
      standard.say("Done.")
    } else {
      let open = outcome.failed.count + outcome.notReached.count
      standard.say("\(open) of \(plan.steps.count) steps are not done. Running this again tries them once more.")
    }
    return outcome.isComplete ? 0 : 1
  }
}

/// A restore's plan, and how it went, for people and for programs.
private struct RestoreReport {
  private let plan: LayoutRestore
  private let path: String
  private let leftOut: [RestoreStep.ID: String]
  private let outcome: LayoutRestoreRun.Outcome?

  init(
    _ plan: LayoutRestore, _ path: String, _ leftOut: [RestoreStep.ID: String],
    _ outcome: LayoutRestoreRun.Outcome? = nil
  ) {
    self.plan = plan
    self.path = path
    self.leftOut = leftOut
    self.outcome = outcome
  }

  var lines: [String] {
    var lines = ["Layout \(path)"]
    lines += plan.hazards.map { Self.line($0, indent: "") }
    if plan.isComplete { return lines + ["All of it is there already."] }
    lines.append("\(plan.present.count) parts are there already. Steps:")
    for (index, step) in plan.steps.enumerated() {
      lines.append(
        "\(String(index + 1).padded(to: 3)) \(step.sentence)\(step.touchesManagement ? "  [management]" : "")")
      if let reason = leftOut[step.id] { lines.append("      left out: \(reason)") }
      lines += step.hazards.map { Self.line($0, indent: "      ") }
      lines += step.commands.map { "      # \($0)" }
    }
    return lines
  }

  private static func line(_ hazard: Hazard, indent: String) -> String {
    let mark = hazard.weight == .notice ? "-" : "!"
    return "\(indent)\(mark) \(hazard.text)\(hazard.remedy.map { ". \($0)" } ?? "")"
  }

  static func tell(_ id: RestoreStep.ID, _ state: StepState, _ plan: LayoutRestore, _ standard: Standard) {
    let number = (plan.steps.firstIndex { $0.id == id } ?? 0) + 1
    switch state {
    case .running(""): standard.say("[\(number)/\(plan.steps.count)] \(plan[id]?.sentence ?? id)")
    case .done(let note) where !note.isEmpty: standard.say("      \(note)")
    case .skipped(let reason):
      standard.say("[\(number)/\(plan.steps.count)] left out: \(plan[id]?.sentence ?? id): \(reason)")
    case .failed(let reason): standard.say("      FAILED: \(reason)")
    default: break
    }
  }

  var json: JSONValue {
    var object = JSONObject([
      ("layout", .string(path)), ("present", .array(plan.present.map { .string($0) })),
      ("nics", .array(plan.nics.map { .string($0.sentence) })), ("hazards", .array(plan.hazards.map(Self.json))),
      ("steps", .array(plan.steps.enumerated().map { json($1, number: $0 + 1) })),
    ])
    if let outcome { object.append("complete", .bool(outcome.isComplete)) }
    return .object(object)
  }

  private func json(_ step: RestoreStep, number: Int) -> JSONValue {
    var object = JSONObject([
      ("number", .int(Int64(number))), ("id", .string(step.id)), ("sentence", .string(step.sentence)),
      ("commands", .array(step.commands.map { .string($0) })), ("needs", .array(step.needs.map { .string($0) })),
      ("undo", .string(step.undo)), ("hazards", .array(step.hazards.map(Self.json))),
      ("touches_management", .bool(step.touchesManagement)),
    ])
    if let reason = leftOut[step.id] { object.append("left_out", .string(reason)) }
    if let state = outcome?.states[step.id] {
      let (word, note) = Self.words(state)
      object.append("state", .string(word))
      if !note.isEmpty { object.append("note", .string(note)) }
    }
    return .object(object)
  }

  private static func json(_ hazard: Hazard) -> JSONValue {
    [
      "weight": .string("\(hazard.weight)"), "text": .string(hazard.text),
      "remedy": hazard.remedy.map { .string($0) } ?? .null,
    ]
  }

  private static func words(_ state: StepState) -> (String, String) {
    switch state {
    case .waiting: ("waiting", "")
    case .running(let note): ("running", note)
    case .done(let note): ("done", note)
    case .skipped(let reason): ("skipped", reason)
    case .failed(let reason): ("failed", reason)
    case .undone: ("undone", "")
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
