import EndToEndSupport
import Foundation
import JSON
import Testing

extension Stories {
  /// VIFs of VMs, and the restart of the toolstack, with the real program.
  @Suite struct VIFs {
    @Test func aVIFIsMovedToAnotherNetwork() async throws {
      let distant = try Distant("pool")
      let row = try vif(distant, "web-01")
      let from = try #require(row["network"]?.string)
      let console = try distant.console()
      try await console.sees("XAPI ok")
      try console.press("3")
      try await console.sees("Networks")
      try console.press("/")
      try console.type(from)
      try console.press("Enter")
      try await console.seesRow(">", from)
      try console.press("a")
      try await console.sees("VIFs")
      for _ in 0..<14 {
        if try console.rows().contains(where: { $0.holds(">") && $0.holds("VIFs") }) { break }
        try console.press("Down")
        try await Task.sleep(for: .milliseconds(60))
      }
      try console.press("Enter")
      try await console.seesRow("web-01", "yes")
      try console.press("/")
      try console.type("web-01")
      try console.press("Enter")
      try await console.sees("1 of")
      try console.press("m")
      try await console.sees("VIF 0 of web-01: to which network?")
      try console.press("/")
      try console.type("Voice")
      try console.press("Enter", "Enter")
      try await console.sees("y or F8 apply")
      #expect(try console.rows().contains { $0.holds("web-01 runs") })
      try console.press("y")
      try await console.sees("Done.")
      try console.press("Enter")
      try await console.sees("VIFs on")
      let moved = try vif(distant, "web-01")
      #expect(moved["network"] == "Voice" && moved["uuid"] == row["uuid"] && moved["plugged"] == true)
    }

    @Test func aVIFFromItsBirthToItsEnd() throws {
      let distant = try Distant("pool")
      func done(_ outcome: ChildProcess.Outcome) { #expect(outcome.ending == .exited(0), "\(outcome.error) \(outcome.output)") }
      done(try distant.run("vif", "create", "web-01", "Voice", "--device", "3", "--mac", "02:16:3e:00:00:09", "--yes"))
      #expect(try vif(distant, "web-01", device: "3")["plugged"] == true)
      done(try distant.run("vif", "unplug", "web-01:3", "--yes"))
      done(try distant.run("vif", "plug", "web-01:3", "--yes"))
      done(try distant.run("vif", "lock", "web-01:3", "locked", "--allow", "10.0.30.9", "--yes"))
      #expect(try vif(distant, "web-01", device: "3")["locking"] == "locked")
      let dry = try distant.run("vif", "destroy", "web-01:3", "--dry-run", "--json")
      #expect(try JSONValue(parsing: dry.output)["possible"] == true)
      done(try distant.run("vif", "destroy", "web-01:3", "--yes"))
      #expect(try !distant.run("vif", "list").output.holds("web-01:3"))
      let wrong = try distant.run("vif", "create", "web-01", "Voice", "--mac", "nonsense", "--yes")
      #expect(wrong.ending == .exited(1) && wrong.output.holds("nonsense is no MAC address"))
    }

    private func vif(_ distant: Distant, _ vm: String, device: String = "0") throws -> JSONValue {
      let rows = try JSONValue(parsing: try distant.run("vif", "list", "--json").output).array ?? []
      return try #require(rows.first { $0["vm"]?.string == vm && $0["device"]?.string == device })
    }
  }
}
