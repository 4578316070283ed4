import HostNetworking
import TerminalUI

/// Which NIC is added to a bond.
struct BondAddScreen: Screen {
  private let bond: String
  private let candidates: [BondCandidate]
  private let isPool: Bool
  private var list: MenuList

  init(_ bond: String, _ facts: BondFacts) {
    self.bond = bond
    candidates = facts.candidates.filter { $0.refusal == nil }
    isPool = facts.hostCount > 1
    list = MenuList(candidates.map(\.name), numbered: 9)
  }

  var title: String { "Add to \(bond)" }

  let help = [
    "Which NIC becomes a member of the bond as well. XAPI cannot add one: the bond is taken apart and made anew, with everything on it.",
    "Nothing is changed before a page shows what will happen, and there y is pressed.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    candidates.isEmpty ? [("Esc", "back")] : [("Up/Down", "choose"), ("Enter", "review"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if let opened = list.handle(key, visible: room.rows - 2) {
      guard candidates.indices.contains(opened) else { return .done }
      let nic = candidates[opened].name
      return .open(isPool ? BondWhereScreen(.add(nic), bond) : ChangeReviewScreen(.bonds(.addMember(nic, bond: bond))))
    }
    switch key {
    case .escape, .left, .character("h"): return .back
    default: return list.move(key, visible: room.rows - 2) ? .done : .pass
    }
  }

  mutating func settle(_ context: Context, room: Size) { list.settle(visible: room.rows - 2) }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let chosen = candidates.indices.contains(list.selected) ? candidates[list.selected] : nil
    let (left, right) = frame.sideBySide(area, left: area.columns >= 100 ? 34 : area.columns >= 60 ? 24 : area.columns, titles: (area.columns >= 100 ? "\(title): which NIC?" : title, chosen?.name ?? ""))
    list.draw(into: &frame, in: left)
    let inner = right.inset(left: 1, right: 1)
    var facts: [Fact] = []
    if let chosen {
      let view = context.host?.interfaces.first { $0.name == chosen.name }
      facts = [
        Fact("Link", (view?.link ?? (chosen.hasLink.map { $0 ? .up : .down } ?? .unknown)).word),
        Fact("Speed", (view?.speed ?? chosen.speed).flatMap { $0 > 0 ? Units.speed($0) : nil } ?? "-"),
        Fact("Driver", chosen.driver.isEmpty ? "-" : chosen.driver), Fact("Used", chosen.use), Fact("", ""),
        Fact("", chosen.consequence.map { "With it to the bond: \($0)." } ?? "\(chosen.name) is free."),
      ]
    } else {
      facts = [Fact("", "No NIC of this host is free for \(bond).", style: .warning)]
    }
    FactRows(facts, columns: inner.columns).draw(into: &frame, in: inner, facts)
  }
}
