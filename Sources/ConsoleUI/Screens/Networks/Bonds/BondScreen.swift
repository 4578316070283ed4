import HostNetworking
import TerminalUI

/// How a bond works, live, and what can be done with it.
struct BondScreen: Screen {
  private let bond: String

  init(_ bond: String) { self.bond = bond }

  let title = "Bond"
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
