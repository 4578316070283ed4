import HostNetworking
import TerminalUI

/// Lets the light of a port blink, one NIC after the other: for whoever stands behind the machine.
struct BlinkScreen: Screen {
  /// Seconds; the last goes on until it is stopped, within the limit that lights have.
  private static let times = [10, 30, 60, 300, Blinking.longest]

  private enum Light: Hashable, Sendable {
    case starting
    case blinking(since: ContinuousClock.Instant)
    case off
    /// Its time is over.
    case over
    case failed(String)

    var isOn: Bool {
      switch self {
      case .starting, .blinking: true
      case .off, .over, .failed: false
      }
    }
  }

  private var device: String
  private let first: String
  private var seconds = Blinking.standard
  private var light = Light.starting

  init(_ device: String) {
    self.device = device
    first = device
  }

  let title = "Blink"

  let help = [
    "The light beside the port blinks, so that whoever stands behind the machine finds it. It stops when its time is over, when you stop it, "
      + "and when you leave this page.",
    "Enter stops it, or starts it again. n or Right goes to the next NIC, p or Left to the one before: the light goes with you. t "
      + "changes how long it blinks.",
    "Some cards have no light that can be told to blink; then pull the cable and see which link goes: w in the list of interfaces.",
    "The same on the command line: xcpconsole nic blink eth0.",
  ]

  var watches: Set<Watch> { light.isOn ? [.blink(device, seconds: seconds)] : [] }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [
      ("Enter", light.isOn ? "stop" : "blink"), ("n", "next NIC"), ("p", "previous"), ("t", "how long"), ("Esc", "stop and leave"),
      ("?", "help"),
    ]
  }

  /// Those to go through: the one that was asked for may be known to nobody else.
  private func devices(_ context: Context) -> [String] {
    let known = (context.host?.interfaces ?? []).filter { $0.kind == .nic && $0.kernel?.isMissing != true }.map(\.device)
    return known.contains(first) ? known : known + [first]
  }

  // MARK: Keys and news

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape: return .back
    case .enter, .character(" "), .character("s"): light = light.isOn ? .off : .starting
    case .right, .character("l"), .character("n"): step(+1, context)
    case .left, .character("h"), .character("p"): step(-1, context)
    case .character("t"):
      let place = Self.times.firstIndex(of: seconds) ?? 0
      seconds = Self.times[(place + 1) % Self.times.count]
      if light.isOn { light = .starting }
    default: return .pass
    }
    return .done
  }

  private mutating func step(_ direction: Int, _ context: Context) {
    let devices = devices(context)
    guard devices.count > 1, let place = devices.firstIndex(of: device) else { return }
    device = devices[(place + direction + devices.count) % devices.count]
    light = .starting
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    // What is late of a light that was stopped is no news.
    guard case .blinking(device, let state) = report, light.isOn else { return .pass }
    switch state {
    case .blinking: light = .blinking(since: context.now.instant)
    case .ended: light = .over
    case .failed(let why): light = .failed(why)
    }
    return .done
  }

  func nextWake(_ context: Context) -> ContinuousClock.Instant? {
    guard case .blinking(let since) = light else { return nil }
    return since + .seconds(context.now.seconds(since: since) + 1)
  }

  mutating func tick(_ context: Context) -> Reaction { .done }

  // MARK: Drawing

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: "Blink: \(device)")
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    var facts = [Fact("", ""), state(context), Fact("", "")]
    if case .blinking(let since) = light {
      let left = max(0, Int64(seconds) - context.now.seconds(since: since))
      facts.append(Fact("Stops", "by itself in \(Units.clock(left))"))
    } else {
      facts.append(Fact("How long", Self.words(seconds)))
    }
    if let interface = context.host?.interfaces.first(where: { $0.kind == .nic && $0.device == device }) {
      facts += [Fact("Link", interface.linkWords, style: interface.linkStyle)]
      if !interface.card.isEmpty { facts.append(Fact("Card", interface.card)) }
      if !interface.pci.isEmpty { facts.append(Fact("PCI", interface.pci)) }
      facts += [Fact("MAC", interface.mac), Fact("Used as", interface.usage)]
    }
    let devices = devices(context)
    if devices.count > 1, let place = devices.firstIndex(of: device) {
      facts += [Fact("", ""), Fact("NICs", devices.enumerated().map { $0.offset == place ? "[\($0.element)]" : $0.element }.joined(separator: " "))]
    }
    let rows = FactRows(facts, columns: inner.columns)
    rows.draw(into: &frame, in: inner, facts)
    if case .blinking(let since) = light, rows.rows.count + 1 < inner.rows {
      let gone = Double(context.now.seconds(since: since)) / Double(seconds)
      ProgressBar(fraction: 1 - gone).draw(
        into: &frame, at: Point(column: inner.column, row: inner.row + rows.rows.count + 1), width: min(60, inner.columns))
    }
  }

  private func state(_ context: Context) -> Fact {
    switch light {
    case .starting: Fact("", "Telling \(device) to blink...")
    case .blinking: Fact("", "The light of \(device) is blinking. Look at the back of the machine.", style: .strong)
    case .off: Fact("", "The light of \(device) was told to stop. Enter lets it blink again.")
    case .over: Fact("", "The time is over: the light of \(device) has stopped. Enter lets it blink again.")
    case .failed(let why):
      Fact("", "\(why). To find the port all the same, pull its cable and watch the links (w in the list of interfaces).", style: .bad)
    }
  }

  private static func words(_ seconds: Int) -> String {
    seconds == Blinking.longest
      ? "until you stop it, at the most \(Units.age(Int64(seconds)))" : Units.age(Int64(seconds))
  }
}
