import JSON

/// What the doctor found.
public struct DoctorReport: Hashable, Sendable {
  public enum Verdict: String, Hashable, Sendable {
    case good
    /// Something is worth knowing.
    case notice
    case bad
    /// Nobody could be asked: these are files only, or this is not root.
    case unknown
  }

  /// This host's name; nil when not known.
  public var host: String?
  /// What was asked for; nil for the host itself.
  public var target: String?
  /// In the order of the ladder.
  public var lines: [DoctorLine]
  public var took: Duration

  public init(host: String? = nil, target: String? = nil, lines: [DoctorLine], took: Duration) {
    self.host = host
    self.target = target
    self.lines = lines
    self.took = took
  }

  public var verdict: Verdict {
    if lines.contains(where: \.state.isBad) { return .bad }
    if lines.contains(where: { if case .notice = $0.state { true } else { false } }) { return .notice }
    return lines.contains { if case .ok = $0.state { true } else { false } } ? .good : .unknown
  }

  /// The lines that say what is wrong; what they explain is not among them.
  public var troubles: [DoctorLine] { lines.filter(\.state.isBad) }
}

extension DoctorReport {
  public var json: JSONValue {
    var members = JSONObject()
    if let host { members.append("host", .string(host)) }
    if let target { members.append("target", .string(target)) }
    members.append("verdict", .string(verdict.rawValue))
    members.append("milliseconds", .int(Int64(took.inMilliseconds.rounded())))
    members.append("lines", .array(lines.map(\.json)))
    return .object(members)
  }
}

extension DoctorLine {
  /// `state` is one of `waiting`, `running`, `ok`, `notice`, `bad`, `skipped`, `none`.
  public var json: JSONValue {
    var members = JSONObject()
    members.append("rung", .string(id.rung.rawValue))
    if !id.subject.isEmpty { members.append("subject", .string(id.subject)) }
    members.append("title", .string(title))
    members.append("state", .string(state.name))
    if !text.isEmpty { members.append("text", .string(text)) }
    if let word {
      members.append("means", .string(word.meaning))
      members.append("next", .string(word.remedy))
    }
    return .object(members)
  }
}

extension DoctorLine.State {
  public var name: String {
    switch self {
    case .waiting: "waiting"
    case .running: "running"
    case .ok: "ok"
    case .notice: "notice"
    case .bad: "bad"
    case .skipped: "skipped"
    case .none: "none"
    }
  }
}
