import EndToEndSupport
import JSON
import Testing

extension Stories {
  /// The hosts of a pool beside each other, and packets that are too long for a switch.
  @Suite struct PoolsAndPaths {
    private func plant(_ host: HostProcess) throws {
      let session = try host.login()
      for pif in try host.call("PIF.get_all", [session]).array ?? [] {
        guard try host.call("PIF.get_device", [session, pif]) == "bond0", try host.call("PIF.get_VLAN", [session, pif]) == -1,
          try host.call("host.get_hostname", [session, try host.call("PIF.get_host", [session, pif])]) == "xcp3",
          let bond = try host.call("PIF.get_bond_master_of", [session, pif]).array?.first
        else { continue }
        try host.call("Bond.set_mode", [session, bond, "active-backup"])
        let uuid = try host.call("PIF.get_uuid", [session, pif])
        try host.steer(["set": ["class": "PIF", "match": ["uuid": uuid], "field": "MTU", "value": 1400]])
      }
    }

    @Test func hostsAreCompared() async throws {
      let distant = try Distant("pool")
      try plant(distant.host)
      let console = try distant.console()
      try await console.sees("XAPI ok")
      try console.press("2")
      try await console.sees("Network interfaces")
      try console.press("a")
      try await console.sees("Compare the pool's hosts")
      try console.press("End", "Up", "Up", "Enter")
      try await console.sees("2 differences, 1 worth knowing", "bond0 of xcp3 has mode active-backup, on the others lacp")
      try await console.seesRow("!bond0", "! active-backup")
      try console.press("Enter")
      try await console.sees("What would mend it", "xe bond-set-mode uuid=", "mode=lacp")
      try console.press("Escape")
      try await console.sees("bond0 of xcp3 has MTU 1400")
      // The same for scripts.
      let outcome = try distant.run("nic", "compare", "--json")
      #expect(outcome.ending == .exited(1), "\(outcome.error)")
      let kinds = try JSONValue(parsing: outcome.output)["differences"]?.array?.compactMap { $0["kind"]?.string }
      #expect(kinds == ["mode", "mtu", "link"])
    }

    @Test func aForgottenSwitchPortIsFound() async throws {
      let distant = try Distant("pool")
      let console = try distant.console()
      try await console.sees("XAPI ok")
      try console.press("2")
      try await console.sees("Network interfaces")
      try console.press("a")
      try await console.sees("Test packet sizes")
      try console.press("End", "Up", "Enter")
      try await console.sees("to whom?", "storage \"iSCSI A\"", "10.0.20.13")
      try console.press("End", "Enter")
      try await console.sees("Black hole", "1500 bytes reach 10.0.20.13, 1504 are lost without a word", "network \"Storage A\"")
      let fits = try distant.run("nic", "path", "10.0.20.200")
      #expect(fits.ending == .exited(0) && fits.output.holds("packets of 9000 bytes reach 10.0.20.200 whole"), "\(fits.output)\(fits.error)")
      let lost = try distant.run("nic", "path", "10.0.20.13", "--json")
      #expect(lost.ending == .exited(1))
      #expect(try JSONValue(parsing: lost.output)["verdict"] == "black hole")
      #expect(try distant.run("nic", "path", "10.0.30.7", "--from", "eth3").ending == .exited(3))
      #expect(try distant.run("nic", "path", "10.0.20.13", "--size", "12").ending == .exited(2))
    }
  }
}
