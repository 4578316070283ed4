import Foundation
import JSON
import Testing

@testable import SimulatedHost

/// Calls whose effect is in the host's files until the next start.
@Suite struct RoleFileTests {
  private func withFolder(_ host: SimulatedHost, _ work: (String, TestClient) async throws -> Void) async throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "xcpconsole-role-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try await host.attach(root: root)
    try await withServer(host) { client in try await work(root, client) }
  }

  private func text(_ root: String, _ path: String) throws -> String {
    try String(contentsOfFile: root + path, encoding: .utf8)
  }

  private static var quick: SimulatedHost.Options {
    var options = SimulatedHost.Options()
    options.restartTime = .milliseconds(10)
    return options
  }

  @Test func aNewCoordinatorsAddressIsInPoolConf() async throws {
    let host = SimulatedHost(scenario: .member, options: Self.quick)
    try await withFolder(host) { root, client in
      let session = try await client.call("session.slave_local_login_with_password", "root", "")
      _ = try await client.call("pool.emergency_reset_master", session, "10.0.4.99")
      #expect(try text(root, "/etc/xensource/pool.conf") == "slave:10.0.4.99")
      await host.pendingRestart?.value
      #expect(await host.lastBoot?.role == .member(of: "10.0.4.99"))
      #expect(await host.lastBoot?.emergency == "HOST_STILL_BOOTING")
      #expect(try text(root, "/etc/xensource/pool.conf") == "slave:10.0.4.99")
      // Told the right one while in emergency mode, the host comes back.
      let again = try await client.call("session.slave_local_login_with_password", "root", "")
      _ = try await client.call("pool.emergency_reset_master", again, "10.0.4.11")
      await host.pendingRestart?.value
      let outcome = await host.lastBoot
      #expect(outcome?.emergency == nil, "\(outcome?.problems ?? [])")
      _ = try await client.login()
    }
  }

  @Test func disarmingIsInLocalDB() async throws {
    let host = SimulatedHost(scenario: .standalone, options: Self.quick)
    try await withFolder(host) { root, client in
      let session = try await client.login()
      let armed = "key=\"ha.armed\" value=\"true\""
      _ = try await client.call("pool.enable_ha", session, [], [:])
      #expect(try text(root, "/var/lib/xcp/local.db").contains(armed))
      _ = try await client.call("host.emergency_ha_disable", session, false)
      #expect(try !text(root, "/var/lib/xcp/local.db").contains(armed))
      let pool = try #require(try await client.call("pool.get_all", session).array?.first)
      #expect(try await client.call("pool.get_ha_enabled", session, pool) == true)
      await host.restartToolstack(downFor: .milliseconds(10))
      let after = try await client.login()
      #expect(try await client.call("pool.get_ha_enabled", after, pool) == false)
    }
  }

  /// Guests do not live through it; the host is in service again.
  @Test func aRebootByXAPI() async throws {
    let host = SimulatedHost(scenario: .standalone, options: Self.quick)
    try await withFolder(host) { root, client in
      let session = try await client.login()
      let here = try #require(try await client.call("host.get_all", session).array?.first)
      _ = try await client.call("host.disable", session, here)
      _ = try await client.call("host.reboot", session, here)
      await host.pendingRestart?.value
      await host.rebootFinished()
      #expect(await host.boots == 1)
      let after = try await client.login()
      let record = try await client.call("host.get_record", after, here)
      #expect(record["enabled"] == true)
      #expect(record["current_operations"] == [:])
      let mail = try #require(try await client.call("VM.get_by_name_label", after, "mail").array?.first)
      #expect(try await client.call("VM.get_power_state", after, mail) == "Halted")
    }
  }
}
