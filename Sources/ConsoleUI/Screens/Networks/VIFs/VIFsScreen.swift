import HostNetworking
import TerminalUI
import XenAPI

/// The VIFs of one network, or of all: which VM, MAC, locking, plugged or not.
struct VIFsScreen: Screen {
  private let network: NetworkID?
  private var list: Result<VIFList, ChangeProblem>?
  private var uuid: String?
  private var state = ListState()

  init(_ network: NetworkID?) { self.network = network }

  let title = "VIFs"

  let help = [
    "The virtual NICs of VMs on this network. Locked VIFs may only send from the addresses that are allowed.",
    "+ creates a VIF for a VM, m moves the chosen one to another network, p plugs it into the running VM, u unplugs it, x destroys it.",
    "l sets what it may send: locked VIFs only from the addresses allowed, disabled ones nothing, the others as the network has it.",
  ]

  var errand: Errand? { .vifs(.look(network: nil)) }

  private var rows: [VIFList.Row] {
    let all = (try? list?.get())?.rows ?? []
    return uuid.map { uuid in all.filter { $0.networkUUID == uuid } } ?? all
  }
  private var chosen: VIFList.Row? { rows.indices.contains(state.selected) ? rows[state.selected] : nil }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    let own: [(key: String, does: String)] =
      chosen.map { [("m", "move"), $0.isPlugged ? ("u", "unplug") : ("p", "plug"), ("l", "lock"), ("x", "destroy")] } ?? []
    let new: [(key: String, does: String)] = (try? list?.get()) == nil ? [] : [("+", "new")]
    if case .failure = list { return [("r", "look again"), ("t", "toolstack"), ("Esc", "back"), ("?", "help")] }
    return new + own + [("r", "look again"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    find(context)
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5): return .ask(.vifs(.look(network: nil)))
    case .character("+"), .character("n"):
      guard let list = try? list?.get() else { return .done }
      return .open(VIFFormScreen(list, network: uuid, vif: nil))
    case .character("m"), .enter:
      guard let list = try? list?.get(), let chosen else { return .done }
      return .open(VIFFormScreen(list, network: nil, vif: chosen))
    case .character("p"): return chosen.map { .open(ChangeReviewScreen(.vifs(.plug(vif: $0.uuid)))) } ?? .done
    case .character("u"): return chosen.map { .open(ChangeReviewScreen(.vifs(.unplug(vif: $0.uuid)))) } ?? .done
    case .character("t"):
      if case .failure = list { return .open(ToolstackScreen()) }
      return .pass
    case .character("x"), .character("-"): return chosen.map { .open(ChangeReviewScreen(.vifs(.destroy(vif: $0.uuid)))) } ?? .done
    // Not the way to the right that it is elsewhere: there is nothing.
    case .character("l"): return chosen.map { .open(VIFLockScreen($0)) } ?? .done
    default: return state.handle(key, count: rows.count, visible: Self.visible(room)) ? .done : .pass
    }
  }

  private mutating func find(_ context: Context) {
    if uuid == nil, let network { uuid = context.host?.networks.first { $0.id == network }?.uuid }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .vifs(.list(let list)) = report else { return .pass }
    let before = chosen?.uuid
    self.list = list
    // What is chosen stays so, wherever it stands now.
    if let before, let place = rows.firstIndex(where: { $0.uuid == before }) { state.selected = place }
    settle(context, room: room)
    return .done
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .ask(.vifs(.look(network: nil))) : .done }

  mutating func settle(_ context: Context, room: Size) {
    find(context)
    state.clamp(count: rows.count, visible: Self.visible(room))
  }

  private static func visible(_ room: Size) -> Int { max(1, room.rows - 3) }

  private var columns: [Table.Column] {
    // The page of one network needs no column for it.
    uuid == nil ? Self.columns : Self.columns.filter { $0.title != "Network" }
  }

  private static let columns: [Table.Column] = [
    .init("VM", minimum: 16, ideal: 30, priority: 0), .init("VIF", minimum: 3, ideal: 3, priority: 0), .init("MAC", minimum: 17, ideal: 17, priority: 1),
    .init("Plugged", minimum: 7, ideal: 7, priority: 0), .init("Locking", minimum: 10, ideal: 16, priority: 3), .init("Runs on", minimum: 8, ideal: 16, priority: 4),
    .init("Network", minimum: 12, ideal: 30, priority: 2), .init("May send from", minimum: 14, ideal: 40, priority: 5),
  ]

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let place = uuid.flatMap { uuid in (try? list?.get())?.networks.first { $0.uuid == uuid }?.name }
    frame.box(area, title: place.map { "\(title) on \($0): \(rows.count)" } ?? "\(title): \(rows.count)")
    let inside = area.inset(left: 1, top: 1, right: 1, bottom: 1)
    switch list {
    case nil:
      frame.draw("Looking ...", at: inside.origin, style: .dim, width: inside.columns)
      return
    case .failure(let problem):
      let facts = [Fact("", problem.text.sentence, style: .bad)] + (problem.remedy.map { [Fact("", $0.sentence)] } ?? [])
      return FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
    case .success where rows.isEmpty:
      frame.draw("No VM has a VIF here. + creates one.", at: inside.origin, style: .dim, width: inside.columns)
      return
    case .success: break
    }
    let cells = rows.map { row in
      [row.vm, row.device, row.mac, row.isPlugged ? "yes" : "no", row.locking.brief, row.host.isEmpty ? "-" : row.host]
        + (uuid == nil ? [row.network] : []) + [row.allowed.joined(separator: ", ")]
    }
    let table = Table(columns, gap: 1).measured(cells, most: 40)
    let layout = table.layout(width: inside.columns - 1)
    let (titles, body) = inside.splitTop(1)
    table.drawHeader(into: &frame, at: Point(column: titles.column + 1, row: titles.row), layout: layout, style: .dim)
    for index in state.rows(count: rows.count, visible: body.rows) {
      let start = Point(column: body.column, row: body.row + index - state.offset)
      let isChosen = index == state.selected
      if isChosen {
        frame.fill(Rect(column: start.column, row: start.row, columns: body.columns, rows: 1), .selection)
        frame.draw(">", at: start, style: .selection, width: 1)
      }
      table.draw(cells[index], into: &frame, at: Point(column: start.column + 1, row: start.row), layout: layout, style: isChosen ? .selection : .normal)
    }
    frame.scrollMarks(state, count: rows.count, beside: body)
  }
}

extension LockingMode {
  /// In a column.
  fileprivate var brief: String { self == .networkDefault ? "by network" : rawValue }
}
