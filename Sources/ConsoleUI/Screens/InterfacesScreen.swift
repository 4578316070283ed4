import HostNetworking
import TerminalUI

/// Every network interface of this host, and all about the chosen one.
struct InterfacesScreen: BrowserScreen {
  var browser: Browser

  init(chosen: InterfaceID? = nil) { browser = Browser(chosen: chosen?.description) }

  var title: String { "Network interfaces" }

  let help = [
    "NICs, bonds, VLANs and tunnels of this host: how XAPI has them set up, and how the kernel finds them. What stands on top of an interface "
      + "is listed below it. DOWN means no link: check the cable and the switch port.",
    "/ shows only the rows that contain what you type: part of a name, MAC, address, network or VM. Tab searches "
      + "everything.",
    "Enter shows all about the chosen interface. a lists what can be done with it, and with all NICs: plug, blink, settings, names, "
      + "removal. w watches the links live, for whoever pulls cables. s looks for new NICs.",
  ]

  static let empty = "Nothing is known of this host's interfaces yet."

  static func thing(_ id: String, _ context: Context) -> (name: String, brief: [Fact], page: any Screen)? {
    return context.host?.interfaces.first { $0.id.description == id }.map { interface in
      (
        interface.name, InterfaceFacts(interface).brief,
        interface.kind == .nic
          ? NICDetailScreen(interface.device) : DetailScreen(.interface(interface.id), name: interface.name)
      )
    }
  }

  // MARK: Keys

  var ownKeys: [(key: String, does: String)] { [("a", "actions"), ("w", "watch links"), ("s", "rescan")] }

  func handleOwn(_ key: Key, chosen: String?, _ context: Context) -> Reaction {
    switch key {
    case .character("a"): .open(InterfaceMenu(context.host?.interfaces.first { $0.id.description == chosen }?.id))
    case .character("w"): .open(LinkWatchScreen())
    case .character("s"): .open(ChangeReviewScreen(.scanNICs(plugs: true)))
    default: .pass
    }
  }

  // MARK: Rows

  /// On wide screens the columns to the right come in, the least important last.
  static let columns: [Table.Column] = [
    .init("Device", minimum: 10, ideal: 18, priority: 0),
    .init("Link", minimum: 4, ideal: 5, priority: 0),
    .init("Speed", minimum: 8, ideal: 8, priority: 1, alignment: .right),
    .init("MAC", minimum: 17, ideal: 17, priority: 4),
    .init("Used as", minimum: 18, ideal: 26, priority: 2),
    .init("Address", minimum: 14, ideal: 20, priority: 3),
    .init("Network", minimum: 14, ideal: 28, priority: 5),
    .init("Card", minimum: 14, ideal: 34, priority: 6),
    .init("MTU", minimum: 5, ideal: 5, priority: 7, alignment: .right),
    .init("Bridge", minimum: 8, ideal: 10, priority: 8),
    .init("Attached", minimum: 8, ideal: 8, priority: 9),
  ]

  static func rows(_ host: HostView) -> [Browser.Row] { host.interfaces.map(row) }
  static func contents(_ context: Context) -> Browser.Contents { context.lists.interfaces }

  private static func row(_ interface: InterfaceView) -> Browser.Row {
    let isVirtual = interface.mac.isEmpty || interface.mac == "fe:ff:ff:ff:ff:ff"
    return Browser.Row(
      id: interface.id.description,
      cells: [
        .init(label(interface), interface.isManagement ? .strong : .normal),
        .init(
          interface.kernel?.isMissing == true ? "GONE" : interface.linkWord,
          interface.kernel?.isMissing == true ? .bad : interface.linkStyle),
        .init(speed(interface)),
        .init(isVirtual ? "-" : interface.mac, isVirtual ? .dim : .normal),
        .init(usage(interface), needsLook(interface) ? .warning : interface.usage == "unused" ? .dim : .normal),
        .init(interface.addresses.first ?? "-", interface.addresses.isEmpty ? .dim : .normal),
        .init(interface.networkName),
        .init(interface.card),
        .init(interface.mtu.map(String.init) ?? "-"),
        .init(interface.bridge),
        .init(interface.isAttached ? "yes" : interface.memberOf == nil && !interface.isStranger ? "NO" : "-"),
      ],
      more: ([interface.name, interface.pci] + interface.addresses + interface.vms).joined(separator: " "))
  }

  /// What stands on top of another interface is set in below it.
  private static func label(_ interface: InterfaceView) -> String {
    switch interface.kind {
    case .nic, .bond, .tunnel: interface.device
    case .vlan(let tag, _): " VLAN \(tag)"
    case .sriov: " SR-IOV"
    }
  }

  private static func speed(_ interface: InterfaceView) -> String {
    if case .bond(let mode, _) = interface.kind, mode == .lacp, interface.speed == nil { return "LACP" }
    return interface.speedWords
  }

  private static func needsLook(_ interface: InterfaceView) -> Bool {
    interface.kernel?.isMissing == true || interface.isStranger || interface.link.isImpaired && interface.usage != "unused"
  }

  /// What stands on another interface is known by its network's name.
  private static func usage(_ interface: InterfaceView) -> String {
    var usage = interface.usage
    if case .vlan = interface.kind, !interface.networkName.isEmpty {
      usage = interface.networkName + (usage == "unused" ? "" : ", \(usage)")
    }
    return needsLook(interface) ? usage + " !" : usage
  }
}
