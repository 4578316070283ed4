import Dom0
import JSON
import XenAPI

/// Plans once more what was planned a while ago, right before it begins. The undo of each step is as old as the plan, and what was
/// harmless then may cut the host off now: somebody may have changed the host while a person was reading.
struct SecondLook: Sendable {
  let client: XenClient
  let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  static let hasChanged = "the host has changed since this was planned: look again"

  /// - Returns: why the plan is not to be begun any more; nil when it is still the one that would be made, and for what no group plans.
  func difference(from plan: ChangePlan) async -> String? {
    guard let group = plan.intent.group else { return nil }
    if let waiting = waiting(plan) { return "a change waits to be kept or taken back: \(waiting.title). Keep it or take it back first" }
    switch await group.planAgain(client, system) {
    case .notNeeded: return nil
    case .impossible(let problem): return "the host could not be looked at again: \(problem)"
    case .made(let again):
      if !again.isBlocked, again.isProvisional == plan.isProvisional, Self.essence(again) == Self.essence(plan) { return nil }
      let news = again.hazards.first { $0.weight == .blocking && !plan.hazards.contains($0) }
      return Self.hasChanged + (news.map { ". \($0.text)" } ?? "")
    }
  }

  /// The way back of a change on trial was written down for the host as it was then: nothing of its network changes meanwhile.
  private func waiting(_ plan: ChangePlan) -> PendingChange? {
    switch plan.intent {
    // Neither touches what that way back is made of; a restart says itself that something waits.
    case .vifs, .routes(.restart): return nil
    default: break
    }
    guard let change = PendingStore(system).standing().change else { return nil }
    // Somebody has to mend what cannot be taken back.
    return change.state == .stuck ? nil : change
  }

  /// All that the steps do and what takes them back. Networks that are made anew have other marks in each plan: they are numbered here.
  static func essence(_ plan: ChangePlan) -> [JSONValue] {
    var marks: [String: String] = [:]
    func numbered(_ value: JSONValue, _ isMark: Bool = false) -> JSONValue {
      switch value {
      case .string(let text):
        if isMark, marks[text] == nil { marks[text] = "mark \(marks.count)" }
        return .string(marks[text] ?? text)
      case .array(let values): return .array(values.map { numbered($0) })
      case .object(let object): return .object(JSONObject(object.map { key, value in (key, numbered(value, key == "mark")) }))
      default: return value
      }
    }
    return plan.steps.flatMap { [$0.action] + $0.undo }.map { numbered($0.json) }
  }
}

/// Asks nobody: the network was asked when the change was planned.
struct NoProbes: NetworkProbes {
  private static let why = "asked before"

  func duplicate(of address: InternetAddress, on link: ProbeLink, limit: Duration) async -> DuplicateAnswer { .notAsked(Self.why) }
  func answers(gateway address: InternetAddress, on link: ProbeLink, limit: Duration) async -> NeighbourAnswer { .notAsked(Self.why) }
  func tags(answering address: InternetAddress, on device: String, asking tags: [Int?], limit: Duration) async -> TagAnswer {
    .notAsked(Self.why)
  }
  func echo(_ request: EchoRequest) async -> EchoAnswer { EchoAnswer() }
  func pathMTU(to address: InternetAddress, _ request: PathMTURequest) async -> PathMTUAnswer { .notAsked(Self.why) }
  func dns(_ question: DNSQuestion, at server: InternetAddress, on device: String?, limit: Duration) async -> DNSAnswer { .silent(Self.why) }
  func time(of server: InternetAddress, on device: String?, limit: Duration) async -> TimeAnswer { .silent(Self.why) }
  func tcp(_ address: InternetAddress, port: UInt16, on device: String?, limit: Duration) async -> TCPAnswer { .silent(Self.why) }
}
