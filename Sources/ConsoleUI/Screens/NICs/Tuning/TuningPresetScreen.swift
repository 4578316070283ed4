import HostNetworking
import TerminalUI

/// Settings for known troubles: when to use each, and what it costs.
struct TuningPresetScreen: Screen {
  private enum Item: Hashable {
    case preset(TuningPreset)
    case fcoe
    case usual
  }

  private let tuning: NICTuning
  private let items: [Item]
  private var list: MenuList

  init(_ tuning: NICTuning) {
    self.tuning = tuning
    let advised = tuning.advised
    // What this card is known for comes first.
    let presets = advised + TuningPreset.allCases.filter { !advised.contains($0) }
    items = presets.map { .preset($0) } + [.fcoe, .usual]
    list = MenuList(items.map(Self.label), numbered: 9)
  }

  var title: String { "Presets for \(tuning.device)" }

  let help = [
    "Settings that the documentation gives for known troubles. Enter shows what a preset would change, before anything is.",
    "On a bond they are for all of its members. u on the page of settings takes a preset back.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Up/Down", "choose"), ("1-\(items.count)", "jump"), ("Enter", "review"), ("Esc", "back"), ("?", "help")]
  }

  private static func label(_ item: Item) -> String {
    switch item {
    case .preset(.corruption): "Network corruption"
    case .preset(.i218): "Intel I218/I219 slow"
    case .fcoe: "FCoE off"
    case .usual: "Everything as usual"
    }
  }

  mutating func settle(_ context: Context, room: Size) { list.settle(visible: room.rows - 2) }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if let opened = list.handle(key, visible: room.rows - 2), items.indices.contains(opened) { return open(items[opened]) }
    switch key {
    case .escape, .left, .character("h"): return .back
    default: return list.move(key, visible: room.rows - 2) ? .done : .pass
    }
  }

  private var lasting: TuningRequest.Lasting { tuning.canKeep ? .always : .now }

  private func open(_ item: Item) -> Reaction {
    switch item {
    case .preset(let preset): .open(ChangeReviewScreen(.tuneNIC(preset.request(tuning.companions, lasting))))
    case .fcoe: .open(FCoEScreen())
    case .usual: .open(ChangeReviewScreen(.tuneNIC(.defaults(tuning.companions))))
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let item = items.indices.contains(list.selected) ? items[list.selected] : items[0]
    let (left, right) = frame.sideBySide(
      area, left: area.columns >= 60 ? 30 : area.columns, titles: (title, Self.label(item)))
    list.draw(into: &frame, in: left)
    let facts = facts(item)
    let inner = right.inset(left: 1, right: 1)
    FactRows(facts, columns: inner.columns).draw(into: &frame, in: inner, facts)
  }

  private func facts(_ item: Item) -> [Fact] {
    func page(_ use: String, _ cost: String) -> [Fact] {
      [
        Fact("", "When", style: .heading), Fact("", use.sentence), Fact("", ""), Fact("", "What it costs", style: .heading),
        Fact("", cost.sentence),
      ]
    }
    switch item {
    case .preset(let preset):
      var facts = page(preset.use, preset.cost)
      if preset.fits(tuning) { facts = [Fact("", "\(tuning.device) is such a card.", style: .warning, mark: "! "), Fact("", "")] + facts }
      if preset.isKept(tuning) { facts += [Fact("", ""), Fact("", "In force on \(tuning.device), now and after every boot.", style: .good)] }
      if tuning.companions.count > 1 {
        facts += [Fact("", ""), Fact("", "For all members of \(tuning.bond ?? "the bond"): \(tuning.companions.joined(separator: ", ")).")]
      }
      return facts
    case .fcoe:
      return page(
        "Nobody uses Fibre Channel over Ethernet on this host, and bonds or LLDP misbehave: its services take frames for themselves",
        "Storage over FCoE does not work without them. It is for the whole host, and has to be done again after an upgrade")
    case .usual:
      return page(
        "Nobody knows any more why something was set: drops all that XAPI keeps of \(tuning.companions.joined(separator: ", ")), and switches it back",
        "What was set against a trouble brings the trouble back")
    }
  }
}
