import HostNetworking
import TerminalUI

/// One VM or network out of all of the pool, which may be hundreds; what comes then is opened above.
struct PickScreen: Screen {
  private let columns: [Table.Column]
  private let empty: String
  private let things: [VIFList.Thing]
  private let contents: Browser.Contents
  private let next: @Sendable (VIFList.Thing) -> any Screen
  private var browser: Browser

  let title: String
  let help: [String]

  /// - Parameters:
  ///   - what: in the list's title row.
  ///   - chosen: by its uuid.
  private init(
    _ title: String, what: String, about: String, place: String, _ things: [VIFList.Thing], chosen: String?, empty: String, help: String,
    next: @escaping @Sendable (VIFList.Thing) -> any Screen
  ) {
    self.title = title
    self.things = things
    self.empty = empty
    self.next = next
    self.help = [help, "/ shows only those with all the words that are typed; Enter takes the chosen one."]
    columns = [
      .init(what, minimum: 20, ideal: 40, priority: 0), .init(about, minimum: 16, ideal: 28, priority: 1), .init(place, minimum: 8, ideal: 20, priority: 2),
    ]
    let rows = things.map { thing in
      let style: Style = thing.isIdle ? .dim : .normal
      let cells = [thing.name, thing.about, thing.place.isEmpty ? "-" : thing.place].map { Browser.Cell($0, style) }
      return Browser.Row(id: thing.uuid, cells: cells, more: thing.uuid)
    }
    contents = Browser.Contents(rows, columns: columns)
    browser = Browser(chosen: chosen)
  }

  static func vm(_ list: VIFList, next: @escaping @Sendable (VIFList.Thing) -> any Screen) -> PickScreen {
    PickScreen(
      "New VIF: for which VM?", what: "VM", about: "State", place: "Runs on", list.vms, chosen: nil, empty: "The pool has no VM.",
      help: "The VMs of the pool, without templates and snapshots.", next: next)
  }

  static func network(_ list: VIFList, _ title: String, chosen: String?, next: @escaping @Sendable (VIFList.Thing) -> any Screen) -> PickScreen {
    PickScreen(
      title, what: "Network", about: "Leads to", place: "Bridge", list.networks, chosen: chosen, empty: "The pool has no network.",
      help: "The networks of the pool, and where each leads on this host. Those of NICs that are in a bond have no traffic of their own, and come last.",
      next: next)
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if browser.takesText { return [("Enter", "keep filter"), ("Esc", "show all"), ("Up/Down", "choose")] }
    return [("Enter", "take it"), ("/", "filter"), ("Esc", browser.filter == nil ? "back: nothing changed" : "show all"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if browser.handle(key, contents, room: rows(room)) { return .done }
    switch key {
    case .enter, .right, .character("l"):
      settle(context, room: room)
      return things.first { $0.uuid == browser.chosen }.map { .open(next($0)) } ?? .done
    case .escape, .left, .character("h"): return .back
    default: return .pass
    }
  }

  mutating func settle(_ context: Context, room: Size) { browser.settle(contents, room: rows(room)) }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  private func rows(_ room: Size) -> Int { max(1, room.rows - 3 - (browser.filter == nil ? 0 : 1)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    browser.draw(into: &frame, in: area.inset(left: 1, top: 1, right: 1, bottom: 1), contents, empty: empty)
  }
}
