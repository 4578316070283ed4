import Dom0
import Foundation
import HostNetworking
import SimulatedHost
import Testing

/// The same power cuts, judged by the simulated host: it boots with the files that are left, by networkd's and XAPI's
/// documented steps on its whole database.
@Suite(.serialized) struct ResetBootTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var scenario: Scenario
    var name: String
    var request: ResetRequest
    var testDescription: String { "\(scenario.rawValue): \(name)" }
  }

  static let cases: [Case] = {
    guard let prefix = try? IPv4Prefix(parsing: "10.0.4.200/24"), let six = try? IPv6Prefix(parsing: "fd00:9::12/64")
    else { return [] }
    let fixed = ResetRequest.IPv4.fixed(prefix, gateway: IPv4Address("10.0.4.1"))
    let requests: [(String, ResetRequest)] = [
      ("eth0, DHCP", ResetRequest(device: "eth0")),
      ("eth1, static", ResetRequest(device: "eth1", ipv4: fixed, keepsInterfaceNames: true)),
      ("VLAN 30 on eth0", ResetRequest(device: "eth0", vlan: 30, ipv4: fixed)),
      ("eth2, both families", ResetRequest(device: "eth2", ipv4: fixed, ipv6: .fixed(six, gateway: nil))),
    ]
    let scenarios: [Scenario] = [.standalone, .pool, .member, .stranded, .strandedCoordinator, .movedCoordinator]
    return scenarios.flatMap { scenario in
      requests.flatMap { name, request in
        let same = Case(scenario: scenario, name: name, request: request)
        guard scenario == .movedCoordinator || scenario == .member else { return [same] }
        var moved = same
        moved.request.coordinator = InternetAddress("10.0.4.99")
        moved.name += ", new coordinator"
        return [same, moved]
      }
    }
  }()

  @Test(arguments: cases)
  func everyCutBootsIntoTheOldSettingsOrTheNew(_ cut: Case) async throws {
    let tree = try ResetTree()
    let host = SimulatedHost(scenario: cut.scenario)
    try await host.attach(root: tree.root)
    let plan = try ResetPlan.make(cut.request, on: tree.system)
    let old = try #require(await host.outcomeOfBoot())
    let counter = ResetCrashTests.Switch()
    try await apply(cut.request, HostSystem(root: tree.root, gate: counter.gate))
    let new = try #require(await host.outcomeOfBoot())
    // A member gets its coordinator's bonds back in the same start, and management moves onto them.
    if new.role == .coordinator {
      #expect(new.management?.device == cut.request.device, "\(new)")
      #expect(new.management?.vlan == cut.request.vlan, "\(new)")
    }
    #expect(new.reachesCoordinator == false || new.wasReset, "\(new)")
    for place in 1...counter.counted {
      try putBack(plan, tree)
      try? await apply(cut.request, HostSystem(root: tree.root, gate: ResetCrashTests.Switch(at: place).gate))
      let outcome = try #require(await host.outcomeOfBoot())
      let isOld = Settled(outcome) == Settled(old)
      #expect(isOld || Settled(outcome) == Settled(new), "cut at \(place): \(outcome) is neither \(old) nor \(new)")
      #expect(outcome.role != .broken)
      #expect(outcome.reachesCoordinator == (isOld ? old : new).reachesCoordinator, "cut at \(place): \(outcome)")
    }
  }

  /// What it comes to for somebody who looks for the host.
  private struct Settled: Equatable {
    var device: String?
    var vlan: Int?
    var ipv4: BootOutcome.Addressing?
    var ipv6: BootOutcome.Addressing?

    init(_ outcome: BootOutcome) {
      device = outcome.management?.device
      vlan = outcome.management?.vlan
      ipv4 = outcome.management?.ipv4
      ipv6 = outcome.management?.ipv6
    }
  }

  private func apply(_ request: ResetRequest, _ system: HostSystem) async throws(ResetFailure) {
    _ = try await ResetRun(try ResetPlan.make(request, on: system), on: system, now: { 1_795_000_000 }).apply()
  }

  private func putBack(_ plan: ResetPlan, _ tree: ResetTree) throws {
    try? FileManager.default.removeItem(atPath: tree.root + "/var/lib/xcpconsole")
    for edit in plan.edits {
      try? tree.remove(edit.path)
      if let old = edit.old {
        try tree.write(edit.path, String(decoding: old, as: UTF8.self))
      }
    }
  }
}
