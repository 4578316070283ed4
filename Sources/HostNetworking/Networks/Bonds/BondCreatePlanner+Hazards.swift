import Dom0
import XenAPI

extension BondCreatePlanner {
  func hazards() -> [Hazard] {
    var hazards = settings() + networks()
    var each: [(host: BondScene, hazards: [Hazard])] = []
    for target in targets {
      let members = target.host.host == facts.facts.host ? self.members : target.members
      var found = BondMemberCheck(host: target.host, members: members, planning: planning, facts: facts).hazards(mode: request.mode)
      if let primary = target.nodes.first { found += planning.wayBack(target.host, primary, Array(target.nodes.dropFirst())) }
      each.append((target.host, found + planning.storageLines(target.host, target.nodes, facts)))
    }
    hazards += BondPlanning.merged(each)
    guard !hazards.contains(where: { $0.weight == .blocking }) else { return hazards }
    hazards += lacp()
    hazards += poolWide()
    hazards += carried()
    hazards += leases()
    hazards += networkTraits()
    return hazards
  }

  // MARK: Settings

  private func settings() -> [Hazard] {
    var hazards: [Hazard] = []
    if !BondProperties.modes.contains(request.mode) {
      hazards.append(Hazard(.blocking, "There is no mode \(request.mode)", remedy: "Use active-backup, balance-slb or lacp"))
    }
    for (name, value) in request.properties.sorted(by: { $0.key < $1.key }) {
      if let problem = BondProperties.problem(name, value, in: request.mode) { hazards.append(Hazard(.blocking, problem)) }
    }
    if let problem = BondProperties.problem(mac: request.mac) { hazards.append(Hazard(.blocking, problem)) }
    if !request.mac.isEmpty {
      let names = facts.facts.database.pifs.all.filter { $0.record.mac == request.mac && $0.record.vlan == -1 }.map { ref, pif in
        facts.facts.database.name(of: pif) + (pif.host == facts.facts.host ? "" : " of \(facts.facts.database.hosts[pif.host]?.nameLabel ?? "another host")")
      }.filter { !members.contains($0) }
      if !names.isEmpty {
        hazards.append(Hazard(.warning, "\(request.mac) is the MAC of \(names.sorted { comesBefore($0, $1) }.andList): two with one MAC disturb each other"))
      }
      if targets.count > 1 {
        hazards.append(
          Hazard(.blocking, "One MAC cannot be given to the bonds of \(targets.count) hosts", remedy: "Leave it out: each inherits that of its primary member"))
      }
    }
    for tag in request.vlans where !(0...4094).contains(tag) {
      hazards.append(Hazard(.blocking, "A VLAN tag is a number from 0 to 4094, and \(tag) is not"))
    }
    return hazards + tagPlans.flatMap(\.hazards)
  }

  // MARK: Network

  private func networks() -> [Hazard] {
    guard case .existing(let uuid) = request.network else { return [] }
    let database = facts.facts.database
    guard let (ref, network) = database.networks.all.first(where: { $0.record.uuid == uuid }).map({ ($0.ref, $0.record) }) else {
      return [Hazard(.blocking, "The network for the bond is not there any more", remedy: "Choose another")]
    }
    let name = network.nameLabel
    if !network.managed { return [Hazard(.blocking, "Network \"\(name)\" is not managed by XAPI", remedy: "Choose another, or a new one")] }
    var hazards: [Hazard] = []
    if network.otherConfig["is_host_internal_management_network"] == "true" {
      hazards.append(Hazard(.blocking, "Network \"\(name)\" is XAPI's own", remedy: "Choose another, or a new one"))
    }
    for target in targets {
      if let other = target.host.tree.interface(on: ref) {
        hazards.append(
          Hazard(.blocking, "Network \"\(name)\" has \(other.name) already\(target.host.owner.words)", remedy: "Choose a network without an interface there, or a new one"))
      }
    }
    let isForFunctions = network.pifs.compactMap { database.pifs[$0] }.contains { pif in
      !pif.sriovLogicalPIFOf.isEmpty || database.pifs[database.vlans[pif.vlanMasterOf]?.taggedPIF]?.sriovLogicalPIFOf.isEmpty == false
    }
    if isForFunctions {
      hazards.append(Hazard(.blocking, "Network \"\(name)\" serves virtual functions (SR-IOV): no bond can be on it", remedy: "Choose another, or a new one"))
    }
    let slow = own.nodes.first.flatMap { database.networks[$0.pif.network] }.map { $0.mtu } ?? network.mtu
    if network.mtu < slow {
      hazards.append(Hazard(.warning, "Network \"\(name)\" has an MTU of \(network.mtu), and that of \(own.members.first ?? "the members") one of \(slow)"))
    }
    return hazards
  }

  // MARK: The switch

  /// What can be known of the switch before there is a bond.
  private func lacp() -> [Hazard] {
    guard request.mode == .lacp else { return [] }
    let falls = request.properties[BondProperties.fallback] ?? "true" == "true"
    let capture = "To hear before whether it does: tcpdump -c 1 -i \(members.first ?? "eth0") ether proto 0x8809"
    return [
      Hazard(
        .warning,
        "Whether the switch speaks LACP on the ports of \(members.andList) cannot be seen before the bond is there: "
          + (falls ? "should it not, one link works alone (fallback)" : "should it not, nothing passes, for fallback is off"),
        remedy: "Set up one group for these ports on the switch first. \(capture)")
    ]
  }

  // MARK: The pool

  private func poolWide() -> [Hazard] {
    guard facts.facts.database.hosts.count > 1 else { return [] }
    if !request.isPoolWide {
      return [
        planning.isMember
          ? Hazard(.notice, "The other hosts do not get the bond: VMs on its network run on this host only")
          : Hazard(
            .warning, "The other hosts get the bond when their toolstack starts the next time, without being asked: XAPI copies the coordinator's bonds",
            remedy: "Make it on all hosts now")
      ]
    }
    let groups = left.map { BondScope.Left(host: $0.host, isOff: false, reason: $0.reason) }.grouped
    var hazards = groups.map { group in
      Hazard(.warning, "\(BondPlanning.some(group.hosts)) \(group.hosts.count == 1 ? "does" : "do") not get the bond: \(group.reason)")
    }
    let carrying = targets.filter { $0.host.host != facts.facts.host && $0.host.carriesManagement($0.nodes) }
    if !carrying.isEmpty {
      hazards.append(
        Hazard(
          .warning, "Management of \(carrying.map(\.host.label).andList) goes to \(carrying.count == 1 ? "its bond" : "their bonds") too: members first, the coordinator last",
          remedy: "Should one of them not come back, its own console puts it right"))
    }
    return hazards
  }

  /// XAPI leaves these where they are; the plan does not.
  private func carried() -> [Hazard] {
    var hazards: [Hazard] = []
    for target in targets {
      let layout = Self.carried(target.host, target.nodes, to: target.members, bond: target.name)
      let on = target.host.owner.words
      let addressed = layout.interfaces.filter { $0.ipv6 != nil }.map { layout.name($0.place) }
      if !addressed.isEmpty {
        hazards.append(Hazard(.notice, "XAPI does not move IPv6 addresses: \(addressed.andList)\(on) gets its own by a step of its own"))
      }
      let configured = layout.interfaces.filter { !$0.addedConfig.isEmpty }.map { "\(layout.name($0.place)) (\($0.addedConfig.listed))" }
      if !configured.isEmpty {
        hazards.append(Hazard(.notice, "XAPI does not move other-config: it is written anew for \(configured.andList)\(on)"))
      }
      let kept = layout.interfaces.first { $0.place.tag == nil && $0.ipv6 != nil }?.ipv6
      for node in target.nodes {
        let own = IPv6Settings(node.pif)
        guard let kept, own.mode != .none, !own.isAs(kept) else { continue }
        hazards.append(Hazard(.warning, "IPv6 \(own.words) of \(node.name)\(on) is lost: a bond has one address of the kind", remedy: "Give it to another interface first"))
      }
      let rest = target.nodes.dropFirst().flatMap { node in
        node.pif.otherConfig.filter { BondPlanning.carriedKeys.contains($0.key) }.map { "\(node.name) \($0.key)=\($0.value)" }
      }
      if !rest.isEmpty {
        hazards.append(Hazard(.warning, "Settings of members that are not the primary one have no effect any more\(on): \(rest.sorted().andList)"))
      }
    }
    return hazards
  }

  /// What belongs to a network does not go to another with the address.
  private func networkTraits() -> [Hazard] {
    guard let traits, !traits.isEmpty, let old = own.nodes.first.map({ planning.own.networkName($0) }) else { return [] }
    guard case .existing = request.network else {
      return [Hazard(.notice, "Network \"\(networkName)\" gets what \"\(old)\" has: \(traits.words)")]
    }
    return [
      Hazard(
        .warning, "What network \"\(old)\" has does not come to \"\(networkName)\": \(traits.words)",
        remedy: "Set it there as well, where it is wanted; or let a new network be made, which gets it")
    ]
  }

  private func leases() -> [Hazard] {
    guard !request.mac.isEmpty else { return [] }
    let leased = own.nodes.filter { $0.pif.ipConfigurationMode == .dhcp }
    return leased.map { Hazard(.warning, "\($0.name) has its address from DHCP: with another MAC the bond may get another address") }
  }
}
