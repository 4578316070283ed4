import Dom0
import SimulatedHost

/// The commands of a simulated host, answered inside the test.
public final class SimulatedTools: ToolRunner {
  private let host: SimulatedHost

  public init(_ host: SimulatedHost) { self.host = host }

  public func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
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
