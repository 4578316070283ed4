import HostNetworking
import TerminalUI
import XenAPI

/// The VIFs of one network, or of all: which VM, MAC, locking, plugged or not.
struct VIFsScreen: Screen {
  private let network: NetworkID?
  private var list: Result<VIFList, ChangeProblem>?
  private var uuid: String?
  private var name: String?
  private var browser = Browser()
  private var contents = Browser.Contents()

  init(_ network: NetworkID?) { self.network = network }

  let title = "VIFs"

  let help = [
    "The virtual NICs of VMs on this network. Locked VIFs may only send from the addresses that are allowed.",
    "+ creates a VIF for a VM, m moves the chosen one to another network, p plugs it into the running VM, u unplugs it, x destroys it.",
    "l sets what it may send: locked VIFs only from the addresses allowed, disabled ones nothing, the others as the network has it.",
    "Enter and Right do nothing here: there is no page of one VIF.",
    "/ shows only those with all the words that are typed: VM, host, MAC, address, uuid.",
  ]

  var errand: Errand? { .vifs(.look(network: nil)) }

  private var known: VIFList? { try? list?.get() }
  private var rows: [VIFList.Row] {
    let all = known?.rows ?? []
    return uuid.map { uuid in all.filter { $0.networkUUID == uuid } } ?? all
  }
  private var chosen: VIFList.Row? { known?.rows.first { $0.uuid == browser.chosen } }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    if browser.takesText { return [("Enter", "keep filter"), ("Esc", "show all"), ("Up/Down", "choose")] }
    switch list {
    case nil: return [("Esc", "back"), ("?", "help")]
    case .failure: return [("r", "look again"), ("t", "restart the toolstack"), ("Esc", "back"), ("?", "help")]
    case .success:
      let own: [(key: String, does: String)] =
        chosen.map { [("m", "move"), $0.isPlugged ? ("u", "unplug") : ("p", "plug"), ("l", "lock"), ("x", "destroy")] } ?? []
      return [("+", "new")] + own + [("/", "filter"), ("Esc", browser.filter == nil ? "back" : "show all"), ("r", "again"), ("?", "help")]
    }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    // Not the way to the right that it is elsewhere: there is nothing.
    if !browser.takesText, key == .character("l") { return chosen.map { .open(VIFLockScreen($0)) } ?? .done }
    if known != nil, browser.handle(key, contents, room: visible(room)) { return .done }
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5): return .ask(.vifs(.look(network: nil)))
    case .character("t"):
      if case .failure = list { return .open(ToolstackScreen()) }
      return .done
    case .character("+"), .character("n"): return known.map { .open(newVIF($0)) } ?? .done
    case .enter: return .done
    case .character("m"):
      guard let known, let chosen else { return .done }
      let vif = chosen.uuid
      let pick = PickScreen.network(known, "VIF \(chosen.device) of \(chosen.vm): to which network?", chosen: chosen.networkUUID) {
        ChangeReviewScreen(.vifs(.move(vif: vif, network: $0.uuid)))
      }
      return .open(pick)
    case .character("p"): return review { .plug(vif: $0) }
    case .character("u"): return review { .unplug(vif: $0) }
    case .character("x"), .character("-"): return review { .destroy(vif: $0) }
    default: return .pass
    }
  }

  private func review(_ intent: (String) -> VIFIntent) -> Reaction { chosen.map { .open(ChangeReviewScreen(.vifs(intent($0.uuid)))) } ?? .done }

  /// The VM first; the network only where the page is of all.
  private func newVIF(_ list: VIFList) -> PickScreen {
    let here = list.networks.first { $0.uuid == uuid }
    return PickScreen.vm(list) { vm in
      if let here { return VIFFormScreen(vm, here) }
      return PickScreen.network(list, "New VIF of \(vm.name): on which network?", chosen: nil) { VIFFormScreen(vm, $0) }
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .vifs(.list(let list)) = report else { return .pass }
    self.list = list
    fill()
    settle(context, room: room)
    return .done
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .ask(.vifs(.look(network: nil))) : .done }

  mutating func settle(_ context: Context, room: Size) {
    if uuid == nil, let network, let found = context.host?.networks.first(where: { $0.id == network }) {
      (uuid, name) = (found.uuid, found.name)
      fill()
    }
    browser.settle(contents, room: visible(room))
  }

  /// There may be thousands: made once for each answer, not for each key.
  private mutating func fill() { contents = Browser.Contents(rows.map { row($0) }, columns: Self.columns(all: network == nil), most: 40) }

  private func visible(_ room: Size) -> Int { BrowserLayout(room).listRows(filter: browser.filter != nil) }

  // MARK: Drawing

  /// The network is told only where the list is of all.
  private static func columns(all: Bool) -> [Table.Column] {
    [
      .init("VM", minimum: 16, ideal: 30, priority: 0), .init("VIF", minimum: 3, ideal: 3, priority: 0), .init("MAC", minimum: 17, ideal: 17, priority: 1),
      .init("Plugged", minimum: 7, ideal: 7, priority: 0), .init("Locking", minimum: 10, ideal: 12, priority: 3), .init("Runs on", minimum: 8, ideal: 16, priority: 2),
    ] + (all ? [.init("Network", minimum: 12, ideal: 30, priority: 1)] : []) + [.init("May send from", minimum: 14, ideal: 40, priority: 5)]
  }

  private func row(_ row: VIFList.Row) -> Browser.Row {
    let ends = [
      Browser.Cell(row.vm), .init(row.device), .init(row.mac), .init(row.isPlugged ? "yes" : "no"), .init(Self.locking(row.locking)),
      .init(row.host.isEmpty ? "-" : row.host),
    ]
    let place = network == nil ? [Browser.Cell(row.network)] : []
    return Browser.Row(id: row.uuid, cells: ends + place + [.init(row.allowed.joined(separator: ", "))], more: "\(row.uuid) \(row.vmUUID)")
  }

  private static func locking(_ mode: LockingMode) -> String { mode == .networkDefault ? "by network" : mode.words }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let heading = name.map { "VIFs on \"\($0)\": \(rows.count)" } ?? "VIFs: \(rows.count)"
    switch list {
    case nil:
      frame.box(area, title: title)
      let inside = area.inset(left: 1, top: 1, right: 1, bottom: 1)
      frame.draw("Looking ...", at: inside.origin, style: .dim, width: inside.columns)
    case .failure(let problem):
      frame.box(area, title: title)
      let inside = area.inset(left: 1, top: 1, right: 1, bottom: 1)
      let facts = [Fact("", problem.text.sentence, style: .bad)] + (problem.remedy.map { [Fact("", $0.sentence)] } ?? [])
      FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
    case .success:
      BrowserLayout(area.size).draw(
        into: &frame, in: area, title: heading,
        list: { frame, area in browser.draw(into: &frame, in: area, contents, empty: "No VM has a VIF here. + creates one.") },
        detailTitle: chosen.map { "VIF \($0.device) of \($0.vm)" } ?? "", details: chosen.map { Self.details($0) } ?? [])
    }
  }

  private static func details(_ row: VIFList.Row) -> [Fact] {
    return [
      Fact("VM", "\(row.vm), \(row.state.rawValue.lowercased())\(row.host.isEmpty ? "" : " on \(row.host)")"),
      Fact("Network", row.network), Fact("MAC", "\(row.mac), \(row.isPlugged ? "plugged" : "not plugged")"),
      Fact("Locking", row.locking == .networkDefault ? "as the network has it: \(row.networkMode.words)" : row.locking.words), allowed(row),
    ]
  }

  /// Who may send, first of all: addresses that are kept say nothing while the VIF is not locked.
  private static func allowed(_ row: VIFList.Row) -> Fact {
    let list = row.allowed.joined(separator: ", ")
    let kept = list.isEmpty ? "" : "; \(list), kept for when it is locked"
    return switch row.effective {
    case .locked: list.isEmpty ? Fact("Allowed", "none: nothing passes", style: .warning) : Fact("Allowed", list)
    case .disabled: Fact("Allowed", "nothing passes: disabled\(kept)", style: .warning)
    default: Fact("Allowed", "anything: not locked\(kept)")
    }
  }
}
