import Dom0
import JSON
import SimulatedHost
import Testing
import XenAPI

@testable import HostNetworking

/// Static routes on the simulated host.
extension ChangeHost {
  func plan(_ intent: RouteIntent) async throws -> ChangePlan {
    try await ChangePlanning(client, system, ToolProbes(system)).plan(.routes(intent))
  }

  func routeFacts(peer: String? = nil, restarts: Bool = false) async -> RouteFacts {
    var facts = await RouteLook(client, system).facts(restarts: restarts)
    if let peer { facts.session.peer = peer }
    return facts
  }

  func setRecord(_ text: String?, on name: String) async {
    await mutate("network", ["name_label": .string(name)], "other_config", text.map { [RouteAction.key: .string($0)] } ?? [:])
  }

  func record(_ name: String) async throws -> String? { try await networkRow(name)?.otherConfig[RouteAction.key] }

  func kernelRoutes() async throws -> [String] { try await KernelRoute.all(on: system).map { "\($0)" }.sorted() }

  /// The way out of the kernel.
  func defaultRoute() async throws -> String {
    let route = try await IPRoute.all(.v4, on: system).first { $0.isDefault }
    return route.map { "\($0.gateway ?? "") on \($0.device ?? "")" } ?? "none"
  }

  /// What nothing may differ in after a change was taken back: the record, the kernel, and the network daemon's memory, which
  /// shows when it starts anew.
  func routePicture() async throws -> [String] {
    try await picture() + kernelRoutes() + ["record \(record("Storage A") ?? "none")", "default \(defaultRoute())"]
  }

  func memory() async throws -> [String] {
    let database = try NetworkdDB(of: system)
    return database.interfaces.flatMap { interface in interface.routes.map { "\(interface.name) \($0.subnet)/\($0.prefix) \($0.gateway)" } }.sorted()
  }
}

func route(_ text: String) throws -> StaticRoute { try #require(RouteItem(text).route) }
