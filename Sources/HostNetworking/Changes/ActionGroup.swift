import Dom0
import JSON
import XenAPI

/// Actions of one subject, with all that the rest of the program wants to know of them. Like every `ChangeAction` they name a state: done
/// twice they do no harm, and they can be written down and taken back by another process.
protocol ActionGroup: Hashable, Sendable {
  /// On disk.
  var json: JSONValue { get }
  /// nil for what is no action, or one of a newer version.
  init?(_ json: JSONValue)
  /// What is done, in a plain sentence without a full stop.
  var sentence: String { get }
  /// The same by hand: lines for a shell.
  func commands(_ commands: ChangeCommands) -> [String]
  /// Whether there is nothing to do any more; nil when the database does not tell.
  func isReached(_ scene: ChangeScene) -> Bool?
  /// Through XAPI, on the database as it is right before.
  func perform(_ calls: ChangeCalls) async throws(ChangeFailure)
  /// Done on the host itself, without XAPI.
  var isLocal: Bool { get }
  func performLocally(_ system: HostSystem, _ client: XenClient) async throws(ChangeFailure) -> ChangeHands.Done
  /// The same for what takes long; `told` hears what it waits for, in a few words.
  func performLocally(
    _ system: HostSystem, _ client: XenClient, told: @escaping @Sendable (String) -> Void
  ) async throws(ChangeFailure) -> ChangeHands.Done
  /// Nothing in the database shows that it was done.
  var leavesNoTrace: Bool { get }
  /// It only takes away what nobody needs any more.
  var isClearing: Bool { get }
  /// Whatever XAPI said of it, once it is so it is done.
  var isDoneWhenSeen: Bool { get }
  /// What is not as it should be although XAPI said it was done: a sentence without a full stop; nil when there is nothing better to say.
  func lack(_ scene: ChangeScene) -> String?
}

extension ActionGroup {
  var isLocal: Bool { false }
  func performLocally(_ system: HostSystem, _ client: XenClient) async throws(ChangeFailure) -> ChangeHands.Done {
    throw ChangeFailure("this is done through XAPI")
  }
  func performLocally(
    _ system: HostSystem, _ client: XenClient, told: @escaping @Sendable (String) -> Void
  ) async throws(ChangeFailure) -> ChangeHands.Done {
    try await performLocally(system, client)
  }
  var leavesNoTrace: Bool { false }
  var isClearing: Bool { false }
  var isDoneWhenSeen: Bool { false }
  func lack(_ scene: ChangeScene) -> String? { nil }
}

/// What somebody wants of one subject.
protocol IntentGroup: Hashable, Sendable {
  /// What it is called in the log of changes and by those who ask about it.
  var name: String { get }
  /// Looks at the host and thinks it through.
  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan
  /// The same for those who are content with XAPI's database and make use of what is known of it.
  func plan(_ look: ChangeLook, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan
  /// The same once more, right before it begins. Nobody on the wire is asked again.
  func planAgain(_ client: XenClient, _ system: HostSystem) async -> FreshPlan
}

/// A plan that was made once more, right before it begins.
enum FreshPlan: Sendable {
  /// It need not be held against the host.
  case notNeeded
  case made(ChangePlan)
  case impossible(ChangeProblem)
}

extension IntentGroup {
  func plan(_ look: ChangeLook, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    try await plan(look.client, look.system, probes)
  }
  func planAgain(_ client: XenClient, _ system: HostSystem) async -> FreshPlan {
    do throws(ChangeProblem) { return .made(try await plan(client, system, NoProbes())) } catch { return .impossible(error) }
  }
}

/// Something that takes time, about one subject.
protocol ErrandGroup: Sendable {
  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async
}

extension ChangeAction {
  /// What keeps to itself.
  var group: (any ActionGroup)? {
    switch self {
    case .networks(let action): action
    case .vlans(let action): action
    case .bonds(let action): action
    case .addresses(let action): action
    case .routes(let action): action
    case .vifs(let action): action
    default: nil
    }
  }

  private var groupName: String {
    switch self {
    case .networks: "networks"
    case .vlans: "vlans"
    case .bonds: "bonds"
    case .addresses: "addresses"
    case .routes: "routes"
    case .vifs: "vifs"
    default: ""
    }
  }

  /// `{"do": "bonds", "what": {...}}`
  var groupJSON: JSONValue? { group.map { ["do": .string(groupName), "what": $0.json] } }

  static func ofGroups(_ json: JSONValue) -> ChangeAction? {
    guard let what = json["what"] else { return nil }
    return switch json["do"]?.string {
    case "networks": NetworkAction(what).map { .networks($0) }
    case "vlans": VLANAction(what).map { .vlans($0) }
    case "bonds": BondAction(what).map { .bonds($0) }
    case "addresses": AddressAction(what).map { .addresses($0) }
    case "routes": RouteAction(what).map { .routes($0) }
    case "vifs": VIFAction(what).map { .vifs($0) }
    default: nil
    }
  }
}
