/// Why the console cannot use the terminal. The terminal is as it was.
public enum TerminalError: Error, Hashable, Sendable {
  /// There is no terminal to draw on.
  case noTerminal(reason: String)
  /// The terminal database has no entry of this name.
  case unknownTerminal(name: String)
  /// The terminal lacks what a screen needs, such as moving the cursor.
  case incapable(name: String, lacks: String)
  /// The system refused something that has to work; `code` is errno.
  case system(call: String, code: Int32)
}

extension TerminalError: CustomStringConvertible {
  /// One sentence for the person who started the program.
  public var description: String {
    switch self {
    case .noTerminal(let reason):
      "No terminal to draw on: \(reason)."
    case .unknownTerminal(let name):
      "The terminal type \"\(name.printable)\" is not known here; set TERM to what your terminal is, such as xterm,"
        + " linux or vt100."
    case .incapable(let name, let lacks):
      "The terminal type \"\(name.printable)\" cannot show a screen (\(lacks)); set TERM to what your terminal is,"
        + " such as xterm, linux or vt100."
    case .system(let call, let code):
      "The terminal could not be made ready: \(call) failed (errno \(code))."
    }
  }
}

extension String {
  /// The text as it may be shown in a message: without control characters, and not endless.
  fileprivate var printable: String {
    var text = ""
    for scalar in unicodeScalars.prefix(60) { text.unicodeScalars.append(TextWidth.shown(scalar)) }
    return text
  }
}
