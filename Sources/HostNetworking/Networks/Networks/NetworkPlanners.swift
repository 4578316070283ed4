import XenAPI

/// What several plans about networks check alike.
extension PoolFacts {
  /// A name must be there; XAPI takes any, the same one twice as well.
  func hazards(ofName name: String, except uuid: String? = nil) -> [Hazard] {
    if name.allSatisfy(\.isWhitespace) { return [Hazard(.blocking, "The network needs a name")] }
    guard database.networks.all.contains(where: { $0.record.nameLabel == name && $0.record.uuid != uuid }) else { return [] }
    return [
      Hazard(
        .warning, "There is another network called \"\(name)\": XAPI allows it, but people cannot tell them apart",
        remedy: "Give this one a name of its own")
    ]
  }

  static func hazards(ofMTU mtu: Int) -> [Hazard] {
    if !NetworkDraft.mtuRange.contains(mtu) {
      return [Hazard(.blocking, "An MTU of \(mtu) is not possible: it goes from \(NetworkDraft.mtuRange.lowerBound) to \(NetworkDraft.mtuRange.upperBound)")]
    }
    if mtu > NetworkDraft.usualMTU {
      return [Hazard(.warning, "Few NICs and switches carry packets of \(mtu) bytes", remedy: "\(NetworkDraft.usualMTU) is what most of them can")]
    }
    if mtu < 1280 { return [Hazard(.warning, "IPv6 does not work below an MTU of 1280")] }
    return []
  }

  /// For a network that is there: what `NetworkMTUPlanner` forbids, which also plugs the interfaces anew, is wrong in the record as well.
  func hazards(ofMTU mtu: Int, for network: Network) -> [Hazard] {
    guard !network.pifs.isEmpty,
      let planner = try? NetworkMTUPlanner(NetworkMTURequest(network: network.uuid, mtu: mtu), change)
    else { return PoolFacts.hazards(ofMTU: mtu) }
    return planner.hazardsOfTheNumber
  }

  /// NBD of one kind in a whole pool (`NETWORK_INCOMPATIBLE_PURPOSES`).
  func hazards(ofPurpose purpose: [String], now: [String], except uuid: String?) -> [Hazard] {
    var hazards: [Hazard] = []
    if Set(purpose).isSuperset(of: [NetworkPurpose.nbd, NetworkPurpose.insecureNBD]) {
      hazards.append(Hazard(.blocking, "A network is for encrypted NBD or for unencrypted, not for both"))
    }
    for new in purpose where !now.contains(new) {
      let rival = NetworkPurpose.rival(of: new)
      let others = database.networks.all.filter { row in rival.map { row.record.purpose.contains($0) } ?? false && row.record.uuid != uuid }
        .map { "\"\($0.record.nameLabel)\"" }.sorted()
      if let rival, !others.isEmpty {
        hazards.append(
          Hazard(
            .blocking, "Network \(PoolWords.list(others)) is for \(rival), and XAPI allows one kind of NBD in a pool, not \(new) beside it",
            remedy: "Take \(rival) from it first"))
      }
      if new == NetworkPurpose.insecureNBD {
        hazards.append(Hazard(.warning, "Disks of VMs can be read by whoever listens on the network", remedy: "nbd is the same, encrypted"))
      }
    }
    return hazards
  }

  static func consequences(ofPurpose purpose: [String], now: [String]) -> [String] {
    if purpose.contains(where: { !now.contains($0) }) {
      return ["the hosts' firewalls open the port of NBD (10809) on this network's interfaces"]
    }
    return now.contains { !purpose.contains($0) } ? ["the hosts' firewalls close the port of NBD (10809) on this network's interfaces"] : []
  }
}

/// A new network without interfaces: VMs of one host talk over it.
struct NetworkCreatePlanner {
  private let draft: NetworkDraft
  private let facts: PoolFacts
  private let mark: String

  init(_ draft: NetworkDraft, _ facts: PoolFacts, mark: String? = nil) {
    self.draft = draft
    self.facts = facts
    self.mark = mark ?? ChangeMark.new()
  }

  func plan() -> ChangePlan {
    let action = ChangeAction.networks(.create(draft, mark: mark))
    let scene = ChangeScene(facts.database, host: facts.host)
    let step = ChangeStep(
      0, action.sentence, commands: ChangeCommands(scene: scene).lines(action), action: action,
      undo: [.networks(.discard(mark: mark, name: draft.name))])
    return ChangePlan(
      intent: .networks(.create(draft)), title: "Private network \"\(draft.name)\"",
      differences: [.init("Networks", now: "\(facts.database.networks.count)", after: "\(facts.database.networks.count + 1)")],
      consequences: consequences,
      hazards: (facts.hazards(ofName: draft.name) + PoolFacts.hazards(ofMTU: draft.mtu)
        + facts.hazards(ofPurpose: draft.purpose, now: [], except: nil)).sorted { $0.weight > $1.weight },
      steps: [step])
  }

  private var consequences: [String] {
    ["VMs on it reach each other as long as they run on the same host, and nobody else; a VLAN can be put on it later"]
      + (facts.isPool ? ["every host of the pool has it, each for itself"] : [])
      + (draft.lockingMode == .disabled ? ["VIFs on it send and receive nothing unless they get a locking mode of their own"] : [])
      + PoolFacts.consequences(ofPurpose: draft.purpose, now: [])
  }
}

/// Another name, description, MTU, locking mode, purpose or label.
struct NetworkEditPlanner {
  private let edit: NetworkEdit
  private let facts: PoolFacts
  private let network: Network

  init(_ edit: NetworkEdit, _ facts: PoolFacts) throws(ChangeProblem) {
    guard let network = facts.network(uuid: edit.network)?.record else { throw ChangeProblem("the network is not there any more") }
    self.edit = edit
    self.facts = facts
    self.network = network
  }

  func plan() -> ChangePlan {
    ChangePlan(
      intent: .networks(.edit(edit)), title: "Network \"\(network.nameLabel)\"", differences: differences, consequences: consequences,
      hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps.numbered)
  }

  private var name: String? { edit.name.flatMap { $0 == network.nameLabel ? nil : $0 } }
  private var description: String? { edit.description.flatMap { $0 == network.nameDescription ? nil : $0 } }
  private var mtu: Int? { edit.mtu.flatMap { Int64($0) == network.mtu ? nil : $0 } }
  private var locking: LockingMode? { edit.lockingMode.flatMap { $0 == network.defaultLockingMode ? nil : $0 } }
  private var purpose: [String]? { edit.purpose.flatMap { Set($0) == Set(network.purpose) ? nil : $0 } }
  private var tags: [String]? { edit.tags.flatMap { Set($0) == Set(network.tags) ? nil : $0 } }

  private var steps: [ChangeStep] {
    let uuid = network.uuid
    let commands = ChangeCommands(scene: ChangeScene(facts.database, host: facts.host))
    func step(_ action: ChangeAction, _ undo: ChangeAction) -> ChangeStep {
      ChangeStep(0, action.sentence, commands: commands.lines(action), action: action, undo: [undo])
    }
    var steps: [ChangeStep] = []
    if let name { steps.append(step(.networks(.setName(uuid, name)), .networks(.setName(uuid, network.nameLabel)))) }
    if let description {
      steps.append(step(.networks(.setDescription(uuid, description)), .networks(.setDescription(uuid, network.nameDescription))))
    }
    if let mtu { steps.append(step(.networks(.setMTU(uuid, mtu, name: network.nameLabel)), .networks(.setMTU(uuid, Int(clamping: network.mtu), name: network.nameLabel)))) }
    if let locking { steps.append(step(.networks(.setLocking(uuid, locking)), .networks(.setLocking(uuid, network.defaultLockingMode)))) }
    if let purpose { steps.append(step(.networks(.setPurpose(uuid, purpose)), .networks(.setPurpose(uuid, network.purpose)))) }
    if let tags { steps.append(step(.networks(.setTags(uuid, tags)), .networks(.setTags(uuid, network.tags)))) }
    return steps
  }

  private var differences: [ChangePlan.Difference] {
    func words(_ list: [String]) -> String { list.isEmpty ? "none" : list.sorted().joined(separator: ", ") }
    var rows = [ChangePlan.Difference("Name", now: network.nameLabel, after: name ?? network.nameLabel)]
    if let description {
      rows.append(.init("Description", now: network.nameDescription.isEmpty ? "none" : network.nameDescription, after: description.isEmpty ? "none" : description))
    }
    if let mtu { rows.append(.init("MTU", now: "\(network.mtu)", after: "\(mtu)")) }
    if let locking { rows.append(.init("Locking", now: network.defaultLockingMode.rawValue, after: locking.rawValue)) }
    if let purpose { rows.append(.init("Purpose", now: words(network.purpose), after: words(purpose))) }
    if let tags { rows.append(.init("Labels", now: words(network.tags), after: words(tags))) }
    return rows
  }

  private var consequences: [String] {
    var lines: [String] = []
    if mtu != nil {
      let plugged = network.pifs.compactMap { facts.database.pifs[$0] }.filter(\.currentlyAttached)
      let hosts = Set(plugged.map { facts.hostName($0.host) }).sorted(by: comesBefore)
      lines.append(
        hosts.isEmpty
          ? "the MTU takes effect when an interface or a VM is put on it"
          : "the MTU is noted only: on \(PoolWords.list(hosts)) it takes effect when the interface is plugged anew (MTU of the network, with a "
            + "test of the path: xcpconsole nic mtu)")
    }
    if let locking {
      let vifs = facts.users(of: network).filter { $0.vif.lockingMode == .networkDefault }
      let names = PoolFacts.names(vifs)
      let effect = locking == .disabled ? "send and receive nothing any more" : "may send from any address"
      lines.append(names.isEmpty ? "no VIF on it follows the network's locking mode now" : "VIFs of \(PoolWords.list(names)) follow it: they \(effect)")
    }
    if let purpose { lines += PoolFacts.consequences(ofPurpose: purpose, now: network.purpose) }
    return lines
  }

  private var hazards: [Hazard] {
    var hazards: [Hazard] = []
    if let name { hazards += facts.hazards(ofName: name, except: network.uuid) }
    if let mtu { hazards += facts.hazards(ofMTU: mtu, for: network) }
    if locking != nil {
      let attached = facts.users(of: network).filter(\.vif.currentlyAttached)
      if !attached.isEmpty {
        let names = PoolFacts.names(attached)
        hazards.append(
          Hazard(
            .blocking, "VIFs of \(PoolWords.list(names)) are attached to the network: XAPI changes its locking mode only while none is",
            remedy: "Unplug them or shut the VMs down first, or set the locking mode of single VIFs"))
      }
    }
    if let purpose {
      hazards += facts.hazards(ofPurpose: purpose, now: network.purpose, except: network.uuid)
      if !network.managed, purpose.contains(where: { !network.purpose.contains($0) }) {
        hazards.append(Hazard(.blocking, "XAPI does not manage network \"\(network.nameLabel)\" and gives it no purpose"))
      }
    }
    if network.otherConfig["is_host_internal_management_network"] == "true", !steps.isEmpty {
      hazards.append(Hazard(.warning, "This is XAPI's own network, between the control domain and guests", remedy: "It is best left as it is"))
    }
    return hazards
  }
}
