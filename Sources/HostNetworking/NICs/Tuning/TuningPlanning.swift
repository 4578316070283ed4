import Dom0
import XenAPI

/// Makes the plans of this folder's intents.
struct TuningPlanning: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func plan(_ intent: Intent) async throws(ChangeProblem) -> ChangePlan {
    switch intent {
    case .tuneNIC(let request):
      guard !request.isEmpty else { throw ChangeProblem("nothing is to be changed", remedy: "Choose a setting first") }
      let facts = await TuningLook(client, system).facts(request.devices)
      return TuningPlanner(request, facts).plan()
    case .networkMTU(let request):
      let facts = try await ChangeLook(client, system).facts()
      let nics = await TuningLook(client, system).nics(NetworkMTUPlanner.cards(request, facts), .xapi(facts))
      return try NetworkMTUPlanner(request, facts, nics: nics).plan()
    case .fcoe(let isOn):
      return FCoEPlanner(isOn: isOn, state: await FCoELook(client, system).state()).plan()
    default: throw ChangeProblem("\(intent.name) is no setting of a NIC")
    }
  }
}
