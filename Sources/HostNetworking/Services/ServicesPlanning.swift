import Dom0
import XenAPI

/// Plans changes of this host's services.
public enum ServicesPlanning {
  /// Looks at the host and plans an intent that is about its services.
  public static func plan(
    _ intent: Intent, _ client: XenClient, _ system: HostSystem
  ) async throws(ChangeProblem) -> ChangePlan {
    try plan(intent, on: await ServicesLook(client, system).facts())
  }

  /// The same on facts that are known.
  public static func plan(_ intent: Intent, on facts: ServicesFacts) throws(ChangeProblem) -> ChangePlan {
    switch intent {
    case .nameServers(let request): try NameServersPlanner(facts).plan(request)
    case .hostName(let request): try HostNamePlanner(facts).plan(request)
    case .timeServers(let request): try TimeServersPlanner(facts).plan(request)
    case .remoteAccess(let request): try RemoteAccessPlanner(facts).plan(request)
    default: throw ChangeProblem("\(intent.name) is not about a service of the host")
    }
  }
}
