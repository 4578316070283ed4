import Foundation
import JSON
import SimulatedHost
import TestSupport
import Testing
import XenAPI

@testable import HostNetworking

/// The lines that a plan shows, run by hand in a shell: what comes of them is what the plan does itself.
@Suite(.serialized) struct LinesByHandTests {
  private struct Outcome: Sendable {
    var picture: [String]
    var said: String
  }

  /// Plans on two hosts alike: on one the plan is carried out, on the other its lines are typed.
  private func compare(
    _ scenario: Scenario, _ intent: @Sendable (ChangeHost) async throws -> Intent, prepare: @Sendable (ChangeHost) async throws -> Void = { _ in },
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    var byPlan: [String] = []
    try await ChangeHost.quick(scenario) { host in
      try await prepare(host)
      let before = try await whole(host)
      let plan = try await planned(try await intent(host), host)
      #expect(plan.blocking == [] && !plan.steps.isEmpty, sourceLocation: sourceLocation)
      let outcome = await host.run(plan)
      switch outcome {
      case .done: break
      case .waiting: _ = try await PendingKeeper(host.client, host.system, settings: host.settings()).keep()
      default: Issue.record("\(outcome)", sourceLocation: sourceLocation)
      }
      byPlan = try await whole(host)
      #expect(byPlan != before, "the plan changes nothing", sourceLocation: sourceLocation)
    }
    try await ChangeHost.quick(scenario) { host in
      try await prepare(host)
      let plan = try await planned(try await intent(host), host)
      let lines = plan.lines
      #expect(!lines.isEmpty && !lines.contains { $0.contains("uuid=?") }, sourceLocation: sourceLocation)
      let typed = try await type(lines, host)
      #expect(typed.code == 0, "\(lines.joined(separator: "\n"))\n\(typed.said)", sourceLocation: sourceLocation)
      let byHand = try await whole(host)
      let differences = difference(byPlan, byHand)
      #expect(differences.isEmpty, "\(lines.joined(separator: "\n"))\n- by the plan, + by hand:\n\(differences.joined(separator: "\n"))", sourceLocation: sourceLocation)
    }
  }

  private func planned(_ intent: Intent, _ host: ChangeHost) async throws -> ChangePlan {
    try await ChangePlanning(host.client, host.system, FakeProbes()).plan(intent)
  }

  /// Without name servers of management: XAPI notes them down on whichever interface it takes for the leading one.
  private func whole(_ host: ChangeHost) async throws -> [String] {
    let vifs = try await host.client.call("VIF.get_all_records", []).object ?? JSONObject()
    let locks = vifs.map { _, vif in
      "VIF \(vif["device"]?.string ?? "") \(vif["MAC"]?.string ?? "") \(vif["locking_mode"]?.string ?? "") \(vif["ipv4_allowed"] ?? .null) \(vif["ipv6_allowed"] ?? .null)"
    }
    return (try await host.poolPicture() + (try await host.layout()) + locks).map { $0.replacing("10.0.4.2,10.0.4.3", with: "") }.sorted()
  }

  /// In a real shell, in which `xe` is a program that speaks to the simulated XAPI, and none that could change this machine.
  private func type(_ lines: [String], _ host: ChangeHost) async throws -> (code: Int32, said: String) {
    let folder = host.folder + "/by-hand"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/xe", withDestinationPath: URL(filePath: tests).deletingLastPathComponent().appending(path: "xe").path)
    // To look at the switch changes nothing.
    let look = folder + "/ovs-appctl"
    try "#!/bin/bash\n".write(toFile: look, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: look)
    let script = folder + "/lines"
    try (["set -eu"] + lines).joined(separator: "\n").write(toFile: script, atomically: true, encoding: .utf8)
    let socket = host.folder + "/var/lib/xcp/xapi"
    return try await Task.detached {
      let shell = Process()
      shell.executableURL = URL(filePath: "/bin/bash")
      shell.arguments = [script]
      shell.environment = ["PATH": folder, "XE_SOCKET": socket, "LC_ALL": "C.UTF-8"]
      let output = Pipe()
      (shell.standardOutput, shell.standardError) = (output, output)
      try shell.run()
      let said = output.fileHandleForReading.readDataToEndOfFile()
      shell.waitUntilExit()
      return (shell.terminationStatus, String(decoding: said, as: UTF8.self))
    }.value
  }

  // MARK: VLANs and networks

  @Test func vlansOnAllHosts() async throws {
    try await compare(.pool) { _ in .vlans(.create(try .new("77,78", on: "bond0"))) }
  }

  @Test func aVLANOnANetworkThatIsThere() async throws {
    try await compare(.standalone) { host in .vlans(.create(.existing(77, on: "eth1", try await host.uuid("Ready")))) } prepare: { host in
      try await host.network("Ready")
    }
  }

  @Test func vlansRemovedFromAllHosts() async throws {
    try await compare(.pool) { _ in .vlans(.destroy(VLANRemoval(.tags(TagList([200, 4000]), on: "bond0"), isPoolWide: true, withNetwork: true))) }
  }

  @Test func aPrivateNetwork() async throws {
    try await compare(.pool) { _ in .networks(.create(NetworkDraft(name: "it's new", description: "a b", mtu: 9000, tags: [], lockingMode: .disabled, purpose: ["nbd"]))) }
  }

  @Test func everythingOfANetwork() async throws {
    try await compare(.pool) { host in
      var edit = NetworkEdit(try await host.uuid("Private lab"))
      (edit.name, edit.description, edit.mtu, edit.lockingMode) = ("a b", "c", 1400, .disabled)
      edit.purpose = [NetworkPurpose.nbd]
      return .networks(.edit(edit))
    } prepare: { await $0.mutate("VIF", [:], "currently_attached", false) }
  }

  // MARK: Bonds

  @Test(arguments: BondCase.all) func everyPlanAboutBonds(_ one: BondCase) async throws {
    try await compare(one.scenario) { _ in .bonds(one.intent) } prepare: { try await one.prepare($0) }
  }

  // MARK: Addresses

  @Test func anAddressOfItsOwn() async throws {
    try await compare(.standalone) { _ in
      .addresses(.set(AddressRequest(interface: "eth2", ipv4: .fixed(try IPv4Prefix(parsing: "10.0.20.11/24"), gateway: nil), purpose: "Mesh", isProtected: true)))
    }
  }

  @Test func anAddressForStorage() async throws {
    try await compare(.standalone) { _ in
      .addresses(.storage(StorageRequest(base: "eth2", tag: 20, address: try IPv4Prefix(parsing: "10.0.20.11/24"), mtu: 9000)))
    }
  }

  // MARK: VIFs

  @Test func aVIFForAVM() async throws {
    try await compare(.pool) { host in
      .vifs(.create(VIFDraft(vm: try await host.vif("web-01").vmUUID, network: try await host.uuid("Voice"), mac: "02:00:00:00:00:77")))
    }
  }

  @Test func aVIFMovedLockedAndTakenAway() async throws {
    try await compare(.pool) { host in .vifs(.move(vif: try await host.vif("web-01").uuid, network: try await host.uuid("Voice"))) }
    try await compare(.pool) { host in
      .vifs(.lock(VIFLock(vif: try await host.vif("web-01").uuid, mode: .locked, ipv4: ["10.0.10.5", "10.0.10.6"], ipv6: ["fd00::5"])))
    }
    try await compare(.pool) { host in .vifs(.destroy(vif: try await host.vif("web-01").uuid)) }
  }
}
