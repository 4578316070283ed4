import HostNetworking
import TerminalUI

/// How SSH shall be.
struct RemoteAccessFormScreen: Screen {
  private static let state = "state"
  private static let boot = "boot"
  private static let timeout = "timeout"

  private let facts: ServicesFacts
  private let hasAuto: Bool
  private let timeouts: [Int64]
  private var form: Form

  let title = "Change remote access"

  let help = [
    "Whether people can log in over SSH now, and after the next start of the host.",
    "Auto: SSH is off while XAPI is well, and switched on when it is not. The time-out switches SSH off again by itself.",
  ]

  init(_ facts: ServicesFacts) {
    self.facts = facts
    let services = facts.services
    hasAuto = services?.sshAutoMode != nil
    let present = services?.sshTimeout ?? 0
    timeouts = Array(Set([0, 1800, 3600, 14_400, 86_400, RemoteAccessPlanner.longestTimeout, present])).sorted()
    let isAuto = services?.sshAutoMode == true
    var fields: [FormField] = [
      .choice(
        id: Self.state, label: "SSH", ["off", "on"] + (hasAuto ? ["auto"] : []),
        selected: isAuto ? 2 : facts.access.isOn ? 1 : 0),
      .checkbox(id: Self.boot, label: "Starts with the host", facts.access.startsAtBoot),
    ]
    if services?.sshTimeout != nil {
      fields.append(
        .choice(
          id: Self.timeout, label: "Off by itself", timeouts.map { RemoteAccessPlanner.words($0) },
          selected: timeouts.firstIndex(of: present) ?? 0))
    }
    form = Form(fields)
    look()
  }

  private var isAuto: Bool { form.choice(Self.state) == 2 }
  private var isOn: Bool { form.choice(Self.state) == 1 }

  private mutating func look() {
    form.setHidden(isAuto, Self.boot)
    form.setHidden(!isOn, Self.timeout)
  }

  private var request: RemoteAccessRequest {
    // In auto mode XAPI's monitor decides; until it does, SSH stays as it is.
    RemoteAccessRequest(
      isOn: isAuto ? facts.access.isOn : isOn, startsAtBoot: isAuto || form.isOn(Self.boot), autoMode: hasAuto ? isAuto : nil,
      timeout: isOn ? form.choice(Self.timeout).map { timeouts[$0] } : nil)
  }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Left/Right", "choose"), ("Space", "tick"), ("Enter", "next, at the end review"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    let before = form.choice(Self.state)
    switch form.handle(key) {
    case .open:
      // What runs is mostly meant to run after the next start as well.
      if let now = form.choice(Self.state), now != before {
        form.update(Self.boot) { $0.kind = .checkbox(now == 1) }
      }
      look()
      return .done
    case .cancelled: return .back
    case .submitted: return .open(ChangeReviewScreen(.remoteAccess(request)))
    case .ignored: return .unused(key)
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: min(6, max(0, area.rows - 8)), titles: (title, "What it means"))
    form.draw(into: &frame, in: top.inset(left: 2, right: 2))
    let lines = about
    FactRows(lines, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), lines)
  }

  private var about: [Fact] {
    var lines: [Fact] = []
    if isAuto {
      lines.append(Fact("", "SSH is off while XAPI is well, and is switched on when it is not: a way in for bad times."))
    } else if isOn {
      lines.append(Fact("", "People with a password or key of this host can log in from wherever they reach it."))
    } else {
      lines.append(Fact("", "New logins are refused; sessions that are open stay open. This screen and the serial line go on working."))
    }
    if let peer = facts.session.peer, !isOn {
      lines.append(Fact("", "You are connected over SSH from \(peer) yourself.", style: .warning))
    }
    if let silence = facts.silenceFact { lines.append(silence) }
    return lines
  }
}
