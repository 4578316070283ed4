import Dom0
import SimulatedHost
import Synchronization

/// The commands of a demo's host, answered inside the program.
final class SimulatedTools: ToolRunner {
  private enum Backing {
    /// The host is still being made; these wait for it.
    case coming([CheckedContinuation<SimulatedHost?, Never>])
    case there(SimulatedHost?)
  }

  private let backing = Mutex(Backing.coming([]))

  /// The host that answers from now on; nil when it could not be made.
  func serve(by host: SimulatedHost?) {
    let waiting = backing.withLock { state -> [CheckedContinuation<SimulatedHost?, Never>] in
      guard case .coming(let waiting) = state else { return [] }
      state = .there(host)
      return waiting
    }
    for continuation in waiting { continuation.resume(returning: host) }
  }

  private var host: SimulatedHost? {
    get async {
      await withCheckedContinuation { continuation in
        let known = backing.withLock { state -> SimulatedHost?? in
          switch state {
          case .there(let host): return .some(host)
          case .coming(let waiting):
            state = .coming(waiting + [continuation])
            return .none
          }
        }
        if case .some(let host) = known { continuation.resume(returning: host) }
      }
    }
  }

  func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
    guard let host = await host else { throw .missing(tool: command.name) }
    let answer = await Self.answer(command, host)
    switch answer {
    case .timeUp: throw .timedOut(tool: command.name, after: command.timeLimit)
    case .ended(nil): throw .missing(tool: command.name)
    case .ended(let tool?):
      return ToolOutput(
        exit: .code(tool.code), output: Array(tool.output.prefix(command.outputLimit)), errors: tool.errors,
        isCut: tool.output.count > command.outputLimit)
    }
  }

  private enum Answer: Sendable {
    case ended(SimulatedTool?)
    case timeUp
  }

  /// Whichever comes first: the command's end or the end of its time.
  private static func answer(_ command: Command, _ host: SimulatedHost) async -> Answer {
    await withTaskGroup(of: Answer.self) { group in
      group.addTask { .ended(await host.runTool(command.arguments, input: command.input)) }
      group.addTask {
        do { try await Task.sleep(for: command.timeLimit) } catch { return .ended(nil) }
        return .timeUp
      }
      let first = await group.next() ?? .timeUp
      group.cancelAll()
      return first
    }
  }
}
