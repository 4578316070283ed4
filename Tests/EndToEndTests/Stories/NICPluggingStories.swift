import EndToEndSupport
import Foundation
import JSON
import Testing

extension Stories {
  /// A card is put in, what VMs use stays where it is, and a NIC is taken out with a boot in its midst.
  @Suite struct NICPlugging {
    private static let card: JSONValue = ["card": ["device": "eth4", "mac": "0c:c4:7a:00:00:44", "driver": "ixgbe", "speed": 10_000]]

    private func interfaces(_ console: Session) async throws {
      try await console.sees("XAPI ok")
      try console.press("2")
      try await console.sees("Network interfaces")
    }

    /// Presses the digit that stands before an item of a menu.
    private func choose(_ console: Session, _ item: String) async throws {
      try await console.sees(item)
      let row = try console.rows().first { $0.holds(item) } ?? ""
      let words = row.split { !$0.isLetter && !$0.isNumber }
      try console.press(words.first.map { String($0) } ?? "?")
    }

    private func field(_ distant: Distant, _ device: String, _ name: String) throws -> JSONValue? {
      let session = try distant.host.login()
      let pifs = try distant.host.call("PIF.get_all_records", [session]).object ?? JSONObject()
      return pifs.values.first { $0["device"]?.string == device && $0["VLAN"] == -1 }?[name]
    }

    // MARK: In

    @Test(arguments: Screen.sizes) func theNewCardDoesNotShow(_ screen: Screen) async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(screen)
      try await interfaces(console)
      try distant.host.steer(Self.card)
      try await console.seesRow("eth4", "NOT IN XAPI")
      try console.press("s")
      try await console.sees("eth4 will appear", "known and plugged", "xenbr4", "y makes this change")
      try console.press("y")
      try await console.sees("eth4 appeared", "(0c:c4:7a:00:00:44, network", "Done.")
      try console.press("Enter")
      try await console.seesRow("eth4", "0c:c4:7a:00:00:44", "unused")
      #expect(try field(distant, "eth4", "currently_attached") == true)
      // Once more there is nothing new, and it says so.
      try console.press("s")
      try await console.sees("Look for new NICs: there is none")
      try console.press("Escape", "Escape", "q", "q")
      #expect(try await console.ends() == 0)
    }

    @Test(arguments: Screen.sizes) func whatVMsUseIsNotUnplugged(_ screen: Screen) async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(screen)
      try await interfaces(console)
      try console.press("Down", "a")
      try await choose(console, "Unplug eth1")
      try await console.sees("VM jenkins runs here on network \"Pool-wide network 1\"", "Not possible as it is")
      try console.press("y", "Escape", "Escape", "Escape", "q", "q")
      #expect(try await console.ends() == 0)
      #expect(try field(distant, "eth1", "currently_attached") == true)
    }

    // MARK: Out

    private func applies(_ console: Session, _ title: String) async throws {
      try await console.sees(title, "y makes this change")
      try console.press("y")
      try await console.sees("Done.")
      try console.press("Enter")
    }

    @Test(arguments: Screen.sizes) func theWholeRemoval(_ screen: Screen) async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(screen)
      try await interfaces(console)
      try console.press("Down", "Down", "Down", "a")
      try await choose(console, "Remove eth3 from the host")
      try await console.sees("VM old-erp has a VIF on its network, not running", "Unplug eth3")
      // The halted VM finds its network elsewhere; then the NIC is free.
      try console.press("3")
      try await applies(console, "Move VIFs from network \"Pool-wide network 3\"")
      try await console.seesRow("done", "1 Free it")
      try await console.sees("1 Unplug eth3")
      try console.press("1")
      try await applies(console, "Unplug eth3")
      try await console.seesRow("NOW", "3 Take it out")
      try console.press("1")
      try await console.sees("4 VMs run here:", "jenkins", "nas")
      try console.press("s")
      try await console.sees("4 of 4 VMs are down.")
      try console.press("Escape")
      // Somebody pulls the card while the machine is off.
      try distant.host.steer(["card": ["device": "eth3", "present": false, "at": "boot"]])
      try distant.host.steer(["reboot": ["seconds": 1]])
      try await distant.waits("the host to come back") { (try? field(distant, "eth3", "device")) != nil && distant.text("/sys/class/net/eth3/address").isEmpty }
      // The console is left in the meantime; the way is found again.
      try console.press("Escape", "Escape")
      try await console.sees("Network interfaces")
      try await console.seesRow("eth3", "GONE")
      try console.press("a")
      try await choose(console, "Remove eth3 from the host")
      try await console.seesRow("NOW", "4 Forget it")
      try console.press("1")
      try await applies(console, "Forget eth3, which is not in the machine")
      try await console.seesRow("NOW", "5 Its network")
      try console.press("1")
      try await applies(console, "Remove network \"Pool-wide network 3\"")
      try await console.sees("eth3 is out of the machine, and XAPI has forgotten it.")
      try console.press("Escape", "Escape", "Escape", "q", "q")
      #expect(try await console.ends() == 0)
      #expect(try field(distant, "eth3", "device") == nil)
    }

    // MARK: On the command line

    @Test func theSameByCommands() async throws {
      let distant = try Distant("standalone")
      func run(_ words: String..., code: Int32 = 0) throws -> String {
        let outcome = try ChildProcess.run([Program.console(), "nic"] + words + distant.arguments, limit: .seconds(60))
        #expect(outcome.ending == .exited(code), "\(words): \(outcome.output) \(outcome.error)")
        return "\(outcome.output)\(outcome.error)"
      }
      try distant.host.steer(Self.card)
      #expect(try run("scan", "--dry-run").holds("eth4 will appear"))
      #expect(try field(distant, "eth4", "device") == nil)
      #expect(try run("scan", "--plug", "--yes").holds("eth4 appeared (0c:c4:7a:00:00:44"))
      #expect(try run("plug", "eth4", "--yes").holds("all is so already"))
      let unplugged = try JSONValue(parsing: Array(run("unplug", "eth4", "--yes", "--json").utf8))
      #expect(unplugged["outcome"] == "done")
      #expect(try run("unplug", "eth1", "--yes", code: 1).holds("VM jenkins runs here"))
      #expect(try run("forget", "eth4", "--yes").holds("Done."))
      #expect(try run("introduce", "eth4", "--plug", "--yes").holds("Done."))
      #expect(try run("introduce", "eth9", "--yes", code: 1).holds("The kernel has no NIC eth9"))

      #expect(try run("remove", "eth3").holds("VM old-erp has a VIF on its network"))
      #expect(try run("remove", "eth1", code: 1).holds("VM jenkins runs on its network"))
      #expect(try run("remove", "eth3", "--move-vifs", "xenbr2", "--yes").holds("Done."))
      #expect(try run("remove", "eth3", "--unplug", "--yes").holds("Done."))
      try distant.host.steer(["card": ["device": "eth3", "present": false]])
      #expect(try run("remove", "eth3").holds("NOW   4 Forget it"))
      #expect(try run("remove", "eth3", "--forget", "--yes").holds("Done."))
      #expect(try run("remove", "eth3", "--destroy-network", "--yes").holds("Done."))
      // Nothing is left that would tell it from one that was never there.
      for name in ["eth3", "eth77", ""] { #expect(try run("remove", name, code: 1).holds("there is no NIC \(name)")) }
      let json = try JSONValue(parsing: Array(run("remove", "eth3", "--dry-run", "--json", code: 1).utf8))
      #expect(json["over"] == true && json["known"] == false)
      #expect(try run("remove", "eth3", "--unplug", "--forget", code: 2).holds("one stage at a time"))
    }
  }
}
