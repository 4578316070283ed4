import HostNetworking
import TerminalUI

/// Whether a bond's network goes with it, and where.
struct BondDestroyScreen: Screen {
  private let bond: String
  private let network: String
  private let primary: String
  private let choices: [(words: String, withNetwork: Bool, isPoolWide: Bool)]
  private var list: MenuList

  init(_ bond: String, network: String, primary: String, isPool: Bool) {
    self.bond = bond
    self.primary = primary
    self.network = network
    let choices: [(words: String, withNetwork: Bool, isPoolWide: Bool)] =
      isPool
      ? [
        ("On all hosts of the pool, keep its network", false, true), ("On all hosts of the pool, and its network", true, true),
        ("On this host only", false, false),
      ] : [("Destroy it, keep its network", false, false), ("Destroy it and its network", true, false)]
    self.choices = choices
    list = MenuList(choices.map(\.words), numbered: choices.count)
  }

  var title: String { "Destroy \(bond)" }

  let help = [
    "Everything that is on the bond goes to its primary member: management with its address, VLANs, VIFs of VMs that run here.",
    "The bond's network is left behind with nothing on it, unless it is removed as well. Where management is concerned it stays "
      + "until the change is kept: the way back needs it.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Up/Down", "choose"), ("Enter", "review"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if let opened = list.handle(key, visible: choices.count) {
      guard choices.indices.contains(opened) else { return .done }
      let choice = choices[opened]
      return .open(ChangeReviewScreen(.bonds(.destroy(bond, withNetwork: choice.withNetwork, isPoolWide: choice.isPoolWide))))
    }
    switch key {
    case .escape, .left, .character("h"): return .back
    default: return list.move(key, visible: choices.count) ? .done : .pass
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 2, right: 2, bottom: 1)
    let (menu, below) = inside.splitTop(choices.count + 1)
    list.draw(into: &frame, in: menu)
    let facts = [
      Fact("", "Everything goes to \(primary), its primary member: management with its address, VLANs, VIFs of VMs that run here."), Fact("", ""),
      Fact(
        "", "Its network \"\(network)\" is left behind with nothing on it, unless it is removed as well. Where management is concerned it stays until "
          + "the change is kept: the way back needs it.", style: .dim),
    ]
    FactRows(facts, columns: below.columns).draw(into: &frame, in: below, facts)
  }
}
