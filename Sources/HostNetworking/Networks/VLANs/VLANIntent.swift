import Dom0
import JSON
import XenAPI

public enum VLANIntent: IntentGroup {
  case missing

  var name: String { "vlans" }

  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    throw ChangeProblem("this is still missing")
  }
}

public enum VLANAction: ActionGroup {
  case missing

  var json: JSONValue { .null }
  init?(_ json: JSONValue) { return nil }
  var sentence: String { "" }
  func commands(_ commands: ChangeCommands) -> [String] { [] }
  func isReached(_ scene: ChangeScene) -> Bool? { nil }
  func perform(_ calls: ChangeCalls) async throws(ChangeFailure) { throw ChangeFailure("this is still missing") }
}

public enum VLANErrand: ErrandGroup {
  case missing

  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async {}
}

public enum VLANReport: Sendable {
  case missing
}
