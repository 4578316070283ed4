import Dom0
import JSON
import XenAPI

public enum AddressIntent: IntentGroup {
  case missing

  var name: String { "addresses" }

  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    throw ChangeProblem("this is still missing")
  }
}

public enum AddressErrand: ErrandGroup {
  case missing

  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async {}
}

public enum AddressReport: Sendable {
  case missing
}
