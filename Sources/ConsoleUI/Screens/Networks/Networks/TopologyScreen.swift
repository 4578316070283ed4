import HostNetworking
import TerminalUI

/// NICs, bonds, VLANs, networks and VMs as a map: what hangs on what.
struct TopologyScreen: Screen {
  private var list = ListState()
  private var column = TopologyMap.Column.interface
  private var filter: TextField?
  private var isTyping = false
  /// Made when something changes, not when it is drawn.
  private var map: TopologyMap?

  let title = "Map"

  let help = [
    "From left to right: NIC or bond with its members, VLANs, networks, and the VMs on them; those in brackets do not run. Links that are down say so; "
      + "! stands before what is not plugged.",
    "The arrows move from thing to thing, Enter goes to the chosen one, a lists what can be done with it. / shows only what matches: a NIC, a tag, "
      + "a network or a VM.",
    "Private networks, which no NIC belongs to, and networks of other hosts stand below.",
  ]

  // MARK: Keys

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if isTyping { return [("Enter", "keep filter"), ("Esc", "show all"), ("Up/Down", "choose")] }
    return [
      ("Arrows", "move"), ("Enter", "go there"), ("a", "actions"), ("/", "filter"), ("Esc", filter == nil ? "back" : "show all"), ("?", "help"),
    ]
  }

  private var rows: [TopologyMap.Row] { map?.rows ?? [] }
  private var row: TopologyMap.Row? { rows.indices.contains(list.selected) ? rows[list.selected] : nil }

  /// The chosen column, or in a row without such a thing the next one that has one.
  private var place: TopologyMap.Column? {
    guard let row else { return nil }
    let there = TopologyMap.Column.allCases.filter { row.nodes[$0] != nil }
    return there.contains(column) ? column : there.first { $0.rawValue > column.rawValue } ?? there.last
  }

  private var target: TopologyMap.Target? { place.flatMap { row?.nodes[$0]?.target } }

  mutating func settle(_ context: Context, room: Size) {
    let wide = room.columns >= 120
    map = context.host.map { TopologyMap($0, filter: Filter(filter?.text ?? ""), isWide: wide) }
    list.clamp(count: rows.count, visible: listRows(room))
  }

  private func listRows(_ room: Size) -> Int { max(1, room.rows - 3 - (filter == nil ? 0 : 1)) }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if map == nil { settle(context, room: room) }
    if isTyping { return type(key, context, room) }
    switch key {
    case .character("/"):
      filter = filter ?? TextField()
      isTyping = true
    case .escape where filter != nil:
      filter = nil
    case .escape: return .back
    case .left, .character("h"):
      guard let place, let before = beside(place, -1) else { return .back }
      column = before
    case .right, .character("l"), .tab:
      if let place, let next = beside(place, 1) { column = next }
    case .enter: return open(context)
    case .character("a"): return actions()
    default: return list.handle(key, count: rows.count, visible: listRows(room)) ? .done : .pass
    }
    settle(context, room: room)
    return .done
  }

  private func beside(_ place: TopologyMap.Column, _ step: Int) -> TopologyMap.Column? {
    var next = TopologyMap.Column(rawValue: place.rawValue + step)
    while let column = next {
      if row?.nodes[column] != nil { return column }
      next = TopologyMap.Column(rawValue: column.rawValue + step)
    }
    return nil
  }

  private mutating func type(_ key: Key, _ context: Context, _ room: Size) -> Reaction {
    switch key {
    case .escape:
      filter = nil
      isTyping = false
    case .enter:
      isTyping = false
      if filter?.text.isEmpty == true { filter = nil }
    case .up, .down, .pageUp, .pageDown:
      list.handle(key, count: rows.count, visible: listRows(room))
      return .done
    default:
      guard filter?.handle(key) == true else { return .pass }
      list = ListState()
    }
    settle(context, room: room)
    return .done
  }

  private func open(_ context: Context) -> Reaction {
    switch target {
    case .interface(let id):
      guard let interface = context.host?.interfaces.first(where: { $0.id == id }) else { return .done }
      return .open(interface.kind == .nic ? NICDetailScreen(interface.device) : DetailScreen(.interface(id), name: interface.name))
    case .network(let id):
      guard let network = context.host?.networks.first(where: { $0.id == id }) else { return .done }
      return .open(DetailScreen(.network(id), name: network.name))
    case .vms(let id): return .open(VIFsScreen(id))
    case nil: return .done
    }
  }

  private func actions() -> Reaction {
    switch target {
    case .interface(let id): .open(InterfaceMenu(id))
    case .network(let id), .vms(let id): .open(NetworkMenu(id))
    case nil: .open(NetworkMenu(nil))
    }
  }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    var inside = area.inset()
    guard let map, !map.rows.isEmpty || filter != nil else {
      frame.draw("Nothing is known of this host's interfaces yet.", at: Point(column: inside.column + 1, row: inside.row), style: .dim, width: inside.columns - 2)
      return
    }
    if let filter {
      let (line, rest) = inside.splitBottom(1)
      inside = rest
      draw(filter, into: &frame, in: line)
    }
    let (titles, body) = inside.splitTop(1)
    let layout = MapLayout(columns: inside.columns)
    for column in TopologyMap.Column.allCases {
      frame.draw(layout.title(column), at: Point(column: titles.column + layout.start(column) + 1, row: titles.row), style: .dim, width: layout.width(column) - 1)
    }
    if rows.isEmpty {
      frame.draw("Nothing matches \"\(filter?.text ?? "")\".", at: Point(column: body.column + 1, row: body.row), style: .dim, width: body.columns - 1)
    }
    let shown = list.rows(count: rows.count, visible: body.rows)
    for (line, index) in shown.enumerated() {
      // What the first rows belong to, should that have been scrolled out of sight.
      let isOrphan = line == 0 && rows[index].nodes[.interface] == nil
      layout.draw(
        rows[index], chosen: index == list.selected ? place : nil, owner: isOrphan ? rows[index].owner : nil, into: &frame,
        at: Point(column: body.column, row: body.row + line))
    }
    frame.scrollMarks(list, count: rows.count, beside: body)
  }

  private func draw(_ filter: TextField, into frame: inout Frame, in line: Rect) {
    let count = "\(rows.count) of \(map?.count ?? 0)"
    frame.draw("/", at: Point(column: line.column + 1, row: line.row), style: .key, width: 1)
    frame.draw(count, at: line.origin, style: .dim, width: line.columns - 1, align: .right)
    filter.draw(
      into: &frame, at: Point(column: line.column + 2, row: line.row), width: max(0, line.columns - 4 - columns(of: count)), focused: isTyping)
  }
}

/// Where the columns of the map stand. At 80 columns everything that matters fits; wider screens give names and VMs more.
private struct MapLayout {
  private let widths: [Int]
  /// Between columns: the lines.
  private static let gap = 3

  init(columns: Int) {
    let room = max(40, columns)
    let interface = min(32, max(16, room / 5 + 2))
    let vlan = room < 100 ? 11 : 22
    let rest = max(16, room - interface - vlan - 3 * Self.gap)
    let network = min(48, max(8, rest * 11 / 20))
    widths = [interface, vlan, network, rest - network]
  }

  func width(_ column: TopologyMap.Column) -> Int { widths[column.rawValue] }
  func start(_ column: TopologyMap.Column) -> Int { widths.prefix(column.rawValue).reduce(0, +) + column.rawValue * Self.gap }

  func title(_ column: TopologyMap.Column) -> String {
    switch column {
    case .interface: "NIC or bond"
    case .vlan: "VLAN"
    case .network: "Network"
    case .vms: "VMs"
    }
  }

  /// - Parameters:
  ///   - chosen: the column that is chosen in this row.
  ///   - owner: shown in place of a NIC or bond that has no row on the screen.
  func draw(
    _ row: TopologyMap.Row, chosen: TopologyMap.Column?, owner: String?, into frame: inout Frame, at point: Point
  ) {
    var ends: [TopologyMap.Column: Int] = [:]
    for column in TopologyMap.Column.allCases {
      guard let node = row.nodes[column] else { continue }
      let place = Point(column: point.column + start(column), row: point.row)
      let isChosen = column == chosen
      let text = node.text(columns: width(column) - 1)
      if isChosen {
        // No wider than the text: the lines go on behind it.
        frame.fill(Rect(column: place.column, row: place.row, columns: min(width(column), columns(of: text) + 2), rows: 1), .selection)
        // The mark tells what the colour tells.
        frame.draw(">", at: place, style: .selection, width: 1)
      }
      let used = frame.draw(
        text, at: Point(column: place.column + 1, row: place.row), style: isChosen ? .selection : node.style, width: width(column) - 1)
      ends[column] = start(column) + 1 + used
    }
    if let owner {
      frame.draw(owner, at: Point(column: point.column + 1, row: point.row), style: .dim, width: width(.interface) - 1)
    }
    lines(row, ends, into: &frame, at: point)
  }

  private func lines(_ row: TopologyMap.Row, _ ends: [TopologyMap.Column: Int], into frame: inout Frame, at point: Point) {
    func line(from: Int, to: Int) {
      guard to > from else { return }
      frame.draw(String(repeating: "─", count: to - from), at: Point(column: point.column + from, row: point.row), style: .border)
    }
    // The upright line stands in the middle of the gap.
    let upright = start(.vlan) - 2
    let corner: String? =
      switch row.branch {
      case .none: nil
      case .only: "─"
      case .first: "┬"
      case .middle: "├"
      case .last: "└"
      }
    if let corner {
      if let end = ends[.interface], row.branch == .only || row.branch == .first { line(from: end + 1, to: upright) }
      frame.draw(corner, at: Point(column: point.column + upright, row: point.row), style: .border)
      line(from: upright + 1, to: start(.vlan) + 1)
    }
    for (left, right) in [(TopologyMap.Column.vlan, TopologyMap.Column.network), (.network, .vms)] {
      guard let end = ends[left], row.nodes[right] != nil else { continue }
      line(from: end + 1, to: start(right))
    }
  }
}
