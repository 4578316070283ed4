import XenAPI

extension ManagementPlanner {
  /// XAPI's rules and those that it does not know, checked before, with names (`reference/xapi.md` §3.3, §3.11).
  func hazards(hasSteps: Bool) -> [Hazard] {
    var hazards: [Hazard] = []
    if !hasSteps { hazards.append(Hazard(.blocking, "Management is like that already: there is nothing to change")) }
    hazards += place()
    hazards += guards()
    hazards += families()
    hazards += addressesInUse()
    hazards += pool()
    hazards += links()
    return hazards
  }

  // MARK: Where

  private func place() -> [Hazard] {
    switch request.target {
    case .interface(let name):
      guard let target else { return [Hazard(.blocking, "This host has no interface \(name) any more")] }
      return Self.unfit(target, scene)
    case .newVLAN(let tag, let name):
      guard let base else { return [Hazard(.blocking, "This host has no interface \(name) any more")] }
      if target != nil { return [Hazard(.blocking, "VLAN \(tag) on \(name) is there already", remedy: "Choose it from the list")] }
      if base.kind != .nic && base.kind != .bond {
        return [Hazard(.blocking, "A VLAN goes on a NIC or a bond, and \(name) is neither")]
      }
      return Self.unfit(base, scene)
    }
  }

  static func unfit(_ node: InterfaceTree.Node, _ scene: ChangeScene) -> [Hazard] {
    if let bond = scene.tree.bond(ofMember: node.ref) {
      return [
        Hazard(.blocking, "\(node.name) is a member of \(bond.name), which has the traffic", remedy: "Choose \(bond.name)")
      ]
    }
    if !node.pif.managed { return [Hazard(.blocking, "\(node.name) is set aside: XAPI does not manage it")] }
    switch node.kind {
    case .tunnel: return [Hazard(.blocking, "\(node.name) is a tunnel end: it needs management to work, not the other way round")]
    case .sriov: return [Hazard(.blocking, "\(node.name) only serves virtual functions to VMs")]
    case .nic, .bond, .vlan: return []
    }
  }

  // MARK: Guards of XAPI

  /// Interfaces whose addresses change although they are in use.
  private var touched: [InterfaceTree.Node] {
    var nodes: [InterfaceTree.Node] = []
    if let target, !IPv4Settings(target.pif).isAs(ipv4) || !IPv6Settings(target.pif).isAs(ipv6) { nodes.append(target) }
    if isMove, !request.keepsOldAddress, let present { nodes.append(present) }
    return nodes
  }

  private func guards() -> [Hazard] {
    var hazards: [Hazard] = []
    let pool = facts.database.pools.first?.record
    if pool?.haEnabled == true || facts.isHAArmed {
      hazards.append(
        Hazard(
          .blocking, "High availability is on: XAPI moves no management and changes no address while it is",
          remedy: "Switch it off first (xe pool-ha-disable), and on again afterwards"))
    } else if pool?.redoLogEnabled == true, touched.contains(where: \.pif.currentlyAttached) {
      hazards.append(
        Hazard(
          .blocking, "The redo log is on: XAPI changes no address while it is",
          remedy: "Switch it off first (xe pool-disable-redo-log)"))
    }
    for node in touched where facts.clustered?.contains(node.ref) == true {
      let isOld = node.ref == present?.ref && isMove
      hazards.append(
        Hazard(
          .blocking, "The cluster of this pool talks over \(node.name): its address cannot change while it does",
          remedy: isOld ? "Keep the address there" : "Disable clustering on this host first"))
    }
    return hazards
  }

  // MARK: Families

  private func families() -> [Hazard] {
    var hazards: [Hazard] = []
    if isIPv6 ? request.ipv6 == .none : request.ipv4 == .none {
      hazards.append(
        Hazard(.blocking, "\(family.rawValue) shall be the main address, and \(name) would have none of that kind"))
    }
    if facts.isIPv6Off, request.ipv6 != .none {
      hazards.append(
        Hazard(
          isIPv6 ? .blocking : .warning, "IPv6 is switched off in this host's kernel: XAPI would set the address in vain",
          remedy: "Switch it on first (xe-enable-ipv6 enable) and reboot"))
    }
    let before = present?.pif.primaryAddressType ?? target?.pif.primaryAddressType ?? family
    guard before != family else { return hazards }
    if isMember {
      hazards.append(
        Hazard(
          .blocking, "On a pool member the main address cannot turn from \(before.rawValue) to \(family.rawValue)",
          remedy: "All hosts of a pool use the same family: reinstall, or take this host out of the pool first"))
    } else if facts.database.hosts.count > 1 {
      hazards.append(
        Hazard(
          .blocking, "The members of this pool reach it by \(before.rawValue), and all hosts must use the same family"))
    } else {
      hazards.append(
        Hazard(
          .warning, "Management turns from \(before.rawValue) to \(family.rawValue): this host cannot be reached for a moment",
          remedy: "The product's makers support this at installation only"))
    }
    return hazards
  }

  // MARK: Addresses

  private func addressesInUse() -> [Hazard] {
    var hazards: [Hazard] = []
    let leaving: Set<Ref<PIF>> = isMove && !request.keepsOldAddress ? Set([present?.ref].compactMap { $0 }) : []
    for (ref, pif) in facts.database.pifs.all where ref != target?.ref && !leaving.contains(ref) {
      let isOurs = pif.host == facts.host
      let owner = facts.database.name(of: pif) + (isOurs ? "" : " of \(facts.database.hosts[pif.host]?.nameLabel ?? "another host")")
      if case .fixed(let prefix, _) = request.ipv4 {
        if let other = IPv4Address(pif.ip), pif.ipConfigurationMode != .none {
          if other == prefix.address {
            hazards.append(Hazard(.blocking, "\(prefix.address) is the address of \(owner)", remedy: "Choose another"))
          } else if isOurs, prefix.contains(other) {
            hazards.append(
              Hazard(
                .warning, "\(owner) has an address in the same network, \(other): answers may leave by the wrong one",
                remedy: "Give each network one interface"))
          }
        }
      }
      if case .fixed(let prefix, _) = request.ipv6,
        pif.ipv6.contains(where: { (try? IPv6Prefix(parsing: $0))?.address == prefix.address })
      {
        hazards.append(Hazard(.blocking, "\(prefix.address) is the address of \(owner)", remedy: "Choose another"))
      }
    }
    if let present, isMove, request.keepsOldAddress, !present.pif.gateway.isEmpty, case .fixed(_, .some) = request.ipv4 {
      hazards.append(
        Hazard(.notice, "\(present.name) keeps its address, but the default route leaves by \(name) from then on"))
    }
    return hazards
  }

  // MARK: Pool

  private func pool() -> [Hazard] {
    guard facts.database.hosts.count > 1, isMove else { return [] }
    guard let coordinator = facts.database.pools.first?.record.coordinator else { return [] }
    let network = target?.pif.network
    let managed = facts.database.hosts[isMember ? coordinator : nil]?.pifs
      .compactMap { facts.database.pifs[$0] }.first { $0.management }
    if isMember, let managed, managed.network != network {
      let theirs = facts.database.networks[managed.network]?.nameLabel ?? managed.device
      return [
        Hazard(
          .warning, "The coordinator's management is on network \"\(theirs)\", and this member's would be on another",
          remedy: "It works as long as both can reach each other; xe pool-management-reconfigure moves all hosts at once")
      ]
    }
    if !isMember {
      return [
        Hazard(
          .warning, "Management of the other hosts stays on their present network",
          remedy: "xe pool-management-reconfigure moves all hosts at once, once each has an address there")
      ]
    }
    return []
  }

  // MARK: Links

  private func links() -> [Hazard] {
    let cards = self.cards
    guard !cards.isEmpty else { return [] }
    let down = cards.filter { facts.database.pifMetrics[$0.pif.metrics]?.carrier == false }
    guard !down.isEmpty else { return [] }
    let names = down.map(\.name).joined(separator: ", ")
    if down.count == cards.count {
      return [
        Hazard(
          .warning, "\(names) \(down.count == 1 ? "has" : "have") no link: nobody would reach this host there",
          remedy: "Look at the cable and the switch port first")
      ]
    }
    return [Hazard(.notice, "\(names) of \(base?.name ?? name) \(down.count == 1 ? "has" : "have") no link")]
  }
}
