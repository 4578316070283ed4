import HostNetworking
import TerminalUI

/// All about one NIC, part by part as it is told; what goes over it moves.
struct NICDetailScreen: Screen {
  let device: String
  private var details: NICDetails?
  private var history = CounterHistory()
  private var page = FactsPage()
  private var wasKnown = false

  init(_ device: String) { self.device = device }

  var title: String { device }

  let help = [
    "All that XAPI, the kernel, the card's driver and the switch tell of one NIC. What has not answered yet is named above; a part that "
      + "cannot be had says why.",
    "Switch: the port at the other end of the cable, by LLDP. Modes: what the card can do; Offers: what it offers of that, where "
      + "that is less; Partner: what the other end offered when they agreed. Counts: what the driver counts of troubles, as far as it is not 0.",
    "b lets the port's light blink. a lists what can be done with the NIC. w watches all links. r asks everything anew. Enter on the "
      + "network's line goes to the network.",
    "The same on the command line: xcpconsole nic show eth0.",
  ]

  var errand: Errand? { .lookAtNIC(device) }
  var watches: Set<Watch> { [.counters(device)] }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    let isThere = facts(context).contains { $0.place != nil }
    return [("b", "blink"), ("a", "actions"), ("w", "watch links")] + (isThere ? [("Enter", "go to network")] : [])
      + [("r", "ask again"), ("Esc", "back"), ("?", "help")]
  }

  private func interface(_ context: Context) -> InterfaceView? {
    context.host?.interfaces.first { $0.kind == .nic && $0.device == device }
  }

  private func facts(_ context: Context) -> [Fact] {
    let facts = NICFacts(
      device: device, interface: interface(context), details: details, sample: history.latest,
      interfaces: context.host?.interfaces ?? [], wasKnown: wasKnown
    ).all
    let who = context.host?.heard == nil ? "this host no longer has it" : "XAPI no longer knows it"
    return facts.isEmpty ? [Fact("", "\(device) is gone: \(who).", style: .warning)] : facts
  }

  // MARK: Keys and news

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("b"): return .open(BlinkScreen(device))
    case .character("a"): return .open(InterfaceMenu(.device(device)))
    case .character("w"): return .open(LinkWatchScreen())
    case .character("r"), .function(5): return .ask(.lookAtNIC(device))
    default: return page.handle(key, facts(context), room: factsRoom(room))
    }
  }

  mutating func settle(_ context: Context, room: Size) {
    if interface(context) != nil { wasKnown = true }
    page.settle(facts(context), room: factsRoom(room))
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .nic(let news) where news.device == device:
      // An earlier look that took longer tells nothing new.
      if let details, details.instant > news.instant { return .done }
      details = news
      return .done
    case .counters(let sample) where sample.device == device:
      let before = history.latest
      history.take(sample)
      guard let before, before.link != sample.link || before.index != sample.index else { return .done }
      // Another link: what both ends agreed on has to be asked anew.
      return .ask(.lookAtNIC(device))
    default: return .pass
    }
  }

  // MARK: Drawing

  /// Two columns from here on.
  private static let wide = 120
  private static let factsColumns = 84

  private func hasPane(_ room: Size) -> Bool { room.rows >= 16 && room.columns >= 60 }

  private func factsRoom(_ room: Size) -> Size {
    if room.columns >= Self.wide { return Size(columns: Self.factsColumns - 2, rows: room.rows - 2) }
    let below = hasPane(room) ? CounterPane.smallRows + 1 : 0
    return Size(columns: room.columns - 4, rows: max(1, room.rows - 2 - below))
  }

  /// The device, and what is waited for.
  private var heading: String {
    guard let details else { return "\(device): asking" }
    let asking = details.asking
    if asking.isEmpty { return device }
    let names = asking.prefix(3).map(\.words).joined(separator: ", ")
    return "\(device): asking for \(names)" + (asking.count > 3 ? " and \(asking.count - 3) more" : "")
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let facts = facts(context)
    let pane = CounterPane(history)
    if area.columns >= Self.wide {
      let (left, right) = frame.sideBySide(
        area, left: Self.factsColumns, titles: (heading, pane.title(2 * (area.columns - Self.factsColumns - 5) + 2)))
      page.draw(into: &frame, in: left.inset(left: 1, right: 1), facts)
      pane.drawLarge(into: &frame, in: right.inset(left: 1, right: 1))
      return
    }
    let columns = area.columns - 4
    let (upper, lower) = frame.stacked(
      area, bottom: hasPane(area.size) ? CounterPane.smallRows : 0, titles: (heading, pane.title(columns)))
    page.draw(into: &frame, in: upper.inset(left: 1, right: 1), facts)
    pane.drawSmall(into: &frame, in: lower.inset(left: 1, right: 1))
  }
}
