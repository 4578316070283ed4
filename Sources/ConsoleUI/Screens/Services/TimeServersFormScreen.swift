import HostNetworking
import TerminalUI

/// Where the clock shall be set from.
struct TimeServersFormScreen: Screen {
  private static let mode = "mode"
  private static let servers = "servers"
  private static let modes: [TimeServerRequest.Mode] = [.factory, .dhcp, .custom, .off]

  private let facts: ServicesFacts
  private var form: Form

  let title = "Change time servers"

  let help = [
    "Where the clock is set from: the product's own servers, those that DHCP names, your own, or nowhere.",
    "Your own servers are names or addresses with blanks or commas between; three or four guard against one that lies.",
  ]

  init(_ facts: ServicesFacts) {
    self.facts = facts
    let now = facts.services?.mode ?? facts.time.mode
    let custom = facts.services?.ntpServers ?? []
    let known = custom.isEmpty ? facts.time.servers.map(\.host) : custom
    form = Form([
      .choice(
        id: Self.mode, label: "Set the clock from", Self.modes.map(\.words), selected: Self.modes.firstIndex(of: now) ?? 0),
      .text(
        id: Self.servers, label: "Servers", known.joined(separator: " "), required: true,
        placeholder: "names or addresses", check: { Self.problem($0) }),
    ])
    look()
  }

  private static func problem(_ text: String) -> String? {
    let names = parts(text)
    if names.isEmpty { return "name one at least" }
    if let twice = names.enumerated().first(where: { names[..<$0.offset].contains($0.element) }) {
      return "\(twice.element) is named twice"
    }
    return names.lazy.compactMap { TimeServersPlanner.problem($0) }.first
  }

  private static func parts(_ text: String) -> [String] {
    text.split { $0 == "," || $0 == ";" || $0.isWhitespace }.map { String($0) }
  }

  private var chosen: TimeServerRequest.Mode { form.choice(Self.mode).map { Self.modes[$0] } ?? .factory }

  private mutating func look() { form.setHidden(chosen != .custom, Self.servers) }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Left/Right", "choose"), ("Enter", "next, at the end review"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch form.handle(key) {
    case .open:
      look()
      return .done
    case .cancelled: return .back
    case .submitted:
      let servers = chosen == .custom ? Self.parts(form.value(Self.servers)) : []
      return .open(ChangeReviewScreen(.timeServers(TimeServerRequest(mode: chosen, servers: servers))))
    case .ignored: return .unused(key)
    }
  }

  /// Changed or refused, the page with the clock's state is where to look.
  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: min(8, max(0, area.rows - 8)), titles: (title, "What it means"))
    form.draw(into: &frame, in: top.inset(left: 2, right: 2))
    FactRows(about, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), about)
  }

  private var about: [Fact] {
    switch chosen {
    case .factory: [Fact("", "Servers of the product's own pool on the internet: " + facts.time.factory.joined(separator: ", ") + ".")]
    case .dhcp:
      [Fact("", "DHCP names them together with the address" + (facts.time.dhcpServers.isEmpty ? "; so far it has named none." : ": \(facts.time.dhcpServers.joined(separator: ", "))."))]
    case .custom: [Fact("", "Names or addresses, with blanks between. Servers of your own network are best: all hosts of a pool should ask the same.")]
    case .off: [Fact("", "The clock runs by itself and drifts. Pool members refuse each other when their clocks are far apart.", style: .warning)]
    }
  }
}
