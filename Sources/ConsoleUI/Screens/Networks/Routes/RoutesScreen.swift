import HostNetworking
import TerminalUI

/// Static routes: as XAPI keeps them, as the kernel of this host has them, and where the two disagree.
struct RoutesScreen: Screen {
  private var table: RouteTable?
  private var list = ListState()

  let title = "Static routes"

  let help = [
    "Ways to other networks through a gateway that is not the default one. XAPI keeps them with a network, for all hosts of the pool; "
      + "each host takes them over when its interface is plugged or its toolstack starts.",
    "in force: in the record and in the kernel. NOT SET: in the record only. OTHER WAY: the kernel goes elsewhere. BAD: cannot be read, and then "
      + "XAPI drops every route of that network. left over: only the kernel has it; it was removed from the record, or set by hand.",
    "+ adds a route, e or Enter changes one, - removes it. p applies a network's routes: its interface is plugged anew, which moves "
      + "nothing. m mends a network's record. x deletes what is left over from the kernel, X all of it. t restarts the toolstack.",
    "A route that is removed from the record stays in the kernel until it is deleted there or the host boots: here, that is done with it.",
  ]

  var errand: Errand? { .routes(.look) }

  private var rows: [RouteTable.Row] { table?.rows ?? [] }
  private var chosen: RouteTable.Row? { rows.indices.contains(list.selected) ? rows[list.selected] : nil }

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    guard let table else { return [("Esc", "back"), ("?", "help")] }
    var keys: [(key: String, does: String)] = table.silence == nil ? [("+", "add")] : []
    if let chosen, chosen.network != nil {
      keys += [("e", "change"), ("-", "remove"), ("p", "apply")]
      if isBad(chosen) { keys.append(("m", "mend")) }
    }
    if chosen?.state == .leftOver { keys.append(("x", "delete")) }
    if table.leftOvers.count > 1 { keys.append(("X", "delete all left over")) }
    return keys + [("t", "toolstack"), ("r", "look again"), ("Esc", "back"), ("?", "help")]
  }

  private func isBad(_ row: RouteTable.Row) -> Bool {
    rows.contains { $0.network == row.network && $0.isBad }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5): return .ask(.routes(.look))
    case .character("t"): return .open(ToolstackScreen())
    case .character("+"), .character("n"), .character("a"):
      guard let table, table.silence == nil else { return .done }
      return .open(RouteFormScreen(table.networks.filter(\.isFit), network: chosen?.network, hosts: table.hosts))
    case .enter, .right, .character("l"), .character("e"):
      guard let table, let chosen, chosen.network != nil else { return .done }
      return .open(RouteFormScreen(table.networks.filter { $0.isFit || $0.uuid == chosen.network }, network: chosen.network, instead: chosen, hosts: table.hosts))
    case .character("-"), .character("d"), .delete:
      guard let chosen, let network = chosen.network else { return .done }
      return review(.change(RouteRequest(network: network, drops: [chosen.text])))
    case .character("p"):
      guard let network = chosen?.network else { return .done }
      return review(.apply(network: network, .plug))
    case .character("m"):
      guard let chosen, let network = chosen.network, isBad(chosen) else { return .done }
      return review(.change(RouteRequest(network: network, mends: true)))
    case .character("x"):
      guard let chosen, chosen.state == .leftOver, let route = chosen.kernelRoute else { return .done }
      return review(.clear([route]))
    case .character("X"):
      guard let left = table?.leftOvers, !left.isEmpty else { return .done }
      return review(.clear(left))
    default: return list.handle(key, count: rows.count, visible: Self.visible(room)) ? .done : .pass
    }
  }

  private func review(_ intent: RouteIntent) -> Reaction { .open(ChangeReviewScreen(.routes(intent))) }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .routes(.table(let table)) = report else { return .pass }
    let before = chosen
    self.table = table
    if let before, let place = rows.firstIndex(where: { $0.network == before.network && $0.text == before.text }) { list.selected = place }
    settle(context, room: room)
    return .done
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .ask(.routes(.look)) : .done }

  mutating func settle(_ context: Context, room: Size) { list.clamp(count: rows.count, visible: Self.visible(room)) }

  // MARK: Drawing

  private static let detailRows = 9

  private static func details(_ room: Size) -> Int { min(detailRows, max(0, room.rows - 8)) }
  private static func visible(_ room: Size) -> Int { max(1, room.rows - details(room) - 3) }

  private static let columns: [Table.Column] = [
    .init("Destination", minimum: 18, ideal: 18, priority: 0),
    .init("Gateway", minimum: 15, ideal: 15, priority: 0),
    .init("State", minimum: 9, ideal: 9, priority: 0),
    .init("Network", minimum: 12, ideal: 30, priority: 1),
    .init("Interface", minimum: 14, ideal: 20, priority: 2),
    .init("Bridge", minimum: 8, ideal: 10, priority: 3),
    .init("Why", minimum: 20, ideal: 60, priority: 4),
  ]

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let details = Self.details(Size(columns: area.columns, rows: area.rows))
    let (top, bottom) = frame.stacked(area, bottom: details, titles: ("\(title): \(rows.count)", chosen?.title ?? ""))
    let inside = top.inset(left: 1, right: 1)
    if let words {
      FactRows([words], columns: inside.columns).draw(into: &frame, in: inside, [words])
    } else {
      drawList(into: &frame, in: inside)
    }
    let lines = facts
    FactRows(lines, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), lines)
  }

  private var words: Fact? {
    guard let table else { return Fact("", "Looking ...", style: .dim) }
    guard rows.isEmpty else { return nil }
    if table.silence != nil { return Fact("", "XAPI does not answer, and the network daemon's file tells of no static routes.", style: .dim) }
    return Fact("", "There are no static routes: all traffic to other networks goes through the default gateway. + adds one.", style: .dim)
  }

  private func drawList(into frame: inout Frame, in area: Rect) {
    let cells = rows.map(\.cells)
    let measured = Table(Self.columns, gap: 1).measured(cells, most: 60)
    let layout = measured.layout(width: area.columns - 1)
    let (titles, body) = area.splitTop(1)
    measured.drawHeader(into: &frame, at: Point(column: titles.column + 1, row: titles.row), layout: layout, style: .dim)
    for index in list.rows(count: rows.count, visible: body.rows) {
      let start = Point(column: body.column, row: body.row + index - list.offset)
      let isChosen = index == list.selected
      if isChosen {
        frame.fill(Rect(column: start.column, row: start.row, columns: body.columns, rows: 1), .selection)
        frame.draw(">", at: start, style: .selection, width: 1)
      }
      measured.draw(
        cells[index], into: &frame, at: Point(column: start.column + 1, row: start.row), layout: layout,
        style: isChosen ? .selection : .normal, styles: isChosen ? [:] : [2: rows[index].state.style])
    }
    frame.scrollMarks(list, count: rows.count, beside: body)
  }

  private var facts: [Fact] {
    guard let table else { return [] }
    var facts: [Fact] = []
    if let silence = table.silence {
      facts.append(Fact("", "XAPI does not answer: this is what the network daemon's file says. \(silence)".sentence, style: .warning))
    }
    if let problem = table.kernelProblem { facts.append(Fact("", "What the kernel has is not known: \(problem)".sentence, style: .bad)) }
    guard let chosen else { return facts }
    facts.append(Fact("State", chosen.state.sentence, style: chosen.state.style))
    if let meant = chosen.meant { facts.append(Fact("Meant", "surely \(meant.item): m mends it")) }
    if chosen.network != nil { facts.append(Fact("Network", chosen.interface.isEmpty ? chosen.name : "\(chosen.name), \(chosen.interface) here")) }
    for (index, line) in chosen.elsewhere.enumerated() { facts.append(Fact(index == 0 ? "Elsewhere" : " ", line)) }
    return facts
  }
}

extension RouteTable.Row {
  fileprivate var isBad: Bool {
    switch state {
    case .bad(.foreign): false
    case .bad: true
    default: false
    }
  }

  fileprivate var title: String { route.map { "\($0)" } ?? (text.isEmpty ? "an empty item" : text) }

  fileprivate var cells: [String] {
    [
      route.map { "\($0.destination)" } ?? (text.isEmpty ? "(empty)" : text), route.map { "\($0.gateway)" } ?? "-", state.word, name,
      interface.isEmpty ? "-" : interface, bridge, state.isTrouble ? state.reason : "",
    ]
  }
}

extension RouteTable.State {
  /// Fits 9 columns.
  public var word: String {
    switch self {
    case .inForce: "in force"
    case .missing: "NOT SET"
    case .differs: "OTHER WAY"
    case .bad(.foreign): "IPv6"
    case .bad: "BAD"
    case .leftOver: "left over"
    case .unknown: "?"
    }
  }

  var style: Style {
    switch self {
    case .inForce: .good
    case .missing, .differs, .leftOver: .warning
    case .bad(.foreign): .dim
    case .bad: .bad
    case .unknown: .dim
    }
  }

  /// Without a full stop.
  var reason: String {
    switch self {
    case .inForce: "in XAPI's record and in the kernel"
    case .missing(let why): why
    case .differs(let way): way
    case .bad(.voids(let why)): "\(why): XAPI drops all routes of this network"
    case .bad(.refused(let why)): "the kernel refuses it: \(why)"
    case .bad(.foreign(let what)): "\(what); this page looks after IPv4 only and leaves it as it is"
    case .leftOver: "only the kernel has it: removed from the record, or set by hand or by DHCP"
    case .unknown: "the kernel could not be asked"
    }
  }

  var sentence: String { "\(word): \(reason)".sentence }
}
