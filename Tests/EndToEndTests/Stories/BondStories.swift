import EndToEndSupport
import Foundation
import Glibc
import JSON
import Testing

extension Stories {
  /// Somebody makes bonds, and cares for those that are there.
  @Suite struct Bonds {
    private let steps = Stories.Management()

    /// To the list of NICs for a new bond.
    private func choosing(_ console: Session) async throws {
      try await console.sees("XAPI ok")
      try console.press("3", "n")
      try await console.sees("New bond")
      try console.press("3")
      try await console.sees("New bond: which NICs?", "[ ] eth0")
    }

    /// Marks NICs, which stand in the order of their numbers.
    private func marks(_ console: Session, _ numbers: Int...) async throws {
      var row = 0
      for number in numbers {
        for _ in row..<number { try console.press("Down") }
        row = number
        try console.press("Space")
        try await console.sees("[x] eth\(number)")
      }
    }

    private func reviews(_ console: Session, _ title: String = "New bond: review") async throws {
      for _ in 0..<14 {
        if try console.rows().contains(where: { $0.holds(title) }) { break }
        try console.press("Enter")
        try await Task.sleep(for: .milliseconds(50))
      }
      try await console.sees(title, "y or F8 apply")
    }

    private func bonds(_ distant: Distant) throws -> [JSONValue] {
      let session = try distant.host.login()
      return (try distant.host.call("Bond.get_all_records", [session]).object ?? JSONObject()).map { $0.1 }
    }

    @Test(arguments: Screen.sizes)
    func twoFreeNICs(_ screen: Screen) async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(screen)
      try await choosing(console)
      try await marks(console, 1, 2)
      try console.press("Enter")
      try await console.sees("New bond of eth1, eth2")
      try await reviews(console)
      try await console.sees("bond0 from eth1 and eth2, active-backup")
      try console.press("v")
      try await console.sees("xe bond-create network-uuid=$NET")
      try console.press("y")
      try await console.sees("Done")
      #expect(try bonds(distant).map { $0["mode"] } == ["active-backup"])
      let shown = try distant.run("bond", "show", "bond0")
      #expect(shown.output.holds("eth1  up") && shown.output.holds("2 of 2 links"))
    }

    @Test func underManagementKept() async throws {
      let distant = try Distant("standalone")
      let console = try distant.console()
      try await choosing(console)
      try await marks(console, 0, 1)
      try console.press("Enter")
      try await console.sees("New bond of eth0, eth1")
      try await reviews(console)
      try await console.seesRow("Management", "eth0, 10.0.4.11/24", "bond0, 10.0.4.11/24")
      try await steps.applies(console)
      try await console.seesRow("link", "ok", "bond0")
      try await console.seesRow("address", "ok", "10.0.4.11/24")
      try await console.sees("All of this is well: y keeps the change.")
      try console.press("y")
      try await console.sees("Kept: the change stays")
      #expect(distant.management("device") == "bond0" && distant.management("IP") == "10.0.4.11")
    }

    @Test func notConfirmedItGoesBack() async throws {
      let distant = try Distant("standalone")
      let outcome = try distant.run("bond", "create", "--members", "eth0,eth1", "--yes")
      #expect(outcome.ending == .exited(3))
      #expect(distant.management("device") == "bond0")
      #expect(try distant.run("pending", "--revert").ending == .exited(0))
      #expect(distant.management("device") == "eth0" && distant.management("IP") == "10.0.4.11")
      #expect(try bonds(distant).isEmpty)
    }

    @Test func theConsoleIsKilledInItsMidst() async throws {
      let distant = try Distant("standalone")
      // The first call of XAPI's that takes its time.
      try distant.host.steer(["tasks": ["seconds": 2]])
      let console = try distant.console(confirmWithin: 5)
      try await choosing(console)
      try await marks(console, 0, 1)
      try console.press("Enter")
      try await console.sees("New bond of eth0, eth1")
      try await reviews(console)
      try console.press("y")
      try await distant.waits("the change to begin") { distant.isPending }
      for pid in distant.consoles { kill(pid, SIGKILL) }
      _ = try await console.ends()
      try await distant.waits("the way back") { !distant.isPending }
      #expect(distant.management("device") == "eth0" && distant.management("IP") == "10.0.4.11")
      #expect(try bonds(distant).isEmpty)
    }

    /// On all hosts, from one command.
    @Test func allHostsOfThePool() async throws {
      let distant = try Distant("pool")
      let set = try distant.run("bond", "set", "bond0", "updelay=500", "--pool", "--dry-run")
      #expect(set.output.holds("on 3 hosts") && set.output.holds("Management of xcp2 and xcp3 goes over their bonds too"))
      let made = try distant.run("bond", "create", "--members", "eth2,eth3", "--pool", "--vlans", "300-301", "--yes")
      // Storage is in use over eth2: it waits to be kept.
      #expect(made.ending == .exited(3))
      #expect(try distant.run("pending", "--keep").ending == .exited(0))
      #expect(try bonds(distant).count == 6)
      let gone = try distant.run("bond", "destroy", "bond1", "--pool", "--dry-run", "--json")
      #expect(gone.output.holds("\"possible\":true") && gone.output.holds("bond1 taken apart on 3 hosts"))
    }

    @Test func aSilentPartnerIsShown() async throws {
      let distant = try Distant("standalone")
      try distant.host.steer(["wiring": ["lacp": false, "segments": [["devices": ["eth0", "eth1", "eth2"], "subnet": "10.0.4", "router": "10.0.4.1"]]]])
      #expect(try distant.run("bond", "create", "--members", "eth1,eth2", "--mode", "lacp", "--yes").ending == .exited(0))
      let console = try distant.console()
      try await console.sees("XAPI ok")
      try console.press("2")
      try await console.seesRow("bond0")
      while try !console.rows().contains(where: { $0.holds(">bond0") }) {
        try console.press("Down")
        try await Task.sleep(for: .milliseconds(50))
      }
      try console.press("a")
      try await console.sees("How bond0 works")
      try console.press("2")
      try await console.sees("nobody answers", "The switch does not speak LACP with bond0")
      // Somebody sets the switch up.
      try distant.host.steer(["wiring": .null])
      try await console.sees("negotiated with 00:1c:73:aa:bb:cc")
      // XAPI is of no concern to that.
      try distant.host.steer(["carrier": ["device": "eth1", "up": false]])
      try await console.sees("eth1 has no link")
      try await console.seesRow("eth1", "DOWN")
    }

    @Test func aMemberIsAdded() async throws {
      let distant = try Distant("standalone")
      #expect(try distant.run("bond", "create", "--members", "eth1,eth2", "--vlans", "20", "--yes").ending == .exited(0))
      let dry = try distant.run("bond", "add", "bond0", "eth3", "--dry-run", "--json")
      #expect(dry.output.holds("\"possible\":true"))
      #expect(try distant.run("bond", "add", "bond0", "eth3", "--yes").ending == .exited(0))
      let shown = try distant.run("bond", "list", "--json")
      #expect(shown.output.holds("eth3") && shown.output.holds("\"vlans\":[20]"))
      #expect(try distant.run("bond", "set", "bond0", "mode=balance-slb", "--yes").ending == .exited(0))
      #expect(try distant.run("bond", "set", "bond0", "mode=bogus", "--yes").ending == .exited(1))
      #expect(try distant.run("bond", "destroy", "bond0", "--with-network", "--yes").ending == .exited(0))
      #expect(try bonds(distant).isEmpty)
    }
  }
}
