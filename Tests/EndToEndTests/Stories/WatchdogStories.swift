import EndToEndSupport
import Foundation
import Glibc
import JSON
import Testing

extension Stories {
  /// The guard of a change, on a host with real addresses: what the kernel of a network namespace has is what counts.
  @Suite(.enabled(if: RealAddresses.isPossible, "no network namespaces here"))
  struct Watchdog {
    private let distant: Distant
    private let steps = Stories.Management()

    init() throws {
      distant = try Distant("standalone", ["--real-addresses"], wrapper: ["/usr/bin/unshare", "-n"])
    }

    /// Waits until the kernel says this, or no longer says it.
    private func kernel(
      _ text: String, _ isThere: Bool = true, in words: String..., within limit: Duration = .seconds(60)
    ) async throws {
      try await distant.waits("\(isThere ? "" : "the end of ")\(text)", within: limit) {
        try ChildProcess.run(
          ["/usr/bin/nsenter", "-t", "\(distant.host.pid)", "-n", "/usr/bin/env", "ip"] + words, limit: .seconds(20)
        ).output.holds(text) == isThere
      }
    }

    private func addressIs(_ address: String, not other: String, within limit: Duration = .seconds(60)) async throws {
      try await kernel(address, in: "addr", "show", "dev", "xenbr0", within: limit)
      try await kernel(other, false, in: "addr", "show", "dev", "xenbr0")
      try await kernel("default via 10.0.4.1 dev xenbr0", in: "route")
    }

    private func changesTheAddress(_ console: Session) async throws {
      try await addressIs("10.0.4.11/24", not: "10.0.4.50/24")
      try await steps.choosing(console)
      try console.press("Enter")
      try await console.sees("Management on eth0")
      try console.press("Tab")
      try steps.fill(console, "10.0.4.50")
      try await steps.reviews(console)
      try await steps.applies(console)
      try await addressIs("10.0.4.50/24", not: "10.0.4.11/24")
    }

    @Test func theKilledConsolesAddressGoesBack() async throws {
      defer { distant.host.stop() }
      let console = try distant.console(confirmWithin: 10)
      try await changesTheAddress(console)
      for pid in distant.consoles { kill(pid, SIGKILL) }
      #expect(try await console.ends() == 128 + SIGKILL)
      try await addressIs("10.0.4.11/24", not: "10.0.4.50/24")
      try await distant.waits("the end of the guard") { !distant.isPending }
    }

    /// Without XAPI the network daemon alone brings the old address back.
    @Test func withXAPIKilledTheAddressGoesBackAllTheSame() async throws {
      defer { distant.host.stop() }
      let console = try distant.console(confirmWithin: 10)
      try await changesTheAddress(console)
      try distant.host.steer(["kill": ["unit": "xapi", "seconds": 60]], over: distant.folder.path + "/tools")
      for pid in distant.consoles { kill(pid, SIGKILL) }
      _ = try await console.ends()
      try await addressIs("10.0.4.11/24", not: "10.0.4.50/24", within: .seconds(90))
    }

    @Test func theKeptAddressStays() async throws {
      defer { distant.host.stop() }
      let console = try distant.console(confirmWithin: 10)
      try await changesTheAddress(console)
      #expect(try distant.run("pending", "--keep").ending == .exited(0))
      try await Task.sleep(for: .seconds(11))
      try await addressIs("10.0.4.50/24", not: "10.0.4.11/24")
    }
  }
}
