import EndToEndSupport
import Foundation
import JSON
import Testing

extension Stories {
  /// Somebody tunes a NIC against a trouble, sets the MTU of a storage network, and switches FCoE off.
  @Suite struct Tuning {
    private func settings(of device: String, _ console: Session) async throws {
      try await console.sees("XAPI ok")
      try console.press("2")
      try await console.seesRow(">eth0")
      if device == "eth1" {
        try console.press("Down")
        try await console.seesRow(">eth1")
      }
      try console.press("a")
      try await console.sees("Settings of \(device)")
      let row = try #require(try console.rows().first { $0.holds("Settings of \(device)") })
      try console.press(String(try #require(row.first { $0.isNumber })))
      try await console.sees("TX checksum")
    }

    private func other(_ distant: Distant, _ device: String) throws -> JSONValue {
      let session = try distant.host.login()
      return try distant.host.call("PIF.get_other_config", [session, distant.pif(device)])
    }

    @Test(arguments: Screen.sizes)
    func networkCorruptionIsCuredAndTheCureTakenBack(_ screen: Screen) async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(screen)
      try await settings(of: "eth1", console)
      try console.press("p")
      try await console.sees("Network corruption", "What it costs")
      try console.press("1")
      try await console.seesRow("TX checksum", "on", "off")
      try await console.sees("TSO of eth1 goes off as well")
      try console.press("y")
      try await console.sees("Enter")
      try console.press("Enter")
      try await console.seesRow("TX checksum", "off", "off")
      #expect(try other(distant, "eth1") == ["ethtool-tx": "off"])
      let shown = try distant.run("nic", "settings", "eth1", "--json")
      let rows = try JSONValue(parsing: shown.output)["settings"]?.array ?? []
      #expect(rows.first { $0["name"] == "tx" }.map { [$0["kept"], $0["now"]] } == ["off", "off"])
      try await console.sees("u undo the last change")
      try console.press("u")
      try await console.seesRow("TX checksum", "off", "on")
      try console.press("y")
      try await console.sees("Enter")
      try console.press("Enter")
      try await console.seesRow("TX checksum", "-", "on")
      #expect(try other(distant, "eth1") == [:])
    }

    @Test func aWrongSpeedOnTheManagementNICGoesBackByItself() async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(confirmWithin: 5)
      try await settings(of: "eth0", console)
      for _ in 0..<7 { try console.press("Down") }
      try await console.seesRow(">Speed, duplex", "1000 full")
      try console.press("Enter")
      try await console.sees("Change settings of eth0", "< as it is >")
      // The last of the choices but one: 100, forced.
      try console.press("Left", "Left")
      try await console.sees("< 100 full, forced >")
      for _ in 0..<8 {
        if try console.rows().contains(where: { $0.holds("review") && $0.holds("─") }) { break }
        try console.press("Enter")
        try await Task.sleep(for: .milliseconds(50))
      }
      try await console.sees("Management goes through eth0", "y or F8 apply")
      try console.press("y")
      try await console.sees("Keep this change?", "eth0 has no link")
      // Nobody does anything.
      try await distant.waits("the old settings") { !distant.isPending }
      #expect(try other(distant, "eth0") == [:])
      let shown = try distant.run("nic", "settings", "eth0")
      #expect(shown.output.contains("1000 full"))
    }

    @Test func theMTUOfAStorageNetworkOnAllHosts() async throws {
      let distant = try Distant("pool")
      let dry = try distant.run("nic", "mtu", "Storage A", "1500", "--dry-run")
      #expect(dry.ending == .exited(0), "\(dry.error)")
      for host in ["xcp1", "xcp2", "xcp3"] { #expect(dry.output.contains("Plug eth2 of \(host) anew with an MTU of 1500")) }
      #expect(distant.text("/sys/class/net/eth2/mtu") == "9000\n")
      let done = try distant.run("nic", "mtu", "eth2", "1500", "--yes")
      #expect(done.ending == .exited(0) && done.output.contains("Done."), "\(done.output) \(done.error)")
      #expect(distant.text("/sys/class/net/eth2/mtu") == "1500\n")
      #expect(try distant.run("nic", "mtu", "Management", "9000", "--yes").ending == .exited(1))
    }

    @Test func fcoeOffAndOn() async throws {
      let distant = try Distant("standalone")
      #expect(try distant.run("nic", "fcoe", "status").output.hasPrefix("FCoE is on"))
      #expect(try distant.run("nic", "fcoe", "off", "--yes").ending == .exited(0))
      #expect(try distant.run("nic", "fcoe").output.hasPrefix("FCoE is off"))
      #expect(try distant.run("nic", "fcoe", "on", "--yes").ending == .exited(0))
      #expect(try JSONValue(parsing: try distant.run("nic", "fcoe", "status", "--json").output)["on"] == true)
    }

    @Test func settingFromTheCommandLine() async throws {
      let distant = try Distant("standalone")
      let dry = try distant.run("nic", "set", "eth1", "tx=off", "rx-ring=400", "--dry-run")
      #expect(dry.ending == .exited(0) && dry.output.contains("# ethtool -K eth1 tx off"), "\(dry.output) \(dry.error)")
      #expect(try other(distant, "eth1") == [:])
      let done = try distant.run("nic", "set", "eth1", "tx=off", "rx-ring=400", "--yes", "--json")
      #expect(try JSONValue(parsing: done.output)["outcome"] == "done")
      #expect(try other(distant, "eth1") == ["ethtool-tx": "off"])
      let wrong = try distant.run("nic", "set", "eth1", "autoneg=no", "--yes")
      #expect(wrong.ending == .exited(2) && wrong.error.contains("autoneg: on or off"), "\(wrong.error)")
      #expect(try distant.run("nic", "set", "eth1", "speed=2500", "--yes").ending == .exited(1))
      // On trial, on the management NIC.
      let trial = try distant.run("nic", "set", "eth0", "rx-ring=300", "--yes")
      #expect(trial.ending == .exited(3), "\(trial.output) \(trial.error)")
      #expect(try distant.run("pending", "--revert").ending == .exited(0))
      #expect(try distant.run("nic", "defaults", "eth1", "--yes").ending == .exited(0))
      #expect(try other(distant, "eth1") == [:])
    }
  }
}
