import HostNetworking
import TerminalUI

/// Everything about how this host is managed, each a screen of its own; beside the list, how it is now.
struct ManagementMenu: Screen {
  enum Item: Int, CaseIterable, Sendable {
    case configure, nameServers, hostName, timeServers, remoteAccess, disable

    var label: String {
      switch self {
      case .configure: "Configure management"
      case .nameServers: "DNS servers and search domains"
      case .hostName: "Host name"
      case .timeServers: "Time servers (NTP)"
      case .remoteAccess: "Remote access"
      case .disable: "Disable management"
      }
    }

    /// What the item is for.
    var purpose: String {
      switch self {
      case .configure:
        "Which interface carries management, and its address, gateway and DNS servers. The change is made on trial: it is put back by "
          + "itself unless you keep it."
      case .nameServers: "Which DNS servers are asked, and in which domains short names are looked for."
      case .hostName: "What this host calls itself, and what the pool calls it."
      case .timeServers: "Where the clock is set from, and whether it is right."
      case .remoteAccess: "Logins over SSH, and the fingerprints of this host's keys."
      case .disable: "XAPI listens to this host alone afterwards: no client outside can manage it any more."
      }
    }
  }

  private var list: MenuList

  init(chosen: Int? = nil) {
    list = MenuList(Item.allCases.map(\.label), numbered: Item.allCases.count, chosen: chosen ?? 0)
  }

  let title = "Management interface"

  let help = [
    "How this host is reached and managed: what is set up now, and the screens that change it.",
    "Nothing is changed before a page shows what will happen, and there y is pressed.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Up/Down", "choose"), ("1-\(Item.allCases.count)", "jump"), ("Enter", "open"), ("Esc", "back"), ("?", "help")]
  }

  private var chosen: Item { Item(rawValue: list.selected) ?? .configure }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if let opened = list.handle(key, visible: room.rows - 2) { return open(Item(rawValue: opened) ?? .configure) }
    switch key {
    case .escape, .left, .character("h"): return .back
    default: return list.move(key, visible: room.rows - 2) ? .done : .pass
    }
  }

  mutating func settle(_ context: Context, room: Size) { list.settle(visible: room.rows - 2) }

  private func open(_ item: Item) -> Reaction {
    switch item {
    case .configure: .open(ManagementTargetScreen())
    case .nameServers: .open(NameServersScreen())
    case .hostName: .open(HostNameScreen())
    case .timeServers: .open(TimeServersScreen())
    case .remoteAccess: .open(RemoteAccessScreen())
    case .disable: .open(ChangeReviewScreen(.disableManagement))
    }
  }

  // MARK: Drawing

  /// Inside its lines.
  private static let menuColumns = 34

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let showsDetails = area.columns >= 60
    let (left, right) = frame.sideBySide(
      area, left: showsDetails ? Self.menuColumns : area.columns, titles: (title, chosen.label))
    list.draw(into: &frame, in: left)
    let facts = [Fact("", chosen.purpose), Fact("", ""), Fact("", "Now", style: .heading)] + Self.now(context)
    let inner = right.inset(left: 1, right: 1)
    FactRows(facts, columns: inner.columns).draw(into: &frame, in: inner, facts)
  }

  /// Beside the main menu.
  static func about(_ context: Context) -> [Fact] {
    now(context) + [Fact("", "")] + ["Management, DNS, host name, time and remote access: looked at and changed here."].map { Fact("", $0) }
  }

  private static func now(_ context: Context) -> [Fact] {
    guard let host = context.host, host.sources.configuration != nil else {
      return [Fact("", "Nothing is known of it yet.", style: .dim)]
    }
    let name = host.name.map { [Fact("Host name", $0)] } ?? []
    return ManagementLines(host, now: context.now).facts + name
  }
}
