import HostNetworking
import TerminalUI

/// Whether the members of a bond change on this host or on all of the pool.
struct BondWhereScreen: Screen {
  enum Wish {
    case add(String)
    case takeOut(String)

    var words: String {
      switch self {
      case .add(let nic): "Add \(nic)"
      case .takeOut(let nic): "Take \(nic) out"
      }
    }
  }

  private let wish: Wish
  private let bond: String
  private var list = MenuList(["On all hosts of the pool that have the bond", "On this host only"], numbered: 2)

  init(_ wish: Wish, _ bond: String) {
    self.wish = wish
    self.bond = bond
  }

  var title: String { "\(wish.words): where?" }

  let help = [
    "Bonds of other hosts belong to this one when they are on the same network, and NICs when they are on the same network or have the "
      + "same name. Hosts that are off or lack it are named and left out.",
    "XAPI makes the bonds of members like the coordinator's when their toolstack starts: with other NICs on one host it does not stay so.",
    "Nothing is changed before a page shows what will happen, and there y is pressed.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Up/Down", "choose"), ("Enter", "review"), ("Esc", "back"), ("?", "help")]
  }

  private func intent(_ isPoolWide: Bool) -> Intent {
    switch wish {
    case .add(let nic): .bonds(.addMember(nic, bond: bond, isPoolWide: isPoolWide))
    case .takeOut(let nic): .bonds(.removeMember(nic, bond: bond, isPoolWide: isPoolWide))
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if let opened = list.handle(key, visible: 2) { return .open(ChangeReviewScreen(intent(opened == 0))) }
    switch key {
    case .escape, .left, .character("h"): return .back
    default: return list.move(key, visible: 2) ? .done : .pass
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 2, right: 2, bottom: 1)
    let (menu, below) = inside.splitTop(3)
    list.draw(into: &frame, in: menu)
    let facts = help.flatMap { [Fact("", $0, style: .dim), Fact("", "")] }
    FactRows(facts, columns: below.columns).draw(into: &frame, in: below, facts)
  }
}
