import JSON
import Testing

@testable import SimulatedHost

/// Hosts leaving service, high availability, and pools that come apart.
@Suite struct RoleTests {
  @Test func aHostIsDisabledBeforeItGoes() throws {
    var lab = Lab()
    let host = JSONValue.string(lab.world.thisHost)
    #expect(lab.failure("host.reboot", host) == ["HOST_NOT_DISABLED"])
    try lab.call("host.disable", host)
    try lab.call("host.reboot", host)
    #expect(lab.world.request == .reboot)
    #expect(lab.failure("host.shutdown", host).first == "OTHER_OPERATION_IN_PROGRESS")
    #expect(lab.failure("host.enable", host) == ["HOST_DISABLED_UNTIL_REBOOT", lab.world.thisHost])
  }

  @Test func evacuating() throws {
    var lab = Lab()
    #expect(lab.failure("host.evacuate", .string(lab.world.thisHost)) == ["NO_HOSTS_AVAILABLE"])
    var pool = Lab(.pool)
    let here = pool.world.thisHost
    let guests = HostPowerCalls.guests(pool.world, of: here)
    #expect(!guests.isEmpty)
    // A network that leads nowhere keeps its guests together.
    let prevented = try JSONValue(parsing: try pool.call("host.get_vms_which_prevent_evacuation", .string(here)))
    let stuck = prevented.object?.keys ?? []
    #expect(stuck.allSatisfy(guests.contains))
    for vm in stuck { try pool.call("VM.hard_shutdown", .string(vm)) }
    try pool.call("host.evacuate", .string(here))
    #expect(HostPowerCalls.guests(pool.world, of: here).isEmpty)
  }

  @Test func hostNames() throws {
    var lab = Lab()
    let host = JSONValue.string(lab.world.thisHost)
    #expect(lab.failure("host.set_hostname_live", host, "") == ["HOST_NAME_INVALID", "hostname empty"])
    for name in ["-a", "a-", "a_b", "a b"] {
      #expect(
        lab.failure("host.set_hostname_live", host, .string(name))
          == ["HOST_NAME_INVALID", "hostname contains invalid characters"])
    }
    try lab.call("host.set_hostname_live", host, "rack4-a.example")
    #expect(lab.text("host", lab.world.thisHost, "hostname") == "rack4-a.example")
    #expect(lab.text("host", lab.world.thisHost, "name_label") == "xcp1")
  }

  @Test func highAvailability() throws {
    var lab = Lab()
    #expect(lab.failure("pool.disable_ha") == ["HA_NOT_ENABLED"])
    #expect(lab.failure("host.emergency_ha_disable") == ["HA_NOT_ENABLED"])
    #expect(lab.failure("host.emergency_ha_disable", true) == [])
    let pif = lab.pif("eth1")
    try lab.call("PIF.reconfigure_ip", .string(pif), "Static", "10.1.0.5", "255.255.255.0", "", "")
    lab.world.database.set("PIF", pif, "currently_attached", false)
    #expect(lab.failure("pool.enable_ha", [], [:]) == ["REQUIRED_PIF_IS_UNPLUGGED", pif])
    try lab.call("PIF.plug", .string(pif))
    try lab.call("pool.enable_ha", [], [:])
    #expect(lab.world.haArmed)
    #expect(lab.failure("pool.emergency_reset_master", "10.0.4.12") == ["HA_IS_ENABLED"])
    // The emergency command disarms this host; the pool's flag stays until the toolstack has started anew.
    try lab.call("host.emergency_ha_disable", false)
    #expect(!lab.world.haArmed)
    #expect(lab.flag("pool", lab.world.pool, "ha_enabled"))
    #expect(lab.failure("host.management_disable") == ["HA_IS_ENABLED"])
    lab.world.restartToolstack()
    #expect(!lab.flag("pool", lab.world.pool, "ha_enabled"))
  }

  /// A member that is disarmed alone cannot come back before its coordinator agrees.
  @Test func aDisarmedMemberWaitsForItsCoordinator() {
    var world = Scenario.member.world()
    world.database.set("pool", world.pool, "ha_enabled", true)
    world.haDisarmed = true
    world.restartToolstack()
    #expect(world.emergency?.code == "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED")
    world.database.set("pool", world.pool, "ha_enabled", false)
    world.restartToolstack()
    #expect(world.emergency == nil)
  }

  @Test func redoLog() throws {
    var lab = Lab()
    let sr = lab.world.create("SR", ["name_label": "Shared"])
    try lab.call("pool.enable_redo_log", .string(sr))
    #expect(lab.flag("pool", lab.world.pool, "redo_log_enabled"))
    #expect(lab.text("pool", lab.world.pool, "redo_log_vdi") != Wire.nullRef)
    try lab.call("pool.disable_redo_log")
    #expect(!lab.flag("pool", lab.world.pool, "redo_log_enabled"))
  }

  /// A member that lost its coordinator is told another address, or becomes the coordinator itself.
  @Test func emergencyRoles() async throws {
    let host = SimulatedHost(scenario: .member, options: Self.quick)
    try await withServer(host) { client in
      _ = await host.setEmergency("HOST_STILL_BOOTING")
      var session = try await client.call("session.slave_local_login_with_password", "root", "")
      #expect(try await client.call("host.is_in_emergency_mode", session) == true)
      // Nobody there: still in emergency mode after the restart.
      _ = try await client.call("pool.emergency_reset_master", session, "10.0.4.99")
      try await restarted(host)
      session = try await client.call("session.slave_local_login_with_password", "root", "")
      #expect(try await client.call("host.is_in_emergency_mode", session) == true)
      _ = try await client.call("pool.emergency_reset_master", session, "10.0.4.11")
      try await restarted(host)
      let full = try await client.login()
      let hosts = try #require(try await client.call("host.get_all", full).array)
      var members = 0
      for host in hosts where try await client.call("pool.is_slave", full, host) == true { members += 1 }
      #expect(members == 2)
    }
    let lost = SimulatedHost(scenario: .emergency, options: Self.quick)
    try await withServer(lost) { client in
      let session = try await client.call("session.slave_local_login_with_password", "root", "")
      _ = try await client.call("pool.emergency_transition_to_master", session)
      try await restarted(lost)
      let full = try await client.login()
      let pool = try #require(try await client.call("pool.get_all", full).array?.first)
      let master = try await client.call("pool.get_master", full, pool)
      #expect(try await client.call("host.get_hostname", full, master) == "xcp2")
    }
  }

  private static var quick: SimulatedHost.Options {
    var options = SimulatedHost.Options()
    options.restartTime = .milliseconds(10)
    return options
  }

  /// Waits until a restart that was asked for is over.
  private func restarted(_ host: SimulatedHost) async throws {
    await host.pendingRestart?.value
  }
}
