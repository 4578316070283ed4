import Dom0
import XenAPI

/// Keeps a `HostView` up to date.
public struct HostWatch: Sendable {
  private let client: XenClient
  private let monitor: LiveMonitor
  private let system: HostSystem

  /// - Parameter system: the host's files; nil for a host that is not this machine.
  public init(endpoint: Endpoint, system: HostSystem = HostSystem(), timing: LiveMonitor.Timing = .init()) {
    client = XenClient(endpoint)
    monitor = LiveMonitor(client, timing: timing)
    self.system = system
  }

  /// Runs until its task is cancelled; `publish` gets every new view, the first at once.
  public func run(_ publish: @escaping @Sendable (HostView) -> Void) async {
    await monitor.run { [system] state in
      publish(HostView(state, inventory: try? Inventory(of: system), hostname: (try? system.hostname()) ?? nil))
    }
  }

  /// Tries XAPI again at once when it is silent.
  public func retryNow() { monitor.retryNow() }

  /// Gives the session back. Takes half a second at the most.
  public func close() async { await client.logout() }
}
