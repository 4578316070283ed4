import Dom0
import XenAPI

/// Makes the plans of intents about NICs.
struct NICPlanning: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func plan(_ intent: Intent) async throws(ChangeProblem) -> ChangePlan {
    switch intent {
    case .scanNICs, .introduceNIC, .plug, .unplug, .forgetNIC: try await PluggingPlanning(client, system).plan(intent)
    case .retireNIC(let request): try await RetirePlanning(client, system).plan(request)
    case .renameNICs, .resetNICNames: try await NamesPlanning(client, system).plan(intent)
    case .tuneNIC, .networkMTU, .fcoe: try await TuningPlanning(client, system).plan(intent)
    default: throw ChangeProblem("\(intent.name) is not about NICs")
    }
  }
}
