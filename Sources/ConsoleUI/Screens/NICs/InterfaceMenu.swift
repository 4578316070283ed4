import HostNetworking
import TerminalUI

/// What can be done with one interface, and with all NICs of the host.
struct InterfaceMenu: Screen {
  enum Item: Hashable, Sendable {
    // With one interface.
    case details, bond, network, newVLAN, newBond, address, blink, plug, unplug, tuning, mtu, introduce, forget, retire
    // With all NICs.
    case watch, scan, names, compare, packetSizes, fcoe

    func label(_ name: String) -> String {
      switch self {
      case .details: "Details of \(name)"
      case .bond: "How \(name) works; change it"
      case .network: "Its network: VLAN, VIFs, name"
      case .newVLAN: "New VLANs on \(name)"
      case .newBond: "New bond with \(name)"
      case .address: "Address of \(name)"
      case .blink: "Blink the light of \(name)"
      case .plug: "Plug \(name)"
      case .unplug: "Unplug \(name)"
      case .tuning: "Settings of \(name)"
      case .mtu: "MTU of its network"
      case .introduce: "Let XAPI know \(name)"
      case .forget: "Forget \(name)"
      case .retire: "Remove \(name) from the host"
      case .watch: "Watch the links live"
      case .scan: "Look for new NICs"
      case .names: "Names and order of NICs"
      case .compare: "Compare the pool's hosts"
      case .packetSizes: "Test packet sizes (MTU)"
      case .fcoe: "FCoE services"
      }
    }

    var purpose: String {
      switch self {
      case .details: "Link, driver, firmware, counters, offloads, the switch port, and who uses it."
      case .bond: "Active member, links, LACP and traffic, live; mode and properties; members; its end."
      case .network: "What can be done with the network it feeds: VMs on it, name, locking, VLAN, its end."
      case .newVLAN: "One tag or many, on this host or all hosts of the pool."
      case .newBond: "Two NICs or more as one: for when a cable, a card or a switch fails."
      case .address: "For storage or a mesh: an address of its own, without being management."
      case .blink: "Finds the port at the back of the machine: its light blinks until you stop it."
      case .plug: "Sets up its bridge, so that VMs and addresses can use it."
      case .unplug: "Takes its bridge down. What stands in the way is told first."
      case .tuning: "Offloads, speed and duplex, rings: how they are now and what XAPI keeps, with presets for known troubles."
      case .mtu: "The largest packet of the network it feeds, on all hosts."
      case .introduce: "The kernel has it and XAPI does not: makes XAPI's record and, if need be, a network."
      case .forget: "Drops XAPI's record of it: for a NIC that is not in the machine any more."
      case .retire: "Step by step: what uses it, moved or destroyed; unplugged; shut down and take it out; its record forgotten."
      case .watch: "For whoever pulls cables: a line flashes when its link changes."
      case .scan: "Has XAPI look for NICs that it does not know, after a card was put in."
      case .names: "Which NIC is called eth0, and why; swap or reorder them, from the next boot on."
      case .compare: "Device by device over all hosts: network, speed, driver, slot and bond; what differs is marked."
      case .packetSizes: "How long packets may be on their way to an address: jumbo frames fail silently."
      case .fcoe: "Fibre Channel over Ethernet disturbs bonds and LLDP where nobody uses it."
      }
    }
  }

  /// nil when there is none to choose.
  private let id: InterfaceID?
  private var menu = ActionMenu<Item>()

  init(_ id: InterfaceID?) { self.id = id }

  var title: String { id == nil ? "Actions" : "Actions: \(id?.description ?? "")" }

  let help = [
    "What can be done with the chosen interface, and below it what concerns all NICs of this host.",
    "Nothing is changed before a page shows what will happen, and there y is pressed.",
  ]

  func keys(_ context: Context) -> [(key: String, does: String)] { menu.keys }

  private func interface(_ context: Context) -> InterfaceView? { context.host?.interfaces.first { $0.id == id } }

  private static func items(_ interface: InterfaceView?) -> [Item] {
    let common: [Item] = [.watch, .scan, .names, .compare, .packetSizes, .fcoe]
    guard let interface else { return common }
    var own: [Item] = [.details]
    let isKnown = interface.ref != nil
    let isFree = interface.memberOf == nil
    if case .bond = interface.kind { own.append(.bond) }
    if isKnown, isFree, interface.kind.isVLANBase { own.append(.newVLAN) }
    if isKnown, isFree, interface.kind == .nic { own.append(.newBond) }
    if isKnown, isFree, interface.network != nil, !interface.isManagement { own.append(.address) }
    if interface.kind == .nic, interface.kernel?.isMissing != true { own.append(.blink) }
    if isKnown { own.append(interface.isAttached ? .unplug : .plug) }
    if interface.kind == .nic || !interface.bondMembers.isEmpty { own.append(.tuning) }
    if isKnown, interface.network != nil { own.append(.mtu) }
    if interface.kind == .nic { own += isKnown ? [.retire, .forget] : interface.isStranger ? [.introduce] : [] }
    if isKnown, isFree, interface.network != nil { own.append(.network) }
    return own + common
  }

  mutating func settle(_ context: Context, room: Size) {
    let interface = interface(context)
    menu.settle(Self.items(interface), room: room) { $0.label(interface?.name ?? "") }
  }

  mutating func handle(_ key: Key, _ context: Context, room: Size) -> Reaction {
    settle(context, room: room)
    let screen = self
    return menu.handle(key, room: room) { screen.open($0, context) }
  }

  private func open(_ item: Item, _ context: Context) -> Reaction {
    switch item {
    case .watch: return .open(LinkWatchScreen())
    case .scan: return .open(ChangeReviewScreen(.scanNICs(plugs: true)))
    case .names: return .open(NICNamesScreen())
    case .compare: return .open(PoolComparisonScreen())
    case .packetSizes: return .open(MTUCheckFormScreen(near: interface(context)?.name))
    case .fcoe: return .open(FCoEScreen())
    default: break
    }
    guard let interface = interface(context) else { return .done }
    switch item {
    case .details:
      return .open(
        interface.kind == .nic ? NICDetailScreen(interface.device) : DetailScreen(.interface(interface.id), name: interface.name))
    case .bond: return .open(BondScreen(interface.name))
    case .network: return interface.network.map { .open(NetworkMenu($0)) } ?? .done
    case .newVLAN: return .open(VLANCreateScreen(interface.name))
    case .newBond: return .open(BondCreateScreen(interface.name))
    case .address: return .open(AddressScreen(interface.name))
    case .blink: return .open(BlinkScreen(interface.device))
    case .plug: return .open(ChangeReviewScreen(.plug(interface.planName)))
    case .unplug: return .open(ChangeReviewScreen(.unplug(interface.planName)))
    case .tuning: return .open(TuningScreen(interface.device))
    case .mtu: return interface.network.map { .open(NetworkMTUScreen($0)) } ?? .done
    case .introduce: return .open(ChangeReviewScreen(.introduceNIC(interface.device, plugs: true)))
    case .forget: return .open(ChangeReviewScreen(.forgetNIC(interface.device)))
    case .retire: return .open(RetireScreen(interface.device))
    default: return .done
    }
  }

  func draw(into frame: inout Frame, in area: Rect, _ context: Context) {
    let interface = interface(context)
    var facts = menu.chosen.map { [Fact("", $0.purpose), Fact("", "")] } ?? []
    if id == nil {
      facts.insert(Fact("", "No interface was chosen: its list had not come yet. Esc, and choose one.", style: .warning, mark: "! "), at: 0)
    }
    if let interface { facts += [Fact("", "\(interface.name) now", style: .heading)] + InterfaceFacts(interface).brief }
    menu.draw(into: &frame, in: area, name: interface?.name, label: menu.chosen?.label(interface?.name ?? "") ?? "", facts)
  }
}
