import HostNetworking
import TerminalUI

/// Keys of a form whose facts have not come yet, or could not be had.
enum FactsToCome {
  static func handle(_ key: Key, _ problem: inout ChangeProblem?) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5):
      problem = nil
      return .ask(.lookForChange)
    case .character("t") where problem != nil: return .open(ToolstackScreen())
    default: return .pass
    }
  }
}
