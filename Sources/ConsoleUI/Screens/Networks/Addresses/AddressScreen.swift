import HostNetworking
import TerminalUI

/// The address of an interface that is not management.
struct AddressScreen: Screen {
  private let interface: String

  init(_ interface: String) { self.interface = interface }

  let title = "Address"
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
