import HostNetworking
import TerminalUI

/// What hangs on a network, and its end.
struct NetworkDestroyScreen: Screen {
  private let network: NetworkID

  init(_ network: NetworkID) { self.network = network }

  let title = "Destroy a network"
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
