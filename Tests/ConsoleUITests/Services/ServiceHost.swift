import Dom0
import Foundation
import SimulatedHost
import TestSupport
import XenAPI

@testable import HostNetworking

/// A simulated host, for facts that are as XAPI gives them.
struct ServiceHost {
  let host: SimulatedHost
  let client: XenClient
  let system: HostSystem
  let folder: String

  static func make(_ scenario: Scenario = .standalone) async throws -> ServiceHost {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("services-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let host = SimulatedHost(scenario: scenario)
    try await host.attach(root: folder)
    let socket = folder + "/var/lib/xcp/xapi"
    try await host.start(socketPath: socket)
    return ServiceHost(
      host: host, client: XenClient(.unixSocket(path: socket)), system: HostSystem(root: folder, tools: SimulatedTools(host)),
      folder: folder)
  }

  func facts() async -> ServicesFacts { await ServicesLook(client, system).facts() }

  func end() async {
    await client.logout()
    await host.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }
}
