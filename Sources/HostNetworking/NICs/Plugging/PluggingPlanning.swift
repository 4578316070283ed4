import Dom0
import XenAPI

/// Plans what makes XAPI know, plug, unplug and forget NICs.
struct PluggingPlanning: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func plan(_ intent: Intent) async throws(ChangeProblem) -> ChangePlan { throw ChangeProblem("\(intent.name) is still missing") }
}
