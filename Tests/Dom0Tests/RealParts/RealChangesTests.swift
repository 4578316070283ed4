import Foundation
import Testing

@testable import Dom0

/// The doorbell, in a namespace where nothing changes but what the test changes.
@Suite(.serialized, .enabled(if: RealParts.mayRun, RealParts.comment)) struct RealChangesTests {
  /// Counts the rings.
  private actor Bell {
    private(set) var rings = 0
    func ring() { rings += 1 }
  }

  private func withBell(
    _ network: RealNetwork, settle: Duration = .milliseconds(100), _ body: (Bell) async throws -> Void
  ) async throws {
    let socket = try await Self.socket(in: network)
    let changes = NetworkChanges.listening(to: socket, settle: settle, otherwise: .seconds(60))
    #expect(changes.source == .kernel)
    let bell = Bell()
    let listening = Task { for await _ in changes.rings { await bell.ring() } }
    defer { listening.cancel() }
    try await body(bell)
  }

  /// A socket belongs to the namespace its thread was in when it was made.
  private static func socket(in network: RealNetwork) async throws -> RouteSocket {
    typealias SetNamespace = @convention(c) (Int32, Int32) -> Int32
    let symbol = try #require(dlsym(nil, "setns"))
    let enter = unsafeBitCast(symbol, to: SetNamespace.self)
    let result: Result<RouteSocket, RouteSocket.Failure> = await withCheckedContinuation { waiting in
      _ = WorkThread.start {
        let namespace = open(network.namespace, O_RDONLY | O_CLOEXEC)
        defer { close(namespace) }
        waiting.resume(returning: enter(namespace, 0) == 0 ? RouteSocket.open() : .failure(RouteSocket.Failure()))
      }
    }
    return try result.get()
  }

  @Test func ringsForLinksAddressesAndRoutes() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.run("ip", "-6", "addr", "flush", "dev", "eth0")
    try await network.run("ip", "-6", "addr", "flush", "dev", "port0")
    try await withBell(network) { bell in
      for change in [
        ["ip", "addr", "add", "192.168.7.2/24", "dev", "eth0"],
        ["ip", "route", "add", "default", "via", "192.168.7.1"],
        ["ip", "-6", "addr", "add", "fd00:7::2/64", "dev", "eth0", "nodad"],
        ["ip", "-6", "route", "add", "default", "via", "fd00:7::1"], ["ip", "route", "del", "default"],
        ["ip", "addr", "del", "192.168.7.2/24", "dev", "eth0"], ["ip", "link", "set", "port0", "down"],
        ["ip", "link", "set", "port0", "up"], ["ip", "link", "set", "eth0", "mtu", "1400"],
        ["ip", "link", "del", "eth0"],
      ] {
        let before = await bell.rings
        let output = try await network.system.tools.run(Command(change))
        #expect(output.succeeded, "\(change): \(output.errorText)")
        await waitUntil { await bell.rings > before }
        #expect(await bell.rings > before, "no ring for \(change)")
        // Let what follows by itself (link-local addresses) ring too, so that it does not count for the next.
        try await Task.sleep(for: .milliseconds(300))
      }
    }
  }

  @Test func manyChangesAtOnceRingOnce() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    let batch = (1...200).map { "addr add 10.1.\($0).1/24 dev eth0" }.joined(separator: "\n")
    try await Task.sleep(for: .seconds(2))
    try await withBell(network, settle: .seconds(1)) { bell in
      let output = try await network.system.tools.run(Command(["ip", "-batch", "-"], input: Array(batch.utf8)))
      #expect(output.succeeded)
      await waitUntil { await bell.rings > 0 }
      try await Task.sleep(for: .seconds(2))
      #expect(await bell.rings == 1)
    }
  }

  @Test func isSilentWhileNothingChanges() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    try await network.addNIC("eth0", peer: "port0")
    try await network.run("ip", "addr", "add", "192.168.7.2/24", "dev", "eth0")
    // Until the addresses IPv6 makes by itself are no longer tentative.
    await waitUntil {
      let devices = try? await IPDevice.all(on: network.system)
      return devices?.allSatisfy { $0.addresses.allSatisfy { !$0.isTentative } } ?? false
    }
    try await Task.sleep(for: .milliseconds(500))
    try await withBell(network) { bell in
      // What only looks, and neighbours that come and go, is nothing to look for.
      _ = try await IPDevice.all(on: network.system)
      _ = try await IPRoute.all(.v4, on: network.system)
      try await network.run("ip", "neigh", "add", "192.168.7.1", "lladdr", "02:00:00:00:00:01", "dev", "eth0")
      try await Task.sleep(for: .seconds(1))
      #expect(await bell.rings == 0)
    }
  }

  @Test func endsWithItsListener() async throws {
    let network = try await RealNetwork()
    defer { network.end() }
    let socket = try await Self.socket(in: network)
    let changes = NetworkChanges.listening(to: socket, settle: .milliseconds(10), otherwise: .seconds(60))
    let listening = Task { for await _ in changes.rings {} }
    listening.cancel()
    await listening.value
    await waitUntil { fcntl(socket.descriptor, F_GETFD) < 0 }
    #expect(fcntl(socket.descriptor, F_GETFD) < 0)
  }
}

@Suite struct NetworkChangesTests {
  @Test func otherRootsRingByTheClock() async throws {
    let changes = NetworkChanges(of: HostSystem(root: "/tmp"), otherwise: .milliseconds(20))
    #expect(changes.source == .clock(every: .milliseconds(20), reason: "these files are not this machine's"))
    var rings = 0
    for await _ in changes.rings {
      rings += 1
      if rings == 3 { break }
    }
    #expect(rings == 3)
  }

  @Test func hearsThisMachine() {
    #expect(NetworkChanges(of: HostSystem()).source == .kernel)
  }
}
