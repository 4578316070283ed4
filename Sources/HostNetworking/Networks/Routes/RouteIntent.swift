import Dom0
import JSON
import XenAPI

/// How what was written into XAPI's record comes into force on this host. Other hosts of the pool take it over when their
/// interface is plugged the next time, or their toolstack starts.
public enum RouteWay: String, Hashable, Sendable, CaseIterable {
  /// The interface is plugged anew: XAPI tells the network daemon all about it once more.
  case plug
  /// The toolstack is restarted, as the product's documentation has it.
  case toolstack
  /// At the next plug, restart or boot.
  case later
}

/// What is to become of the static routes of one network.
public struct RouteRequest: Hashable, Sendable {
  /// By its uuid.
  public var network: String
  public var adds: [StaticRoute]
  /// Items as they stand in the record.
  public var drops: [String]
  /// Every bad item is mended or left out.
  public var mends: Bool
  public var way: RouteWay
  /// What is dropped is deleted from this host's kernel as well; otherwise it stays until the next boot.
  public var clears: Bool

  public init(
    network: String, adds: [StaticRoute] = [], drops: [String] = [], mends: Bool = false, way: RouteWay = .plug, clears: Bool = true
  ) {
    self.network = network
    self.adds = adds
    self.drops = drops
    self.mends = mends
    self.way = way
    self.clears = clears
  }
}

public enum RouteIntent: IntentGroup {
  case change(RouteRequest)
  /// The routes of a network, by its uuid, come into force on this host.
  case apply(network: String, RouteWay)
  /// Routes that only the kernel has go.
  case clear([KernelRoute])
  case restart(ToolstackPart)

  var name: String {
    switch self {
    case .change(let request):
      switch (request.adds.isEmpty, request.drops.isEmpty) {
      case (false, true): "add a route"
      case (true, false): "remove a route"
      case (false, false): "change a route"
      case (true, true): "mend static routes"
      }
    case .apply: "apply static routes"
    case .clear: "delete routes"
    case .restart(let part): part.name
    }
  }

  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    switch self {
    case .restart(let part): return ToolstackPlanner(await ToolstackLook(client, system).facts()).plan(part)
    case .clear(let routes): return try ClearRoutesPlanner(await RouteLook(client, system).facts()).plan(routes)
    case .change, .apply: return try RoutePlanner(await RouteLook(client, system).facts(restarts: way == .toolstack), self).plan()
    }
  }

  private var way: RouteWay? {
    switch self {
    case .change(let request): request.way
    case .apply(_, let way): way
    case .clear, .restart: nil
    }
  }

  /// The kernel's routes change under everybody's hands.
  func planAgain(_ client: XenClient, _ system: HostSystem) async -> FreshPlan {
    if case .restart(let part) = self {
      // What is down is no news that would stop it; what stands in the way is.
      let again = ToolstackPlanner(await ToolstackLook(client, system).facts()).plan(part)
      return again.isBlocked ? .made(again) : .notNeeded
    }
    do throws(ChangeProblem) { return .made(try await plan(client, system, NoProbes())) } catch { return .impossible(error) }
  }
}

public enum RouteErrand: ErrandGroup {
  /// How the routes stand: in XAPI's records and in the kernel.
  case look
  case lookAtToolstack
  /// Carries the restart out, apart from other changes: its progress is told as `RouteReport.restartStep`.
  case restart(ChangePlan)

  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async {
    switch self {
    case .look: report(.routes(.table(RouteTable(await RouteLook(client, system).facts()))))
    case .lookAtToolstack: report(.routes(.toolstack(await ToolstackLook(client, system).facts())))
    case .restart(let plan):
      let outcome = await ChangeRun(plan, client: client, system: system, settings: ChangeSettings())
        .run({ report(.routes(.restartStep($0, $1))) }, notLogged: { report(.notLogged($0)) })
      report(.routes(.restartOver(outcome)))
    }
  }
}

public enum RouteReport: Sendable {
  case table(RouteTable)
  case toolstack(ToolstackFacts)
  case restartStep(Int, StepState)
  case restartOver(ChangeOutcome)
}
