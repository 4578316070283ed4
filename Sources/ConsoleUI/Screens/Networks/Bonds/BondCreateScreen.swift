import HostNetworking
import TerminalUI

/// A new bond.
struct BondCreateScreen: Screen {
  private let first: String?

  init(_ first: String?) { self.first = first }

  let title = "New bond"
  let help: [String] = []

  func keys(_ context: Context) -> [(key: String, does: String)] { [("Esc", "back")] }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): .back
    default: .pass
    }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) { frame.box(area, title: title) }
}
