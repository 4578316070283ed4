import HostNetworking
import TerminalUI

/// The MTU of one network, on all hosts of the pool.
struct NetworkMTUScreen: Screen {
  private static let mtu = "mtu"

  private let network: NetworkID
  private var form = Form([])
  private var isFilled = false

  init(_ network: NetworkID) { self.network = network }

  let title = "MTU of a network"

  let help = [
    "The largest packet of a network, in bytes. 1500 is usual; storage often has 9000 (jumbo frames). All hosts, switch ports, storage "
      + "and VMs on it must take the same: packets that are too long vanish without a word.",
    "XAPI applies it when an interface is plugged: the review has a step for each host of the pool.",
    "A VLAN cannot take more than the network below it: raise that one first. On the management network only 1500 is supported.",
    "t tests which packets really get through to an address.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    [("Enter", "review"), ("t", "test packet sizes"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  private func view(_ context: Context) -> NetworkView? { context.host?.networks.first { $0.id == network } }

  mutating func settle(_ context: Context, room: Size) {
    guard !isFilled, let view = view(context) else { return }
    isFilled = true
    form = Form([
      .text(id: Self.mtu, label: "MTU", "\(view.mtu)", limit: 5, required: true, check: { NetworkMTURequest.problem($0) })
    ])
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    settle(context, room: room)
    if key == .character("t") { return .open(MTUCheckFormScreen()) }
    guard isFilled else { return key == .escape || key == .left ? .back : .pass }
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted:
      guard let view = view(context), view.ref != nil, let mtu = Int(form.value(Self.mtu)) else { return .beep }
      return .open(ChangeReviewScreen(.networkMTU(NetworkMTURequest(network: view.uuid, mtu: mtu))))
    case .ignored: return .unused(key)
    }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let (top, bottom) = frame.stacked(area, bottom: max(0, area.rows - 8), titles: (title, "Now"))
    guard let view = view(context) else {
      frame.draw("The network is not there any more.", at: top.inset(left: 2).origin, style: .bad, width: top.columns - 2)
      return
    }
    let inner = top.inset(left: 2, right: 2)
    frame.draw(view.name, at: inner.origin, style: .strong, width: inner.columns)
    form.draw(into: &frame, in: inner.inset(top: 2))
    let facts = facts(view, context)
    FactRows(facts, columns: bottom.columns - 2).draw(into: &frame, in: bottom.inset(left: 1, right: 1), facts)
  }

  private func facts(_ view: NetworkView, _ context: Context) -> [Fact] {
    let interfaces = context.host?.interfaces ?? []
    let own = interfaces.first { $0.id == view.interface }
    var facts = [Fact("Network", "\(view.mtu) bytes")]
    if let own {
      let live = own.kernel?.mtu ?? own.mtu
      let differs = live.map { $0 != view.mtu } ?? false
      facts.append(
        Fact(
          own.name, live.map { "\($0) bytes" + (differs ? ": not as the network has it, until it is plugged anew" : "") } ?? "not known",
          style: differs ? .warning : .normal))
    }
    facts.append(Fact("Hosts", view.hosts == 1 ? "this one" : "\(view.hosts) of the pool, each plugged anew"))
    if case .vlan(_, let base) = own?.kind, let below = interfaces.first(where: { $0.name == base }) {
      let network = context.host?.networks.first { $0.id == below.network }
      facts.append(Fact("Below", "\(base), \"\(below.networkName)\", \(network?.mtu ?? 0) bytes: it cannot take more"))
    }
    if let own, !own.vlans.isEmpty {
      let uppers = interfaces.filter { if case .vlan(_, own.name) = $0.kind { true } else { false } }
      let most = uppers.compactMap { upper in context.host?.networks.first { $0.id == upper.network }?.mtu }.max() ?? 0
      facts.append(Fact("VLANs on it", "\(own.vlans.count), with at most \(most) bytes"))
    }
    if !view.runningVMs.isEmpty {
      let names = view.runningVMs.prefix(6).joined(separator: ", ") + (view.runningVMs.count > 6 ? " and \(view.runningVMs.count - 6) more" : "")
      facts.append(Fact("Running VMs", "\(names): theirs changes when their VIF is plugged the next time"))
    }
    if view.isManagement { facts.append(Fact("", "Management is on it: only 1500 is supported there.", style: .warning, mark: "! ")) }
    if view.ref == nil { facts.append(Fact("", "XAPI does not answer, and it keeps the MTU: nothing can be changed.", style: .warning, mark: "! ")) }
    return facts
  }
}
