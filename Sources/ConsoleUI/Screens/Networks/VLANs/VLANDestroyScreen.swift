import HostNetworking
import TerminalUI

/// The end of a VLAN: on this host or on all, with its network or without.
struct VLANDestroyScreen: Screen {
  private static let hosts = "hosts"
  private static let withNetwork = "network"

  private let id: NetworkID
  private var form = Form([])
  private var network: NetworkView?

  init(_ id: NetworkID) { self.id = id }

  var title: String {
    guard let network, case .vlan(let tag) = network.kind else { return "Remove a VLAN" }
    let name = "VLAN \(tag)"
    return network.name == name ? "Remove \(name)" : "Remove \(name), \(network.name)"
  }

  let help = [
    "The VLAN goes from this host, or from all hosts of the pool that can be reached. VMs that run on it there are in the way; they are named "
      + "before anything is done.",
    "The network goes as well when nothing is left on it: no interface of another host, no VIF.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    guard isKnown else { return WithoutXAPI.keys }
    return [("Enter", "next, at the end review"), ("Space", "choose"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  private var isKnown: Bool { network?.uuid.isEmpty == false }

  mutating func settle(_ context: Context, room: Size) {
    guard network?.uuid.isEmpty != false, let found = context.host?.networks.first(where: { $0.id == id }) else { return }
    network = found
    let isPool = (context.host?.facts?.poolHosts ?? 1) > 1
    let isHere = found.interface != nil
    var hosts = FormField.choice(
      id: Self.hosts, label: "From", isHere ? ["all hosts of the pool", "this host only"] : ["all hosts that have it"])
    hosts.isHidden = !isPool
    form = Form([hosts, .checkbox(id: Self.withNetwork, label: "The network too", true)])
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    settle(context, room: room)
    guard let network, !network.uuid.isEmpty else { return WithoutXAPI.handle(key) }
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted:
      let removal = VLANRemoval(.network(network.uuid), isPoolWide: form.choice(Self.hosts) != 1, withNetwork: form.isOn(Self.withNetwork))
      return .open(ChangeReviewScreen(.vlans(.destroy(removal))))
    case .ignored: return .unused(key)
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 2, right: 2, bottom: 1)
    guard let network, !network.uuid.isEmpty else {
      let facts = WithoutXAPI.facts(
        "XAPI has not told of this network: it cannot be changed now.", otherwise: "The network is not there any more.", context)
      FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
      return
    }
    form.draw(into: &frame, in: inside)
    let (_, below) = inside.splitTop(form.rows + 1)
    let facts = NetworkFacts(network, context.host?.pool?.network(network.ref)).hanging(rows: below.rows)
    FactRows(facts, columns: below.columns).draw(into: &frame, in: below, facts)
  }
}
