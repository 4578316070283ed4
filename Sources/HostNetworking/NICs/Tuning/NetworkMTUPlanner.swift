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
  /// How the NICs below this host's interface are set now.
  private let nics: [NICTuning]

  init(_ request: NetworkMTURequest, _ facts: ChangeFacts, nics: [NICTuning] = []) throws(ChangeProblem) {
    let scene = ChangeScene(facts.database, host: facts.host)
    guard let ref = scene.network(uuid: request.network), let network = facts.database.networks[ref] else {
      throw ChangeProblem("the pool has no such network any more", remedy: "Look at the list of networks")
    }
    (self.request, self.facts, self.scene, self.ref, self.network, self.nics) = (request, facts, scene, ref, network, nics)
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

  /// The NICs below this host's interface: a plug of it applies what is kept of them.
  static func cards(_ request: NetworkMTURequest, _ facts: ChangeFacts) -> [String] {
    let scene = ChangeScene(facts.database, host: facts.host)
    guard let ref = scene.network(uuid: request.network), let node = scene.tree.interface(on: ref) else { return [] }
    return scene.cards(below: node).map(\.name)
  }

  func plan() -> ChangePlan {
    let steps = steps()
    let isProvisional = places.contains { place in
      guard place.isThisHost, isPlugged(place) else { return false }
      return place.tree.carriesManagement(place.node.ref) || sessionAddress(place) != nil
    }
    return ChangePlan(
      intent: .networkMTU(request), title: "MTU \(request.mtu) for network \"\(network.nameLabel)\"", differences: differences,
      consequences: steps.isEmpty ? [] : consequences, hazards: hazards().filter { !steps.isEmpty || $0.weight == .blocking }, steps: steps, isProvisional: isProvisional,
      expectation: isProvisional ? .asNow(scene) : nil)
  }

  /// It is plugged anew, so that it gets another MTU.
  private func isPlugged(_ place: Place) -> Bool {
    place.canBePlugged && place.followsNetwork && place.pif.mtu != Int64(request.mtu)
  }

  /// The address that the session comes in over, when it is on this host's interface or above it.
  func sessionAddress(_ place: Place) -> String? {
    place.isThisHost && isPlugged(place) ? facts.sessionAddress(over: place.node.ref, place.tree) : nil
  }

  // MARK: Steps

  /// The networks of a bond's members: older XAPIs do not give them the bond's MTU by themselves.
  private var memberNetworks: [Network] { networksOfMembers.filter { others(on: $0).isEmpty } }

  private var networksOfMembers: [Network] {
    let database = facts.database
    let members = places.flatMap { $0.node.members }.compactMap { database.pifs[$0]?.network }
    return Set(members).subtracting([ref]).compactMap { database.networks[$0] }.sorted { comesBefore($0.nameLabel, $1.nameLabel) }
  }

  /// Interfaces on a member's network that belong to no bond on the network that was asked for: another host may have its
  /// storage or its management there.
  private func others(on network: Network) -> [String] {
    let members = Set(places.flatMap { $0.node.members })
    return network.pifs.filter { !members.contains($0) }.map { ref in
      guard let pif = facts.database.pifs[ref] else { return "an interface" }
      return facts.database.hosts[pif.host].map { "\(pif.device) of \($0.nameLabel)" } ?? pif.device
    }
  }

  /// Networks of members that stay as they are, and who is on them.
  var sharedNetworks: [(label: String, users: [String])] {
    networksOfMembers.filter { $0.mtu != Int64(request.mtu) }.compactMap { network in
      let users = others(on: network)
      return users.isEmpty ? nil : (network.nameLabel, users.sorted { comesBefore($0, $1) })
    }
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
    for place in places where isPlugged(place) {
      let old = networks.isEmpty ? Int(place.pif.mtu) : Int(network.mtu)
      steps.append(
        step(
          .applyMTU(pif: place.pif.uuid, name: place.name, mtu: request.mtu),
          // It also applies what is kept of the NICs, and plugged once more they are not yet as they were.
          undo: (networks.isEmpty ? [] : back + [.applyMTU(pif: place.pif.uuid, name: place.name, mtu: old)])
            + (place.isThisHost ? nics.flatMap(\.putBack) : [])))
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
    let plugged = places.filter(isPlugged)
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
