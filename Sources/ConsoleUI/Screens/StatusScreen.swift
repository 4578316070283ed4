import HostNetworking
import TerminalUI

/// The host at a glance.
struct StatusScreen: Screen {
  private var page = FactsPage()

  let title = "Status"

  let help = [
    "The host at a glance. What deserves a look comes first: choose such a line with Up and Down, and Enter goes to the "
      + "place that shows more.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [
      ("Enter", "go there"), ("Up/Down", "choose, scroll"), ("/", "find"), ("Esc", "back"), ("r", "refresh"),
      ("?", "help"),
    ]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): .back
    default: page.handle(key, StatusFacts(context: context).all, room: factsRoom(room))
    }
  }

  mutating func settle(_ context: Context, room: Size) {
    page.settle(StatusFacts(context: context).all, room: factsRoom(room))
  }

  /// Wide screens have the interfaces beside the facts.
  private func factsColumns(_ columns: Int) -> Int { columns < 120 ? columns : max(60, columns * 2 / 5) }

  private func factsRoom(_ room: Size) -> Size {
    FactsPage.room(Size(columns: factsColumns(room.columns), rows: room.rows))
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (left, right) = area.splitLeft(factsColumns(area.columns))
    page.draw(into: &frame, in: left, title: title, StatusFacts(context: context).all)
    guard !right.isEmpty else { return }
    Overview(context: context).drawLists(into: &frame, in: right)
  }
}
