import Dom0
import XenAPI

/// The static routes of this host, as XAPI keeps them and as the kernel has them. A value, shown by the screen and the command.
public struct RouteTable: Hashable, Sendable {
  public enum State: Hashable, Sendable {
    /// In XAPI's record and in the kernel.
    case inForce
    /// In the record only; why.
    case missing(String)
    /// The kernel goes another way there; which.
    case differs(String)
    /// XAPI cannot read it (and drops all routes of the network), or the kernel refuses it alone.
    case bad(RouteItem.Problem)
    /// In the kernel only: taken out of the record, or set by hand.
    case leftOver
    /// The kernel could not be asked.
    case unknown

    /// Something is to be done about it, or to be known.
    public var isTrouble: Bool {
      switch self {
      case .inForce, .unknown, .bad(.foreign): false
      case .missing, .differs, .bad, .leftOver: true
      }
    }
  }

  public struct Row: Hashable, Sendable {
    /// The network's uuid; nil for what only the kernel has, and while XAPI does not answer.
    public var network: String?
    /// The network's name; the bridge's while XAPI does not answer.
    public var name: String
    public var bridge: String
    /// This host's interface on the network; empty when there is none.
    public var interface: String
    /// As it stands in the record.
    public var text: String
    public var route: StaticRoute?
    public var state: State
    /// What the item was surely meant to be.
    public var meant: StaticRoute?
    /// How other hosts of the pool are placed for it, a line each.
    public var elsewhere: [String] = []

    /// As the kernel has it, or would have it.
    public var kernelRoute: KernelRoute? { route.map { KernelRoute($0, on: bridge) } }
  }

  /// A network of the pool.
  public struct Network: Hashable, Sendable {
    public var uuid: String
    public var name: String
    public var bridge: String
    /// This host's interface on it; empty when there is none.
    public var interface: String
    /// This host's address there, with its prefix length; empty when it has none.
    public var address: String
    /// A host of the pool has an address on it: a route can go there.
    public var isFit: Bool
  }

  /// By network, then by destination.
  public var rows: [Row]
  /// All of them, those that can have routes first.
  public var networks: [Network]
  /// Why the record could not be read: what the network daemon's file says is shown instead.
  public var silence: String?
  /// Why the kernel could not be asked.
  public var kernelProblem: String?
  public var hosts: Int

  init(_ facts: RouteFacts) {
    silence = facts.silence
    hosts = facts.change?.database.hosts.count ?? 1
    if case .failure(let error) = facts.kernel { kernelProblem = "\(error)" }
    let kernel = try? facts.kernel.get()
    let recorded = facts.change.map { RouteSurvey(facts, $0).rows(kernel) } ?? Self.fromFile(facts, kernel)
    let known = Set(recorded.compactMap { $0.kernelRoute })
    let left = (kernel ?? []).filter { !known.contains($0) }.map { route in
      Row(
        network: nil, name: Self.name(of: route.device, facts), bridge: route.device, interface: Self.interface(of: route.device, facts),
        text: route.route.item, route: route.route, state: .leftOver)
    }
    rows = (recorded + left).sorted { a, b in
      a.name != b.name ? comesBefore(a.name, b.name) : (a.network != nil) != (b.network != nil) ? a.network != nil : comesBefore(a.text, b.text)
    }
    networks = facts.change.map { RouteSurvey(facts, $0).networks } ?? []
  }

  public static func look(_ client: XenClient, _ system: HostSystem) async -> RouteTable {
    RouteTable(await RouteLook(client, system).facts())
  }

  /// The network that somebody names: by its name, uuid or bridge, or by this host's interface on it.
  public func network(named text: String) throws(ChangeProblem) -> Network {
    if let silence { throw ChangeProblem("XAPI does not answer, and knows the networks: \(silence)") }
    let found = networks.filter { [$0.uuid, $0.name, $0.bridge, $0.interface].contains(text) }
    if found.count > 1 {
      throw ChangeProblem(
        "several networks go by \(text)", remedy: "Name one by its uuid: \(found.map { "\($0.uuid) (\($0.name), \($0.bridge))" }.joined(separator: ", "))")
    }
    guard let network = found.first else {
      throw ChangeProblem(
        "this pool has no network \(text)", remedy: "Those with addresses: \(networks.filter(\.isFit).map(\.name).joined(separator: ", "))")
    }
    return network
  }

  /// The routes that only the kernel has.
  public var leftOvers: [KernelRoute] { rows.filter { $0.state == .leftOver }.compactMap(\.kernelRoute) }

  /// What the file of the network daemon says: it is up to five minutes old, and says nothing of bad items.
  private static func fromFile(_ facts: RouteFacts, _ kernel: [KernelRoute]?) -> [Row] {
    (facts.networkd?.interfaces ?? []).flatMap { interface in
      interface.routes.map { route in
        let item = RouteItem("\(route.subnet)/\(route.prefix)/\(route.gateway)")
        let known = item.route.flatMap { RouteSurvey.state(KernelRoute($0, on: interface.name), kernel) }
        return Row(
          network: nil, name: interface.name, bridge: interface.name, interface: "", text: item.text, route: item.route,
          state: item.problem.map { .bad($0) } ?? known ?? .missing("the network daemon was told of it, and the kernel does not have it"))
      }
    }
  }

  private static func name(of bridge: String, _ facts: RouteFacts) -> String {
    facts.change?.database.networks.all.first { $0.record.bridge == bridge }?.record.nameLabel ?? bridge
  }

  private static func interface(of bridge: String, _ facts: RouteFacts) -> String {
    guard let change = facts.change, let network = change.database.networks.all.first(where: { $0.record.bridge == bridge }) else { return "" }
    return InterfaceTree(change.database, host: change.host).interface(on: network.ref)?.name ?? ""
  }
}

/// Holds the records of a pool against one host.
struct RouteSurvey {
  let facts: RouteFacts
  let change: ChangeFacts
  let tree: InterfaceTree

  init(_ facts: RouteFacts, _ change: ChangeFacts) {
    self.facts = facts
    self.change = change
    tree = InterfaceTree(change.database, host: change.host)
  }

  static func record(of network: Network?) -> RouteRecord { RouteRecord(network?.otherConfig[RouteAction.key]) }

  func rows(_ kernel: [KernelRoute]?) -> [RouteTable.Row] {
    change.database.networks.all.flatMap { ref, network in
      let record = Self.record(of: network)
      let node = tree.interface(on: ref)
      return record.items.map { item in
        RouteTable.Row(
          network: network.uuid, name: network.nameLabel, bridge: network.bridge, interface: node?.name ?? "", text: item.text,
          route: item.route, state: state(item, record, node, network, kernel), meant: item.meant,
          elsewhere: item.route.map { elsewhere($0, ref) } ?? [])
      }
    }
  }

  var networks: [RouteTable.Network] {
    change.database.networks.all.map { ref, network in
      let isInternal = network.otherConfig["is_host_internal_management_network"] == "true"
      return RouteTable.Network(
        uuid: network.uuid, name: network.nameLabel, bridge: network.bridge, interface: tree.interface(on: ref)?.name ?? "",
        address: isInternal ? "" : facts.addresses(on: network.bridge)?.first.map { "\($0)" } ?? "",
        isFit: !isInternal && network.pifs.contains { change.database.pifs[$0]?.hasIPv4 == true })
    }.sorted { a, b in a.isFit != b.isFit ? a.isFit : comesBefore(a.name, b.name) }
  }

  // MARK: One item

  private func state(
    _ item: RouteItem, _ record: RouteRecord, _ node: InterfaceTree.Node?, _ network: Network, _ kernel: [KernelRoute]?
  ) -> RouteTable.State {
    guard let route = item.route else { return .bad(item.problem ?? .voids("it cannot be read")) }
    guard kernel != nil else { return .unknown }
    let wanted = KernelRoute(route, on: network.bridge)
    if let state = Self.state(wanted, kernel) { return state }
    if record.isVoid { return .missing("another item cannot be read, so XAPI drops them all") }
    return .missing(reason(route, node, network) ?? "not applied on this host yet")
  }

  /// nil when the kernel has no way there.
  static func state(_ wanted: KernelRoute, _ kernel: [KernelRoute]?) -> RouteTable.State? {
    guard let kernel else { return .unknown }
    if kernel.contains(wanted) { return .inForce }
    return kernel.first { $0.route.destination == wanted.route.destination }.map { .differs("the kernel goes via \($0.route.gateway) on \($0.device)") }
  }

  /// Why this host cannot have a route on a network; nil when it can.
  func reason(_ route: StaticRoute, _ node: InterfaceTree.Node?, _ network: Network) -> String? {
    guard let node else { return "this host has no interface on the network" }
    if let bond = tree.bond(ofMember: node.ref) { return "\(node.name) is a member of \(bond.name), which has the traffic" }
    guard node.pif.currentlyAttached else { return "\(node.name) is not plugged" }
    guard let own = facts.addresses(on: network.bridge) else { return nil }
    guard !own.isEmpty else { return "\(node.name) has no IPv4 address" }
    if own.contains(where: { $0.address == route.gateway }) { return "\(route.gateway) is this host's own address" }
    return own.contains { $0.contains(route.gateway) } ? nil : "\(route.gateway) is not in the network of \(node.name) (\(own[0]))"
  }

  // MARK: Other hosts

  /// The network's interfaces on other hosts, as XAPI has them.
  func others(_ network: Ref<Network>) -> [(host: String, isLive: Bool, pif: PIF)] {
    (change.database.networks[network]?.pifs ?? []).compactMap { change.database.pifs[$0] }.filter { $0.host != change.host }
      .compactMap { pif in
        guard let host = change.database.hosts[pif.host] else { return nil }
        return (host.nameLabel, change.database.hostMetrics[host.metrics]?.live ?? true, pif)
      }.sorted { comesBefore($0.0, $1.0) }
  }

  private func elsewhere(_ route: StaticRoute, _ network: Ref<Network>) -> [String] {
    others(network).map { host, isLive, pif in
      guard let prefix = pif.ipv4Prefix else { return "\(host): no IPv4 address there, so no route" }
      if prefix.address == route.gateway { return "\(host): it is the gateway itself" }
      guard prefix.contains(route.gateway) else { return "\(host): \(prefix), and the gateway is not in that network" }
      return "\(host): \(prefix), gateway within reach" + (isLive ? "" : "; the host does not answer")
    }
  }
}

extension PIF {
  /// It has, or gets, an IPv4 address.
  var hasIPv4: Bool { ipConfigurationMode != .none }

  /// As XAPI has it; nil without one.
  var ipv4Prefix: IPv4Prefix? {
    guard hasIPv4, let address = IPv4Address(ip), let length = try? IPv4Prefix.length(ofNetmask: netmask) else { return nil }
    return IPv4Prefix(address, length: length)
  }
}
