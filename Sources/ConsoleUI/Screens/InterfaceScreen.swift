import HostNetworking
import TerminalUI
import XenAPI

/// All about one interface.
struct InterfaceScreen: Screen {
  let ref: Ref<PIF>
  /// As it was called when the screen opened: shown when it is gone.
  let name: String
  private var page = FactsPage()

  init(ref: Ref<PIF>, name: String) {
    self.ref = ref
    self.name = name
  }

  var title: String { name }

  let help = ["All that is known of one interface. Enter on the network's line goes to the network."]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "go to network"), ("Esc", "back"), ("Up/Down", "choose, scroll"), ("?", "help")]
  }

  private func facts(_ context: Context) -> [Fact] {
    guard let interface = context.host?.interfaces.first(where: { $0.ref == ref }) else {
      return [Fact("", "\(name) is gone: XAPI no longer knows it.", style: .warning)]
    }
    return InterfaceFacts(interface).full
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): .back
    default: page.handle(key, facts(context), room: FactsPage.room(room))
    }
  }

  mutating func settle(_ context: Context, room: Size) { page.settle(facts(context), room: FactsPage.room(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    page.draw(into: &frame, in: area, title: name, facts(context))
  }
}
