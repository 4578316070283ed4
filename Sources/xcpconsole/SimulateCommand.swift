import Dom0
import Glibc
import JSON
import SimulatedHost

extension Simulate {
  func run(on standard: Standard) async throws -> Int32 {
    if replay { return try await runReplay(on: standard) }
    guard let path = try SocketPath.checked(socket) else { return 2 }
    let options = SimulatedHost.Options(latency: .milliseconds(latencyMs), fault: fault, faultAfter: faultAfter)
    let host: SimulatedHost
    do {
      host =
        if let load {
          try SimulatedHost(state: try json(load), options: options)
        } else {
          SimulatedHost(scenario: scenario, options: options)
        }
      try await host.start(socketPath: path)
    } catch let error as SimulationError {
      throw Failure(text: "\(error)")
    }
    standard.say("Simulating \(load ?? scenario.rawValue) on \(path); Ctrl-C ends it.")
    await untilAskedToStop()
    await host.stop()
    return 0
  }

  /// SIGINT, SIGTERM and SIGHUP are blocked in every thread: one of them is taken here.
  private func untilAskedToStop() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let context = Unmanaged.passRetained(Waiter(continuation)).toOpaque()
      var thread = pthread_t()
      pthread_create(&thread, nil, { context in
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
        var taken: Int32 = 0
        sigwait(&signals, &taken)
        if let context { Unmanaged<Waiter>.fromOpaque(context).takeRetainedValue().continuation.resume() }
        return nil
      }, context)
    }
  }

  private final class Waiter {
    let continuation: CheckedContinuation<Void, Never>
    init(_ continuation: CheckedContinuation<Void, Never>) { self.continuation = continuation }
  }

  private func runReplay(on standard: Standard) async throws -> Int32 {
    let (capture, state) = (try json(files[0]), try json(files[1]))
    let report: Replay.Report
    do {
      report = try await Replay.run(capture: capture, state: state)
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
