import EndToEndSupport
import Foundation
import JSON
import Testing

extension Stories {
  /// Somebody makes VLANs and networks, looks at them on all hosts, and takes them away again.
  @Suite struct VLANs {
    private func list(_ distant: Distant) throws -> [JSONValue] {
      let outcome = try distant.run("vlan", "list", "--json")
      #expect(outcome.ending == .exited(0), "\(outcome.error)")
      return try JSONValue(parsing: outcome.output).array ?? []
    }

    /// To the list of networks.
    private func networks(_ console: Session) async throws {
      try await console.sees("XAPI ok")
      try console.press("3")
      try await console.sees("Networks, VLANs and bonds: ")
    }

    private func finds(_ console: Session, _ network: String) async throws {
      try console.press("/")
      try console.type(network)
      try console.press("Enter")
      try await console.seesRow(">", network)
      try console.press("a")
      try await console.sees("Actions: \(network)")
    }

    private func applies(_ console: Session) async throws {
      try await console.sees("y or F8 apply")
      try console.press("y")
      try await console.sees("Done.")
      try console.press("Enter")
    }

    @Test(arguments: Screen.sizes)
    func oneOnAllHostsAndBackAgain(_ screen: Screen) async throws {
      let distant = try Distant("pool")
      let console = try distant.console(screen)
      try await networks(console)
      try console.press("n")
      try await console.sees("New VLANs")
      try console.press("Down", "Enter")
      try await console.sees("New VLANs", "all hosts of the pool")
      try console.press("Tab")
      try console.type("77")
      try console.press("Tab", "Tab", "Tab", "C-u")
      try console.type("Tenant {tag}")
      try console.press("Tab", "Tab", "Enter")
      try await console.sees("VLAN 77 on bond0 of 3 hosts", "xcp1, xcp2 and xcp3")
      try console.press("v")
      try await console.sees("xe pool-vlan-create pif-uuid=")
      try await applies(console)
      let made = try list(distant).first { $0["tag"] == 77 }
      #expect(made?["hosts"]?.array?.count == 3)
      #expect(made?["network"] == "Tenant 77")
      #expect(made?["unplugged"]?.array == [])
      // Away again, with its network.
      try await console.sees("New, map, routes")
      try console.press("Escape")
      try await finds(console, "Tenant 77")
      try console.press("Down", "Down", "Down", "Down", "Enter")
      try await console.sees("Remove VLAN 77, Tenant 77", "xcp3")
      try console.press("Tab", "Enter")
      try await console.sees("Remove VLAN 77 on bond0 from 3 hosts")
      try await applies(console)
      #expect(try list(distant).allSatisfy { $0["tag"] != 77 })
      let networks = try distant.run("network", "list", "--json")
      #expect(!networks.output.holds("Tenant 77"))
    }

    @Test func aUsedOneIsRefusedByName() async throws {
      let distant = try Distant("pool")
      let console = try distant.console()
      try await networks(console)
      try await finds(console, "DMZ")
      try console.press("Down", "Down", "Down", "Down", "Enter")
      try await console.sees("Remove VLAN 10, DMZ", "web-02")
      try console.press("Tab", "Enter")
      try await console.sees("web-01 is running on network \"DMZ\" on xcp1", "Not possible as it is")
      try console.press("y")
      try await console.sees("Not possible as it is")
    }

    @Test func aPrivateNetworkIsMadeRenamedAndRemoved() async throws {
      let distant = try Distant("standalone")
      let console = try distant.console()
      try await networks(console)
      try console.press("n", "Enter")
      try await console.sees("New private network", "Description")
      try console.type("Lab")
      try console.press("Enter", "Enter", "Enter", "Enter", "Enter")
      try await console.sees("Private network \"Lab\"")
      try await applies(console)
      try await console.sees("New, map, routes")
      try console.press("Escape")
      try await finds(console, "Lab")
      try console.press("Down", "Enter")
      try await console.sees("Edit Lab")
      try console.press("C-u")
      try console.type("Quarantine")
      try console.press("Enter", "Enter", "Enter", "Enter", "Enter", "Enter")
      try await console.seesRow("Name", "Lab", "Quarantine")
      try await applies(console)
      try await console.sees("Actions: Quarantine")
      try console.press("Down", "Down", "Down", "Enter")
      try await console.sees("Remove network \"Quarantine\"")
      try await applies(console)
      let left = try distant.run("network", "list")
      #expect(!left.output.holds("Quarantine") && left.output.holds("Pool-wide network 3"))
    }

    @Test(arguments: Screen.sizes) func theMap(_ screen: Screen) async throws {
      let distant = try Distant("pool")
      let console = try distant.console(screen)
      try await networks(console)
      try console.press("m")
      try await console.seesRow("bond0 2/2 MGMT", "untagged", "Management")
      try await console.seesRow("VLAN 10", "DMZ", "proxy")
      try console.press("/")
      try console.type("gitlab")
      try console.press("Enter")
      try await console.seesRow("VLAN 100", "Développement", "gitlab")
      try console.press("Right", "Right", "Enter")
      try await console.sees("─ Développement ─")
    }

    @Test func severalOnTheCommandLine() async throws {
      let distant = try Distant("pool")
      let shown = try distant.run("vlan", "create", "--on", "bond0", "--tag", "300-302,400", "--name", "T{tag}", "--pool", "--dry-run")
      #expect(shown.ending == .exited(0), "\(shown.error)")
      #expect(shown.output.holds("4 VLANs, 300-302,400, on bond0 of 3 hosts") && shown.output.holds("name-label=T400"))
      #expect(try list(distant).count == 12)
      let made = try distant.run("vlan", "create", "--on", "bond0", "--tag", "300-302,400", "--name", "T{tag}", "--pool", "--yes", "--json")
      #expect(made.ending == .exited(0), "\(made.error)")
      #expect(try JSONValue(parsing: made.output)["outcome"] == "done")
      #expect(try list(distant).count == 16)
      let again = try distant.run("vlan", "create", "--on", "bond0", "--tag", "400", "--pool", "--yes")
      #expect(again.ending == .exited(1))
      #expect(again.output.holds("VLAN 400 is on bond0 of xcp1, xcp2 and xcp3 already, on network \"T400\""))
      #expect(try distant.run("vlan", "edit", "400", "--on", "bond0", "--name", "Guests", "--labels", "a, b", "--yes").ending == .exited(0))
      let one = try JSONValue(parsing: try distant.run("network", "show", "Guests", "--json").output)
      #expect(one["labels"]?.array == ["a", "b"] && one["interfaces"]?.array?.count == 3)
      let gone = try distant.run("vlan", "destroy", "300-302,400", "--on", "bond0", "--pool", "--with-network", "--yes")
      #expect(gone.ending == .exited(0), "\(gone.error)\(gone.output)")
      #expect(try list(distant).count == 12)
      #expect(!(try distant.run("network", "list").output.holds("Guests")))
      // What makes no sense is said at once.
      let wrong = try distant.run("vlan", "create", "--on", "bond0", "--tag", "4095")
      #expect(wrong.ending == .exited(2) && wrong.error.holds("4095 is reserved by the standard"))
      #expect(try distant.run("network", "show", "nobody").ending == .exited(2))
      #expect(try distant.run("vlan", "destroy", "10", "--on", "bond0", "--pool", "--yes").ending == .exited(1))
    }
  }
}
