import XenAPI

/// Thinks the end of a network through: what hangs on it is told by name, and the VLANs that feed it go first if they may.
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
    let steps = (removal.withVLANs ? victims.steps(commands) : []) + [NetworkEnd(network, commands).step]
    return ChangePlan(
      intent: .networks(.destroy(removal)), title: "Remove network \"\(network.nameLabel)\"", differences: differences,
      consequences: consequences, hazards: hazards.sorted { $0.weight > $1.weight }, steps: steps.numbered)
  }

  private var isSystem: Bool { network.otherConfig["is_host_internal_management_network"] == "true" }
  private var users: [NetworkUser] { facts.users(of: network) }
  private var unattached: [NetworkUser] { users.filter { !$0.vif.currentlyAttached } }

  /// Interfaces that do not go with the plan.
  private var staying: [PIF] {
    let going = removal.withVLANs ? Set(victims.within.flatMap(\.victims).compactMap { $0.upper?.ref }) : []
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
    if removal.withVLANs { hazards += victims.hazards(facts) }
    if !unattached.isEmpty {
      let list = unattached.map { "\($0.name) (VIF \($0.vif.device), \($0.vif.mac))" }
      hazards.append(
        Hazard(
          .warning, "These VMs lose their VIF on it for good, and XAPI does not say so: \(PoolWords.list(list, most: 8))",
          remedy: "Move the VIFs to another network first if they are to be kept"))
    }
    return hazards
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
    let offline = vlans.filter { pif in pif.host.map { !facts.isLive($0) } ?? false }
    let others = vlans.filter { pif in pif.host.map { facts.isLive($0) } ?? true }
    return hazard(offline, "That host is switched off or cut off: wait for it")
      + hazard(others, "Let the VLANs go first: in the same plan if you wish so")
      + hazard(bonds, "Remove the bond first (xcpconsole bond destroy)")
      + hazard(tunnels, "Remove the tunnel first (xe tunnel-destroy)")
      + hazard(functions, "Switch SR-IOV off first (xe network-sriov-destroy)")
      + hazard(cards, "A NIC keeps its network as long as XAPI knows it: let XAPI forget the NIC first (xcpconsole nic forget)")
  }

  private var differences: [ChangePlan.Difference] {
    var rows = [ChangePlan.Difference("Network", now: "\"\(network.nameLabel)\"", after: "gone")]
    if removal.withVLANs {
      rows += victims.within.map { tag, victims in .init("VLAN \(tag)", now: "on \(victims.map(\.spot).words)", after: "gone") }
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
