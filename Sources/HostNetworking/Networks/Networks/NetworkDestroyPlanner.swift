import XenAPI

/// Thinks the end of a network through: what hangs on it is told by name, and the VLANs and tunnels that feed it go first if they may.
struct NetworkDestroyPlanner {
  private let removal: NetworkRemoval
  private let facts: PoolFacts
  private let network: Network
  private let victims: VLANVictims

  init(_ removal: NetworkRemoval, _ facts: PoolFacts) throws(ChangeProblem) {
    guard let network = facts.network(uuid: removal.network)?.record else { throw ChangeProblem("the network is not there any more") }
    self.removal = removal
    self.facts = facts
    self.network = network
    victims = VLANVictims(.network(network.uuid), isPoolWide: true, facts)
  }

  func plan() -> ChangePlan {
    let commands = ChangeCommands(scene: ChangeScene(facts.database, host: facts.host))
    let feeds = removal.withVLANs ? victims.steps(commands) + tunnels.filter(\.isLive).map { $0.step(commands) } : []
    let steps = isSystem ? [] : feeds + [NetworkEnd(network, facts, commands).step]
    return ChangePlan(
      intent: .networks(.destroy(removal)), title: "Remove network \"\(network.nameLabel)\"", differences: differences,
      consequences: consequences, hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps.numbered)
  }

  private var isSystem: Bool { network.otherConfig["is_host_internal_management_network"] == "true" }
  private var users: [NetworkUser] { facts.users(of: network) }
  private var unattached: [NetworkUser] { users.filter { !$0.vif.currentlyAttached } }

  private var tunnels: [TunnelVictim] {
    network.pifs.compactMap { TunnelVictim($0, of: network, facts) }.sorted { $0.isHere != $1.isHere ? $0.isHere : comesBefore($0.end.hostName, $1.end.hostName) }
  }

  /// Interfaces that do not go with the plan.
  private var staying: [PIF] {
    let going =
      removal.withVLANs
      ? Set(victims.within.flatMap(\.victims).compactMap { $0.upper?.ref } + tunnels.filter(\.isLive).map(\.access)) : []
    return network.pifs.filter { !going.contains($0) }.compactMap { facts.database.pifs[$0] }
  }

  private var hazards: [Hazard] {
    if isSystem { return [Hazard(.blocking, "\"\(network.nameLabel)\" is XAPI's own network, between the control domain and guests: it stays")] }
    var hazards: [Hazard] = []
    let attached = users.filter(\.vif.currentlyAttached)
    if !attached.isEmpty {
      let names = PoolFacts.names(attached)
      hazards.append(
        Hazard(
          .blocking, "VIFs of \(PoolWords.list(names)) are attached to the network", remedy: "Unplug them or move them to another network first"))
    }
    hazards += staying.isEmpty ? [] : kinds(staying)
    if !network.managed {
      hazards.append(
        Hazard(
          .warning, "XAPI does not manage network \"\(network.nameLabel)\": its bridge \(network.bridge) stays on the hosts, and only XAPI's record of it goes"))
    }
    let settings = (facts.pool?.otherConfig ?? [:]).filter { $0.value == network.uuid }.keys.sorted()
    if !settings.isEmpty {
      hazards.append(
        Hazard(
          .warning, "The pool's settings name this network: \(PoolWords.list(settings))", remedy: "Choose another network there first, in what uses them"))
    }
    // Those that are attached are told of already.
    if removal.withVLANs { hazards += victims.hazards(facts, withUsers: attached.isEmpty) + tunnelHazards + cuts }
    if !unattached.isEmpty {
      let list = unattached.map { "\($0.name) (VIF \($0.vif.device), \($0.vif.mac))" }
      hazards.append(
        Hazard(
          .warning, "These VMs lose their VIF on it for good, and XAPI does not say so: \(PoolWords.list(list, most: 8))",
          remedy: "Move the VIFs to another network first if they are to be kept"))
    }
    return hazards
  }

  private var tunnelHazards: [Hazard] {
    let reached = tunnels.filter(\.isLive)
    var hazards = reached.flatMap { facts.guards($0.access, $0.pif, withUsers: false) }
    if reached.contains(where: { $0.end.isPlugged }),
      let hazard = facts.haGuard(reached.count == 1 ? "the tunnel is plugged" : "the tunnels are plugged")
    {
      hazards.append(hazard)
    }
    return hazards
  }

  /// Only without its network could it be put back by itself.
  private var cuts: [Hazard] {
    let remedy = "that is done on trial, and comes back by itself unless it is kept"
    return victims.cuts(facts).map { Hazard(.blocking, $0, remedy: "Remove the VLAN alone first (the network's menu, its VLAN): \(remedy)") }
      + tunnels.flatMap { facts.cuts($0.pif) }.map { Hazard(.blocking, $0, remedy: "See to another way first, or log in over another address") }
  }

  /// By what has to be done with them.
  private func kinds(_ pifs: [PIF]) -> [Hazard] {
    func name(_ pif: PIF) -> String { facts.nameWithHost(pif) }
    func hazard(_ pifs: [PIF], _ remedy: String) -> [Hazard] {
      if pifs.isEmpty { return [] }
      return [Hazard(.blocking, "\(PoolWords.list(pifs.map(name))) \(PoolWords.are(pifs.count)) on the network", remedy: remedy)]
    }
    let vlans = pifs.filter { $0.vlanMasterOf != nil }
    let bonds = pifs.filter { !$0.bondMasterOf.isEmpty }
    let tunnels = pifs.filter { !$0.tunnelAccessPIFOf.isEmpty }
    let functions = pifs.filter { $0.vlanMasterOf == nil && !$0.sriovLogicalPIFOf.isEmpty }
    let cards = pifs.filter(\.physical)
    func isLive(_ pif: PIF) -> Bool { pif.host.map { facts.isLive($0) } ?? true }
    let feeds = vlans + tunnels
    let offline = feeds.filter { !isLive($0) }
    let off = Set(offline.map { facts.hostName($0.host) }).sorted(by: comesBefore)
    return hazard(offline, "\(PoolWords.named("Host", off)) \(PoolWords.are(off.count)) switched off or cut off: wait until \(off.count == 1 ? "it is" : "they are") back")
      + hazard(vlans.filter(isLive), "Let the VLANs go first, in the same plan if you wish so (--with-vlans)")
      + hazard(tunnels.filter(isLive), "Let the tunnels go first, in the same plan if you wish so (--with-vlans)")
      + hazard(bonds, remedy(forBonds: bonds))
      + hazard(functions, remedy(forFunctions: functions))
      + hazard(cards, "A NIC keeps its network as long as XAPI knows it: let XAPI forget the NIC first (xcpconsole nic forget)")
  }

  /// The bond goes with its network in one plan of its own, on each host.
  private func remedy(forBonds bonds: [PIF]) -> String {
    let here = bonds.first { $0.host == facts.host }
    let elsewhere = Set(bonds.filter { $0.host != facts.host }.map { facts.hostName($0.host) }).sorted(by: comesBefore)
    let own = here.map { "Remove \($0.device) with its network: the network's menu, Destroy its bond (xcpconsole bond destroy \($0.device) --with-network)" }
    let others = elsewhere.isEmpty ? nil : here == nil
      ? "Remove the bond at the console of \(PoolWords.list(elsewhere))" : "the same at the console of \(PoolWords.list(elsewhere))"
    return [own, others].compactMap { $0 }.joined(separator: "; ")
  }

  private func remedy(forFunctions functions: [PIF]) -> String {
    let lines = functions.compactMap { facts.database.sriovs[$0.sriovLogicalPIFOf.first] }.map { "xe network-sriov-destroy uuid=\($0.uuid)" }
    return "Switch SR-IOV off first: \(lines.joined(separator: "; "))"
  }

  private var differences: [ChangePlan.Difference] {
    var rows = [ChangePlan.Difference("Network", now: "\"\(network.nameLabel)\"", after: "gone")]
    if removal.withVLANs {
      rows += victims.within.map { tag, victims in .init("VLAN \(tag)", now: "on \(victims.map(\.spot).words)", after: "gone") }
      let ends = tunnels.filter(\.isLive).map(\.end.place)
      if !ends.isEmpty { rows.append(.init(ends.count == 1 ? "Tunnel" : "Tunnels", now: "over \(PoolWords.list(ends))", after: "gone")) }
    }
    return rows
  }

  private var consequences: [String] {
    var lines: [String] = []
    if !unattached.isEmpty { lines.append("\(PoolWords.count(unattached.count, "VIF")) \(unattached.count == 1 ? "is" : "are") deleted with it") }
    if network.otherConfig["static-routes"] != nil { lines.append("its static routes go with it") }
    if !network.purpose.isEmpty { lines.append("it was for \(PoolWords.list(network.purpose)): disks are not read over it any more") }
    return lines
  }
}

/// An end of the network's tunnels, on one host.
private struct TunnelVictim {
  let end: TunnelEnd
  let access: Ref<PIF>
  let pif: PIF
  let isLive: Bool
  let isHere: Bool
  private let settings: VLANSettings

  /// nil for an interface of another kind.
  init?(_ ref: Ref<PIF>, of network: Network, _ facts: PoolFacts) {
    guard let pif = facts.database.pifs[ref], let host = pif.host, let tunnel = facts.database.tunnels[pif.tunnelAccessPIFOf.first] else { return nil }
    let transport = tunnel.transportPIF
    access = ref
    self.pif = pif
    isLive = facts.isLive(host)
    isHere = host == facts.host
    end = TunnelEnd(
      host: facts.database.hosts[host]?.uuid ?? "", hostName: facts.isPool ? facts.hostName(host) : "",
      transport: InterfaceTree(facts.database, host: host)[transport]?.name ?? "", network: network.uuid, kind: tunnel.protocol.rawValue,
      isPlugged: pif.currentlyAttached)
    settings = VLANSettings(pif, below: facts.database.pifs[transport], tieConfig: tunnel.otherConfig)
  }

  func step(_ commands: ChangeCommands) -> ChangeStep {
    let action = ChangeAction.networks(.removeTunnel(end))
    return ChangeStep(0, action.sentence, commands: commands.lines(action), action: action, undo: NetworkAction.again(end, settings))
  }
}
