import Dom0
import Foundation
import JSON
import SimulatedHost
import TestSupport
import XenAPI

@testable import HostNetworking

/// A simulated host to make changes on, with its files and tools.
struct ChangeHost: Sendable {
  let host: SimulatedHost
  let client: XenClient
  let system: HostSystem
  let folder: String

  static func with(
    _ scenario: Scenario, options: SimulatedHost.Options = .init(), _ body: (ChangeHost) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("change-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let host = SimulatedHost(scenario: scenario, options: options)
    try await host.attach(root: folder)
    let socket = folder + "/var/lib/xcp/xapi"
    try await host.start(socketPath: socket)
    let own = ChangeHost(
      host: host, client: XenClient(.unixSocket(path: socket)),
      system: HostSystem(root: folder, tools: SimulatedTools(host)), folder: folder)
    do {
      try await body(own)
    } catch {
      await own.end()
      throw error
    }
    await own.end()
  }

  private func end() async {
    await client.logout()
    await host.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A flag of the pool.
  func switchOn(_ flag: String) async {
    for pool in await host.refs(class: "pool") { await host.mutate(class: "pool", ref: pool, field: flag, value: true) }
  }

  // MARK: Changes

  func facts() async throws -> ChangeFacts { try await ChangeLook(client, system).facts() }

  func plan(_ request: ManagementRequest) async throws -> ChangePlan {
    ManagementPlanner(request, try await facts(), mark: "themark").plan()
  }

  func scene() async throws -> ChangeScene {
    var hands = ChangeHands(client, system)
    return try await hands.look()
  }

  /// What an operator could see of the host's network: nothing of it may differ after a change was taken back.
  func picture() async throws -> [String] {
    let scene = try await scene()
    let pifs = scene.tree.nodes.map { node in
      let pif = node.pif
      return
        "\(node.name) \(pif.ipConfigurationMode) \(pif.ip) \(pif.netmask) \(pif.gateway) \(pif.dns) \(pif.ipv6ConfigurationMode) "
        + "\(pif.ipv6.filter { !$0.isEmpty }) \(pif.ipv6Gateway) \(pif.primaryAddressType) management \(pif.management) "
        + "attached \(pif.currentlyAttached) domain \(pif.searchDomains)"
    }
    let networks = scene.database.networks.all.map(\.record.nameLabel).sorted()
    let own = scene.database.hosts[scene.host]
    return pifs + networks + ["\(own?.address ?? "") \(own?.hostname ?? "")"]
  }

  /// A guard inside the test, quick to act.
  func settings(confirmWithin: Double = 30, patience: Duration = .seconds(2)) -> ChangeSettings {
    var timing = PendingGuard.Timing()
    timing.look = .milliseconds(20)
    timing.again = .milliseconds(200)
    let keeper = PendingGuard(Reversal(client, system, patience: patience), timing: timing)
    var settings = ChangeSettings(guardWay: .here(keeper), confirmWithin: confirmWithin)
    settings.patience = patience
    return settings
  }

  /// - Parameter looksAgain: left out, it is not done for a plan into which a test has put a step that fails: nobody would plan that.
  func run(_ plan: ChangePlan, _ settings: ChangeSettings? = nil, looksAgain: Bool? = nil) async -> ChangeOutcome {
    let settings = settings ?? self.settings()
    let wrong: Set<ChangeAction> = [.plug("eth77"), .plug("eth9"), .replug("eth9")]
    let looksAgain = looksAgain ?? !plan.steps.contains { wrong.contains($0.action) }
    return await ChangeRun(plan, client: client, system: system, settings: settings, looksAgain: looksAgain).run({ _, _ in })
  }

  /// The record of a change whose program is gone.
  func begin(_ plan: ChangePlan, begun: Int) throws {
    try PendingStore(system).begin(
      PendingChange(
        id: "20261122T205439Z-1", state: .applying, title: plan.title, intent: plan.intent.name,
        steps: plan.steps.map { PendingChange.Step(sentence: $0.sentence, undo: $0.undo) }, begun: begun,
        deadline: PendingStore.uptime() + 3600, bootID: ResetKeeper.bootID(system), began: 0, who: "root",
        expectation: nil, remark: ""))
  }

  var standing: PendingStanding { PendingStore(system).standing() }

  /// Waits until nothing is pending any more.
  func untilOver() async throws {
    for _ in 0..<1500 where standing != .none { try await Task.sleep(for: .milliseconds(20)) }
  }

}

extension ManagementRequest {
  static func fixed(
    _ target: Target, _ address: String, gateway: String? = "10.0.4.1", dns: [String] = ["10.0.4.2"], keepsOld: Bool = false
  ) throws -> ManagementRequest {
    ManagementRequest(
      target: target,
      ipv4: .fixed(try IPv4Prefix(parsing: address), gateway: try gateway.map { try IPv4Address(parsing: $0) }),
      dns: try dns.map { try InternetAddress(parsing: $0) }, keepsOldAddress: keepsOld)
  }
}
