/// This machine's tools.
public struct LocalTools: ToolRunner {
  public init() {}

  public func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
    throw .missing(tool: command.name)
  }
}
