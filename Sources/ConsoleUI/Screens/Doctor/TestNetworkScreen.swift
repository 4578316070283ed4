import HostNetworking
import TerminalUI

/// The network of this host from the cable to the pool, tested by itself and live.
struct TestNetworkScreen: Screen {
  private var ladder = LadderList()

  let title = "Test the network"

  let help = [
    "Every line is a question to the network, from the cable upwards. What another line explains is not tried.",
    "Enter shows what a line means and what to do next. r tests again; p tests any address or name.",
    "ok: good.  !: worth knowing.  !!: wrong.  -: not tried, or nothing to try.",
    "Nothing is changed by testing. The same on the command line: xcpconsole doctor.",
  ]

  var errand: Errand? { .doctor(run: ladder.run) }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    (ladder.chosen == nil ? [] : [("Enter", "what it means")])
      + [("r", "test again"), ("p", "test an address or name"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5):
      ladder = LadderList()
      return .ask(.doctor(run: ladder.run))
    case .character("p"): return .open(TestAddressFormScreen())
    case .enter, .right, .character("l"): return ladder.chosen.map { .open(DoctorLineScreen($0)) } ?? .done
    default: return ladder.handle(key, room: room) ? .done : .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    ladder.receive(report, room: room)
  }

  mutating func settle(_ context: Context, room: Size) { ladder.settle(room: room) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    ladder.draw(into: &frame, in: area, title: title)
  }
}

/// One line of the doctor in full.
struct DoctorLineScreen: Screen {
  private let line: DoctorLine
  private var page = FactsPage()

  init(_ line: DoctorLine) { self.line = line }

  var title: String { line.title }

  let help = ["What was found, what it means and what to do next."]

  func keys(_ context: Context) -> [(key: String, does: String)] { [("Esc", "back"), ("?", "help")] }

  private var facts: [Fact] {
    let facts = line.facts
    let apart = facts.flatMap { [$0, Fact("", "")] }.dropLast()
    return line.word == nil ? Array(apart) : apart + [Fact("", ""), Fact("Looked at", line.id.rung.about, style: .dim)]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"), .enter: .back
    default: page.handle(key, facts, room: FactsPage.room(room))
    }
  }

  mutating func settle(_ context: Context, room: Size) { page.settle(facts, room: FactsPage.room(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    page.draw(into: &frame, in: area, title: title, facts)
  }
}
