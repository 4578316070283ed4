import HostNetworking
import TerminalUI
import XenAPI

/// Every network of the pool, as seen from this host.
struct NetworksScreen: Screen {
  private var browser: Browser

  init(chosen: Ref<Network>? = nil) { browser = Browser(chosen: chosen?.description) }

  var title: String { "Networks, VLANs and bonds" }

  let help = [
    "Networks are what VMs plug into. An external network reaches the outside through a NIC, a bond or a VLAN of each host; a "
      + "private one connects VMs of one host only.",
    "/ shows only the rows that contain what you type: part of a name, bridge, tag or VM. Tab searches everything.",
    "Enter shows all about the chosen network.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    browser.takesText
      ? [("Enter", "keep filter"), ("Esc", "show all"), ("Tab", "search everywhere")]
      : [("Enter", "details"), ("/", "filter"), ("Esc", "back"), ("r", "refresh"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    if browser.handle(key, rows(context), room: listRoom(room)) { return .done }
    switch key {
    case .enter, .right, .character("l"):
      guard let network = chosen(context) else { return .done }
      return .open(NetworkScreen(ref: network.ref, name: network.name))
    case .tab where browser.takesText: return .open(FindScreen(text: browser.filterText))
    case .escape, .left, .character("h"): return .back
    default: return .pass
    }
  }

  mutating func settle(_ context: Context, room: Size) { browser.settle(rows(context), room: listRoom(room)) }

  private func chosen(_ context: Context) -> NetworkView? {
    context.host?.networks.first { $0.ref.description == browser.chosen }
  }

  private func listRoom(_ room: Size) -> Int {
    BrowserLayout(room).listRows(filter: browser.filter != nil)
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let network = chosen(context)
    BrowserLayout(area.size).draw(
      into: &frame, in: area, title: "\(title): \(context.host?.networks.count ?? 0)",
      list: { frame, area in
        browser.draw(
          into: &frame, in: area, rows(context), columns: Self.columns, empty: "Nothing is known of networks yet.")
      },
      detailTitle: network?.name ?? "", details: network.map { NetworkFacts($0).brief } ?? [])
  }

  /// The list alone, for beside or below something else.
  static func drawOverview(into frame: inout Frame, in area: Rect, _ context: Context) {
    Browser().draw(
      into: &frame, in: area, (context.host?.networks ?? []).map(row), columns: columns, isFocused: false,
      empty: "Nothing is known of networks yet.")
  }

  // MARK: Rows

  static let columns: [Table.Column] = [
    .init("Network", minimum: 20, ideal: 34, priority: 0),
    .init("Through", minimum: 16, ideal: 20, priority: 1),
    .init("Link", minimum: 4, ideal: 5, priority: 2),
    .init("Bridge", minimum: 8, ideal: 12, priority: 3),
    .init("VIFs", minimum: 4, ideal: 5, priority: 2, alignment: .right),
    .init("VMs", minimum: 12, ideal: 24, priority: 4),
    .init("MTU", minimum: 5, ideal: 5, priority: 3, alignment: .right),
    .init("Hosts", minimum: 5, ideal: 5, priority: 5, alignment: .right),
    .init("Locking", minimum: 8, ideal: 9, priority: 8),
    .init("Description", minimum: 12, ideal: 30, priority: 7),
  ]

  private func rows(_ context: Context) -> [Browser.Row] { (context.host?.networks ?? []).map(Self.row) }

  private static func row(_ network: NetworkView) -> Browser.Row {
    let isHere = network.interface != nil
    return Browser.Row(
      id: network.ref.description,
      cells: [
        .init(network.name, network.isManagement ? .strong : .normal),
        .init(network.kindWords, isHere ? .normal : .dim),
        .init(isHere ? network.link.word : "-", isHere ? network.link.style : .dim),
        .init(network.bridge),
        .init("\(network.vifs)", network.vifs == 0 ? .dim : .normal),
        .init(network.runningVMs.joined(separator: ", ")),
        .init("\(network.mtu)"),
        .init("\(network.hosts)", network.hosts == 0 ? .dim : .normal),
        .init(network.lockingMode.rawValue),
        .init(network.description),
      ],
      more: (network.runningVMs + network.otherVMs + network.tags).joined(separator: " "))
  }
}

/// What there is to say of a network.
struct NetworkFacts {
  private let network: NetworkView

  init(_ network: NetworkView) { self.network = network }

  /// For the pane below the list.
  var brief: [Fact] {
    var facts = [Fact("", summary)]
    if !network.description.isEmpty { facts.append(Fact("", network.description)) }
    facts.append(Fact("VMs", vms))
    if !network.tags.isEmpty { facts.append(Fact("Tags", network.tags.joined(separator: ", "))) }
    return facts
  }

  /// For the page of its own.
  var full: [Fact] {
    var facts = [
      Fact("Name", network.name),
      Fact("Description", network.description.isEmpty ? "-" : network.description),
      Fact("Kind", network.kindSentence),
      Fact("Bridge", network.bridge.isEmpty ? "none" : network.bridge),
      Fact("MTU", "\(network.mtu)"),
    ]
    if let interface = network.interface {
      facts.append(Fact("Interface", network.interfaceName, place: .interface(interface)))
      facts.append(Fact("Link", network.link.word, style: network.link.style))
    }
    facts += [
      Fact("Hosts", network.hosts == 0 ? "no host has an interface on it" : Units.count(network.hosts, "host")),
      Fact("VIFs", "\(network.vifs)"),
      Fact("Running VMs", network.runningVMs.isEmpty ? "none" : network.runningVMs.joined(separator: ", ")),
      Fact("Other VMs", network.otherVMs.isEmpty ? "none" : network.otherVMs.joined(separator: ", ")),
      Fact("Locking", network.lockingMode.rawValue),
    ]
    if !network.purpose.isEmpty { facts.append(Fact("Purpose", network.purpose.joined(separator: ", "))) }
    if !network.tags.isEmpty { facts.append(Fact("Tags", network.tags.joined(separator: ", "))) }
    if network.isManagement { facts.append(Fact("Management", "XAPI listens here")) }
    if !network.isManaged { facts.append(Fact("Managed", "no: XAPI leaves it alone", style: .warning)) }
    facts.append(Fact("UUID", network.uuid))
    return facts
  }

  private var summary: String {
    var parts = [network.kindSentence]
    if network.isManagement { parts.append("MANAGEMENT") }
    if !network.bridge.isEmpty { parts.append("bridge \(network.bridge)") }
    if network.hosts > 0 { parts.append("on \(Units.count(network.hosts, "host"))") }
    return parts.joined(separator: ", ")
  }

  private var vms: String {
    let running = network.runningVMs.isEmpty ? "none running" : network.runningVMs.joined(separator: ", ")
    return network.otherVMs.isEmpty ? running : "\(running); not running: \(network.otherVMs.joined(separator: ", "))"
  }
}

/// All about one network.
struct NetworkScreen: Screen {
  let ref: Ref<Network>
  /// As it was called when the screen opened: shown when it is gone.
  let name: String
  private var page = FactsPage()

  init(ref: Ref<Network>, name: String) {
    self.ref = ref
    self.name = name
  }

  var title: String { name }

  let help = ["All that is known of one network. Enter on the interface's line goes to the interface."]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "go to interface"), ("Esc", "back"), ("Up/Down", "choose, scroll"), ("?", "help")]
  }

  private func facts(_ context: Context) -> [Fact] {
    guard let network = context.host?.networks.first(where: { $0.ref == ref }) else {
      return [Fact("", "\(name) is gone: XAPI no longer knows it.", style: .warning)]
    }
    return NetworkFacts(network).full
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): .back
    default: page.handle(key, facts(context), room: FactsPage.room(room))
    }
  }

  mutating func settle(_ context: Context, room: Size) { page.settle(facts(context), room: FactsPage.room(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    page.draw(into: &frame, in: area, title: name, facts(context))
  }
}
