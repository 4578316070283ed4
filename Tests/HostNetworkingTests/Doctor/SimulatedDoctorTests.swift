import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// The doctor on whole simulated hosts: facts from files, tools and XAPI together.
struct SimulatedDoctorTests {
  private func report(_ scenario: Scenario, _ prepare: (SimulatedHost) async -> Void = { _ in }) async throws -> DoctorReport {
    let view = try await SimulatedView(scenario)
    await prepare(view.host)
    let client = XenClient(.unixSocket(path: view.socket))
    var timing = DoctorTiming()
    // A busy machine is no dead host.
    (timing.look, timing.xapi, timing.whole) = (.seconds(20), .seconds(20), .seconds(60))
    let report = await Doctor(view.system, client: client, probes: ToolProbes(view.system), timing: timing).run()
    await client.logout()
    await view.close()
    return report
  }

  @Test(arguments: Scenario.allCases) func look(scenario: Scenario) async throws {
    let report = try await report(scenario)
    print("==== \(scenario) \(report.took)")
    for line in report.lines { print(line.state.name, "|", line.title, "|", line.text) }
  }
}
