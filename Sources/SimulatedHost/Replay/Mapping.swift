import JSON

/// Which of our names stands for which recorded one. Names made on the way differ and are paired where they first
/// appear; names of the recorded state are our own too and must be equal.
struct Mapping {
  private let known: Set<String>
  private var ours: [String: String] = [:]
  private var recorded: [String: String] = [:]
  private var tokens: [String: String] = [:]
  /// Our newest token; where the replay began, before any was answered.
  var lastToken = ""
  /// The recording comes from another installation of the same host: none of its names is of the state, so that even
  /// what was there before is paired at its first appearance.
  let isForeign: Bool

  /// Names of rows that recorded answers show: as a result, a record's key or an event's ref.
  private let shown: Set<String>
  /// Names that were refused as no row's; the made-up ones are among them.
  private let refused: Set<String>

  init(state: JSONValue, capture: JSONValue) {
    known = Self.uuids(in: state)
    shown = (capture["exchanges"]?.array ?? []).reduce(into: []) { found, exchange in
      let result = exchange["response"]?["result"] ?? .null
      found.formUnion(Self.uuids(in: .string(result.string ?? "")))
      for key in result.object?.keys ?? [] { found.formUnion(UUIDText.parts(key).uuids) }
      for event in result["events"]?.array ?? [] { found.formUnion(Self.uuids(in: event["ref"] ?? .null)) }
    }
    refused = (capture["exchanges"]?.array ?? []).reduce(into: []) { found, exchange in
      let error = exchange["response"]?["error"] ?? .null
      if error["message"] == "HANDLE_INVALID" { found.formUnion(Self.uuids(in: error["data"] ?? .null)) }
    }
    isForeign = known.isDisjoint(with: Self.uuids(in: capture))
  }

  private static func uuids(in value: JSONValue) -> Set<String> {
    switch value {
    case .string(let text): Set(UUIDText.parts(text).uuids)
    case .array(let values): values.reduce(into: []) { $0.formUnion(uuids(in: $1)) }
    case .object(let members):
      members.reduce(into: []) { found, member in
        found.formUnion(UUIDText.parts(member.0).uuids)
        found.formUnion(uuids(in: member.1))
      }
    default: []
    }
  }

  /// Whether a recorded ref has no partner yet.
  func isUnknown(_ ref: String) -> Bool {
    UUIDText.parts(ref).uuids.allSatisfy { ours[$0] == nil && !known.contains($0) }
  }

  /// Whether a recorded ref that has no partner yet may be given one before an answer shows it: the recorder learnt it
  /// from a call that it left out.
  func isWanted(_ ref: String) -> Bool {
    isUnknown(ref) && (isForeign || UUIDText.parts(ref).uuids.allSatisfy { shown.contains($0) || !refused.contains($0) })
  }

  /// Whether one of ours can be the partner of such a ref.
  func isFree(_ ref: String) -> Bool {
    UUIDText.parts(ref).uuids.allSatisfy { recorded[$0] == nil && (isForeign || !known.contains($0)) }
  }

  /// Whether a recorded uuid and one of ours are the same thing; pairs them when both are new.
  mutating func pair(_ theirs: String, _ mine: String) -> Bool {
    if theirs == mine { return true }
    if known.contains(theirs) || (known.contains(mine) && !isForeign) { return false }
    if let partner = ours[theirs] { return partner == mine }
    if recorded[mine] != nil { return false }
    ours[theirs] = mine
    recorded[mine] = theirs
    return true
  }

  mutating func pairToken(_ theirs: String, _ mine: String) {
    tokens[theirs] = mine
    lastToken = mine
  }

  /// A recorded token that no recorded answer showed came from a call between the recorded ones: ours of then stands
  /// for it.
  mutating func adoptTokens(in value: JSONValue, of then: String?) {
    switch value {
    case .string(let text):
      if EventToken.isCanonical(text), tokens[text] == nil { tokens[text] = then ?? lastToken }
    case .array(let values): for value in values { adoptTokens(in: value, of: then) }
    default: break
    }
  }

  /// A recorded request as it is to be sent to us.
  func translate(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text): return .string(translate(text))
    case .array(let values): return .array(values.map(translate))
    case .object(let members):
      return .object(JSONObject(members.map { (translate($0.0), translate($0.1)) }))
    default: return value
    }
  }

  func translate(_ text: String) -> String {
    if let token = tokens[text] { return token }
    return UUIDText.replace(text) { ours[$0] ?? $0 }
  }
}
