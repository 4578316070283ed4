import HostNetworking
import TerminalUI

/// The first page of the emergency network reset: which NIC carries management afterwards.
struct ResetDeviceScreen: Screen {
  private var facts: ResetFacts?
  private var list = ListState()

  let title = "Emergency network reset"

  let help = [
    "Gives this host a new, plain management interface when nothing else helps, and reboots it. Works without XAPI.",
    "Choose the NIC whose cable leads to the management network. Nothing is changed before the last page, where the host's "
      + "name is typed.",
    "All bonds, VLANs, tunnels and SR-IOV of this host are deleted; they are saved first and can be put back afterwards.",
  ]

  var errand: Errand? { .lookForReset }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "use this NIC"), ("Up/Down", "choose"), ("r", "look again"), ("Esc", "back: nothing changed"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5): return .ask(.lookForReset)
    case .enter, .right, .character("l"):
      guard let facts, facts.devices.indices.contains(list.selected) else { return .done }
      return .open(ResetFormScreen(facts, device: facts.devices[list.selected]))
    default:
      let count = facts?.devices.count ?? 0
      return list.handle(key, count: count, visible: listRows(room.rows)) ? .done : .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .resetFacts(let facts) = report else { return .pass }
    if self.facts == nil { list.selected = Self.first(facts) }
    self.facts = facts
    settle(context, room: room)
    return .done
  }

  /// The NIC that carries management now, else the first with a link.
  private static func first(_ facts: ResetFacts) -> Int {
    let now = ([facts.now.device].compactMap { $0 } + facts.now.members)
    return facts.devices.firstIndex { now.contains($0.name) && $0.link == .up }
      ?? facts.devices.firstIndex { $0.link == .up } ?? facts.devices.firstIndex { now.contains($0.name) } ?? 0
  }

  mutating func settle(_ context: Context, room: Size) {
    list.clamp(count: facts?.devices.count ?? 0, visible: listRows(room.rows))
  }

  /// Rows for NICs: what the facts below do not need.
  private func listRows(_ rows: Int) -> Int { max(3, rows - factRows(rows) - 4) }
  private func factRows(_ rows: Int) -> Int { min(9, max(0, rows - 9)) }

  private static let table = Table([
    .init("Device", minimum: 6), .init("Link", minimum: 5), .init("Speed", minimum: 8, ideal: 9),
    .init("MAC", minimum: 17), .init("Used for today", minimum: 14, ideal: 60),
  ])

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(
      area, bottom: factRows(area.rows), titles: ("\(title): which NIC is to carry management?", "What it means"))
    let inside = top.inset(left: 1, right: 1)
    guard let facts else {
      frame.draw("Looking at the host ...", at: inside.origin, style: .dim, width: inside.columns)
      return
    }
    drawList(facts, into: &frame, in: inside)
    let lines = meaning(facts, context)
    FactRows(lines, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), lines)
  }

  private func drawList(_ facts: ResetFacts, into frame: inout Frame, in area: Rect) {
    if facts.devices.isEmpty {
      let why = facts.devicesProblem ?? "the kernel shows none"
      frame.draw("No NIC found: \(why).", at: area.origin, style: .bad, width: area.columns)
      return
    }
    let rows = facts.devices.map { ["\($0.name)", $0.linkWord, $0.speedWords, $0.mac, $0.use] }
    let table = Self.table.measured(rows, most: 60)
    let layout = table.layout(width: area.columns - 1)
    let (head, body) = area.splitTop(1)
    table.drawHeader(into: &frame, at: Point(column: head.column + 1, row: head.row), layout: layout)
    for index in list.rows(count: rows.count, visible: body.rows) {
      let row = Rect(column: body.column, row: body.row + index - list.offset, columns: body.columns, rows: 1)
      let isChosen = index == list.selected
      if isChosen { frame.fill(row, .selection) }
      frame.draw(isChosen ? ">" : " ", at: row.origin, style: isChosen ? .selection : .normal, width: 1)
      let isDown = facts.devices[index].link == .down
      table.draw(
        rows[index], into: &frame, at: Point(column: row.column + 1, row: row.row), layout: layout,
        style: isChosen ? .selection : .normal, styles: isDown && !isChosen ? [1: .warning] : [:])
    }
    frame.scrollMarks(list, count: rows.count, beside: body)
  }

  private func meaning(_ facts: ResetFacts, _ context: Context) -> [Fact] {
    var lines: [Fact] = []
    if facts.triggerIsPending {
      lines.append(Fact("", "A reset is waiting for XAPI's next start already; a new one takes its place.", style: .warning, mark: "!  "))
    }
    lines += [
      Fact("Now", "\(facts.now.interfaceWords); \(facts.now.liveAddresses.isEmpty ? "no address" : facts.now.liveAddresses.joined(separator: ", "))"),
      facts.roleFact, facts.deletedFact, facts.keptFact, facts.vmsFact(context),
    ]
    return lines + facts.problems.map { Fact("", $0, style: .warning, mark: "!  ") }
  }
}
