/// A command to run: an argument vector, never a line for a shell.
public struct Command: Hashable, Sendable {
  /// The program, by absolute path or by name (then looked for in `Command.path`), and its arguments.
  public var arguments: [String]
  /// How long it may take before it is killed.
  public var timeLimit: Duration
  /// Bytes of output beyond which the rest is thrown away.
  public var outputLimit: Int
  /// What it gets on standard input.
  public var input: [UInt8]

  public init(_ arguments: [String], timeLimit: Duration = .seconds(5), outputLimit: Int = 1 << 20, input: [UInt8] = [])
  {
    self.arguments = arguments
    self.timeLimit = timeLimit
    self.outputLimit = outputLimit
    self.input = input
  }

  /// Where programs are looked for, and what they get as `PATH`.
  public static let path = "/opt/xensource/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// The program's name without its folder.
  public var name: String {
    let program = arguments.first ?? ""
    return program.split(separator: "/").last.map { String($0) } ?? program
  }
}

/// What a command left behind.
public struct ToolOutput: Hashable, Sendable {
  public enum Exit: Hashable, Sendable {
    case code(Int32)
    case signal(Int32)
  }

  public var exit: Exit
  public var output: [UInt8]
  public var errors: [UInt8]
  /// True when there was more output than the command's limit.
  public var isCut: Bool

  public init(exit: Exit = .code(0), output: [UInt8] = [], errors: [UInt8] = [], isCut: Bool = false) {
    self.exit = exit
    self.output = output
    self.errors = errors
    self.isCut = isCut
  }

  public var succeeded: Bool { exit == .code(0) }
  /// Standard output; bytes that are not UTF-8 become replacement characters.
  public var text: String { String(decoding: output, as: UTF8.self) }
  public var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// Why a command did not run to its end.
public enum ToolFailure: Error, Hashable, Sendable {
  /// There is no such program on this host.
  case missing(tool: String)
  case notStarted(tool: String, reason: String)
  /// Killed after its time limit.
  case timedOut(tool: String, after: Duration)
  /// Killed because its task was cancelled.
  case cancelled(tool: String)
  /// Commands are not run for this host: its files only were asked for.
  case filesOnly(tool: String)
}

extension ToolFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let tool): "\(tool) is not on this host"
    case .notStarted(let tool, let reason): "\(tool) could not be started: \(reason)"
    case .timedOut(let tool, let limit): "\(tool) gave no answer within \(limit.components.seconds) s"
    case .cancelled(let tool): "\(tool) was stopped"
    case .filesOnly(let tool): "\(tool) is not run for files below another root"
    }
  }
}

/// Runs commands of the host.
public protocol ToolRunner: Sendable {
  /// Runs a command to its end. Cancelling the task kills it.
  func run(_ command: Command) async throws(ToolFailure) -> ToolOutput
}

/// No tools at all: for files below another root.
public struct NoTools: ToolRunner {
  public init() {}

  public func run(_ command: Command) async throws(ToolFailure) -> ToolOutput {
    throw .filesOnly(tool: command.name)
  }
}
