import EndToEndSupport
import Foundation
import JSON
import Testing

extension Stories {
  /// Static routes, the toolstack, and a storage address, from the command line and from the screen.
  @Suite struct Routes {
    private func kernel(_ distant: Distant) throws -> String { try distant.run("route", "list").output }

    @Test func aRouteIsAddedSeenRemovedAndAStaleOneDeleted() throws {
      let distant = try Distant("pool")
      let added = try distant.run("route", "add", "Storage A", "10.40.0.0/16", "10.0.20.1", "--yes")
      #expect(added.ending == .exited(0), "\(added.error)")
      #expect(added.output.holds("ip route replace 10.40.0.0/16 via 10.0.20.1 dev xenbr2"))
      #expect(try kernel(distant).holds("in force  10.40.0.0/16 via 10.0.20.1"))
      let kept = try distant.run("route", "remove", "eth2", "10.40.0.0/16", "--keep-in-kernel", "--yes")
      #expect(kept.ending == .exited(0), "\(kept.error)")
      #expect(try kernel(distant).holds("left over 10.40.0.0/16 via 10.0.20.1"))
      let cleared = try distant.run("route", "clear", "--all", "--yes")
      #expect(cleared.ending == .exited(0), "\(cleared.error)")
      #expect(try kernel(distant).holds("There are no static routes."))
      let wrong = try distant.run("route", "add", "Storage A", "10.40.0.0/16", "10.0.99.1", "--yes")
      #expect(wrong.ending == .exited(1) && wrong.output.holds("No host could use it"))
    }

    @Test func aBadItemInTheRecordIsSeenAndMended() async throws {
      let distant = try Distant("pool")
      let session = try distant.host.login()
      let networks = try distant.host.call("network.get_by_name_label", [session, "Storage A"]).array ?? []
      let network = try #require(networks.first)
      try distant.host.call(
        "network.add_to_other_config", [session, network, "static-routes", "10.40.0.0/16/10.0.20.1,10.41.0.0/255.255.0.0/10.0.20.1"])
      let console = try distant.console()
      try await console.sees("XAPI ok")
      try console.press("3")
      try await console.sees("Networks")
      try console.press("a")
      try await console.sees("Static routes")
      for _ in 0..<14 {
        if try console.rows().contains(where: { $0.holds(">") && $0.holds("Static routes") }) { break }
        try console.press("Down")
        try await Task.sleep(for: .milliseconds(60))
      }
      try console.press("Enter")
      try await console.seesRow("10.41.0.0/255", "BAD")
      try await console.seesRow("10.40.0.0/16", "NOT SET")
      try console.press("m")
      try await console.sees("y or F8 apply")
      try console.press("y")
      try await console.sees("Done.")
      try console.press("Enter")
      try await console.seesRow("10.41.0.0/16", "in force")
      // The toolstack restarts, and the console stays usable.
      try console.press("t")
      try await console.sees("xe-toolstack-restart")
      try console.press("1")
      try await console.sees("y restarts.")
      try console.press("y")
      try await console.sees("You may leave with Esc")
      try console.press("Escape")
      try await console.sees("Static routes")
      try await console.sees("XAPI ok")
    }

    @Test func storageOnAVLANWithLongPacketsIsBuiltAndTried() throws {
      let distant = try Distant("standalone")
      let made = try distant.run("address", "storage", "eth2", "address=10.0.20.11/24", "vlan=20", "mtu=9000", "target=10.0.20.1", "--yes")
      #expect(made.output.holds("Done."), "\(made.output) \(made.error)")
      #expect(made.output.holds("Address: 10.0.20.11/24 on"))
      let shown = try distant.run("address", "show", "VLAN 20 on eth2", "--json")
      let row = try JSONValue(parsing: shown.output).array?.first
      #expect(row?["addresses"] == ["10.0.20.11/24"] && row?["mtu"] == 9000 && row?["protect"] == true && row?["purpose"] == "Storage")
    }

    @Test func theToolstackIsRestartedFromTheCommandLine() throws {
      let distant = try Distant("standalone")
      let outcome = try distant.run("toolstack", "restart", "--yes")
      #expect(outcome.ending == .exited(0), "\(outcome.error)")
      #expect(outcome.output.holds("xe-toolstack-restart") && outcome.output.holds("Done."))
      let dry = try distant.run("toolstack", "restart", "--only", "xapi", "--dry-run", "--json")
      #expect(try JSONValue(parsing: dry.output)["possible"] == true)
    }
  }
}
