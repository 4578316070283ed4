import JSON

/// One line of the log of changes: a step of a change, or how the whole of it ended.
public struct ChangeLogEntry: Hashable, Sendable {
  public enum Result: String, Hashable, Sendable {
    case done
    /// Was so already, or was left out.
    case skipped
    case failed
    /// Done, and taken back.
    case undone
    /// A provisional change was confirmed.
    case kept
    /// It was put back, by somebody or by time.
    case reverted
  }

  /// Seconds since 1970.
  public var time: Int64
  /// Names the change that the step belongs to: when it began and the process, `20261122T205439Z-1874`.
  public var change: String
  public var who: ChangeFacts.Session
  /// The plan's title, one line: `DNS servers 10.0.4.2, 10.0.4.3`.
  public var title: String
  /// What kind of change it is: `Intent.name`, `network reset`, `restore layout`.
  public var intent: String
  /// From 1; 0 for the change as a whole.
  public var step: Int
  /// How many steps the plan has; 0 when that is not known.
  public var steps: Int
  /// What was done: a sentence without a full stop.
  public var sentence: String
  /// The same by hand.
  public var commands: [String]
  public var result: Result
  /// Why it failed or was left out; empty when there is nothing to say.
  public var note: String

  public init(
    time: Int64, change: String, who: ChangeFacts.Session, title: String, intent: String, step: Int, steps: Int,
    sentence: String, commands: [String], result: Result, note: String = ""
  ) {
    self.time = time
    self.change = change
    self.who = who
    self.title = title
    self.intent = intent
    self.step = step
    self.steps = steps
    self.sentence = sentence
    self.commands = commands
    self.result = result
    self.note = note
  }

  /// One line for the system log.
  var line: String {
    let place = step == 0 ? "" : steps == 0 ? " step \(step):" : " step \(step)/\(steps):"
    let by = commands.isEmpty ? "" : " [\(commands.joined(separator: "; "))]"
    let why = note.isEmpty ? "" : ": \(note)"
    return "\(who.words): \(intent) \"\(title)\" (\(change)):\(place) \(sentence): \(result.rawValue)\(why)\(by)"
  }
}

extension ChangeFacts.Session {
  /// `root on pts/0 from 10.0.4.77`.
  public var words: String {
    user + (terminal.map { " on \($0)" } ?? "") + (peer.map { " from \($0)" } ?? "")
  }
}

extension ChangeLogEntry {
  /// A JSON object on one line.
  var json: JSONValue {
    var object = JSONObject([
      ("time", .string(UTCText.readable(time))), ("at", .int(time)), ("change", .string(change)), ("user", .string(who.user)),
    ])
    if let terminal = who.terminal { object.append("terminal", .string(terminal)) }
    if let peer = who.peer { object.append("peer", .string(peer)) }
    object.append("plan", .string(title))
    object.append("intent", .string(intent))
    object.append("step", .int(Int64(step)))
    object.append("steps", .int(Int64(steps)))
    object.append("sentence", .string(sentence))
    object.append("commands", .array(commands.map { .string($0) }))
    object.append("result", .string(result.rawValue))
    if !note.isEmpty { object.append("note", .string(note)) }
    return .object(object)
  }

  /// nil for what is no such line.
  init?(_ json: JSONValue) {
    guard let time = json["at"]?.int, let change = json["change"]?.string, let title = json["plan"]?.string,
      let sentence = json["sentence"]?.string,
      let result = json["result"]?.string.flatMap({ Result(rawValue: $0) })
    else { return nil }
    self.init(
      time: time, change: change,
      who: ChangeFacts.Session(
        peer: json["peer"]?.string, terminal: json["terminal"]?.string, user: json["user"]?.string ?? "?"),
      title: title, intent: json["intent"]?.string ?? "", step: Int(clamping: json["step"]?.int ?? 0),
      steps: Int(clamping: json["steps"]?.int ?? 0), sentence: sentence,
      commands: json["commands"]?.array?.compactMap(\.string) ?? [], result: result, note: json["note"]?.string ?? "")
  }
}
