import Dom0
import JSON
import XenAPI

public enum BondIntent: IntentGroup {
  case missing

  var name: String { "bonds" }

  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    throw ChangeProblem("this is still missing")
  }
}

public enum BondAction: ActionGroup {
  case missing

  var json: JSONValue { .null }
  init?(_ json: JSONValue) { return nil }
  var sentence: String { "" }
  func commands(_ commands: ChangeCommands) -> [String] { [] }
  func isReached(_ scene: ChangeScene) -> Bool? { nil }
  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) { throw ChangeFailure("this is still missing") }
}

public enum BondErrand: ErrandGroup {
  case missing

  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async {}
}

public enum BondReport: Sendable {
  case live(BondLive)
}

/// How a bond works at one moment.
public struct BondLive: Sendable {
  public var bond: String

  public init(bond: String) { self.bond = bond }
}

/// Tells how a bond works, whenever that changes and every few seconds.
struct BondWatch: Sendable {
  private let bond: String
  private let system: HostSystem

  init(_ bond: String, _ system: HostSystem) {
    self.bond = bond
    self.system = system
  }

  func run(_ report: @escaping @Sendable (BondLive) -> Void) async {}
}
