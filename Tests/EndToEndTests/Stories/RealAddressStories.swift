import EndToEndSupport
import Foundation
import JSON
import Testing

extension Stories {
  /// A simulated host that gives its addresses to a network namespace of its own (`simulate --real-addresses`).
  @Suite struct RealAddresses {
    private static let tools = ["/usr/bin/unshare", "/usr/bin/nsenter"]

    /// Namespaces can be made here, and `ip` is there.
    static let isPossible: Bool = {
      // What is missing there fails the tests instead of sparing them.
      if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
      guard geteuid() == 0, tools.allSatisfy({ access($0, X_OK) == 0 }) else { return false }
      let outcome = try? ChildProcess.run(["/usr/bin/unshare", "-n", "/usr/bin/env", "ip", "link", "show", "lo"], limit: .seconds(20))
      return outcome?.ending == .exited(0)
    }()

    /// The host in a namespace of its own.
    private struct Isolated {
      let folder: ScratchFolder
      let socket: String
      let process: HostProcess

      init(_ scenario: String) throws {
        folder = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/root", withIntermediateDirectories: true)
        socket = folder.path + "/tools"
        process = try HostProcess(
          scenario,
          options: ["--tools-socket", socket, "--root", folder.path + "/root", "--real-addresses", "--lease-ms", "0"],
          folder: folder, wrapper: ["/usr/bin/unshare", "-n"])
      }

      func tool(_ words: String...) throws {
        let request: JSONValue = ["argv": .array(words.map { .string($0) })]
        let answer = try JSONValue(parsing: UnixHTTP.post("/tool", request.encoded, to: socket).body)
        #expect(answer["code"] == 0, "\(words): \(answer)")
      }

      func wish(_ wish: JSONValue) throws {
        #expect(try UnixHTTP.post("/simulate", wish.encoded, to: socket).status == 200)
      }

      func call(_ method: String, _ parameters: JSONValue...) throws -> JSONValue {
        try process.call(method, [process.login()] + parameters)
      }

      /// Waits until `ip` says this, or no longer says it.
      func sees(_ text: String, _ isThere: Bool = true, in words: String...) async throws {
        var last = ""
        for _ in 0..<300 {
          last = try ChildProcess.run(
            ["/usr/bin/nsenter", "-t", "\(process.pid)", "-n", "/usr/bin/env", "ip"] + words, limit: .seconds(20)
          ).output
          if last.holds(text) == isThere { return }
          try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("\(isThere ? "not" : "still") there: \(text) in \(last)")
      }

      func stop() { process.stop() }
    }

    @Test func theNamespaceOfEverybodyElseIsRefused() throws {
      let folder = try ScratchFolder()
      let outcome = try ChildProcess.run(
        [Program.console(), "simulate", "--socket", folder.path + "/x", "--root", folder.path, "--real-addresses"],
        limit: .seconds(20))
      #expect(outcome.ending == .exited(1))
      #expect(outcome.error.holds("namespace"))
    }

    @Test(.enabled(if: isPossible, "no network namespaces here"))
    func addressesLinksAndRoutesFollow() async throws {
      let host = try Isolated("standalone")
      defer { host.stop() }
      try await host.sees("10.0.4.11/24", in: "addr", "show", "dev", "xenbr0")
      try await host.sees("default via 10.0.4.1 dev xenbr0", in: "route")
      let pifs = try host.call("PIF.get_all_records").object ?? [:]
      let pif = JSONValue.string(try #require(pifs.first { $0.1["device"] == "eth0" }).0)
      _ = try host.call("PIF.reconfigure_ip", pif, "Static", "10.0.4.33", "255.255.0.0", "10.0.4.254", "")
      try await host.sees("10.0.4.33/16", in: "addr", "show", "dev", "xenbr0")
      try await host.sees("10.0.4.11/24", false, in: "addr", "show", "dev", "xenbr0")
      try await host.sees("default via 10.0.4.254 dev xenbr0", in: "route")
      // The cable, and IPv6.
      try host.wish(["carrier": ["device": "eth0", "up": false]])
      try await host.sees("NO-CARRIER", in: "link", "show", "dev", "xenbr0")
      try host.wish(["carrier": ["device": "eth0", "up": true]])
      try await host.sees("LOWER_UP", in: "link", "show", "dev", "xenbr0")
      _ = try host.call("PIF.reconfigure_ipv6", pif, "Static", "2001:db8:4::33/64", "2001:db8:4::1", "")
      try await host.sees("2001:db8:4::33/64", in: "addr", "show", "dev", "xenbr0")
      try await host.sees("default via 2001:db8:4::1 dev xenbr0", in: "-6", "route")
      // networkd by its files, with XAPI dead.
      try host.tool("systemctl", "stop", "xapi")
      try host.tool("systemctl", "stop", "xcp-networkd")
      try FileManager.default.removeItem(atPath: host.folder.path + "/root/var/lib/xcp/networkd.db")
      try "LABEL='eth0'\nMODE='static'\nIP='10.0.4.11'\nNETMASK='255.255.255.0'\nGATEWAY='10.0.4.1'\n".write(
        toFile: host.folder.path + "/root/etc/firstboot.d/data/management.conf", atomically: true, encoding: .utf8)
      try host.tool("systemctl", "start", "xcp-networkd")
      try await host.sees("10.0.4.11/24", in: "addr", "show", "dev", "xenbr0")
      try await host.sees("10.0.4.33", false, in: "addr", "show", "dev", "xenbr0")
      try await host.sees("default via 10.0.4.1 dev xenbr0", in: "route")
    }
  }
}
