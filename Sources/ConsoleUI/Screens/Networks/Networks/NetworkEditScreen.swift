import HostNetworking
import TerminalUI
import XenAPI

/// Name, description, MTU, locking mode, purpose and labels of a network.
struct NetworkEditScreen: Screen {
  private static let purpose = "purpose"
  private static let purposes: [[String]] = [[], [NetworkPurpose.nbd], [NetworkPurpose.insecureNBD]]

  private let id: NetworkID
  private var form = Form([])
  private var network: NetworkView?

  init(_ id: NetworkID) { self.id = id }

  var title: String { network.map { "Edit \($0.name)" } ?? "Edit a network" }

  let help = [
    "The name and the description are for people; names need not be unique, but it helps.",
    "The MTU is only noted here: it takes effect when interfaces are plugged the next time. \"MTU, and what it takes\" in the network's menu "
      + "does all of it and tests the path.",
    "Locking is for VIFs without a mode of their own. It can be changed only while no VIF on the network is attached.",
    "NBD: programs for backups read disks of VMs over this network; the hosts' firewalls open a port for it. A pool has either the encrypted kind "
      + "or the unencrypted one.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] {
    guard let network, Self.isKnown(network) else { return WithoutXAPI.keys }
    return [("Enter", "next, at the end review"), ("Tab", "next"), ("Esc", "back: nothing changed"), ("F1", "help")]
  }

  mutating func settle(_ context: Context, room: Size) {
    // A saved view knows neither its locking nor its purpose.
    guard network.map({ !Self.isKnown($0) }) ?? true, let found = context.host?.networks.first(where: { $0.id == id }), found != network else { return }
    network = found
    form = Self.form(found)
  }

  private static func isKnown(_ network: NetworkView) -> Bool { !network.uuid.isEmpty && network.lockingMode != nil }

  private static func form(_ network: NetworkView) -> Form {
    let chosen = purposes.firstIndex { Set($0) == Set(network.purpose) } ?? 0
    return Form([
      NetworkFields.name(network.name), NetworkFields.description(network.description), NetworkFields.mtu(network.mtu),
      NetworkFields.locking(network.lockingMode ?? .unlocked),
      .choice(id: purpose, label: "Purpose", ["VMs only", "NBD, encrypted, as well", "NBD, unencrypted, as well"], selected: chosen),
      NetworkFields.labels(network.tags),
    ])
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    settle(context, room: room)
    guard let network, Self.isKnown(network) else { return WithoutXAPI.handle(key) }
    switch form.handle(key) {
    case .open: return .done
    case .cancelled: return .back
    case .submitted: return .open(ChangeReviewScreen(.networks(.edit(edit(network)))))
    case .ignored: return .unused(key)
    }
  }

  mutating func take(_ choice: Choice, _ context: Context) -> Reaction { choice == .changed ? .backWith(.changed) : .done }

  /// Only what was changed here: what somebody else changes meanwhile stays.
  private func edit(_ network: NetworkView) -> NetworkEdit {
    func changed<Value: Equatable>(_ value: Value, _ old: Value) -> Value? { value == old ? nil : value }
    var edit = NetworkEdit(network.uuid)
    edit.name = changed(form.value(NetworkFields.name), network.name)
    edit.description = changed(form.value(NetworkFields.description), network.description)
    edit.mtu = changed(Int(form.value(NetworkFields.mtu)) ?? network.mtu, network.mtu)
    edit.lockingMode = changed(NetworkFields.locking(form), network.lockingMode ?? .unlocked)
    let purpose = Self.purposes[form.choice(Self.purpose) ?? 0]
    edit.purpose = Set(purpose) == Set(network.purpose) ? nil : purpose
    // Compared as it is written: a label may have a comma of its own.
    let labels = NetworkFields.labels(in: form.value(NetworkFields.labels))
    edit.tags = form.value(NetworkFields.labels) == NetworkFields.text(network.tags) || Set(labels) == Set(network.tags) ? nil : labels
    return edit
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    frame.box(area, title: title)
    let inside = area.inset(left: 2, top: 2, right: 2, bottom: 1)
    guard let network, Self.isKnown(network) else {
      let facts = WithoutXAPI.facts(
        "XAPI has not told of this network: it cannot be changed now.", otherwise: "The network is not there any more.", context)
      FactRows(facts, columns: inside.columns).draw(into: &frame, in: inside, facts)
      return
    }
    form.draw(into: &frame, in: inside)
    let (_, below) = inside.splitTop(form.rows + 1)
    let facts = notes(network)
    FactRows(facts, columns: below.columns).draw(into: &frame, in: below, facts)
  }

  private func notes(_ network: NetworkView) -> [Fact] {
    var facts: [Fact] = []
    if form.value(NetworkFields.mtu) != "\(network.mtu)" {
      facts += [Fact("", "The MTU is only noted here. \"MTU, and what it takes\" in the menu plugs interfaces anew and tests the path.", style: .warning, mark: "!  ")]
    }
    if NetworkFields.locking(form) != network.lockingMode ?? .unlocked, !network.runningVMs.isEmpty {
      facts += [Fact("", "VIFs of \(network.runningVMs.prefix(4).joined(separator: ", ")) are in the way of another locking mode.", style: .warning, mark: "!  ")]
    }
    return facts + [Fact("", ""), Fact("", "\(network.name) now", style: .heading)] + NetworkFacts(network).brief
  }
}
