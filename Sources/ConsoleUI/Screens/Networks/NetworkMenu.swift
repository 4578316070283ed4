import HostNetworking
import TerminalUI

/// What can be done with one network, and what new ones can be made.
struct NetworkMenu: Screen {
  enum Item: Hashable, Sendable {
    // With one network.
    case details, edit, mtu, vifs, destroyVLAN, bond, destroyBond, destroy
    // New ones, and all.
    case newNetwork, newVLAN, newBond, map, routes, storage, toolstack

    var label: String {
      switch self {
      case .details: "Details"
      case .edit: "Name, MTU, locking, purpose"
      case .mtu: "MTU, and what it takes"
      case .vifs: "VIFs and VMs on it"
      case .destroyVLAN: "Remove its VLAN"
      case .bond: "Its bond: how it works, change"
      case .destroyBond: "Destroy its bond"
      case .destroy: "Remove this network"
      case .newNetwork: "New private network"
      case .newVLAN: "New VLANs"
      case .newBond: "New bond"
      case .map: "Map of all networks"
      case .routes: "Static routes"
      case .storage: "Storage network, step by step"
      case .toolstack: "Restart the toolstack"
      }
    }

    var purpose: String {
      switch self {
      case .details: "All that is known of the network."
      case .edit: "What it is called, the largest packet, whether VMs may send from other addresses, and what it is for."
      case .mtu: "The largest packet, on all hosts: interfaces are plugged anew, and the path is tested."
      case .vifs: "Which VMs are on it, with MAC and locking; new VIFs, and VIFs moved elsewhere."
      case .destroyVLAN: "Removes the VLAN from this host or from all hosts of the pool, and the network when nothing is left on it."
      case .bond: "Active member, links, LACP and traffic, live; mode and properties; members; its end."
      case .destroyBond: "Removes the bond of this host; what is on it moves to one of the NICs. The network goes when nothing is left on it."
      case .destroy: "Removes the network, with its VLANs and tunnels on all hosts. What hangs on it is told first."
      case .newNetwork: "Between VMs of one host only: no NIC is in it."
      case .newVLAN: "One tag or many, on a NIC or a bond, on this host or all hosts of the pool."
      case .newBond: "Two NICs or more as one: for when a cable, a card or a switch fails."
      case .map: "NIC, bond, VLAN, network and VMs: what hangs on what."
      case .routes: "Ways to other networks, as XAPI keeps them and as the kernel has them."
      case .storage: "NIC or bond, VLAN, address, MTU, and a test to the storage: in one go."
      case .toolstack: "XAPI and its helpers start anew. VMs and their traffic go on."
      }
    }
  }

  private let id: NetworkID?
  private var menu = ActionMenu<Item>()

  init(_ id: NetworkID?) { self.id = id }

  private static let general = "New, map, routes"

  var title: String { id == nil ? Self.general : "Actions" }

  var help: [String] {
    [
      id == nil
        ? "New networks, VLANs and bonds; what hangs on what; static routes. What can be done with one network: a in the list of networks."
        : "What can be done with the chosen network, and below it what new ones can be made.",
      "Nothing is changed before a page shows what will happen, and there y is pressed.",
    ]
  }

  func keys(_ context: Context) -> [(key: String, does: String)] { menu.keys }

  private func network(_ context: Context) -> NetworkView? { context.host?.networks.first { $0.id == id } }

  private static func items(_ network: NetworkView?) -> [Item] {
    let common: [Item] = [.newNetwork, .newVLAN, .newBond, .map, .routes, .storage, .toolstack]
    guard let network else { return common }
    var own: [Item] = [.details, .edit, .mtu, .vifs]
    if case .vlan = network.kind { own.append(.destroyVLAN) }
    if network.kind == .bond, network.interface != nil { own += [.bond, .destroyBond] } else if network.kind != .hostInternal { own.append(.destroy) }
    return own + common
  }

  mutating func settle(_ context: Context, room: Size) {
    menu.settle(Self.items(network(context)), room: room) { $0.label }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    settle(context, room: room)
    let screen = self
    return menu.handle(key, room: room) { screen.open($0, context) }
  }

  private func open(_ item: Item, _ context: Context) -> Reaction {
    let network = network(context)
    let interface = network.flatMap { network in context.host?.interfaces.first { $0.id == network.interface } }
    switch item {
    case .newNetwork: return .open(NetworkCreateScreen())
    case .newVLAN:
      return .open(
        VLANCreateScreen(
          interface.flatMap { $0.kind.isVLANBase ? $0.name : nil }, network: network.flatMap { $0.kind == .privateToHost ? $0.uuid : nil }))
    case .newBond: return .open(BondCreateScreen(interface.flatMap { $0.kind == .nic ? $0.name : nil }))
    case .map: return .open(TopologyScreen())
    case .routes: return .open(RoutesScreen())
    case .storage: return .open(StoragePathScreen(interface?.name))
    case .toolstack: return .open(ToolstackScreen())
    default: break
    }
    guard let network else { return .done }
    switch item {
    case .details: return .open(DetailScreen(.network(network.id), name: network.name))
    case .edit: return .open(NetworkEditScreen(network.id))
    case .mtu: return .open(NetworkMTUScreen(network.id))
    case .vifs: return .open(VIFsScreen(network.id))
    case .destroyVLAN: return .open(VLANDestroyScreen(network.id))
    case .bond: return .open(BondScreen(network.interfaceName))
    case .destroyBond: return .open(BondDestroyScreen(
        network.interfaceName, network: network.name, primary: interface?.bondMembers.first ?? "its first NIC",
        isPool: (context.host?.facts?.poolHosts ?? 1) > 1))
    case .destroy: return .open(ChangeReviewScreen(.networks(.destroy(NetworkRemoval(network.uuid)))))
    default: return .done
    }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let network = network(context)
    var facts = menu.chosen.map { [Fact("", $0.purpose), Fact("", "")] } ?? []
    if let network { facts += [Fact("", "\(network.name) now", style: .heading)] + NetworkFacts(network).brief }
    menu.draw(into: &frame, in: area, name: network?.name, general: Self.general, label: menu.chosen?.label ?? "", facts)
  }
}

extension InterfaceView.Kind {
  /// A VLAN can be put on it.
  var isVLANBase: Bool {
    switch self {
    case .nic, .bond: true
    case .vlan, .tunnel, .sriov: false
    }
  }
}
