import TerminalUI

/// What the keys do, and what the screen below is about.
struct HelpScreen: Screen {
  private let subject: String
  private let lines: [String]
  private var page = FactsPage()

  init(about screen: any Screen) {
    subject = screen.title
    lines = screen.help
  }

  var title: String { "Help" }
  var help: [String] { lines }

  func keys(_ context: Context) -> [(key: String, does: String)] { [("Esc", "back"), ("Up/Down", "scroll")] }

  private var facts: [Fact] {
    [Fact("", subject, style: .heading)] + lines.map { Fact("", $0) }
      + [
        Fact("", ""), Fact("", "Keys that work everywhere", style: .heading),
        Fact("Up, Down", "or k and j: choose; Page Up, Page Down, Home, End"),
        Fact("Enter", "or Right: open, go there"),
        Fact("Esc", "or Left: back"),
        Fact("1-9", "in the menu: open that item"),
        Fact("/", "in lists: show only what matches; elsewhere: find anything"),
        Fact("r", "or F5: ask XAPI and look at the host again at once; what is shown follows both by itself"),
        Fact("Ctrl-L", "draw the screen anew"),
        Fact("q", "in the menu: leave; so does Ctrl-C everywhere"),
        Fact("", ""), Fact("", "Signs", style: .heading),
        Fact("DOWN", "no link: check the cable and the switch port"),
        Fact("2/2", "of a bond: links that are up, of all"),
        Fact("!", "deserves a look; !! does so first"),
      ]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .enter, .character("h"), .character("q"), .character("?"): .back
    default: page.handle(key, facts, room: FactsPage.room(room))
    }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    page.draw(into: &frame, in: area, title: "Help: \(subject)", facts)
  }
}
