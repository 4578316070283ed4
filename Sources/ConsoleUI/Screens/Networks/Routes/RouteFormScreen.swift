import HostNetworking
import TerminalUI

/// A new static route, or another one in a route's place.
struct RouteFormScreen: Screen {
  private static let network = "network"
  private static let destination = "destination"
  private static let gateway = "gateway"
  private static let way = "way"

  private let networks: [RouteTable.Network]
  private let instead: RouteTable.Row?
  private let hosts: Int
  private var form: Form

  var title: String { instead == nil ? "New static route" : "Change a static route" }

  let help = [
    "The destination is a network with its prefix length, such as 10.20.0.0/16, or one address with /32. The gateway is the router that "
      + "knows the way; it must be in the network that this host's interface is in.",
    "Plug the interface anew: XAPI tells the network daemon of it once more; nothing is interrupted. Restart the toolstack: the way of the "
      + "product's documentation, takes minutes. Later: only the record is written.",
  ]

  /// - Parameters:
  ///   - network: the one to begin with, by its uuid.
  ///   - instead: the item that is changed.
  ///   - hosts: of the pool.
  init(_ networks: [RouteTable.Network], network: String?, instead: RouteTable.Row? = nil, hosts: Int) {
    let networks = instead == nil ? networks : networks.filter { $0.uuid == network }
    self.networks = networks
    self.instead = instead
    self.hosts = hosts
    let route = instead?.route ?? instead?.meant
    form = Form([
      .choice(
        id: Self.network, label: "Network", networks.isEmpty ? ["none has an address"] : networks.map(\.words),
        selected: networks.firstIndex { $0.uuid == network } ?? networks.firstIndex { !$0.address.isEmpty } ?? 0),
      .text(
        id: Self.destination, label: "Destination", route.map { "\($0.destination)" } ?? "", limit: 18, required: true,
        placeholder: "network/length", check: { Self.problem(destination: $0) }),
      .ipv4(id: Self.gateway, label: "Gateway", route.map { "\($0.gateway)" } ?? "", required: true, placeholder: "a router there"),
      .choice(id: Self.way, label: "On this host", RouteWay.allCases.map(\.words)),
    ])
  }

  private static func problem(destination text: String) -> String? {
    do throws(AddressError) {
      let prefix = try IPv4Prefix(parsing: text)
      return prefix.network == prefix.address ? nil : "the first address of that network is \(prefix.network): \(prefix.network)/\(prefix.length)"
    } catch {
      return "\(error)"
    }
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, then review"), ("Left/Right", "choose"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted:
      guard let chosen, let destination = try? IPv4Prefix(parsing: form.value(Self.destination)),
        let gateway = IPv4Address(form.value(Self.gateway))
      else { return .done }
      return .open(
        ChangeReviewScreen(
          .routes(
            .change(
              RouteRequest(
                network: chosen.uuid, adds: [StaticRoute(destination, via: gateway)], drops: instead.map { [$0.text] } ?? [],
                way: form.choice(Self.way).map { RouteWay.allCases[$0] } ?? .plug)))))
    case .ignored: return .unused(key)
    }
  }

  private var chosen: RouteTable.Network? {
    form.choice(Self.network).flatMap { networks.indices.contains($0) ? networks[$0] : nil }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: min(9, max(0, area.rows - 9)), titles: (title, "What it means"))
    form.draw(into: &frame, in: top.inset(left: 2, right: 2))
    let lines = about
    FactRows(lines, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), lines)
  }

  private var about: [Fact] {
    guard let chosen else {
      return [Fact("", "No interface of this pool has an IPv4 address that a route could start from: give one an address first.", style: .warning)]
    }
    var lines: [Fact] = []
    if chosen.address.isEmpty {
      lines.append(Fact("Here", "this host has no address on \"\(chosen.name)\": the route would be of use to other hosts only", style: .warning))
    } else {
      lines.append(Fact("Here", "\(chosen.interface) has \(chosen.address); the gateway must be in that network"))
    }
    if hosts > 1 { lines.append(Fact("Pool", "the record belongs to the network: every host of the pool takes it over")) }
    let way = form.choice(Self.way).map { RouteWay.allCases[$0] } ?? .plug
    lines.append(Fact("Then", way.meaning))
    return lines
  }
}

extension RouteTable.Network {
  /// `Storage A (eth2, 10.0.20.11/24)`
  fileprivate var words: String {
    let place = [interface, address].filter { !$0.isEmpty }.joined(separator: ", ")
    return place.isEmpty ? name : "\(name) (\(place))"
  }
}

extension RouteWay {
  var words: String {
    switch self {
    case .plug: "plug the interface anew"
    case .toolstack: "restart the toolstack"
    case .later: "later"
    }
  }

  fileprivate var meaning: String {
    switch self {
    case .plug: "the interface is told once more, addresses and traffic stay; then the kernel is looked at"
    case .toolstack: "XAPI and its helpers start anew, which takes minutes; VMs go on"
    case .later: "at the next plug, toolstack restart or boot of this host"
    }
  }
}
