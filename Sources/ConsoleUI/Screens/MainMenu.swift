import HostNetworking
import TerminalUI

/// The first screen: what there is to do on the left, what the chosen item is about on the right.
struct MainMenu: Screen {
  enum Item: Int, CaseIterable, Sendable {
    case status, interfaces, networks, management, test, reset, layouts, changes, find, toolstack, help, leave

    var label: String {
      switch self {
      case .status: "Status"
      case .interfaces: "Network interfaces"
      case .networks: "Networks, VLANs and bonds"
      case .management: "Management interface"
      case .test: "Test the network"
      case .reset: "Emergency network reset"
      case .layouts: "Saved network layouts"
      case .changes: "Recent changes"
      case .find: "Find anything by name"
      case .toolstack: "Restart the toolstack"
      case .help: "Help"
      case .leave: "Leave the console"
      }
    }

    /// Those that are opened by a digit; there are no more than nine.
    static let numbered = 9
  }

  private var list: MenuList

  init(chosen: Int = 0) { list = MenuList(Item.allCases.map(\.label), numbered: Item.numbered, chosen: chosen) }

  let title = "Console"

  let help = [
    "Choose with Up and Down or press the item's number. The right side shows what the item is about; Enter opens it.",
    "/ finds an interface, network, VM or address by any part of its name.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [
      ("Up/Down", "choose"), ("1-\(Item.numbered)", "jump"), ("Enter", "open"), ("/", "find"),
      ("r", context.isStale ? "retry XAPI" : "refresh"), ("?", "help"), ("q", "quit"),
    ]
  }

  var chosen: Item { Item(rawValue: list.selected) ?? .status }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if let chosen = list.handle(key, visible: room.rows - 2) { return open(Item(rawValue: chosen) ?? .status) }
    switch key {
    case .character("q"): return .quit
    // There is nothing behind the first screen, and nobody should fall out of the console by one Esc too many.
    case .escape, .left, .character("h"): return .done
    default: return list.move(key, visible: room.rows - 2) ? .done : .pass
    }
  }

  mutating func settle(_ context: Context, room: Size) { list.settle(visible: room.rows - 2) }

  private func open(_ item: Item) -> Reaction {
    switch item {
    case .status: .open(StatusScreen())
    case .interfaces: .open(InterfacesScreen())
    case .networks: .open(NetworksScreen())
    case .management: .open(ManagementMenu())
    case .test: .open(TestNetworkScreen())
    case .reset: .open(ResetDeviceScreen())
    case .layouts: .open(LayoutsScreen())
    case .changes: .open(RecentChangesScreen())
    case .find: .open(FindScreen())
    case .toolstack: .open(ToolstackScreen())
    case .help: .open(HelpScreen(about: self))
    case .leave: .quit
    }
  }

  // MARK: Drawing

  /// Inside its lines.
  private static let menuColumns = 33

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    // Too narrow for both: the menu alone still works.
    let showsDetails = area.columns >= 60
    let (left, right) = frame.sideBySide(
      area, left: showsDetails ? Self.menuColumns : area.columns, titles: (title, paneTitle(context)))
    list.draw(into: &frame, in: left)
    drawDetails(into: &frame, in: right.inset(left: 1, right: 1), context)
  }

  /// Somebody in front of a host that is off the network need not look for the reason.
  private func paneTitle(_ context: Context) -> String {
    chosen == .status && StatusFacts(context: context).isTroubled ? StatusFacts.troubleTitle : chosen.label
  }

  private func drawDetails(into frame: inout Frame, in area: Rect, _ context: Context) {
    let overview = Overview(context: context)
    let isWide = area.columns >= Overview.listColumns
    switch chosen {
    case .status:
      let status = StatusFacts(context: context)
      let facts = isWide ? status.everything(withHeading: false) : status.brief
      let rows = FactRows(facts, columns: area.columns)
      rows.draw(into: &frame, in: area, facts)
      // A tall and wide screen has room for the lists as well.
      let (_, below) = area.splitTop(rows.rows.count + 1)
      if isWide, below.rows >= 12 { overview.drawLists(into: &frame, in: below.inset(left: -1, right: -1)) }
    case .interfaces where isWide: InterfacesScreen.drawOverview(into: &frame, in: area.inset(left: -1), context)
    case .networks where isWide: NetworksScreen.drawOverview(into: &frame, in: area.inset(left: -1), context)
    case .interfaces: draw(overview.interfaces, into: &frame, in: area)
    case .networks: draw(overview.networks, into: &frame, in: area)
    case .management: draw(ManagementMenu.about(context), into: &frame, in: area)
    case .test, .reset, .layouts, .changes, .toolstack: draw(about(chosen), into: &frame, in: area)
    case .find:
      let text = "Type any part of a name, address, MAC or tag: what matches is listed at once, and Enter goes there."
      draw([Fact("", text)], into: &frame, in: area)
    case .help: draw(help.map { Fact("", $0) }, into: &frame, in: area)
    case .leave:
      let text = "Ends the console and gives the terminal back. Nothing on the host changes."
      draw([Fact("", text)], into: &frame, in: area)
    }
  }

  private func about(_ item: Item) -> [Fact] {
    let help: [String] =
      switch item {
      case .reset: ResetDeviceScreen().help
      case .layouts: LayoutsScreen().help
      case .test: TestNetworkScreen().help
      case .changes: RecentChangesScreen().help
      case .toolstack: ToolstackScreen().help
      default: []
      }
    return help.flatMap { [Fact("", $0), Fact("", "")] }
  }

  private func draw(_ facts: [Fact], into frame: inout Frame, in area: Rect) {
    FactRows(facts, columns: area.columns).draw(into: &frame, in: area, facts)
  }
}

/// What can be told of interfaces and networks beside something else: a line each where there are 40 columns, the lists
/// themselves where there are more.
struct Overview {
  let context: Context

  /// The lists are worth drawing from this width on.
  static let listColumns = 76

  /// Both lists, one above the other; the second only where there is room for it.
  func drawLists(into frame: inout Frame, in area: Rect) {
    let interfaces = context.host?.interfaces.count ?? 0
    let networks = context.host?.networks.count ?? 0
    // Box, titles, and a row that says so when there is nothing to list.
    let wanted = max(1, interfaces) + 3
    let upperRows = area.rows - min(wanted, area.rows) >= 6 ? wanted : max(area.rows - max(area.rows / 3, 6), 6)
    let (upper, lower) = area.splitTop(area.rows < 14 ? area.rows : upperRows)
    frame.box(upper, title: "Network interfaces: \(interfaces)")
    InterfacesScreen.drawOverview(into: &frame, in: upper.inset(), context)
    guard lower.rows >= 4 else { return }
    frame.box(lower, title: "Networks: \(networks)")
    NetworksScreen.drawOverview(into: &frame, in: lower.inset(), context)
  }

  /// More lines would tell less, and a slow line shows them one by one.
  private static let mostLines = 10

  /// The first lines, and how many more there are.
  private func shortened(_ facts: [Fact]) -> [Fact] {
    guard facts.count > Self.mostLines else { return facts }
    return facts.prefix(Self.mostLines) + [Fact("", "and \(facts.count - Self.mostLines) more", style: .dim)]
  }

  var interfaces: [Fact] {
    guard let host = context.host, host.sources.configuration != nil else { return StatusFacts(context: context).all }
    let shown = host.interfaces.filter { if case .vlan = $0.kind { false } else { true } }
    let vlans = host.interfaces.count - shown.count
    var facts = shortened(shown.map { interface in
      Fact(
        interface.device,
        "\(interface.linkWord.fitted(to: 5))\(interface.speedWords.fitted(to: 9))\(interface.usage)",
        style: interface.link.isImpaired && interface.usage != "unused" ? .warning : .normal, wraps: false)
    })
    if vlans > 0 { facts.append(Fact("", "and \(Units.count(vlans, "VLAN")) on top of these", style: .dim)) }
    return facts
  }

  var networks: [Fact] {
    guard let host = context.host, host.sources.configuration != nil else { return StatusFacts(context: context).all }
    return shortened(host.networks.map { network in
      let vms = network.runningVMs.count
      return Fact(
        "", "\(network.name.fitted(to: 22)) \(network.kindWords)\(vms == 0 ? "" : ", \(Units.count(vms, "VM"))")",
        wraps: false)
    })
  }
}
