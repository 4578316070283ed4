import HostNetworking
import JSON

/// A reset in words, for people and for programs.
struct ResetReport: Sendable {
  let plan: ResetPlan
  private let facts: ResetFacts
  private let hazards: [Hazard]
  private let problems: [ResetProblem]

  init(_ facts: ResetFacts, _ plan: ResetPlan, _ hazards: [Hazard], _ problems: [ResetProblem]) {
    self.facts = facts
    self.plan = plan
    self.hazards = hazards
    self.problems = problems
  }

  func tell(
    _ standard: Standard, asJSON: Bool, outcome: (String, String?)? = nil, _ journal: ResetJournal? = nil,
    reboots: Bool = false
  ) {
    guard asJSON else {
      for line in lines { standard.say(line) }
      return
    }
    var object = JSONObject()
    for (key, value) in Self.object(outcome?.0 ?? "planned", outcome?.1, journal, reboots: reboots) { object[key] = value }
    object["hostname"] = .string(facts.hostname)
    object["deleted"] = .array(facts.deleted.map { .string($0) })
    object["plan"] = plan.json(hazards: hazards, problems: problems)
    standard.say(JSONValue.object(object).description)
  }

  static func tell(
    _ standard: Standard, _ outcome: String, _ reason: String?, _ journal: ResetJournal? = nil, reboots: Bool = false
  ) {
    standard.say(JSONValue.object(object(outcome, reason, journal, reboots: reboots)).description)
  }

  private static func object(_ outcome: String, _ reason: String?, _ journal: ResetJournal?, reboots: Bool) -> JSONObject {
    [
      "format": "xcpconsole reset", "version": 1, "outcome": .string(outcome), "reason": reason.map { .string($0) } ?? .null,
      "backup": journal.map { .string($0.backup) } ?? .null,
      "layout": journal?.layout.map { .string($0) } ?? .null, "reboots": .bool(reboots),
    ]
  }

  static func word(_ failure: ResetFailure) -> String {
    switch failure {
    case .refused: "refused"
    case .undone: "undone"
    case .stuck: "stuck"
    }
  }

  // MARK: For people

  private var lines: [String] {
    var lines = ["Emergency network reset of \(facts.hostname.isEmpty ? "this host" : facts.hostname)", ""]
    let rows = ResetReview(facts, plan.request).rows
    let width = (rows.map { $0.now.count }.max() ?? 0) + 2
    lines.append(Self.padded("", 14) + Self.padded("now", width) + "after the reboot")
    lines += rows.map { Self.padded($0.label, 14) + Self.padded($0.now, width) + $0.after }
    if let networks = facts.networks, let vifs = facts.vifs {
      lines.append(Self.padded("Kept", 14) + "\(networks) networks, \(vifs) VIFs, all VMs and disks")
    }
    lines.append("")
    for problem in problems { lines.append("- \(problem.field.option): \(problem.text)") }
    for hazard in hazards {
      lines.append("\(hazard.weight == .notice ? "-" : "!") \(hazard.text)")
      if let remedy = hazard.remedy { lines.append("  \(remedy)") }
    }
    lines += ["", "Steps"]
    for (index, step) in plan.steps.enumerated() {
      lines.append("\(index < 9 ? " " : "")\(index + 1) \(step.sentence)")
      if let edit = step.edit { lines += Self.lines(edit) }
    }
    return lines + [""]
  }

  /// Long files change in a few lines, and networkd.db is one long line that goes.
  private static func lines(_ edit: FileEdit) -> [String] {
    guard edit.isChange else { return ["     \(edit.path) is so already"] }
    guard edit.new != nil else { return ["     \(edit.path) is removed"] }
    return ["     \(edit.path)"]
      + edit.lines.compactMap { line in
        switch line {
        case .kept: nil
        case .removed(let text): "     - \(text)"
        case .added(let text): "     + \(text)"
        }
      }
  }

  /// How far a step has come, when that is worth a line.
  static func tell(_ kind: ResetStep.Kind, _ state: StepState, _ plan: ResetPlan?, _ standard: Standard) {
    let name = plan?.steps.first { $0.kind == kind }?.sentence ?? kind.name
    switch state {
    case .waiting: break
    case .running(let text): if !text.isEmpty { standard.say("... \(name): \(text)") }
    case .done(let text): standard.say("ok  \(name)\(text.isEmpty ? "" : ": \(text)")")
    case .skipped(let reason): standard.say("-   \(name): \(reason)")
    case .failed(let reason): standard.say("!   \(name): \(reason)")
    case .undone: standard.say("<-  put back: \(kind.name)")
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
