import HostNetworking
import TerminalUI

/// Whether the clock is right, and whom it follows.
struct TimeServersScreen: Screen {
  private var facts: ServicesFacts?
  private var page = FactsPage()
  private var looked: ContinuousClock.Instant?

  let title = "Time servers (NTP)"

  let help = [
    "Where the clock is set from, whom it follows now, and how far it is off. Pool members talk over TLS and need clocks that agree.",
    "A server's answers are counted over its last eight attempts. e changes where the clock is set from.",
  ]

  var errand: Errand? { .lookAtServices }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    (facts == nil ? [] : [("e", "change")]) + [("r", "look again"), ("Up/Down", "scroll"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5): return .ask(.lookAtServices)
    case .character("e"), .enter:
      guard let facts else { return .done }
      return .open(TimeServersFormScreen(facts))
    default: return page.handle(key, lines, room: FactsPage.room(room))
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .services(let facts) = report else { return .pass }
    self.facts = facts
    looked = context.now.instant
    return .done
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    choice == .changed ? .ask(.lookAtServices) : .done
  }

  /// A clock that has just been given other servers takes a minute to follow one: it is worth watching.
  func nextWake(_ context: Context) -> ContinuousClock.Instant? { looked.map { $0 + .seconds(10) } }

  mutating func tick(_ context: Context) -> Reaction {
    guard let looked, context.now.instant >= looked + .seconds(10) else { return .pass }
    self.looked = nil
    return .ask(.lookAtServices)
  }

  mutating func settle(_ context: Context, room: Size) { page.settle(lines, room: FactsPage.room(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    page.draw(into: &frame, in: area, title: title, lines)
  }

  private var lines: [Fact] {
    guard let facts else { return [Fact("", "Looking ...", style: .dim)] }
    return TimeLines(facts).lines
  }
}

/// The clock's state in words.
struct TimeLines {
  let facts: ServicesFacts
  private var time: TimeFacts { facts.time }

  init(_ facts: ServicesFacts) { self.facts = facts }

  var lines: [Fact] {
    [Fact("Clock", verdict.text, style: verdict.style), Fact("Set from", setFrom)] + daemon + named
      + (facts.silenceFact.map { [$0] } ?? []) + [Fact("", "")] + sources
  }

  private var verdict: (text: String, style: Style) {
    if time.mode == .off { return ("set by nobody: it drifts", .warning) }
    if let why = time.sourcesProblem { return ("not known: \(why)", .bad) }
    if time.isFarOff, let offset = time.offset {
      return ("\(Units.offset(offset)) off: certificates and logins fail until it is set right", .bad)
    }
    guard let followed = time.tracking?.source ?? time.followed?.name else {
      let isAnswering = time.sources.contains { $0.reach > 0 }
      return (isAnswering ? "not set yet: servers answer, none is followed so far" : "not set: no time server answers", .bad)
    }
    let off = time.offset.map { ", \(Units.offset($0)) off" } ?? ""
    let stratum = (time.tracking?.stratum ?? time.followed.map { $0.stratum + 1 }).map { ", stratum \($0)" } ?? ""
    return ("follows \(followed)\(off)\(stratum)", .good)
  }

  private var setFrom: String {
    let mode = facts.services?.mode ?? time.mode
    return mode.words + (facts.services?.mode.map { $0 != time.mode ? " (by XAPI; its files say \(time.mode.words))" : "" } ?? "")
  }

  private var daemon: [Fact] {
    guard let unit = time.unit else { return [Fact("Daemon", time.daemon.name)] }
    if !unit.exists { return [Fact("Daemon", "\(time.daemon.name) is not installed", style: .bad)] }
    let boot = unit.enabled == "enabled" ? "starts with the host" : "does not start with the host"
    let isGood = unit.isActive && unit.enabled == "enabled"
    let expected = time.mode == .off ? Style.normal : .warning
    return [Fact("Daemon", "\(time.daemon.name) \(unit.isActive ? "runs" : "is \(unit.active)"), \(boot)", style: isGood ? .normal : expected)]
  }

  private var named: [Fact] {
    var lines: [Fact] = []
    if let problem = time.fileProblem { lines.append(Fact("File", problem.sentence, style: .bad)) }
    if !time.servers.isEmpty {
      lines.append(Fact("Named", time.servers.map { $0.kind == "server" ? $0.host : "\($0.kind) \($0.host)" }.joined(separator: ", ")))
    }
    if time.usesDHCP {
      lines.append(Fact("From DHCP", time.dhcpServers.isEmpty ? "none so far" : time.dhcpServers.joined(separator: ", ")))
    }
    return lines
  }

  private var sources: [Fact] {
    guard !time.sources.isEmpty else { return [] }
    let width = min(26, max(6, time.sources.map { columns(of: $0.name) }.max() ?? 6))
    func row(_ cells: (String, String, String, String, String)) -> String {
      cells.0.fitted(to: width).padded(to: width) + " " + cells.1.padded(to: 8) + cells.2.padded(to: 9) + cells.3.padded(to: 11) + cells.4
    }
    let head = Fact("", row(("Server", "Stratum", "Answers", "Off by", "")), style: .heading, wraps: false)
    return [head]
      + time.sources.map { source in
        let isHeard = source.reach > 0
        let cells = (
          source.name, source.stratum > 0 ? "\(source.stratum)" : "-", "\(source.reach) of 8",
          isHeard ? Units.offset(source.offset) : "-", source.words
        )
        let style: Style =
          switch source.state {
          case .selected: .good
          case .silent, .wrong: isHeard && source.state == .silent ? .normal : .bad
          case .combined, .notNeeded, .jittery: .normal
          }
        return Fact("", row(cells), style: style, wraps: false)
      }
  }
}

extension String {
  /// With blanks at its end up to a number of columns.
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - TerminalUI.columns(of: self)))
  }
}
