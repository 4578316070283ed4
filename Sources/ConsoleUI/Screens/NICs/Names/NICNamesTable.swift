import HostNetworking
import TerminalUI

/// The NICs with their names of now and of the next boot, or networkd's order of them.
struct NICNamesTable {
  private let editor: NICNameEditor
  private let host: HostView?

  init(_ editor: NICNameEditor, _ context: Context) {
    self.editor = editor
    host = context.host
  }

  func draw(into frame: inout Frame, in area: Rect, _ list: ListState, chosen: String?) {
    let contents = editor.names.scheme == .order ? ordered : named
    let columns = contents.columns
    let table = Table(columns, gap: 1).measured(contents.rows.lazy.map { $0.map(\.text) }, most: 36)
    let layout = table.layout(width: area.columns - 1)
    table.drawHeader(into: &frame, at: Point(column: area.column + 1, row: area.row), layout: layout)
    let room = area.rows - 1
    for index in list.rows(count: contents.rows.count, visible: room) {
      let row = Point(column: area.column, row: area.row + 1 + index - list.offset)
      let isChosen = index == list.selected
      if isChosen { frame.fill(Rect(column: row.column, row: row.row, columns: area.columns, rows: 1), .selection) }
      frame.draw(isChosen ? ">" : " ", at: row, style: isChosen ? .selection : .normal, width: 1)
      let cells = contents.rows[index]
      let styles = isChosen ? [:] : Dictionary(uniqueKeysWithValues: cells.enumerated().map { ($0.offset, $0.element.style) })
      table.draw(
        cells.map(\.text), into: &frame, at: Point(column: row.column + 1, row: row.row), layout: layout,
        style: isChosen ? .selection : .normal, styles: styles)
    }
    frame.scrollMarks(list, count: contents.rows.count, beside: Rect(column: area.column, row: area.row + 1, columns: area.columns, rows: room))
  }

  private typealias Contents = (columns: [Table.Column], rows: [[Browser.Cell]])

  private var named: Contents {
    let columns: [Table.Column] = [
      .init("Now", minimum: 5, ideal: 15, priority: 0), .init("After boot", minimum: 10, ideal: 10, priority: 0),
      .init("Link", minimum: 4, ideal: 5, priority: 1), .init("Speed", minimum: 8, ideal: 8, priority: 5, alignment: .right),
      .init("MAC", minimum: 17, ideal: 17, priority: 2), .init("Place", minimum: 5, ideal: 6, priority: 3),
      .init("Used for", minimum: 22, ideal: 30, priority: 4), .init("PCI", minimum: 12, ideal: 15, priority: 6),
      .init("Driver", minimum: 6, ideal: 10, priority: 7), .init("Label", minimum: 10, ideal: 20, priority: 8),
      .init("Static rule", minimum: 11, ideal: 24, priority: 9),
    ]
    return (columns, editor.nics.map(row))
  }

  private func row(_ nic: NICNames.NIC) -> [Browser.Cell] {
    let (after, style) = after(nic)
    let live = host?.interfaces.first { $0.kind == .nic && $0.device == nic.name }
    let link = live.map(\.link) ?? nic.link
    let isFree = nic.use.isFree
    let rule = editor.names.rule(of: nic.mac)
    return [
      .init(nic.name, nic.nameBeforeAside == nil ? .normal : .warning), .init(after, style), .init(live?.linkWord ?? link.word, link.isImpaired ? live?.linkStyle ?? link.style : .normal),
      .init(link.carries ? (live?.speed ?? nic.speed).map { Units.speed($0) } ?? "-" : "-"), .init(nic.mac), .init(nic.card.physical ?? "-"),
      .init((isFree ? "" : "* ") + nic.use.line, isFree ? .normal : .dim), .init(nic.pci.isEmpty ? "-" : nic.pci), .init(nic.driver),
      .init(nic.card.label ?? "-"), .init(rule.map { "\($0.name):\($0.method.rawValue)" } ?? "-"),
    ]
  }

  /// A name that is asked for stands out by its arrow; one that is written already and waits for the boot has none.
  private func after(_ nic: NICNames.NIC) -> (String, Style) {
    guard let outlook = editor.outlook, let name = outlook.names[nic.mac] else { return ("?", .dim) }
    if outlook.affected.contains(nic.mac) { return ("-> \(name)", .accent) }
    return nic.waits ? ("\(name) set", .strong) : (name == nic.name ? "same" : name, .dim)
  }

  private var ordered: Contents {
    let columns: [Table.Column] = [
      .init("Position", minimum: 8, priority: 0), .init("Name", minimum: 6, ideal: 15, priority: 0),
      .init("MAC", minimum: 17, priority: 1), .init("PCI", minimum: 12, ideal: 15, priority: 2), .init("Present", minimum: 7, priority: 3),
      .init("Used for", minimum: 10, ideal: 30, priority: 4), .init("Driver", minimum: 6, ideal: 12, priority: 5),
    ]
    return (
      columns,
      editor.names.order.map { entry in
        let nic = editor.names[mac: entry.mac]
        return [
          .init("\(entry.position)"), .init(entry.name), .init(entry.mac), .init(entry.pci ?? "-"),
          .init(entry.isPresent ? "yes" : "NO", entry.isPresent ? .normal : .warning), .init(nic?.use.line ?? "-"), .init(nic?.driver ?? "-"),
        ]
      }
    )
  }
}
