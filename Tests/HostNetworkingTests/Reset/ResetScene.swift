import Dom0
import HostNetworking
import SimulatedHost
import TestSupport
import Testing
import XenAPI

/// A simulated host to be reset.
struct ResetScene {
  let view: SimulatedView
  let client: XenClient

  var host: SimulatedHost { view.host }
  var system: HostSystem { view.system }

  init(_ scenario: Scenario) async throws {
    view = try await SimulatedView(scenario)
    client = XenClient(.unixSocket(path: view.socket))
  }

  func close() async {
    await client.logout()
    await view.close()
  }

  func facts(_ reach: ResetFacts.Reach = .answers(milliseconds: 2)) async -> ResetFacts {
    await ResetLook(system, client: client, probe: { _ in reach }, limit: .seconds(10)).facts()
  }

  /// Sets a flag of the pool's record.
  func setPool(_ field: String, _ on: Bool) async {
    guard let pool = await host.refs(class: "pool").first else { return }
    await host.mutate(class: "pool", ref: pool, field: field, value: .bool(on))
  }

  /// Reboots, and waits until XAPI has gone through its start.
  func reboot() async throws {
    #expect(try await Reboot.now(system))
    await host.rebootFinished()
  }
}
