import EndToEndSupport
import Foundation
import JSON
import Testing

extension Stories {
  /// The NICs of a host are in another order than on the others.
  @Suite struct NICNames {
    private func opens(_ console: Session) async throws {
      try await console.sees("XAPI ok")
      try console.press("2")
      try await console.sees("Network interfaces")
      try console.press("a")
      try await console.sees("Names and order of NICs")
      for key in ["End", "Up", "Up", "Up", "Enter"] { try console.press(key) }
      try await console.seesRow("eth3", "same", "em4")
    }

    @Test(arguments: [Screen(), Screen(80, 24, "vt100")])
    func twoNICsChangeTheirNames(_ screen: Screen) async throws {
      let distant = try Distant("standalone")
      let console = try distant.console(screen)
      try await opens(console)
      // Management stays what it is.
      try console.press("+")
      try await console.sees("eth0 carries management")
      for key in ["Down", "Down", "+"] { try console.press(key) }
      try await console.sees("Chosen: eth2 -> eth3, eth3 -> eth2")
      try console.press("y")
      try await console.sees("eth2 becomes eth3, eth3 becomes eth2", "called eth3")
      try await console.seesRow("rule eth2", "a0:36:9f:00:0d:14")
      try console.press("y")
      try await console.sees("The names change when the host reboots", "4 VMs run here")
      try console.press("b")
      try await console.sees("Esc stops that")
      try console.press("b")
      try await console.sees("The host reboots")
      try console.press("Escape")
      // XAPI has followed the names: nothing is left to do.
      try await console.sees("XAPI ok")
      try await console.seesRow("eth2", "same", "a0:36:9f:00:0d:14", "em4")
      try await console.seesRow("eth3", "same", "a0:36:9f:00:0d:13", "em3")
      try await console.loses("f finish")
      try await distant.waits("XAPI's record") { try distant.mac("eth2") == "a0:36:9f:00:0d:14" }
    }

    @Test func onTheCommandLine() async throws {
      let distant = try Distant("standalone")
      let names = try distant.run("nic", "names")
      #expect(names.ending == .exited(0) && names.output.holds("eth3  eth3  a0:36:9f:00:0d:14  0000:5e:00.1  em4"), "\(names.output)\(names.error)")
      let refused = try distant.run("nic", "rename", "eth1=em1", "--dry-run")
      #expect(refused.ending == .exited(1) && refused.output.holds("!! eth0 carries management"), "\(refused.output)")
      #expect(try distant.run("nic", "rename", "eth2=em4", "--no-complete", "--dry-run").ending != .exited(0))
      #expect(try distant.run("nic", "rename", "eth2=em9", "--dry-run").ending == .exited(2))
      let rules = "/etc/sysconfig/network-scripts/interface-rename-data/dynamic-rules.json"
      let before = distant.text(rules)
      let dry = try distant.run("nic", "rename", "eth2=em4", "--dry-run")
      #expect(dry.ending == .exited(0) && dry.output.holds("# interface-rename --update eth2=a0:36:9f:00:0d:14 eth3=a0:36:9f:00:0d:13"))
      #expect(distant.text(rules) == before)
      let done = try distant.run("nic", "rename", "eth2=em4", "--yes", "--json")
      #expect(try done.ending == .exited(0) && JSONValue(parsing: done.output)["outcome"] == "done", "\(done.error)")
      #expect(distant.text(rules) != before)
      let next = try JSONValue(parsing: try distant.run("nic", "names", "--json").output)
      #expect(next["nics"]?.array?.map { $0["next"]?.string } == ["eth0", "eth1", "eth3", "eth2"])
      let back = try distant.run("nic", "reset-names", "--yes")
      #expect(back.ending == .exited(0) && distant.text(rules) == before, "\(back.output)\(back.error)")
    }
  }
}

extension Distant {
  /// XAPI's word for a NIC's address.
  fileprivate func mac(_ device: String) throws -> String? {
    let session = try host.login()
    return try host.call("PIF.get_MAC", [session, pif(device)]).string
  }
}
