/// Why a part of the live state could not be read.
public enum LiveFailure: Error, Hashable, Sendable {
  case file(HostFileError)
  case tool(ToolFailure)
  /// The tool ran and said no. `message` is its last line of complaint, or empty.
  case refused(tool: String, exit: ToolOutput.Exit, message: String)
  /// The tool said something that is not its format. `reason` names what.
  case garbage(tool: String, reason: String)
}

extension LiveFailure {
  /// True when there is nothing to read rather than something wrong: the file or the program is not on this host.
  public var isAbsence: Bool {
    switch self {
    case .file(.missing), .tool(.missing), .tool(.filesOnly): true
    default: false
    }
  }
}

extension LiveFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .tool(let failure): "\(failure)"
    case .refused(let tool, .signal(let number), _): "\(tool) was ended by signal \(number)"
    case .refused(let tool, .code(let code), ""): "\(tool) failed (exit code \(code))"
    case .refused(let tool, .code(let code), let message): "\(tool) failed: \(message) (exit code \(code))"
    case .garbage(let tool, let reason): "\(tool) gave an answer that makes no sense: \(reason)"
    }
  }
}
