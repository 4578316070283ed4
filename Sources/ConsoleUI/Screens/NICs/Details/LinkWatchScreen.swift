import HostNetworking
import TerminalUI

/// The links of all NICs, live: for whoever pulls cables.
struct LinkWatchScreen: Screen {
  /// How long a line stands out after its link has changed.
  private static let flash = Duration.seconds(6)
  /// As long as a change's age moves every second.
  private static let young = Duration.seconds(60)

  private var snapshot: LinkSnapshot?
  private var list = ListState()
  private var chosen: String?
  private var beeps = false
  private var isLatestFirst = false

  let title = "Links"

  let help = [
    "Every NIC of this host and its link, as the kernel tells it at this moment: also those that XAPI does not know. Pull a cable and see "
      + "which line changes.",
    "A line whose link has just changed is marked * and stands out for some seconds. Times counts the changes since this page was "
      + "opened; short ones count too.",
    "DOWN: no cable, or nothing at its other end. off: nobody has set the NIC up, so that the kernel cannot see whether there is a "
      + "cable; plug it first (Enter, a).",
    "b beeps at every change, or stops that. o puts what changed last on top, or goes back to the order of names. Enter shows all "
      + "about the chosen NIC; there b lets its light blink.",
    "The same on the command line: xcpconsole nic watch.",
  ]

  var watches: Set<Watch> { [.links] }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [
      ("Enter", "details"), ("b", beeps ? "no beep" : "beep"), ("o", isLatestFirst ? "by name" : "last changed first"),
      ("Esc", "back"), ("?", "help"),
    ]
  }

  private var links: [WatchedLink] {
    let links = snapshot?.links ?? []
    guard isLatestFirst else { return links }
    return links.enumerated().sorted { left, right in
      switch (left.element.changed, right.element.changed) {
      case (let a?, let b?) where a != b: a > b
      case (.some, nil): true
      case (nil, .some): false
      default: left.offset < right.offset
      }
    }.map(\.element)
  }

  // MARK: Keys and news

  private func visible(_ room: Size) -> Int { max(1, room.rows - 3) }

  mutating func settle(_ context: Context, room: Size) {
    let links = links
    if let place = links.firstIndex(where: { $0.device == chosen }) { list.selected = place }
    list.clamp(count: links.count, visible: visible(room))
    chosen = links.indices.contains(list.selected) ? links[list.selected].device : nil
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    settle(context, room: room)
    switch key {
    case .escape, .left, .character("h"): return .back
    case .enter, .right, .character("l"): return chosen.map { .open(NICDetailScreen($0)) } ?? .done
    case .character("b"):
      beeps.toggle()
      // So that one hears what is to be heard.
      return beeps ? .beep : .done
    case .character("o"):
      isLatestFirst.toggle()
      return .done
    default:
      guard list.handle(key, count: links.count, visible: visible(room)) else { return .pass }
      chosen = links.indices.contains(list.selected) ? links[list.selected].device : nil
      return .done
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .links(let snapshot) = report else { return .pass }
    self.snapshot = snapshot
    return beeps && !snapshot.news.isEmpty ? .beep : .done
  }

  func nextWake(_ context: Context) -> ContinuousClock.Instant? {
    let changes = (snapshot?.links ?? []).compactMap(\.changed)
    return changes.contains { context.now.instant - $0 < Self.young } ? context.now.instant + .seconds(1) : nil
  }

  mutating func tick(_ context: Context) -> Reaction { .done }

  // MARK: Drawing

  private static let table = Table(
    [
      .init("", minimum: 1, priority: 0), .init("Device", minimum: 9, ideal: 16, priority: 0), .init("Link", minimum: 4, priority: 0),
      .init("Speed", minimum: 8, priority: 0, alignment: .right), .init("Dup.", minimum: 4, priority: 5),
      .init("Changed", minimum: 7, ideal: 12, priority: 1, alignment: .right), .init("Times", minimum: 5, priority: 2, alignment: .right),
      .init("rx", minimum: 8, priority: 3, alignment: .right), .init("tx", minimum: 8, priority: 3, alignment: .right),
      .init("Used as", minimum: 12, ideal: 30, priority: 4), .init("Network", minimum: 14, ideal: 26, priority: 6),
      .init("MAC", minimum: 17, priority: 7), .init("Card", minimum: 14, ideal: 34, priority: 8),
    ], gap: 1)

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let links = links
    frame.box(area, title: heading)
    let inner = area.inset(left: 1, top: 1, right: 1, bottom: 1)
    guard !links.isEmpty else {
      let words = snapshot == nil ? "Looking..." : "This host has no NICs, as far as its files tell."
      frame.draw(words, at: inner.origin, style: .dim, width: inner.columns)
      return
    }
    let rows = links.map { ($0, texts($0, context)) }
    var table = Self.table.measured(rows.map(\.1), most: 34)
    for index in [0, 2, 3, 4, 5, 6, 7, 8] { table.columns[index].ideal = max(table.columns[index].minimum, Self.table.columns[index].minimum) }
    let layout = table.layout(width: inner.columns)
    table.drawHeader(into: &frame, at: inner.origin, layout: layout)
    let room = inner.splitTop(1).rest
    for index in list.rows(count: rows.count, visible: room.rows) {
      let (link, texts) = rows[index]
      draw(link, texts, isChosen: index == list.selected, into: &frame, in: Rect(
        column: room.column, row: room.row + index - list.offset, columns: room.columns, rows: 1), table, layout, context)
    }
    frame.scrollMarks(list, count: rows.count, beside: room)
  }

  private func draw(
    _ link: WatchedLink, _ texts: [String], isChosen: Bool, into frame: inout Frame, in row: Rect, _ table: Table,
    _ layout: [Table.Placed], _ context: Context
  ) {
    let age = link.changed.map { context.now.instant - $0 }
    var style = Style.normal
    var styles: [Int: Style] = [2: link.isGone ? .bad : link.isUp ? link.link.style : .dim]
    if let age, age < Self.flash {
      // It flashes: every other second it stands out more.
      style = Style(.warning, bold: age.components.seconds % 2 == 0)
      styles = [:]
    }
    if isChosen {
      frame.fill(row, .selection)
      (style, styles) = (.selection, [:])
    }
    table.draw(texts, into: &frame, at: row.origin, layout: layout, style: style, styles: styles)
    if isChosen, texts[0].isEmpty { frame.draw(">", at: row.origin, style: style, width: 1) }
  }

  private var heading: String {
    guard let snapshot else { return title }
    let up = snapshot.links.count { $0.link == .up }
    return "Links: \(up) of \(snapshot.links.count) up" + (beeps ? ", beeps" : "")
      + (isLatestFirst ? ", last changed first" : "")
  }

  private func texts(_ link: WatchedLink, _ context: Context) -> [String] {
    let interface = context.host?.interfaces.first { $0.kind == .nic && $0.device == link.device }
    let age = link.changed.map { context.now.instant - $0 }
    return [
      age.map { $0 < Self.flash ? "*" : "" } ?? "", link.device, word(link),
      link.speed.map(Units.speed) ?? "-", link.duplex.map { $0 == .full ? "full" : "HALF" } ?? "-",
      age.map { Self.ago(max(0, $0.components.seconds)) } ?? "-", link.changes == 0 ? "-" : "\(link.changes)",
      link.receiving.map(Units.bits) ?? "-", link.sending.map(Units.bits) ?? "-", NICText.usage(link, interface, context.host),
      interface?.networkName ?? "", link.mac ?? "", interface?.card ?? "",
    ]
  }

  private func word(_ link: WatchedLink) -> String { link.isGone ? "GONE" : link.isUp ? link.link.word : "off" }

  /// Fits seven columns.
  private static func ago(_ seconds: Int64) -> String { seconds < 60 ? "\(seconds) s" : Units.clock(seconds) }
}
