/// What a command on a simulated host left behind.
public struct SimulatedTool: Hashable, Sendable {
  /// Its exit status.
  public var code: Int32
  public var output: [UInt8]
  public var errors: [UInt8]

  public init(code: Int32 = 0, output: [UInt8] = [], errors: [UInt8] = []) {
    self.code = code
    self.output = output
    self.errors = errors
  }

  init(_ text: String, code: Int32 = 0) { self.init(code: code, output: Array(text.utf8)) }

  static func failure(_ code: Int32, _ text: String) -> SimulatedTool {
    SimulatedTool(code: code, errors: Array((text + "\n").utf8))
  }

  /// Ways for a tool to fail.
  public enum Fault: Hashable, Sendable {
    /// The host has no such program.
    case missing
    /// It starts and never ends by itself.
    case hang
    /// It ends with this status and text on standard error, having done nothing.
    case fail(code: Int32, errors: String)
  }
}
