import HostNetworking
import TerminalUI

/// All names that a NIC can have, to choose one.
struct NICNameChoiceScreen: Screen {
  private let nic: NICNames.NIC
  private let candidates: [NICNameEditor.Candidate]
  private let words: [String]
  private var list: MenuList
  private var refusal: String?

  init(_ nic: NICNames.NIC, _ editor: NICNameEditor) {
    self.nic = nic
    candidates = editor.candidates(for: nic.mac)
    words = candidates.map { candidate in
      if candidate.isChosen { return candidate.name == nic.name ? "as now" : "as chosen" }
      if let refusal = candidate.refusal { return "not possible: \(refusal)" }
      guard let holder = candidate.holder.flatMap({ editor.names[mac: $0] }) else { return "free" }
      return (candidate.name == nic.name ? "its name now, " : "") + "swaps with \(holder.mac)" + (holder.card.physical.map { " (\($0))" } ?? "") + ", \(holder.use.line)"
    }
    let widest = candidates.map(\.name.count).max() ?? 0
    list = MenuList(
      zip(candidates, words).map { candidate, word in
        candidate.name + String(repeating: " ", count: widest - candidate.name.count) + "  " + word
      }, numbered: 0, chosen: candidates.firstIndex(where: \.isChosen) ?? 0)
  }

  var title: String { "A name for \(nic.name)" }

  let help = [
    "Every name that is taken, and free ones. Taking a name that another NIC has gives that one the name of this one.",
    "Names of NICs in use cannot be taken: what uses them is said beside them.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] { [("Up/Down", "choose"), ("Enter", "take it"), ("Esc", "back"), ("?", "help")] }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .enter, .right, .character("l"):
      guard candidates.indices.contains(list.selected) else { return .back }
      refusal = candidates[list.selected].refusal
      return refusal == nil ? .backWith(.named(nic.mac, candidates[list.selected].name)) : .done
    default:
      refusal = nil
      return list.move(key, visible: room.rows - 4) ? .done : .pass
    }
  }

  mutating func settle(_ context: Context, room: Size) { list.settle(visible: room.rows - 4) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: "A name for \(nic.name), \(nic.mac)")
    let (body, foot) = area.inset(left: 1, top: 1, right: 1, bottom: 1).splitTop(max(1, area.rows - 4))
    list.draw(into: &frame, in: body)
    let facts = refusal.map { [Fact("", $0.sentence, style: .bad, mark: "!  ")] } ?? [Fact("", "Nothing is written yet.", style: .dim)]
    FactRows(facts, columns: foot.columns - 2).draw(into: &frame, in: foot.inset(left: 1, right: 1), facts)
  }
}
