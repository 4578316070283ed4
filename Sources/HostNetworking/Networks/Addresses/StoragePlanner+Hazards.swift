import XenAPI

extension StoragePlanner {
  var hazards: [Hazard] {
    var hazards = ManagementPlanner.unfit(base, scene)
    if request.tag != nil, base.kind != .nic && base.kind != .bond { hazards.append(Hazard(.blocking, "A VLAN goes on a NIC or a bond, and \(base.name) is neither")) }
    if let tag = request.tag, !(0...4094).contains(tag) { hazards.append(Hazard(.blocking, "VLAN \(tag): a tag is a number from 0 to 4094")) }
    if !(68...9216).contains(request.mtu) { hazards.append(Hazard(.blocking, "MTU \(request.mtu): 68 to 9216 bytes are possible")) }
    if node?.pif.management == true { hazards.append(Hazard(.blocking, "\(name) carries management", remedy: "Storage wants an interface of its own")) }
    if interrupts {
      hazards.append(
        Hazard(
          .warning, "\(PoolWords.list(replugged.map(\.name))) \(PoolWords.have(replugged.count) == "has" ? "carries" : "carry") management or this session, and \(PoolWords.are(replugged.count)) set up anew",
          remedy: "It is put back by itself unless you keep it in time"))
    }
    hazards += sizes + replaced
    if request.tag == nil, scene.tree.carriesManagement(base.ref) { hazards.append(Hazard(.notice, "Management goes through \(base.name) as well: storage and management share its bandwidth")) }
    let pool = facts.database.pools.first?.record
    if pool?.haEnabled == true || facts.isHAArmed {
      hazards.append(Hazard(.blocking, "High availability is on: XAPI changes no address of a plugged interface", remedy: "Switch it off first, and on again afterwards"))
    } else if pool?.redoLogEnabled == true {
      hazards.append(Hazard(.blocking, "The redo log is on: XAPI changes no address of a plugged interface", remedy: "Switch it off first (xe pool-disable-redo-log)"))
    }
    if let node, facts.clustered?.contains(node.ref) == true { hazards.append(Hazard(.blocking, "The cluster of this pool talks over \(name): its address cannot change")) }
    if request.mtu > 1500 { hazards.append(Hazard(.notice, "The switch must take \(request.mtu) bytes on every port of the way; the test afterwards tells")) }
    hazards += AddressPlanner.shape(request.address, nil) + scene.addressHazards(request.address, on: node?.ref, facts) + scene.linkHazards(base, facts)
    if request.tag == nil {
      hazards += base.members.compactMap { scene.tree[$0] }.filter { !$0.addresses.isEmpty }.map { member in
        Hazard(.warning, "\(member.name), a member of \(name), has \(PoolWords.list(member.addresses)) on record: it would be in force again without the bond", remedy: "Remove it first")
      }
    }
    if let target = request.target, case .v4(let address) = target, !request.address.contains(address) {
      hazards.append(Hazard(.warning, "\(target) is not in \(request.address.network)/\(request.address.length): it would be reached through the default gateway", remedy: "Add a static route, or check the address"))
    }
    if let target = request.target, target == .v4(request.address.address) { hazards.append(Hazard(.blocking, "\(target) is the address that this host would get")) }
    return hazards
  }

  // MARK: Packet sizes

  /// Networks whose MTU changes.
  private var resized: [Network] {
    var networks: [Network] = []
    if raisesBase, let own = facts.database.networks[base.pif.network] { networks.append(own) }
    if let network, network.mtu != Int64(request.mtu) { networks.append(network) }
    return networks
  }

  var sizes: [Hazard] {
    var hazards: [Hazard] = []
    for own in [raisesBase ? base : nil, node].compactMap({ $0 }) {
      guard let kept = KeptSettings(config: own.pif.otherConfig).mtu.meaning, kept != request.mtu else { continue }
      hazards.append(
        Hazard(.blocking, "\(own.name) keeps an MTU of \(kept): other-config:mtu says so for this host alone", remedy: "Drop that in the settings of the NIC, or choose MTU \(kept)"))
    }
    if let node, node.kind == .vlan, request.tag == nil, let below = scene.tree[node.base], mtu(below) < request.mtu {
      hazards.append(Hazard(.blocking, "\(node.name) lies on \(below.name), which has an MTU of \(mtu(below))", remedy: "Raise that first, or choose MTU \(mtu(below))"))
    }
    for network in resized { hazards += sizes(of: network) }
    return hazards
  }

  private func sizes(of network: Network) -> [Hazard] {
    var hazards: [Hazard] = []
    let pifs = network.pifs.compactMap { facts.database.pifs[$0] }
    let managed = pifs.filter(\.management).compactMap { facts.database.hosts[$0.host]?.nameLabel }.sorted(by: comesBefore)
    if !managed.isEmpty, request.mtu != 1500 {
      hazards.append(
        Hazard(
          .blocking, "Management of \(PoolWords.list(managed)) is on \"\(network.nameLabel)\": another MTU than 1500 is not supported there",
          remedy: "Use another NIC for storage, or MTU \(network.mtu)"))
    }
    let others = pifs.filter { $0.host != facts.host }.compactMap { facts.database.hosts[$0.host]?.nameLabel }.sorted(by: comesBefore)
    if network.mtu > Int64(request.mtu) {
      let uppers = pifs.filter { $0.host == facts.host }.flatMap { pif in
        scene.tree.nodes.first { $0.pif.uuid == pif.uuid }.map { scene.tree.vlans(on: $0.ref) } ?? []
      }.filter { mtu($0) > request.mtu }.map(\.name)
      let users = others + uppers + (network.vifs.isEmpty ? [] : [PoolWords.count(network.vifs.count, "VIF")])
      if !users.isEmpty {
        hazards.append(
          Hazard(
            .blocking, "\"\(network.nameLabel)\" has an MTU of \(network.mtu), and \(PoolWords.list(users)) \(PoolWords.are(users.count)) on it: it is not lowered for them",
            remedy: "Choose MTU \(network.mtu)"))
      }
    } else if !others.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(PoolWords.named("Host", others)) \(others.count == 1 ? "takes" : "take") the MTU \(request.mtu) of \"\(network.nameLabel)\" over at the next plug or start",
          remedy: "See that their switch ports take packets of that size"))
    }
    return hazards
  }

  /// The address that it has already.
  var replaced: [Hazard] {
    var hazards: [Hazard] = []
    if let tag = request.tag, let network {
      let vms = Set(network.vifs.compactMap { facts.database.vms[facts.database.vifs[$0]?.vm]?.nameLabel }).sorted(by: comesBefore)
      let users = vms.isEmpty ? "" : ", with \(NameList.vms(vms))"
      hazards.append(
        Hazard(
          vms.isEmpty ? .notice : .warning, "VLAN \(tag) is there already\(node == nil ? " on other hosts" : ""): network \"\(network.nameLabel)\"\(users)",
          remedy: vms.isEmpty ? nil : "Storage wants a VLAN of its own"))
      if !request.networkName.isEmpty, request.networkName != network.nameLabel {
        hazards.append(Hazard(.notice, "The network keeps its name, \"\(network.nameLabel)\""))
      }
    }
    if let node, node.pif.ipConfigurationMode != .none, !IPv4Settings(node.pif).isAs(wanted), !node.pif.management {
      let now = node.addresses.first ?? "an address"
      hazards.append(Hazard(.warning, "\(name) has \(now) already, which is replaced: what uses it is cut off", remedy: "Be sure that nothing does"))
    }
    if !lostStorage.isEmpty {
      hazards.append(
        Hazard(
          .warning, "Storage \(PoolWords.list(lostStorage)) is reached over \(node?.pif.ip ?? "it"): its disks hang without it",
          remedy: "Move its VMs away first; it is put back by itself unless you keep it in time"))
    }
    hazards += Hazard.captures(captured, by: name)
    return hazards
  }
}
