import HostNetworking
import TerminalUI

/// A form about something that XAPI has not told of: why there is none, and the ways on.
enum WithoutXAPI {
  static let keys: [(key: String, does: String)] = [("r", "look again"), ("t", "toolstack"), ("Esc", "back"), ("?", "help")]

  /// The console itself asks XAPI again.
  static func handle(_ key: Key) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): .back
    case .character("t"): .open(ToolstackScreen())
    default: .pass
    }
  }

  /// - Parameters:
  ///   - text: what XAPI has not told of.
  ///   - otherwise: what holds where XAPI answers all the same.
  static func facts(_ text: String, otherwise: String, _ context: Context) -> [Fact] {
    guard context.isStale else { return [Fact("", otherwise, style: .warning, mark: "!  ")] }
    return [
      Fact("", text, style: .warning, mark: "!  "),
      Fact("", "XAPI must answer for this. Wait for it, restart the toolstack, or use the emergency network reset.", mark: "   "),
    ]
  }
}

extension ChangeProblem {
  /// Where the way on leads there, a key does so too.
  var namesToolstack: Bool { remedy?.contains("restart the toolstack") ?? false }
}
