import HostNetworking
import TerminalUI

/// The way to take a NIC out of the machine.
struct RetireScreen: Screen {
  private let device: String

  init(_ device: String) { self.device = device }

  let title = "Remove a NIC"
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
