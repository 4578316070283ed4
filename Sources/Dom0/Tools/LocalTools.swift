import Glibc

/// This machine's tools.
///
/// Made of posix_spawn and a thread per command. swift-subprocess was considered: it brings Foundation's and Dispatch's
/// weight and system calls (pidfd) that dom0's kernel 4.19 does not have.
public struct LocalTools: ToolRunner {
  public init() {}

  public func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
    guard let stop = WakePipe() else {
      throw .notStarted(tool: command.name, reason: String(cString: strerror(errno)))
    }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { (waiting: CheckedContinuation<Result<ToolOutput, ToolFailure>, Never>) in
        let problem = WorkThread.start {
          CommandRun(command, stop: stop).run { waiting.resume(returning: $0) }
        }
        if problem != 0 {
          waiting.resume(
            returning: .failure(.notStarted(tool: command.name, reason: String(cString: strerror(problem)))))
        }
      }
    } onCancel: {
      stop.ring()
    }
    return try outcome.get()
  }
}
