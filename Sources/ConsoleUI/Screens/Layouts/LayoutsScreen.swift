import Glibc
import HostNetworking
import TerminalUI

/// The layouts saved on this host: to look at, to save another, to put one back.
struct LayoutsScreen: Screen {
  private var entries: Result<[LayoutStore.Entry], LayoutError>?
  private var list = ListState()
  /// What came of saving.
  private var remark: Fact?

  let title = "Saved network layouts"

  let help = [
    "A layout is everything that XAPI keeps of this host's network: networks, bonds, VLANs, tunnels, SR-IOV and addresses, with the "
      + "MACs of the NICs. One is saved before every emergency network reset.",
    "Enter compares a layout with what is there now and shows, step by step, how to put the rest back.",
    "The files are in \(LayoutStore.folder); they can be copied to another host with the same purpose.",
  ]

  var errand: Errand? { .listLayouts }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    (chosen == nil ? [] : [("Enter", "compare and put back")])
      + [("s", "save the present layout"), ("r", "look again"), ("Esc", "back"), ("?", "help")]
  }

  private var all: [LayoutStore.Entry] { (try? entries?.get()) ?? [] }
  private var chosen: LayoutStore.Entry? { all.indices.contains(list.selected) ? all[list.selected] : nil }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("s"):
      remark = Fact("", "Saving ...", style: .dim)
      return .ask(.saveLayout)
    case .character("r"), .function(5): return .ask(.listLayouts)
    case .enter, .right, .character("l"):
      guard let chosen, case .success = chosen.layout else { return .done }
      return .open(RestoreScreen(path: chosen.path))
    default: return list.handle(key, count: all.count, visible: max(1, room.rows - 9)) ? .done : .pass
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    switch report {
    case .layouts(let entries):
      self.entries = entries
      settle(context, room: room)
    case .layoutSaved(.success(let path)):
      remark = Fact("", "Saved as \(path).", style: .good)
      list = ListState()
      return .ask(.listLayouts)
    case .layoutSaved(.failure(let error)): remark = Fact("", "Not saved: \(error)".sentence, style: .bad)
    default: return .pass
    }
    return .done
  }

  mutating func settle(_ context: Context, room: Size) { list.clamp(count: all.count, visible: max(1, room.rows - 9)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: min(6, max(0, area.rows - 8)), titles: ("\(title): \(all.count)", chosen?.name ?? ""))
    let inside = top.inset(left: 1, right: 1)
    if let problem = problem {
      frame.draw(problem.text, at: inside.origin, style: problem.style, width: inside.columns)
    } else {
      drawList(into: &frame, in: inside, context)
    }
    let lines = (remark.map { [$0] } ?? []) + details
    FactRows(lines, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), lines)
  }

  private var problem: (text: String, style: Style)? {
    switch entries {
    case nil: ("Looking ...", .dim)
    case .failure(let error): ("\(error)".sentence, .bad)
    case .success(let entries): entries.isEmpty ? ("None saved yet: s saves the present one.", .dim) : nil
    }
  }

  private func drawList(into frame: inout Frame, in area: Rect, _ context: Context) {
    for index in list.rows(count: all.count, visible: area.rows) {
      let row = Rect(column: area.column, row: area.row + index - list.offset, columns: area.columns, rows: 1)
      let isChosen = index == list.selected
      if isChosen { frame.fill(row, .selection) }
      let entry = all[index]
      let words: String
      var style = Style.normal
      switch entry.layout {
      case .success(let layout): words = "\(Units.moment(layout.taken.at))  \(layout.host.name)  \(layout.contents)"
      case .failure: (words, style) = ("\(entry.name)  damaged", .bad)
      }
      frame.draw((isChosen ? ">" : " ") + words, at: row.origin, style: isChosen ? .selection : style, width: row.columns)
    }
    frame.scrollMarks(list, count: all.count, beside: area)
  }

  private var details: [Fact] {
    guard let chosen else { return [] }
    switch chosen.layout {
    case .failure(let error): return [Fact("", "\(error)".sentence, style: .bad)]
    case .success(let layout):
      var facts = [Fact("Management", layout.management ?? "none"), Fact("Holds", layout.contents)]
      if !layout.taken.why.isEmpty { facts.append(Fact("Saved", layout.taken.why)) }
      if !layout.taken.missing.isEmpty {
        facts.append(Fact("Lacks", layout.taken.missing.joined(separator: ", "), style: .warning))
      }
      return facts
    }
  }
}

extension NetworkLayout {
  /// `4 NICs, 1 bond, 12 VLANs, 14 networks`.
  var contents: String {
    let parts = [
      (nics.count, "NIC"), (bonds.count, "bond"), (vlans.count, "VLAN"), (tunnels.count, "tunnel"), (sriovs.count, "SR-IOV network"),
      (networks.count, "network"),
    ]
    return parts.filter { $0.0 > 0 }.map { Units.count($0.0, $0.1) }.joined(separator: ", ")
  }
}

extension Units {
  /// Local date and time of day, `22 Nov 2026 17:20`.
  static func moment(_ wall: Int64) -> String {
    var seconds = time_t(wall)
    var parts = tm()
    localtime_r(&seconds, &parts)
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let month = months.indices.contains(Int(parts.tm_mon)) ? months[Int(parts.tm_mon)] : "?"
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(parts.tm_mday) \(month) \(1900 + parts.tm_year) \(two(parts.tm_hour)):\(two(parts.tm_min))"
  }
}
