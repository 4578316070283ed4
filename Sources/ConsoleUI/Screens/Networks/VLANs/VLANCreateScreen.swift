import HostNetworking
import TerminalUI

/// New VLANs on a NIC or a bond.
struct VLANCreateScreen: Screen {
  private let base: String?

  init(_ base: String?) { self.base = base }

  let title = "New VLAN"
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
