import HostNetworking
import TerminalUI

/// Logins over SSH, and by what this host is known.
struct RemoteAccessScreen: Screen {
  private var facts: ServicesFacts?
  private var page = FactsPage()

  let title = "Remote access"

  let help = [
    "Whether people can log in over SSH, and the fingerprints to compare when ssh or a browser asks whether this is the right host.",
    "s switches SSH on or off, e sets more: the start with the host, and auto mode and time-out where XAPI has them. It works with XAPI silent too.",
    "Sessions that are open stay open when SSH is switched off.",
  ]

  var errand: Errand? { .lookAtServices }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    let change = facts?.access.isKnown == true ? [("s", facts?.access.isOn == true ? "SSH off" : "SSH on"), ("e", "change")] : []
    return change + [("r", "look again"), ("Up/Down", "scroll"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5): return .ask(.lookAtServices)
    case .character("s"):
      guard let facts, facts.access.isKnown else { return .done }
      let isOn = !facts.access.isOn
      // Auto mode would undo it.
      let auto = facts.services?.sshAutoMode.map { _ in false }
      return .open(ChangeReviewScreen(.remoteAccess(RemoteAccessRequest(isOn: isOn, startsAtBoot: isOn, autoMode: auto))))
    case .character("e"), .enter:
      guard let facts, facts.access.isKnown else { return .done }
      return .open(RemoteAccessFormScreen(facts))
    default: return page.handle(key, lines(context), room: FactsPage.room(room))
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .services(let facts) = report else { return .pass }
    self.facts = facts
    return .done
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    choice == .changed ? .ask(.lookAtServices) : .done
  }

  mutating func settle(_ context: Context, room: Size) { page.settle(lines(context), room: FactsPage.room(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    page.draw(into: &frame, in: area, title: title, lines(context))
  }

  private func lines(_ context: Context) -> [Fact] {
    guard let facts else { return [Fact("", "Looking ...", style: .dim)] }
    return Self.ssh(facts, context.now) + [Fact("", "")] + Self.keys(facts.access) + [Fact("", "")]
      + Self.certificate(facts.access, context.now)
  }

  private static func ssh(_ facts: ServicesFacts, _ now: Moment) -> [Fact] {
    let access = facts.access
    guard let unit = access.ssh else {
      return [Fact("SSH", "not known: \(access.unitsProblem ?? "systemd does not tell")", style: .warning)]
    }
    guard unit.exists else { return [Fact("SSH", "there is no sshd on this host", style: .warning)] }
    let state = unit.isActive ? "on: people can log in" : unit.hasFailed ? "failed: sshd does not run" : "off: nobody can log in"
    var lines = [
      Fact("SSH", state, style: unit.hasFailed ? .bad : .strong),
      Fact("At boot", access.startsAtBoot ? "starts with the host" : "does not start with the host"),
    ]
    if let auto = facts.services?.sshAutoMode {
      lines.append(Fact("Auto mode", auto ? "on: SSH is on only while XAPI is not well" : "off"))
    }
    if let timeout = facts.services?.sshTimeout {
      let end = facts.services?.sshExpiry.flatMap { $0 > now.wall ? ": at \(Units.moment($0, now: now.wall))" : nil } ?? ""
      lines.append(Fact("Time-out", timeout == 0 ? "none" : "off by itself \(RemoteAccessPlanner.words(timeout))\(unit.isActive ? end : "")"))
    }
    if let known = facts.services?.isSSHOn, known != unit.isActive {
      lines.append(Fact("In XAPI", "\(known ? "on" : "off"): not what systemd says", style: .warning))
    }
    if let peer = facts.session.peer { lines.append(Fact("You", "are connected over SSH from \(peer)")) }
    return lines + (facts.silenceFact.map { [$0] } ?? [])
  }

  private static func keys(_ access: AccessFacts) -> [Fact] {
    var lines = [Fact("", "Fingerprints of the SSH host keys", style: .heading)]
    lines += access.hostKeys.map { Fact($0.kind, $0.fingerprint) }
    if let problem = access.keysProblem { lines.append(Fact("", problem.sentence, style: .warning)) }
    if access.hostKeys.isEmpty, access.keysProblem == nil { lines.append(Fact("", "none yet: sshd makes them when it starts")) }
    return lines
  }

  private static func certificate(_ access: AccessFacts, _ now: Moment) -> [Fact] {
    let head = [Fact("", "Fingerprint of XAPI's certificate (SHA-256)", style: .heading)]
    guard let certificate = access.certificate else {
      return head + [Fact("", (access.certificateProblem ?? "not known").sentence, style: .warning)]
    }
    // In two halves, as it is read out: 16 pairs each.
    let pairs = certificate.fingerprint.split(separator: ":")
    let halves = [pairs.prefix(16), pairs.dropFirst(16)].map { $0.joined(separator: ":") }.filter { !$0.isEmpty }
    var lines = head + halves.map { Fact("", $0, wraps: false) }
    if let name = certificate.name { lines.append(Fact("For", name)) }
    guard let ends = certificate.ends else { return lines }
    let left = ends - now.wall
    if left < 0 {
      lines.append(Fact("Valid", "ended on \(Units.day(ends)): clients refuse it", style: .bad))
    } else {
      let isSoon = left < 30 * 86_400
      lines.append(Fact("Valid", "until \(Units.day(ends))" + (isSoon ? ", \(Units.age(left)) more" : ""), style: isSoon ? .warning : .normal))
    }
    return lines
  }
}
