import HostNetworking
import TerminalUI

/// A screen that is a list with the details of the chosen thing below: conforming types say what is listed.
protocol BrowserScreen: Screen {
  var browser: Browser { get set }
  static var columns: [Table.Column] { get }
  /// What stands in the list's place while there is nothing.
  static var empty: String { get }
  static func rows(_ host: HostView) -> [Browser.Row]
  /// What `rows` gave for the present view.
  static func contents(_ context: Context) -> Browser.Contents
  /// The thing with the id of a row: its name, what the pane tells of it, and the page that tells all.
  static func thing(_ id: String, _ context: Context) -> (name: String, brief: [Fact], page: any Screen)?
  /// Keys of this list alone, beside those that all lists have.
  var ownKeys: [(key: String, does: String)] { get }
  /// - Parameter chosen: the id of the chosen row.
  func handleOwn(_ key: Key, chosen: String?, _ context: Context) -> Reaction
}

extension BrowserScreen {
  var ownKeys: [(key: String, does: String)] { [] }
  func handleOwn(_ key: Key, chosen: String?, _ context: Context) -> Reaction { .pass }
}

extension BrowserScreen {
  func keys(_ context: Context) -> [(key: String, does: String)] {
    if browser.takesText { return [("Enter", "keep filter"), ("Esc", "show all"), ("Tab", "search everywhere")] }
    let escape = browser.filter == nil ? "back" : "show all"
    return [("Enter", "details")] + ownKeys + [("/", "filter"), ("Esc", escape), ("r", "refresh"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if browser.handle(key, Self.contents(context), room: listRoom(room)) { return .done }
    switch key {
    case .enter, .right, .character("l"): return chosen(context).map { .open($0.page) } ?? .done
    case .tab where browser.takesText: return .open(FindScreen(text: browser.filterText))
    case .escape, .left, .character("h"): return .back
    default: return handleOwn(key, chosen: browser.chosen, context)
    }
  }

  mutating func settle(_ context: Context, room: Size) { browser.settle(Self.contents(context), room: listRoom(room)) }

  private func chosen(_ context: Context) -> (name: String, brief: [Fact], page: any Screen)? {
    browser.chosen.flatMap { Self.thing($0, context) }
  }

  private func listRoom(_ room: Size) -> Int { BrowserLayout(room).listRows(filter: browser.filter != nil) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let thing = chosen(context)
    let contents = Self.contents(context)
    BrowserLayout(area.size).draw(
      into: &frame, in: area, title: "\(title): \(contents.rows.count)",
      list: { frame, area in
        browser.draw(into: &frame, in: area, contents, empty: Self.empty)
      },
      detailTitle: thing?.name ?? "", details: thing?.brief ?? [])
  }

  /// The list alone, for beside or below something else.
  static func drawOverview(into frame: inout Frame, in area: Rect, _ context: Context) {
    Browser().draw(into: &frame, in: area, contents(context), isFocused: false, empty: empty)
  }
}
