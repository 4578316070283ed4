import Dom0
import XenAPI

/// Makes the plan of an intent: looks at the host, asks the network what it can tell beforehand, and thinks it through.
public struct ChangePlanning: Sendable {
  private let client: XenClient
  private let system: HostSystem
  private let probes: any NetworkProbes
  private let known: KnownDatabase?

  /// - Parameter known: what is known of XAPI's database already.
  public init(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, known: KnownDatabase? = nil) {
    self.client = client
    self.system = system
    self.probes = probes
    self.known = known
  }

  public func plan(_ intent: Intent) async throws(ChangeProblem) -> ChangePlan {
    switch intent {
    case .management(let request):
      let facts = try await ChangeLook(client, system).facts()
      var plan = ManagementPlanner(request, facts).plan()
      plan.hazards += await ManagementProbing(request, facts, probes).hazards()
      plan.hazards.sort { $0.weight > $1.weight }
      return plan
    case .disableManagement:
      return DisableManagementPlanner(try await ChangeLook(client, system).facts()).plan()
    case .recoverMembers:
      return RecoverMembersPlanner(try await ChangeLook(client, system).facts()).plan()
    case .nameServers, .hostName, .timeServers, .remoteAccess:
      return try await ServicesPlanning.plan(intent, client, system)
    case .scanNICs, .introduceNIC, .plug, .unplug, .forgetNIC, .retireNIC, .renameNICs, .resetNICNames, .tuneNIC, .networkMTU, .fcoe:
      return try await NICPlanning(client, system).plan(intent)
    case .networks, .vlans, .bonds, .addresses, .routes, .vifs:
      guard let group = intent.group else { throw ChangeProblem("\(intent.name) cannot be planned") }
      return try await group.plan(ChangeLook(client, system, known: known), probes)
    }
  }
}
