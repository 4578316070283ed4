import XenAPI

/// Thinks another MTU of a network through, on every host of the pool. Pure: the same facts and the same wish make the same
/// plan.
///
/// XAPI writes any number down and does nothing: only when an interface is plugged is its bridge given the MTU
/// (`reference/xapi.md` §3.0.1, §3.5). So every host's interface is plugged once more.
struct NetworkMTUPlanner {
  /// A network's interface on one host.
  struct Place {
    var pif: PIF
    var node: InterfaceTree.Node
    var host: Host
    var tree: InterfaceTree
    var isThisHost: Bool
    var isLive: Bool
    /// `eth2`, `eth2 of xcp2`.
    var name: String
    /// Kept for this host alone (`other-config:mtu`).
    var override: KeptSettings.Value<Int>

    /// It gets the network's MTU when it is plugged anew.
    var canBePlugged: Bool { isLive && pif.currentlyAttached && pif.managed && pif.bondSlaveOf == nil }
    var followsNetwork: Bool { override.meaning == nil }
  }

  let request: NetworkMTURequest
  let facts: ChangeFacts
  let scene: ChangeScene
  let ref: Ref<Network>
  let network: Network
  let places: [Place]

  init(_ request: NetworkMTURequest, _ facts: ChangeFacts) throws(ChangeProblem) {
    let scene = ChangeScene(facts.database, host: facts.host)
    guard let ref = scene.network(uuid: request.network), let network = facts.database.networks[ref] else {
      throw ChangeProblem("the pool has no such network any more", remedy: "Look at the list of networks")
    }
    (self.request, self.facts, self.scene, self.ref, self.network) = (request, facts, scene, ref, network)
    places = Self.places(network, facts)
  }

  /// This host's first: what goes wrong goes wrong before the eyes of whoever asked for it.
  private static func places(_ network: Network, _ facts: ChangeFacts) -> [Place] {
    let database = facts.database
    let found = network.pifs.compactMap { ref -> Place? in
      guard let pif = database.pifs[ref], let hostRef = pif.host, let host = database.hosts[hostRef] else { return nil }
      let tree = InterfaceTree(database, host: hostRef)
      guard let node = tree[ref] else { return nil }
      let isThisHost = hostRef == facts.host
      return Place(
        pif: pif, node: node, host: host, tree: tree, isThisHost: isThisHost,
        isLive: isThisHost || database.hostMetrics[host.metrics]?.live != false,
        name: database.hosts.count > 1 ? "\(node.name) of \(host.nameLabel)" : node.name,
        override: KeptSettings(config: pif.otherConfig).mtu)
    }
    return found.sorted { $0.isThisHost != $1.isThisHost ? $0.isThisHost : comesBefore($0.host.nameLabel, $1.host.nameLabel) }
  }

  func plan() -> ChangePlan {
    let steps = steps()
    let isProvisional = !steps.isEmpty && places.contains { $0.isThisHost && $0.canBePlugged && $0.tree.carriesManagement($0.node.ref) }
    return ChangePlan(
      intent: .networkMTU(request), title: "MTU \(request.mtu) for network \"\(network.nameLabel)\"", differences: differences,
      consequences: steps.isEmpty ? [] : consequences, hazards: hazards(), steps: steps, isProvisional: isProvisional,
      expectation: isProvisional ? .asNow(scene) : nil)
  }

  // MARK: Steps

  /// The networks of a bond's members: older XAPIs do not give them the bond's MTU by themselves.
  private var memberNetworks: [Network] {
    let database = facts.database
    let members = places.flatMap { $0.node.members }.compactMap { database.pifs[$0]?.network }
    return Set(members).subtracting([ref]).compactMap { database.networks[$0] }.sorted { comesBefore($0.nameLabel, $1.nameLabel) }
  }

  private func steps() -> [ChangeStep] {
    let networks = (memberNetworks + [network]).filter { $0.mtu != Int64(request.mtu) }
    let back = networks.map { ChangeAction.setNetworkMTU($0.uuid, Int($0.mtu)) }
    var steps = networks.map { network in
      step(
        .setNetworkMTU(network.uuid, request.mtu), undo: [.setNetworkMTU(network.uuid, Int(network.mtu))],
        "Set the MTU of network \"\(network.nameLabel)\" to \(request.mtu)")
    }
    // A plug applies what is written down: on the way back that has to be as before, before it is plugged.
    for place in places where place.canBePlugged && place.followsNetwork && place.pif.mtu != Int64(request.mtu) {
      let old = networks.isEmpty ? Int(place.pif.mtu) : Int(network.mtu)
      steps.append(
        step(
          .applyMTU(pif: place.pif.uuid, name: place.name, mtu: request.mtu),
          undo: networks.isEmpty ? [] : back + [.applyMTU(pif: place.pif.uuid, name: place.name, mtu: old)]))
    }
    return steps.numbered
  }

  private func step(_ action: ChangeAction, undo: [ChangeAction], _ sentence: String? = nil) -> ChangeStep {
    ChangeStep(0, sentence ?? action.sentence, commands: ChangeCommands(scene: scene).lines(action), action: action, undo: undo)
  }

  // MARK: Words

  private var differences: [ChangePlan.Difference] {
    var rows = [ChangePlan.Difference("Network", now: "\(network.mtu)", after: "\(request.mtu)")]
    rows += memberNetworks.map { ChangePlan.Difference($0.nameLabel, now: "\($0.mtu)", after: "\(request.mtu)") }
    rows += places.map { place in
      let now = place.pif.mtu > 0 ? "\(place.pif.mtu)" : "?"
      let after = place.override.meaning.map { "\($0), its own" } ?? (place.canBePlugged ? "\(request.mtu)" : "\(now) until it is plugged")
      return ChangePlan.Difference(place.name, now: now, after: after)
    }
    return rows
  }

  private var consequences: [String] {
    var lines: [String] = []
    let plugged = places.filter { $0.canBePlugged && $0.followsNetwork && $0.pif.mtu != Int64(request.mtu) }
    if !plugged.isEmpty { lines.append("Traffic of \(plugged.map(\.name).joined(separator: ", ")) stops for a moment while it is plugged anew") }
    let vms = scene.runningVMs(on: [ref], anywhere: true)
    if !vms.isEmpty {
      let names = vms.prefix(6).joined(separator: ", ") + (vms.count > 6 ? " and \(vms.count - 6) more" : "")
      lines.append(
        "\(vms.count == 1 ? "1 running VM keeps its" : "\(vms.count) running VMs keep their") packet size until the VIF is plugged the next time or the VM starts anew: \(names)")
    }
    if request.mtu > 1500 {
      lines.append("Every switch port, storage and VM on this network must take \(request.mtu) as well: test the packet sizes afterwards")
    }
    return lines
  }
}
