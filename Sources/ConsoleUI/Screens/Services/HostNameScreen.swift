import HostNetworking
import TerminalUI

/// What this host calls itself, and what XAPI and its clients call it.
struct HostNameScreen: Screen {
  private static let name = "hostname"
  private static let label = "label"

  private var facts: ServicesFacts?
  private var form = Form([])
  private var isEdited = false

  let title = "Host name"

  let help = [
    "The host name is what the system calls itself: in logs, prompts and to DHCP. The label is what XAPI, XCP-ng Center and Xen "
      + "Orchestra show; both are mostly the same.",
    "Letters, digits, hyphens and dots, 64 characters at the most. With XAPI silent the host name can be set all the same, the label not.",
  ]

  var errand: Errand? { .lookAtServices }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, at the end review"), ("Tab", "next"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    guard let facts else { return key == .escape ? .back : .pass }
    switch form.handle(key) {
    case .open:
      isEdited = true
      return .done
    case .cancelled: return .back
    case .submitted:
      let label = facts.services == nil ? nil : form.value(Self.label)
      return .open(ChangeReviewScreen(.hostName(HostNameRequest(hostname: form.value(Self.name), label: label))))
    case .ignored: return .unused(key)
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .services(let facts) = report else { return .pass }
    let knowsMore = self.facts?.services == nil && facts.services != nil
    self.facts = facts
    // What is being typed stays, but for what XAPI alone knows.
    if !isEdited {
      form = Self.form(facts)
    } else if knowsMore {
      form.setText(facts.services?.label ?? "", Self.label)
      form.setHidden(false, Self.label)
    }
    return .done
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction {
    guard choice == .changed else { return .done }
    isEdited = false
    return .ask(.lookAtServices)
  }

  private static func form(_ facts: ServicesFacts) -> Form {
    var fields: [FormField] = [
      .text(
        id: name, label: "Host name", facts.hostname, limit: HostNamePlanner.longest, required: true,
        check: { HostNamePlanner.problem($0) })
    ]
    var label = FormField.text(
      id: label, label: "Label in XAPI", facts.services?.label ?? "", limit: 60, required: true)
    label.isHidden = facts.services == nil
    fields.append(label)
    return Form(fields)
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: min(5, max(0, area.rows - 8)), titles: (title, "Now"))
    if facts == nil {
      frame.draw("Looking ...", at: top.inset(left: 2, right: 2).origin, style: .dim, width: top.columns - 4)
    } else {
      form.draw(into: &frame, in: top.inset(left: 2, right: 2))
    }
    let lines = now
    FactRows(lines, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), lines)
  }

  private var now: [Fact] {
    guard let facts else { return [] }
    var lines = [Fact("Host name", facts.hostname.isEmpty ? "none" : facts.hostname)]
    if let services = facts.services {
      let differs = services.hostname != facts.hostname
      lines.append(
        Fact("In XAPI", services.hostname + (differs ? ": not what /etc/hostname says" : ""), style: differs ? .warning : .normal))
      lines.append(Fact("Label", services.label))
    }
    if let silence = facts.silenceFact { lines.append(silence) }
    return lines
  }
}
