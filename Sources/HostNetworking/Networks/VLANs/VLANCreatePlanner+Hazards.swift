import XenAPI

/// XAPI's rules, checked before (`reference/xapi.md` §3.8), with names.
extension VLANCreatePlanner {
  func hazards(_ parts: [Part]) -> [Hazard] {
    if request.tags.tags.isEmpty { return [Hazard(.blocking, "No tag was given", remedy: "Tags go from 0 to 4094: 42, or 100-110,200")] }
    guard let node else { return [Hazard(.blocking, "This host has no interface \(request.base)", remedy: "xcpconsole nic list shows them")] }
    let unfit = unfit(node)
    if !unfit.isEmpty { return unfit }
    return chosen.dropFirst().flatMap(unfitElsewhere) + names(parts) + parts.flatMap(hazards) + traps + mtu(parts) + absent(parts) + links + guardsOfTheWayBack
  }

  // MARK: What it lies on

  func unfit(_ node: InterfaceTree.Node) -> [Hazard] {
    if let bond = scene.tree.bond(ofMember: node.ref) {
      return [Hazard(.blocking, "\(node.name) is a member of \(bond.name), which has the traffic", remedy: "Put the VLAN on \(bond.name)")]
    }
    if !node.pif.managed { return [Hazard(.blocking, "\(node.name) is set aside: XAPI does not manage it")] }
    switch node.kind {
    case .vlan:
      let below = scene.tree[node.base]?.name ?? node.pif.device
      return [Hazard(.blocking, "\(node.name) is a VLAN, which cannot carry another one", remedy: "Put the VLAN on \(below)")]
    case .tunnel:
      let below = scene.tree[node.base]?.name ?? "the interface that transports it"
      return [Hazard(.blocking, "\(node.name) is the end of a tunnel, which cannot carry a VLAN", remedy: "Put the VLAN on \(below)")]
    case .nic, .bond, .sriov: return []
    }
  }

  private func unfitElsewhere(_ base: Base) -> [Hazard] {
    let name = facts.name(base.pif)
    if let bond = facts.database.bonds[base.pif.bondSlaveOf], let master = facts.database.pifs[bond.interface] {
      return [
        Hazard(
          .blocking, "\(name) is a member of \(master.device) there", remedy: "Bond the NICs of all hosts alike, or make the VLAN on this host only")
      ]
    }
    if !base.pif.managed { return [Hazard(.blocking, "\(name) is set aside: XAPI does not manage it", remedy: "Make the VLAN on this host only")] }
    if base.pif.vlan >= 0 { return [Hazard(.blocking, "\(name) is a VLAN, which cannot carry another one", remedy: "Make the VLAN on this host only")] }
    if !base.pif.tunnelAccessPIFOf.isEmpty {
      return [Hazard(.blocking, "\(name) is the end of a tunnel, which cannot carry a VLAN", remedy: "Make the VLAN on this host only")]
    }
    return []
  }

  // MARK: The networks

  private func names(_ parts: [Part]) -> [Hazard] {
    let new = parts.compactMap { part -> String? in if case .new(let draft, _) = part.network { draft.name } else { nil } }
    if case .existing(let uuid) = request.target {
      if facts.network(uuid: uuid) == nil { return [Hazard(.blocking, "The network is not there any more", remedy: "Choose another")] }
      if request.tags.tags.count > 1 {
        return [Hazard(.blocking, "A network takes one VLAN, and \(request.tags.tags.count) are asked for", remedy: "Let each have a new network")]
      }
      return []
    }
    guard let first = new.first else { return [] }
    if first.allSatisfy(\.isWhitespace) { return [Hazard(.blocking, "The new network needs a name", remedy: "For example: VLAN {tag}")] }
    if Set(new).count < new.count {
      return [Hazard(.blocking, "All \(new.count) networks would be called \"\(first)\"", remedy: "Put {tag} where the tag shall stand: VLAN {tag}")]
    }
    let taken = Set(facts.database.networks.all.lazy.map(\.record.nameLabel)).intersection(new).sorted(by: comesBefore)
    if taken.isEmpty { return [] }
    return [
      Hazard(
        .warning, "There \(PoolWords.are(taken.count)) already \(taken.count == 1 ? "a network" : "networks") called \(PoolWords.list(taken.map { "\"\($0)\"" })): "
          + "XAPI allows it, but people cannot tell them apart", remedy: "Choose another name, or put the VLAN on the network that is there")
    ]
  }

  private func hazards(_ part: Part) -> [Hazard] {
    let there = present[part.tag] ?? []
    var hazards: [Hazard] = []
    if part.missing.isEmpty {
      let places = Self.networks(there).map { facts.networkName($0) }
      return [Hazard(.blocking, "VLAN \(part.tag) is on \(chosenWords) already, on network \(PoolWords.list(places))", remedy: "Choose another tag")]
    }
    if !there.isEmpty { hazards += joining(part, there) }
    if let ref = part.network.ref, let network = facts.database.networks[ref] { hazards += unfit(network, ref, part) }
    // The kernel of another host cannot be asked: XAPI does, and what was made until then is taken back.
    let isHereAnew = part.missing.contains { $0.host == facts.host } && !there.contains { $0.base.host == facts.host }
    if isHereAnew, let device = node?.pif.device, facts.kernelVLANs.contains("\(device).\(part.tag)") {
      hazards.append(
        Hazard(
          .blocking, "This host's kernel has a VLAN \(part.tag) on \(device) that XAPI did not make", remedy: "Remove it (ip link delete), or choose another tag"))
    }
    return hazards
  }

  private var chosenWords: String { chosen.map(spot).words }

  /// The VLAN is there in part: then all hosts belong on one network.
  private func joining(_ part: Part, _ there: [Present]) -> [Hazard] {
    let networks = Self.networks(there)
    let hosts = PoolWords.named("Host", there.map { facts.hostName($0.base.host) })
    if networks.count > 1 {
      let places = there.map { "\(facts.networkName($0.upper?.network)) on \(facts.hostName($0.base.host))" }
      // Only those of hosts that get it decide; between others it is for them to agree.
      let own = Self.networks(there.filter { present in chosen.contains { $0.ref == present.base.ref } })
      let isClear = part.network.ref.map { ref in own.allSatisfy { $0 == ref } } ?? false
      return [
        Hazard(
          isClear ? .warning : .blocking, "VLAN \(part.tag) is on different networks already: \(PoolWords.list(places))",
          remedy: isClear ? "VMs cannot move between hosts that have it on different ones" : "Remove it where it is wrong first")
      ]
    }
    guard let only = networks.first else {
      return [Hazard(.blocking, "VLAN \(part.tag) is on \(PoolWords.list(there.map { facts.hostName($0.base.host) })) without an interface: a row that was left over", remedy: "Remove VLAN \(part.tag) first")]
    }
    // A row on this very interface decides; those of other hosts advise.
    let isOnChosen = there.contains { present in chosen.contains { $0.ref == present.base.ref } }
    guard case .existing = request.target, part.network.ref != only else {
      if isOnChosen, !request.isPoolWide {
        return [Hazard(.notice, "VLAN \(part.tag) is on \(request.base) already, on network \(facts.networkName(only)), and is not plugged: it is plugged")]
      }
      return [Hazard(.notice, "\(hosts) \(PoolWords.have(there.count)) VLAN \(part.tag) already, on network \(facts.networkName(only)): it is used \(request.isPoolWide ? "for all" : "here too")")]
    }
    return [
      Hazard(
        isOnChosen ? .blocking : .warning, "\(hosts) \(PoolWords.have(there.count)) VLAN \(part.tag) on network \(facts.networkName(only))",
        remedy: "Use that network, so that VMs can move between the hosts")
    ]
  }

  /// Rules about a network that is there.
  private func unfit(_ network: Network, _ ref: Ref<Network>, _ part: Part) -> [Hazard] {
    let name = "Network \"\(network.nameLabel)\""
    if !network.managed { return [Hazard(.blocking, "\(name) is not controlled by XAPI", remedy: "Choose another, or a new one")] }
    if network.otherConfig["is_host_internal_management_network"] == "true" {
      return [Hazard(.blocking, "\(name) is XAPI's own, between the control domain and guests", remedy: "Choose another, or a new one")]
    }
    var hazards: [Hazard] = []
    let hosts = Set(part.missing.map(\.host))
    let mine = Set((present[part.tag] ?? []).compactMap { $0.upper?.uuid })
    let pifs = network.pifs.compactMap { facts.database.pifs[$0] }
    let inTheWay = pifs.filter { pif in pif.host.map { hosts.contains($0) } ?? false && !mine.contains(pif.uuid) }
    if !inTheWay.isEmpty {
      hazards.append(
        Hazard(
          .blocking, "\(PoolWords.list(inTheWay.map { facts.nameWithHost($0) })) \(PoolWords.are(inTheWay.count)) on network \"\(network.nameLabel)\" already: "
            + "a host has one interface on a network", remedy: "Choose another, or a new one"))
    }
    let others = pifs.filter { pif in
      pif.vlan != Int64(part.tag) && pif.tunnelAccessPIFOf.isEmpty && pif.sriovLogicalPIFOf.isEmpty && !(pif.host.map { hosts.contains($0) } ?? true)
    }
    if !others.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(name) is \(PoolWords.list(others.map { facts.nameWithHost($0) }, most: 3)), and would be VLAN \(part.tag) here",
          remedy: "VMs that move between the hosts would land in another VLAN: use the same tag, or another network"))
    }
    hazards += mixes(network, pifs)
    let trunks = facts.users(of: network).filter { !$0.vif.trunks.isEmpty }
    if !trunks.isEmpty {
      hazards.append(
        Hazard(
          .blocking, "\(name) has VIFs that carry VLANs of their own (trunks): \(PoolWords.list(PoolFacts.names(trunks)))",
          remedy: "Choose another network"))
    }
    return hazards
  }

  /// Virtual functions and bridges do not share a network.
  private func mixes(_ network: Network, _ pifs: [PIF]) -> [Hazard] {
    let isFunctions = node?.kind == .sriov
    func rides(_ pif: PIF) -> Bool {
      if !pif.sriovLogicalPIFOf.isEmpty { return true }
      return facts.database.pifs[facts.database.vlans[pif.vlanMasterOf]?.taggedPIF]?.sriovLogicalPIFOf.isEmpty == false
    }
    guard let other = pifs.first(where: { rides($0) != isFunctions }) else { return mixesCards(network, pifs, isFunctions) }
    return [
      Hazard(
        .blocking,
        isFunctions
          ? "\(facts.nameWithHost(other)) is on network \"\(network.nameLabel)\", and no virtual function: both cannot share it"
          : "Network \"\(network.nameLabel)\" is for virtual functions (\(facts.nameWithHost(other))): no ordinary VLAN can be on it",
        remedy: "Choose another, or a new one")
    ]
  }

  /// Virtual functions of one network come from cards of one model (`NETWORK_HAS_INCOMPATIBLE_VLAN_ON_SRIOV_PIFS`).
  private func mixesCards(_ network: Network, _ pifs: [PIF], _ isFunctions: Bool) -> [Hazard] {
    guard isFunctions, let node, let own = card(below: node.pif) else { return [] }
    let others = pifs.compactMap { pif in
      facts.database.pifs[facts.database.vlans[pif.vlanMasterOf]?.taggedPIF].flatMap { card(below: $0) }.map { (pif, $0) }
    }
    guard let (pif, card) = others.first(where: { $0.1.vendorName != own.vendorName || $0.1.deviceName != own.deviceName }) else { return [] }
    return [
      Hazard(
        .blocking, "The card of \(facts.nameWithHost(pif)) is another model (\(card.deviceName)) than that of \(node.name) (\(own.deviceName))",
        remedy: "A network of virtual functions needs the same cards on all hosts: choose a new network")
    ]
  }

  private func card(below logical: PIF) -> PCI? {
    let physical = facts.database.sriovs[logical.sriovLogicalPIFOf.first]?.physicalPIF
    return facts.database.pcis[facts.database.pifs[physical]?.pci]
  }

  // MARK: Good to know

  private var traps: [Hazard] {
    var hazards: [Hazard] = []
    if request.tags.tags.contains(0) {
      hazards.append(
        Hazard(
          .warning, "Tag 0 is no VLAN of its own: it stands for frames that only have a priority, and sees what is untagged on \(request.base)",
          remedy: "Use 1 to 4094 for a VLAN; for untagged traffic use the network of \(request.base) itself"))
    }
    if request.tags.tags.contains(1) {
      hazards.append(Hazard(.notice, "VLAN 1 is the untagged one of many switches: frames with tag 1 may be dropped or lose their tag"))
    }
    return hazards
  }

  private func mtu(_ parts: [Part]) -> [Hazard] {
    var hazards = request.mtu.map { PoolFacts.hazards(ofMTU: $0) } ?? []
    for network in parts.compactMap({ facts.database.networks[$0.network.ref] }) {
      if let mtu = newMTU(of: network) {
        hazards = facts.hazards(ofMTU: mtu, for: network)
      } else if let mtu = request.mtu, Int64(mtu) != network.mtu {
        hazards.append(Hazard(.notice, "Network \"\(network.nameLabel)\" is there already and keeps its MTU of \(network.mtu)"))
      }
    }
    guard let below = facts.database.networks[node?.pif.network] else { return hazards }
    let widest = parts.map { part -> Int64 in
      switch part.network {
      case .new(let draft, _): Int64(draft.mtu)
      case .there(let ref): facts.database.networks[ref].map { newMTU(of: $0).map { Int64($0) } ?? $0.mtu } ?? 0
      case .none: 0
      }
    }.max() ?? 0
    if widest > below.mtu {
      hazards.append(
        Hazard(
          .warning, "\(request.base) carries packets of \(below.mtu) bytes, the VLAN would promise \(widest): longer ones are lost",
          remedy: "Set the MTU of network \"\(below.nameLabel)\" first (its menu, MTU)"))
    }
    return hazards
  }

  /// Hosts that do not get it, and why.
  private func absent(_ parts: [Part]) -> [Hazard] {
    guard request.isPoolWide else { return [] }
    var hazards: [Hazard] = []
    let offline = bases.filter { !$0.isLive }.map { facts.hostName($0.host) }
    if !offline.isEmpty {
      let stays = bases.filter { !$0.isLive && facts.database.hosts[$0.host]?.otherConfig["sync_vlans"] == "nosync" }.map { facts.hostName($0.host) }
      // Members copy the coordinator's when their XAPI starts.
      let hasCoordinator = chosen.contains { $0.host == facts.pool?.coordinator }
      let comes = hasCoordinator ? offline.filter { !stays.contains($0) } : []
      var fates = comes.isEmpty ? [] : [comes.count == offline.count ? "the VLAN comes there when XAPI starts" : "on \(PoolWords.list(comes)) the VLAN comes when XAPI starts"]
      if !hasCoordinator {
        fates.append("the VLAN does not come there by itself, as the coordinator does not get it")
      } else if !stays.isEmpty {
        fates.append("\(PoolWords.list(stays)) will not get it, as sync_vlans=nosync says")
      }
      hazards.append(
        Hazard(.warning, "\(PoolWords.named("Host", offline)) \(PoolWords.are(offline.count)) switched off or cut off: \(fates.joined(separator: "; "))"))
    }
    let covered = Set(bases.map(\.host))
    let without = facts.database.hosts.all.filter { !covered.contains($0.ref) }.map { facts.hostName($0.ref) }.sorted(by: comesBefore)
    if !without.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(PoolWords.named("Host", without)) \(PoolWords.have(without.count)) no interface on network \(facts.networkName(node?.pif.network)), on which "
            + "\(request.base) is: no VLAN is made there"))
    }
    return hazards
  }

  /// What is plugged could not be unplugged again.
  private var guardsOfTheWayBack: [Hazard] {
    let isHA = facts.pool?.haEnabled == true || facts.change.isHAArmed
    guard isHA || facts.pool?.redoLogEnabled == true else { return [] }
    return [
      Hazard(
        .warning, "\(isHA ? "High availability" : "The redo log") is on: XAPI takes down nothing that is plugged while it is, so VLANs that are made stay, should a later step fail",
        remedy: "Remove them by hand then, with \(isHA ? "high availability" : "the redo log") off (xcpconsole vlan destroy)")
    ]
  }

  private var links: [Hazard] {
    let dead = chosen.filter { facts.database.pifMetrics[$0.pif.metrics]?.carrier == false }
    guard !dead.isEmpty else { return [] }
    return [Hazard(.notice, "\(PoolWords.list(dead.map { facts.name($0.pif) })) \(PoolWords.have(dead.count)) no link")]
  }

  // MARK: Words

  func differences(_ parts: [Part]) -> [ChangePlan.Difference] {
    guard let node else { return [] }
    let now = TagList(node.pif.vlanSlaveOf.compactMap { facts.database.vlans[$0].map { Int($0.tag) } })
    let after = TagList(now.tags + request.tags.tags)
    var rows = [ChangePlan.Difference("VLANs on \(node.name)", now: now.tags.isEmpty ? "none" : now.words, after: after.words)]
    let new = parts.compactMap { part -> String? in if case .new(let draft, _) = part.network { draft.name } else { nil } }
    if !new.isEmpty { rows.append(.init("New networks", now: "-", after: PoolWords.list(new, most: 3))) }
    let joined = parts.filter { !$0.missing.isEmpty }.compactMap { $0.network.ref }
    for network in joined.compactMap({ facts.database.networks[$0] }) {
      if let mtu = newMTU(of: network) { rows.append(.init("MTU", now: "\(network.mtu)", after: "\(mtu)")) }
    }
    if !joined.isEmpty { rows.append(.init("Network", now: PoolWords.list(joined.map { facts.networkName($0) }, most: 3), after: "gets the VLAN")) }
    if facts.isPool { rows.append(.init("Hosts", now: "-", after: PoolWords.list(chosen.map { facts.hostName($0.host) }))) }
    return rows
  }

  func consequences(_ parts: [Part]) -> [String] {
    var lines: [String] = []
    let users = parts.filter { !$0.missing.isEmpty }.compactMap { $0.network.ref }.compactMap { facts.database.networks[$0] }.flatMap { facts.users(of: $0) }
    if !users.isEmpty {
      lines.append("VMs on the network reach the VLAN from then on: \(PoolWords.list(PoolFacts.names(users)))")
    }
    lines.append("the switch ports must carry the tag\(request.tags.tags.count == 1 ? "" : "s") \(request.tags): XAPI cannot check that")
    guard facts.isPool, !request.isPoolWide else { return lines }
    lines.append(
      facts.isCoordinator
        ? "the other hosts get the VLAN only when their toolstack starts the next time, and do not plug it before it is needed"
        : "no other host gets the VLAN: VMs on it stay on this one")
    return lines
  }
}
