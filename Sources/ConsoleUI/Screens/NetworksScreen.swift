import HostNetworking
import TerminalUI

/// Every network of the pool, as seen from this host.
struct NetworksScreen: BrowserScreen {
  var browser: Browser

  init(chosen: NetworkID? = nil) { browser = Browser(chosen: chosen?.description) }

  var title: String { "Networks, VLANs and bonds" }

  let help = [
    "Networks are what VMs plug into. An external network reaches the outside through a NIC, a bond or a VLAN of each "
      + "host; a private one connects VMs of one host only.",
    "VMs in brackets have a VIF on the network and do not run. A network whose NIC is in a bond has no traffic of its own.",
    "/ shows only the rows that contain what you type: part of a name, bridge, tag or VM. Tab searches everything.",
    "Enter shows all about the chosen network: its interface on every host, its VIFs. a lists what can be done with it, n makes new "
      + "networks, VLANs and bonds, m draws a map of what hangs on what.",
  ]

  static let empty = "Nothing is known of networks yet."

  static func thing(_ id: String, _ context: Context) -> (name: String, brief: [Fact], page: any Screen)? {
    return context.host?.networks.first { $0.id.description == id }.map { network in
      (network.name, NetworkFacts(network, context.host?.pool?.network(network.ref)).brief, DetailScreen(.network(network.id), name: network.name))
    }
  }

  // MARK: Keys

  var ownKeys: [(key: String, does: String)] { [("a", "actions"), ("n", "new"), ("m", "map")] }

  func handleOwn(_ key: Key, chosen: String?, _ context: Context) -> Reaction {
    switch key {
    case .character("a"): .open(NetworkMenu(context.host?.networks.first { $0.id.description == chosen }?.id))
    case .character("n"): .open(NetworkMenu(nil))
    case .character("m"): .open(TopologyScreen())
    default: .pass
    }
  }

  // MARK: Rows

  static let columns: [Table.Column] = [
    .init("Network", minimum: 20, ideal: 34, priority: 0),
    .init("Through", minimum: 16, ideal: 20, priority: 1),
    .init("Link", minimum: 4, ideal: 5, priority: 2),
    .init("Bridge", minimum: 8, ideal: 12, priority: 5),
    .init("VIFs", minimum: 4, ideal: 5, priority: 2, alignment: .right),
    .init("VMs", minimum: 12, ideal: 24, priority: 4),
    .init("MTU", minimum: 5, ideal: 5, priority: 3, alignment: .right),
    .init("Hosts", minimum: 5, ideal: 5, priority: 6, alignment: .right),
    .init("Tag", minimum: 4, ideal: 4, priority: 7, alignment: .right),
    .init("Locking", minimum: 8, ideal: 9, priority: 8),
    .init("Purpose", minimum: 7, ideal: 12, priority: 9),
    .init("Labels", minimum: 8, ideal: 16, priority: 11),
    .init("Description", minimum: 12, ideal: 30, priority: 10),
  ]

  static func rows(_ host: HostView) -> [Browser.Row] { host.networks.map(row) }
  static func contents(_ context: Context) -> Browser.Contents { context.lists.networks }

  private static func tag(_ network: NetworkView) -> String { if case .vlan(let tag) = network.kind { "\(tag)" } else { "-" } }

  private static func row(_ network: NetworkView) -> Browser.Row {
    // What a bond's member would be the way to is reached through the bond alone.
    let isHere = network.interface != nil && network.memberOf == nil
    return Browser.Row(
      id: network.id.description,
      cells: [
        .init(network.name, network.isManagement ? .strong : .normal),
        .init(network.kindWords, isHere ? .normal : .dim),
        .init(isHere ? network.link.word : "-", isHere ? network.link.style : .dim),
        .init(network.bridge),
        .init("\(network.vifs)", network.vifs == 0 ? .dim : .normal),
        .init((network.runningVMs + network.otherVMs.map { "(\($0))" }).joined(separator: ", "), network.runningVMs.isEmpty ? .dim : .normal),
        .init("\(network.mtu)"),
        .init("\(network.hosts)", network.hosts == 0 ? .dim : .normal),
        .init(tag(network)),
        .init(network.lockingMode?.rawValue ?? "-"),
        .init(network.purpose.isEmpty ? "-" : network.purpose.joined(separator: ", ")),
        .init(network.tags.joined(separator: ", ")),
        .init(network.description),
      ],
      more: (network.runningVMs + network.otherVMs + network.tags).joined(separator: " "))
  }
}
