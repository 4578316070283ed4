import HostNetworking
import TerminalUI

/// The services of Fibre Channel over Ethernet.
struct FCoEScreen: Screen {
  private var state: FCoEState?
  private var page = FactsPage()

  let title = "FCoE services"

  let help = [
    "Fibre Channel over Ethernet: storage over special NICs. Where nobody uses it, its services take frames for themselves and disturb "
      + "bonds and LLDP.",
    "o switches them off, now and at boot, or on again; a review comes first. In use by storage, they stay.",
    "lldpad is left alone: it speaks LLDP for all. After an upgrade of the host the services are back: switch them off again.",
    "All of this works without XAPI; only whether storage uses FCoE is not known then.",
  ]

  var errand: Errand? { .lookAtFCoE }

  private var canSwitch: Bool { state.map { !$0.present.isEmpty } ?? false }

  func keys(_ context: Context) -> [(key: String, does: String)] {
    let isOn = state?.isOn ?? false
    return (canSwitch ? [("o", isOn ? "switch off" : "switch on")] : []) + [("r", "look again"), ("Esc", "back"), ("?", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch key {
    case .escape, .left, .character("h"): return .back
    case .character("r"), .function(5): return .ask(.lookAtFCoE)
    case .character("o"), .enter:
      guard let state, canSwitch else { return .done }
      return .open(ChangeReviewScreen(.fcoe(isOn: !state.isOn)))
    default: return page.handle(key, lines, room: FactsPage.room(room))
    }
  }

  mutating func receive(_ report: ErrandReport, _ context: Context, room: Size) -> Reaction {
    guard case .fcoe(let state) = report else { return .pass }
    self.state = state
    return .done
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .ask(.lookAtFCoE) : .done }

  mutating func settle(_ context: Context, room: Size) { page.settle(lines, room: FactsPage.room(room)) }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) { page.draw(into: &frame, in: area, title: title, lines) }

  private var lines: [Fact] {
    guard let state else { return [Fact("", "Looking ...", style: .dim)] }
    if let problem = state.unitsProblem { return [Fact("", "systemd does not tell: \(problem)".sentence, style: .bad, mark: "!! ")] }
    if state.present.isEmpty { return [Fact("", "This host has no FCoE services: there is nothing to switch.")] }
    var facts = [Fact("FCoE", state.isOn ? "on" : "off", style: .strong)]
    facts += state.units.map { Fact($0.shortName, $0.words, style: $0.hasFailed ? .bad : .normal) }
    facts.append(Fact("NICs that can", state.capable.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") } ?? "not known"))
    if let storage = state.storage {
      facts.append(Fact("Storage", storage.isEmpty ? "none over FCoE" : storage.map { "\"\($0)\"" }.joined(separator: ", ") + " is in use over FCoE"))
    } else {
      facts.append(Fact("Storage", "not known: \(state.silence ?? "XAPI does not tell")", style: .warning))
    }
    facts.append(Fact("", ""))
    facts.append(Fact("", advice(state)))
    return facts
  }

  private func advice(_ state: FCoEState) -> String {
    if !state.isOn { return "After an upgrade of the host the services are back: look here again then." }
    if state.storage?.isEmpty == false || !state.setAside.isEmpty { return "In use: leave it on." }
    if state.capable?.isEmpty == true { return "No NIC here can use it: o switches it off, and nothing is lost." }
    return "If nobody uses FCoE on this host, o switches it off: bonds and LLDP work better without it."
  }
}
