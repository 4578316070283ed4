import HostNetworking
import TerminalUI

/// A new private network: name, description, MTU and what VIFs on it may do.
struct NetworkCreateScreen: Screen {
  private var form = Form([
    NetworkFields.name(""), NetworkFields.description(""), NetworkFields.mtu(1500), NetworkFields.locking(.unlocked), NetworkFields.labels([]),
  ])

  let title = "New private network"

  let help = [
    "A private network connects VMs of one host: no NIC is in it, and nothing of it leaves the host. Every host of a pool has it for itself.",
    "A VLAN can be put on it later: then its VMs reach the outside.",
    "Locking is for VIFs without a mode of their own: unlocked lets them send from any address, disabled stops them.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "next, at the end review"), ("Tab", "next"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted: return .open(ChangeReviewScreen(.networks(.create(draft))))
    case .ignored: return .unused(key)
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  private var draft: NetworkDraft {
    NetworkDraft(
      name: form.value(NetworkFields.name), description: form.value(NetworkFields.description), mtu: Int(form.value(NetworkFields.mtu)) ?? 1500,
      tags: NetworkFields.labels(in: form.value(NetworkFields.labels)), lockingMode: NetworkFields.locking(form))
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    var inside = area.inset(left: 2, top: 2, right: 2, bottom: 1)
    if context.isStale {
      let (top, rest) = inside.splitTop(2)
      frame.draw(
        "!  XAPI has not answered: a network can be made only once it does.", at: top.origin, style: .warning, width: top.columns)
      inside = rest
    }
    form.draw(into: &frame, in: inside)
    let (_, below) = inside.splitTop(form.rows + 1)
    let facts = notes(context)
    FactRows(facts, columns: below.columns).draw(into: &frame, in: below, facts)
  }

  private func notes(_ context: Context) -> [Fact] {
    let name = form.value(NetworkFields.name)
    let taken = context.host?.networks.contains { $0.name == name } ?? false
    return (taken ? [Fact("", "There is a network called \(name) already: XAPI allows it, people get confused.", style: .warning, mark: "!  "), Fact("", "")] : [])
      + help.prefix(2).flatMap { [Fact("", $0, style: .dim), Fact("", "")] }
  }
}
