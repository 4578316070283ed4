import Glibc

/// Why the harness itself could not do its work; not a finding about the console.
public struct HarnessError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }

  /// A system call that failed, with what errno says of it.
  static func system(_ call: String, _ code: Int32) -> HarnessError {
    HarnessError("\(call): \(String(cString: strerror(code)))")
  }
}
