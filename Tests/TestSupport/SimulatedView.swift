import Dom0
import Foundation
import HostNetworking
import SimulatedHost
import Synchronization
import XenAPI

/// A simulated host on a socket of its own, and the views that the real client makes of it.
public final class SimulatedView: Sendable {
  public let host: SimulatedHost
  public let watch: HostWatch
  /// The host's files, and tools that answer in process.
  public let system: HostSystem
  private let folder: String
  private let latest = Latest()
  private let task = Mutex<Task<Void, Never>?>(nil)

  /// What the monitor does in seconds a test wants in tenths.
  public static var quick: LiveMonitor.Timing {
    var timing = LiveMonitor.Timing()
    timing.hold = .seconds(1)
    timing.grace = .milliseconds(500)
    timing.login = .seconds(1)
    timing.retry = .milliseconds(50)
    timing.longestRetry = .milliseconds(100)
    timing.breath = .milliseconds(10)
    return timing
  }

  public init(
    _ scenario: Scenario, options: SimulatedHost.Options = .init(), timing: LiveMonitor.Timing = quick
  ) async throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("view-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    host = SimulatedHost(scenario: scenario, options: options)
    try await host.attach(root: folder)
    system = HostSystem(root: folder, tools: SimulatedTools(host))
    watch = HostWatch(endpoint: .unixSocket(path: folder + Self.socketPath), system: system, timing: timing)
    try await host.start(socketPath: folder + Self.socketPath)
    let started = Task.detached { [watch, latest] in
      await watch.run { view in latest.view.withLock { $0 = view } }
    }
    task.withLock { $0 = started }
  }

  private static let socketPath = "/var/lib/xcp/xapi"

  /// Where the simulated host listens.
  public var socket: String { folder + Self.socketPath }

  /// The latest view for which `condition` holds, as soon as there is one.
  /// - Parameter limit: generous, for a busy machine; nil comes back when it has passed.
  public func view(
    within limit: Duration = .seconds(20), where condition: (HostView) -> Bool = { $0.facts != nil }
  ) async throws -> HostView? {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
      if let view = latest.view.withLock({ $0 }), condition(view) { return view }
      try await Task.sleep(for: .milliseconds(10))
    }
    return nil
  }

  public func close() async {
    let running = task.withLock { $0 }
    running?.cancel()
    await running?.value
    await watch.close()
    await host.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }
}

private final class Latest: Sendable {
  let view = Mutex<HostView?>(nil)
}
