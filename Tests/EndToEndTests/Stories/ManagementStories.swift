import EndToEndSupport
import Foundation
import Glibc
import JSON
import Testing

extension Stories {
  /// Somebody changes how the host is managed. What is right is kept, what is wrong heals itself, whoever dies meanwhile.
  @Suite struct Management {
    /// From the menu to the list of interfaces.
    func choosing(_ console: Session) async throws {
      try await console.sees("XAPI ok")
      try console.press("4")
      try await console.sees(">1 Configure management")
      try console.press("1")
      try await console.sees("which interface?", "MANAGEMENT")
    }

    /// Replaces what stands in a field and goes on to the next.
    func fill(_ console: Session, _ text: String) throws {
      try console.press("C-u")
      try console.type(text)
      try console.press("Tab")
    }

    /// Enter through what is left of the form.
    func reviews(_ console: Session) async throws {
      for _ in 0..<12 {
        if try console.rows().contains(where: { $0.holds("review") && $0.holds("─") || $0.holds("review q") }) { break }
        try console.press("Enter")
        try await Task.sleep(for: .milliseconds(50))
      }
      try await console.sees("review")
    }

    func applies(_ console: Session) async throws {
      try await console.sees("y or F8 apply")
      try console.press("y")
      try await console.sees("Keep this change?", "KEEP? ")
    }

    // MARK: What is right

    @Test(arguments: Screen.sizes)
    func dhcpToStatic(_ screen: Screen) async throws {
      let distant = try Distant("standalone")
      let session = try distant.host.login()
      try distant.host.call("PIF.reconfigure_ip", [session, distant.pif("eth0"), "DHCP", "", "", "", ""])
      let console = try distant.console(screen)
      try await choosing(console)
      try console.press("Enter")
      try await console.sees("Management on eth0", "DHCP")
      try console.press("Right")
      try await console.seesRow("IPv4", "static")
      try console.press("Tab")
      try fill(console, "10.0.4.50")
      try fill(console, "24")
      try fill(console, "10.0.4.1")
      try await reviews(console)
      try await console.seesRow("IPv4", "DHCP", "10.0.4.50/24")
      try console.press("v")
      try await console.sees("xe pif-reconfigure-ip", "IP=10.0.4.50")
      try await applies(console)
      try await console.seesRow("address", "ok", "10.0.4.50/24")
      try await console.seesRow("gateway", "ok", "10.0.4.1")
      try await console.sees("All of this is well: y keeps the change.")
      try console.press("y")
      try await console.sees("Kept: the change stays")
      try await console.loses("KEEP? ")
      #expect(!distant.isPending)
      #expect(distant.management("IP") == "10.0.4.50")
      #expect(distant.management("ip_configuration_mode") == "Static")
      try console.press("Enter")
      try await console.sees("10.0.4.50")
      try console.press("q", "q")
      #expect(try await console.ends() == 0)
    }

    private static let wiring: JSONValue = [
      "wiring": [
        "segments": [
          ["devices": ["eth0", "eth1", "eth2"], "subnet": "10.0.4", "router": "10.0.4.1"],
          ["devices": ["eth1"], "vlan": 42, "subnet": "10.0.42", "router": "10.0.42.1"],
        ]
      ]
    ]

    @Test func aNewVLANInOneFlow() async throws {
      let distant = try Distant("standalone")
      try distant.host.steer(Self.wiring)
      let console = try distant.console()
      try await choosing(console)
      try console.press("Down")
      try await console.seesRow(">eth1")
      try console.press("n")
      try await console.sees("Management on a new VLAN")
      try await console.seesRow("VLAN on", "eth1")
      try console.press("Tab")
      try fill(console, "42")
      try console.press("Tab")
      try fill(console, "10.0.42.11")
      try fill(console, "255.255.255.0")
      try fill(console, "10.0.42.1")
      try await reviews(console)
      try await console.seesRow("Management", "eth0", "VLAN 42 on eth1")
      try await applies(console)
      try await console.seesRow("gateway", "ok", "10.0.42.1")
      try console.press("y")
      // A name server that is not reachable from there would be told of first.
      try await console.waits(for: "the end or the question") { rows in
        let screen = rows.joined(separator: "\n")
        return screen.holds("Kept: the change stays") || screen.holds("Keep it all the same?")
      }
      if try console.rows().joined().holds("Keep it all the same?") { try console.press("y") }
      try await console.sees("Kept: the change stays")
      #expect(distant.management("VLAN") == 42)
      #expect(distant.management("IP") == "10.0.42.11")
    }

    @Test func managementToABond() async throws {
      let distant = try Distant("standalone")
      let session = try distant.host.login()
      let network = try distant.host.call(
        "network.create", [session, ["name_label": "Bond", "name_description": "", "MTU": 1500, "other_config": [:], "bridge": "", "managed": true]])
      try distant.host.call(
        "Bond.create", [session, network, [distant.pif("eth1"), distant.pif("eth2")], "", "active-backup", [:]])
      let console = try distant.console()
      try await choosing(console)
      try await console.seesRow("bond0", "2/2")
      // A member is none to choose, and says so.
      try console.press("Down")
      try await console.sees("eth1 belongs to bond0: choose bond0.")
      try console.press("Enter")
      try await console.sees("which interface?")
      while try !console.rows().contains(where: { $0.holds(">bond0") }) {
        try console.press("Down")
        try await Task.sleep(for: .milliseconds(50))
      }
      try console.press("Enter")
      try await console.sees("Management on bond0", "10.0.4.11")
      try await reviews(console)
      try await console.seesRow("Management", "eth0", "bond0")
      try await console.seesRow("On eth0", "no address")
      try await applies(console)
      try await console.seesRow("link", "ok", "bond0")
      try await console.sees("All of this is well: y keeps the change.")
      try console.press("y")
      try await console.sees("Kept: the change stays")
      #expect(distant.management("device") == "bond0")
      #expect(distant.management("IP") == "10.0.4.11")
    }

    // MARK: What is wrong

    /// To the question whether to keep a gateway that is none.
    private func wrongGateway(_ console: Session) async throws {
      try await choosing(console)
      try console.press("Enter")
      try await console.sees("Management on eth0")
      try console.press("Tab", "Tab", "Tab")
      try fill(console, "10.0.4.9")
      try await reviews(console)
      try await console.sees("The gateway 10.0.4.9 does not answer")
      try await applies(console)
      try await console.seesRow("gateway", "!!", "10.0.4.9 does not answer")
    }

    private func isAsBefore(_ distant: Distant) -> Bool {
      distant.management("gateway") == "10.0.4.1" && distant.management("IP") == "10.0.4.11"
    }

    @Test(arguments: Screen.sizes)
    func aWrongGatewayGoesBackByItself(_ screen: Screen) async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(screen, confirmWithin: 8)
      try await wrongGateway(console)
      try await console.sees("Not well: gateway")
      #expect(distant.management("gateway") == "10.0.4.9")
      // Keeping it is not done by habit.
      try console.press("y")
      try await console.sees("Keep it all the same?")
      try console.press("Escape")
      try await console.sees("nobody confirmed it in time", "The old settings are there again.")
      #expect(isAsBefore(distant))
      #expect(!distant.isPending)
      try console.press("Enter")
      try await console.sees("XAPI ok")
      try await console.loses("GOING BACK")
    }

    @Test func goingBackAtOnce() async throws {
      let distant = try Distant("standalone")
      let console = try distant.console()
      try await wrongGateway(console)
      try console.press("n")
      try await console.seesRow("ok", "Give eth0 the address 10.0.4.11/24, gateway 10.0.4.1")
      try await console.sees("The old settings are there again.")
      #expect(isAsBefore(distant))
    }

    // MARK: Who dies meanwhile

    @Test func theConsoleKilledDuringTheWait() async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(confirmWithin: 10)
      try await wrongGateway(console)
      let pids = distant.consoles
      #expect(pids.count == 1)
      for pid in pids { kill(pid, SIGKILL) }
      #expect(try await console.ends() == 128 + SIGKILL)
      #expect(distant.isPending)
      try await distant.waits("the guard to take it back") { !distant.isPending }
      #expect(isAsBefore(distant))
      let outcome = try distant.run("pending")
      #expect(outcome.ending == .exited(0))
      #expect(outcome.output.holds("taken back: nobody confirmed it in time"), "\(outcome.output)")
    }

    /// A console that comes back finds the change before everything else, and can still keep it.
    @Test func theConsoleStartedAnewDuringTheWait() async throws {
      let distant = try Distant("standalone")
      let first = try distant.console()
      try await wrongGateway(first)
      for pid in distant.consoles { kill(pid, SIGKILL) }
      _ = try await first.ends()
      let second = try distant.console()
      try await second.sees("Keep this change?", "KEEP? ", "Made by ")
      try await second.seesRow("gateway", "!!", "10.0.4.9")
      try second.press("+")
      try await second.waits(for: "more than a minute and a half") { rows in
        rows.contains { $0.holds("Goes back by itself in 2:") || $0.holds("Goes back by itself in 1:5") || $0.holds("Goes back by itself in 1:4") }
      }
      try second.press("n")
      try await second.sees("The old settings are there again.")
      #expect(isAsBefore(distant))
    }

    @Test func xapiKilledDuringTheWait() async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(confirmWithin: 15)
      try await wrongGateway(console)
      try distant.host.steer(["kill": ["unit": "xapi", "seconds": 60]], over: distant.folder.path + "/tools")
      try await console.seesRow("XAPI", "!!")
      // The guard waits for XAPI, then the host's own files have to do: either all is old, or all is new.
      try await distant.waits("the host's own files", within: .seconds(90)) {
        distant.text("/var/lib/xcp/networkd.db").holds("10.0.4.1\"") && !distant.text("/var/lib/xcp/networkd.db").holds("10.0.4.9")
      }
      try await console.sees("WENT BACK, NOT IN XAPI")
      try await console.sees("The host has its old settings again.")
      // XAPI comes back with the settings of the change, and is told the old ones.
      try await distant.waits("XAPI to learn it", within: .seconds(120)) { !distant.isPending }
      #expect(isAsBefore(distant))
      try await console.sees("The old settings are there again.")
    }

    @Test func keptFromAnotherLogin() async throws {
      let distant = try Distant("standalone")
      let console = try distant.console()
      try await wrongGateway(console)
      let look = try distant.run("pending")
      #expect(look.ending == .exited(3))
      #expect(look.output.holds("Goes back by itself in"), "\(look.output)")
      let outcome = try distant.run("pending", "--keep")
      #expect(outcome.ending == .exited(0), "\(outcome.error)")
      try await console.sees("Kept by", "the change stays")
      try await console.loses("KEEP? ")
      #expect(distant.management("gateway") == "10.0.4.9")
      try console.press("Enter")
      try await console.sees("XAPI ok")
    }

    @Test func leavingTheConsoleWithAChangeThatWaitsAsksOnce() async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(confirmWithin: 12)
      try await wrongGateway(console)
      try console.press("C-c")
      try await console.sees("Leave the console?", "xcpconsole pending --keep")
      try console.press("y")
      #expect(try await console.ends() == 0)
      try await distant.waits("the guard to take it back") { !distant.isPending }
      #expect(isAsBefore(distant))
    }

    @Test func managementSwitchedOffAndBack() async throws {
      let distant = try Distant("standalone")
      let console = try distant.console()
      try await console.sees("XAPI ok")
      try console.press("4", "6")
      try await console.sees("Disable management: review")
      try await console.seesRow("Management", "eth0", "off")
      try await applies(console)
      #expect(distant.management("device") == .null)
      try console.press("n")
      try await console.sees("The old settings are there again.")
      #expect(distant.management("device") == "eth0")
    }
  }
}
