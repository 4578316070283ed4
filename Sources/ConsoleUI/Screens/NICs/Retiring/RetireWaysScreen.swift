import HostNetworking
import TerminalUI

/// The ways to have one thing let go of a NIC, when there are many: the networks that VIFs can go to.
struct RetireWaysScreen: Screen {
  private let device: String
  private let need: RetirePath.Need
  private let choices: [RetirePath.Choice]
  private let contents: Browser.Contents
  private var browser = Browser()

  init(_ device: String, _ need: RetirePath.Need, _ choices: [RetirePath.Choice]) {
    self.device = device
    self.need = need
    self.choices = choices
    contents = Browser.Contents(
      choices.enumerated().map { Browser.Row(id: "\($0.offset)", cells: [.init($0.element.text)]) },
      columns: [.init("What to do", minimum: 30, ideal: 76, priority: 0)], most: 100)
  }

  var title: String { "Remove \(device): choose" }

  let help = [
    "All the ways to do one thing. Enter opens the review of one; nothing is changed before y is pressed there.",
    "/ shows only those that contain what you type, such as the name of a network.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if browser.takesText { return [("Enter", "keep filter"), ("Esc", "show all")] }
    return [("Enter", "review"), ("/", "filter"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if browser.handle(key, contents, room: listRoom(room)) { return .done }
    switch key {
    case .enter, .right, .character("l"):
      guard let place = browser.chosen.flatMap({ Int($0) }), choices.indices.contains(place), case .change(let intent) = choices[place].way
      else { return .done }
      return .open(ChangeReviewScreen(intent))
    case .escape, .left, .character("h"): return .back
    default: return .pass
    }
  }

  /// After a change the ways are others.
  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  mutating func settle(_ context: Context, room: Size) { browser.settle(contents, room: listRoom(room)) }

  private func listRoom(_ room: Size) -> Int { max(1, room.rows - 3 - Self.headRows - (browser.filter == nil ? 0 : 1)) }

  private static let headRows = 3

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset()
    let (head, body) = inside.splitTop(Self.headRows)
    let words = [Fact("", need.text.sentence, style: need.isRequired ? .warning : .normal)]
    FactRows(words, columns: head.columns - 2).draw(into: &frame, in: head.inset(left: 1, right: 1, bottom: 1), words)
    browser.draw(into: &frame, in: body, contents, empty: "There is nothing to choose.")
  }
}
