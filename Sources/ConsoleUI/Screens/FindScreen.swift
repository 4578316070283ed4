import HostNetworking
import TerminalUI

/// Finds an interface, network, VM, address or menu item by any part of its name, and goes there.
struct FindScreen: Screen {
  private struct Hit: Sendable {
    let row: Browser.Row
    let place: Place
  }

  private var field: TextField
  private var browser = Browser()
  /// What matches, found when something changes.
  private var hits: [Hit] = []
  private var contents = Browser.Contents()

  init(text: String = "") { field = TextField(text, limit: 64) }

  let title = "Find"
  let help = [
    "Type any part of a name, address, MAC, tag or bridge. Several words must all match. Enter goes to what is chosen."
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "go there"), ("Up/Down", "choose"), ("Esc", "back")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape: return .back
    case .enter: return hits.first { $0.row.id == browser.chosen }.map { .go($0.place) } ?? .done
    case .up, .down, .pageUp, .pageDown:
      _ = browser.handle(key, contents, room: listRoom(room))
      return .done
    default: return field.handle(key) ? .done : .pass
    }
  }

  mutating func settle(_ context: Context, room: Size) {
    hits = matches(context)
    contents = Browser.Contents(hits.map(\.row), columns: Self.columns)
    browser.settle(contents, room: listRoom(room))
  }

  private static let columns: [Table.Column] = [
    .init("What", minimum: 9, ideal: 9, priority: 7), .init("Name", minimum: 24, ideal: 44, priority: 6),
    .init("Where", minimum: 20, ideal: 60, priority: 8),
  ]

  private func listRoom(_ room: Size) -> Int { max(1, room.rows - 5) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let (top, rest) = area.inset(left: 2, top: 1, right: 2, bottom: 1).splitTop(1)
    frame.draw("/", at: top.origin, style: .key, width: 1)
    field.draw(
      into: &frame, at: Point(column: top.column + 2, row: top.row), width: max(0, top.columns - 2), focused: true)
    let hint = "Interfaces, networks, VMs, addresses, menu items."
    browser.draw(
      into: &frame, in: rest.inset(top: 1), contents,
      empty: field.text.isEmpty ? hint : "Nothing matches \"\(field.text)\".")
  }

  // MARK: What there is to find

  private func matches(_ context: Context) -> [Hit] {
    guard !field.text.isEmpty else { return [] }
    let filter = Filter(field.text)
    let hits = everything(context).filter { hit in
      filter.matches(hit.row.cells.map(\.text) + [hit.row.more])
    }
    // What is called just so comes before what merely has all the words somewhere.
    let phrase = field.text.lowercased()
    func isNamed(_ hit: Hit) -> Bool { hit.row.cells[1].text.lowercased().contains(phrase) }
    return hits.filter(isNamed) + hits.filter { !isNamed($0) }
  }

  private func everything(_ context: Context) -> [Hit] {
    let menu = MainMenu.Item.allCases.map { item in
      Hit(
        row: Browser.Row(id: "menu \(item.rawValue)", cells: [.init("menu"), .init(item.label), .init("")]),
        place: .menu(item.rawValue))
    }
      + ManagementMenu.Item.allCases.map { item in
        Hit(
          row: Browser.Row(id: "management \(item.rawValue)", cells: [.init("menu"), .init(item.label), .init("Management interface")]),
          place: .management(item.rawValue))
      }
    guard let host = context.host else { return menu }
    let interfaces = host.interfaces.map { interface in
      Hit(
        row: Browser.Row(
          id: interface.id.description,
          cells: [
            .init("interface"), .init(interface.name),
            .init(([interface.networkName] + interface.addresses).filter { !$0.isEmpty }.joined(separator: ", ")),
          ], more: "\(interface.mac) \(interface.pci) \(interface.card) \(interface.bridge) \(interface.uuid)"),
        place: .interface(interface.id))
    }
    let networks = host.networks.map { network in
      Hit(
        row: Browser.Row(
          id: network.id.description,
          cells: [.init("network"), .init(network.name), .init(network.kindWords)],
          more: "\(network.bridge) \(network.description) \(network.tags.joined(separator: " ")) \(network.uuid)"),
        place: .network(network.id))
    }
    return menu + interfaces + networks + vms(host)
  }

  /// A VM has no screen of its own: the way leads to its first network.
  private func vms(_ host: HostView) -> [Hit] {
    let names = Dictionary(host.networks.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    return host.vms.map { vm in
      let networks = vm.networks.compactMap { names[$0] }.joined(separator: ", ")
      return Hit(
        row: Browser.Row(
          id: vm.uuid,
          cells: [
            .init("VM"), .init(vm.name),
            .init("\(vm.powerState.rawValue.lowercased())\(networks.isEmpty ? ", no network" : ", on \(networks)")"),
          ]),
        place: vm.networks.first.map { .network($0) } ?? .status)
    }
  }
}
