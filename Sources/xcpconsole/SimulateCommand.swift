import Dom0
import Glibc
import JSON
import SimulatedHost

extension Simulate {
  func run(on standard: Standard) throws -> Int32 {
    if replay { return try runReplay(on: standard) }
    guard let path = try SocketPath.checked(socket) else { return 2 }
    let toolsPath = try SocketPath.checked(toolsSocket, named: "--tools-socket")
    var options = SimulatedHost.Options(latency: .milliseconds(latencyMs), fault: fault, faultAfter: faultAfter)
    options.leaseTime = .milliseconds(leaseMs)
    options.version = hostVersion
    let settings = options
    let host: SimulatedHost
    do {
      host =
        if let load {
          try SimulatedHost(state: try json(load), options: settings)
        } else {
          SimulatedHost(scenario: scenario, options: settings)
        }
      try waiting {
        if let root { try await host.attach(root: root) }
        if realAddresses { try await host.mirrorAddresses { standard.complain($0) } }
        if let toolsPath { try await host.startTools(socketPath: toolsPath) }
        try await host.start(socketPath: path)
      }
    } catch let error as SimulationError {
      throw Failure(text: "\(error)")
    }
    standard.say("Simulating \(load ?? scenario.rawValue) on \(path); Ctrl-C ends it.")
    untilAskedToStop()
    try waiting { await host.stop() }
    return 0
  }

  /// Takes one of the signals that are blocked in every thread, this one included.
  private func untilAskedToStop() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    var taken: Int32 = 0
    sigwait(&signals, &taken)
  }

  private func runReplay(on standard: Standard) throws -> Int32 {
    let (capture, state) = (try json(files[0]), try json(files[1]))
    let report: Replay.Report
    do {
      report = try waiting { try await Replay.run(capture: capture, state: state) }
    } catch {
      throw Failure(text: "\(error)")
    }
    for difference in report.differences { standard.say("\(difference)") }
    standard.say("\(report.matched) of \(report.total) exchanges")
    return report.matched == report.total ? 0 : 1
  }

  private func json(_ path: String) throws -> JSONValue {
    do {
      return try JSONValue(parsing: try HostSystem().read(path, limit: 1 << 30))
    } catch let error as HostFileError {
      throw Failure(text: "\(error)")
    } catch {
      throw Failure(text: "\(path) is not JSON: \(error)")
    }
  }
}
