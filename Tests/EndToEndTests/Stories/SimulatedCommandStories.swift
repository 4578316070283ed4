import EndToEndSupport
import Foundation
import JSON
import Testing

extension Stories {
  /// A simulated host in a process of its own, whose commands the program runs over a socket (`--tools`).
  @Suite struct SimulatedCommands {
    /// Services stop, and the host boots, as it would on the machine itself.
    @Test func aResetRebootsTheHostOfAnotherProcess() async throws {
      let distant = try Distant("standalone")
      let session = try distant.host.login()
      for vm in try distant.host.call("VM.get_all", [session]).array ?? [] {
        if try distant.host.call("VM.get_is_control_domain", [session, vm]) == false,
          try distant.host.call("VM.get_power_state", [session, vm]) == "Running"
        {
          try distant.host.call("VM.hard_shutdown", [session, vm])
        }
      }
      let outcome = try distant.run("reset", "--device", "eth1", "--yes", "--json")
      #expect(outcome.ending == .exited(0), "\(outcome.error)")
      #expect(try JSONValue(parsing: outcome.output)["reboots"] == true)
      var management = ""
      for _ in 0..<200 where management != "xenbr1" {
        try await Task.sleep(for: .milliseconds(50))
        let lines = distant.text("/etc/xensource-inventory").split(separator: "\n")
        guard !distant.text("/run/xapi_init_complete.cookie").isEmpty || access(distant.root + "/run/xapi.pid", F_OK) == 0,
          access(distant.root + "/var/tmp/network-reset", F_OK) != 0
        else { continue }
        management = lines.first { $0.hasPrefix("MANAGEMENT_INTERFACE=") }.map { String($0.dropFirst(22).dropLast()) } ?? ""
      }
      #expect(management == "xenbr1")
    }

    /// Commands of elsewhere for the files of this machine would be a trap.
    @Test func thisMachineIsNeverMeant() throws {
      let outcome = try ChildProcess.run([Program.console(), "layout", "list", "--tools", "/tmp/nobody"], limit: .seconds(20))
      #expect(outcome.ending == .exited(2))
      #expect(outcome.error.holds("--tools goes with --root"))
    }
  }
}
