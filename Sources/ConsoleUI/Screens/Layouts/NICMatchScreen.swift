import HostNetworking
import TerminalUI

/// Which NIC of this host stands for which of the layout: matched by MAC, and by hand where cards or the board were replaced.
struct NICMatchScreen: Screen {
  private let saved: [SavedNIC]
  private let present: [SavedNIC]
  private var form: Form

  init(_ plan: LayoutRestore, mapping: NICMapping) {
    saved = plan.nics.compactMap(\.saved)
    present = plan.nics.compactMap(\.present)
    let options = ["not there"] + present.map { "\($0.device) \($0.mac)" }
    let all = present
    form = Form(
      plan.nics.compactMap { match in
        guard let saved = match.saved else { return nil }
        let selected = match.present.flatMap { nic in all.firstIndex { $0.mac == nic.mac } }.map { $0 + 1 } ?? 0
        return .choice(id: saved.device, label: "\(saved.device) \(saved.mac)", options, selected: selected)
      })
  }

  let title = "Match NICs"

  let help = [
    "On the left the NICs of the saved layout, on the right those of this host. Left and Right choose; Enter on the last line goes back "
      + "and makes the plan anew.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Left/Right", "choose the NIC"), ("Enter", "next, at the end use it"), ("Esc", "back, unchanged"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if twice != nil, key == .enter, form.focus == form.fields.count - 1 { return .done }
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted: return .backWith(.matched(mapping))
    case .ignored: return .pass
    }
  }

  /// A NIC chosen for two of the layout.
  private var twice: String? {
    var seen: Set<Int> = []
    for nic in saved {
      guard let choice = form.choice(nic.device), choice > 0 else { continue }
      if !seen.insert(choice).inserted { return present[choice - 1].device }
    }
    return nil
  }

  private var mapping: NICMapping {
    var mapping = NICMapping()
    for nic in saved {
      guard let choice = form.choice(nic.device), choice > 0, present[choice - 1].mac != nic.mac else { continue }
      mapping[nic.device] = present[choice - 1].mac
    }
    return mapping
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let (foot, body) = area.inset(left: 2, top: 1, right: 2, bottom: 1).splitBottom(1)
    form.draw(into: &frame, in: body)
    if let twice {
      frame.draw("! \(twice) stands for two NICs of the layout: choose another.", at: foot.origin, style: .bad, width: foot.columns)
    }
  }
}
