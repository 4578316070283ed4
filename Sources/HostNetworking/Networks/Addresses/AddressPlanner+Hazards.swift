import XenAPI

extension AddressPlanner {
  var consequences: [String] {
    var lines: [String] = []
    if changesIPv4 || changesIPv6, pif.currentlyAttached { lines.append("\(name) is set up anew: VMs on its network keep theirs, with a pause of a second or so at most") }
    if case .fixed(_, .some) = request.ipv4, !request.isDefaultRoute, !pif.management {
      lines.append("the gateway is kept on record and not used: the default route goes out by management")
    }
    if wasDefaultRoute, !request.isDefaultRoute, let other = otherWayOut {
      lines.append("the default route leaves by \(other.name) again, gateway \(other.pif.gateway.isEmpty ? "as DHCP has it" : other.pif.gateway)")
    }
    if facts.database.hosts.count > 1 { lines.append("only this host: every host of the pool needs an address of its own there") }
    return lines
  }

  var hazards: [Hazard] { place + guards + addresses(request.ipv4, request.ipv6) + routes + links }

  // MARK: Where

  private var place: [Hazard] {
    if pif.management {
      // Purpose and protection are no matter of what it carries.
      if !changesIPv4, !changesIPv6, !movesDefaultRoute { return [] }
      return [Hazard(.blocking, "\(name) carries management", remedy: "Change it under Management interface: there it is put back by itself when it goes wrong")]
    }
    // An address that a member has on record has no effect, and may go.
    if scene.tree.bond(ofMember: node.ref) != nil, request.ipv4 == .none, request.ipv6 == .none, !request.isDefaultRoute { return [] }
    return ManagementPlanner.unfit(node, scene) + dormant
  }

  /// Members of the bond that have addresses of their own on record: XAPI takes them, and they have no effect before the bond goes.
  private var dormant: [Hazard] {
    node.members.compactMap { scene.tree[$0] }.filter { !$0.addresses.isEmpty }.map { member in
      Hazard(
        .warning, "\(member.name), a member of \(name), has \(PoolWords.list(member.addresses)) on record: it has no effect, and would be in force again without the bond",
        remedy: "Remove it: xcpconsole address set \(member.name) mode=none mode6=none")
    }
  }

  // MARK: Guards of XAPI

  private var guards: [Hazard] {
    var hazards: [Hazard] = []
    let pool = facts.database.pools.first?.record
    if changesIPv4 || changesIPv6, pif.currentlyAttached {
      if pool?.haEnabled == true || facts.isHAArmed {
        hazards.append(
          Hazard(.blocking, "High availability is on: XAPI changes no address of a plugged interface", remedy: "Switch it off first, and on again afterwards"))
      } else if pool?.redoLogEnabled == true {
        hazards.append(Hazard(.blocking, "The redo log is on: XAPI changes no address of a plugged interface", remedy: "Switch it off first (xe pool-disable-redo-log)"))
      }
    }
    if facts.clustered?.contains(node.ref) == true {
      if changesIPv4 || changesIPv6 {
        hazards.append(Hazard(.blocking, "The cluster of this pool talks over \(name): its address cannot change", remedy: "Disable clustering on this host first"))
      }
      if pif.disallowUnplug, !request.isProtected {
        hazards.append(Hazard(.blocking, "The cluster of this pool talks over \(name): it must stay protected against unplugging"))
      }
    }
    if facts.isIPv6Off, request.ipv6 != .none, changesIPv6 {
      hazards.append(Hazard(.warning, "IPv6 is switched off in this host's kernel: XAPI would set the address in vain", remedy: "Switch it on first (xe-enable-ipv6 enable) and reboot"))
    }
    return hazards
  }

  // MARK: Addresses

  /// What XAPI does not check (`reference/xapi.md` §3.3).
  func addresses(_ ipv4: ResetRequest.IPv4, _ ipv6: ResetRequest.IPv6) -> [Hazard] {
    var hazards: [Hazard] = []
    if case .fixed(let prefix, let gateway) = ipv4 { hazards += scene.addressHazards(prefix, on: node.ref, facts) + Self.shape(prefix, gateway) }
    if case .fixed(let prefix, _) = ipv6 {
      for (ref, other) in facts.database.pifs.all where ref != node.ref {
        guard other.ipv6.contains(where: { (try? IPv6Prefix(parsing: $0))?.address == prefix.address }) else { continue }
        hazards.append(Hazard(.blocking, "\(prefix.address) is the address of \(scene.owner(of: other, facts))", remedy: "Choose another"))
      }
    }
    return hazards
  }

  static func shape(_ prefix: IPv4Prefix, _ gateway: IPv4Address?) -> [Hazard] {
    var hazards: [Hazard] = []
    if let reason = prefix.address.reasonNotForHosts { hazards.append(Hazard(.blocking, "\(prefix.address): \(reason)")) }
    if prefix.isEdge(prefix.address) {
      let edge = prefix.address == prefix.network ? "the network itself" : "the broadcast address"
      hazards.append(Hazard(.blocking, "\(prefix.address) is \(edge) of \(prefix.network)/\(prefix.length)"))
    }
    if prefix.length < 8 { hazards.append(Hazard(.blocking, "/\(prefix.length) makes most of the internet local")) }
    if let gateway, gateway == prefix.address || !prefix.contains(gateway) || prefix.isEdge(gateway) {
      hazards.append(Hazard(.blocking, "\(gateway) cannot be the gateway of \(prefix): it is not another host of that network"))
    }
    return hazards
  }

  // MARK: Ways out

  private var routes: [Hazard] {
    var hazards: [Hazard] = []
    if case .fixed(_, .some) = request.ipv4, !request.isDefaultRoute, !pif.management {
      hazards.append(
        Hazard(
          .notice, "A gateway beside management is kept on record and not used: a host has one default route",
          remedy: "Leave it out, or add a static route for what lies behind it"))
    }
    if request.isDefaultRoute {
      if movesDefaultRoute {
        hazards.append(
          Hazard(.warning, "The default route would leave by \(name): whoever reaches management from another network gets answers that way", remedy: "It is put back by itself unless you keep it in time"))
      }
      if case .fixed(_, nil) = request.ipv4 { hazards.append(Hazard(.blocking, "The default route shall leave by \(name), and no gateway is named")) }
      if request.ipv4 == .none { hazards.append(Hazard(.blocking, "The default route shall leave by \(name), which would have no IPv4 address")) }
      if let other = scene.tree.nodes.first(where: { $0.ref != node.ref && $0.pif.otherConfig[Self.routeKey] == "true" }) {
        hazards.append(Hazard(.blocking, "\(other.name) is set to have the default route: XAPI takes the first it finds", remedy: "Take it from \(other.name) first"))
      }
    } else if wasDefaultRoute {
      let other = otherWayOut
      let hasGateway = other.map { !$0.pif.gateway.isEmpty || $0.pif.ipConfigurationMode == .dhcp } ?? false
      hazards.append(
        hasGateway
          ? Hazard(
            .warning, "The default route would leave by \(other?.name ?? "management"), gateway \(other.map { $0.pif.gateway.isEmpty ? "from DHCP" : $0.pif.gateway } ?? "?")",
            remedy: "It is put back by itself unless you keep it in time")
          : Hazard(
            .blocking, "\(other?.name ?? "No other interface") has no gateway: without \(name) this host would have no default route",
            remedy: "Give the management interface a gateway first"))
    }
    hazards += Hazard.captures(captured, by: name)
    if !storage.isEmpty {
      hazards.append(
        Hazard(
          .warning, "Storage \(PoolWords.list(storage)) is reached over \(pif.ip) of \(name): its disks hang without it",
          remedy: "Move its VMs away first; it is put back by itself unless you keep it in time"))
    }
    let record = RouteSurvey.record(of: facts.database.networks[pif.network])
    if changesIPv4, !record.routes.isEmpty {
      let lost = record.routes.filter { route in
        if case .fixed(let prefix, _) = request.ipv4 { !prefix.contains(route.gateway) } else { request.ipv4 == .none }
      }
      if !lost.isEmpty { hazards.append(Hazard(.warning, "Static routes lose their gateway: \(lost.map { "\($0)" }.joined(separator: ", "))")) }
    }
    if changesIPv4, pif.ipConfigurationMode != .none, request.ipv4 == .none || pif.ip != ipv4.address {
      let purpose = pif.otherConfig[Self.purposeKey].map { " (\($0))" } ?? ""
      hazards.append(
        Hazard(.warning, "What uses \(pif.ip.isEmpty ? "the address" : pif.ip) of \(name)\(purpose) is cut off: storage, migration, backup", remedy: "Be sure that nothing does"))
    }
    if carriesSession { hazards.append(Hazard(.warning, "You are connected to the address that changes", remedy: "It is put back by itself unless you keep it in time")) }
    return hazards
  }

  private var links: [Hazard] {
    guard request.ipv4 != .none || request.ipv6 != .none else { return [] }
    let isHAOn = facts.isHAArmed || facts.database.pools.first?.record.haEnabled == true
    if isHAOn, !pif.currentlyAttached {
      return scene.linkHazards(node, facts) + [
        Hazard(.warning, "High availability is on: once \(name) is plugged, XAPI neither unplugs it nor changes its address", remedy: "Switch it off first")
      ]
    }
    return scene.linkHazards(node, facts)
  }
}

extension ChangeScene {
  /// `eth1`, `eth1 of xcp2`.
  func owner(of pif: PIF, _ facts: ChangeFacts) -> String {
    let name = tree.nodes.first { $0.pif.uuid == pif.uuid }?.name ?? facts.database.name(of: pif)
    return name + (pif.host == host ? "" : " of \(facts.database.hosts[pif.host]?.nameLabel ?? "another host")")
  }

  /// Who else has the address, and which interfaces of this host are in the same network.
  func addressHazards(_ prefix: IPv4Prefix, on own: Ref<PIF>?, _ facts: ChangeFacts) -> [Hazard] {
    var hazards: [Hazard] = []
    for (ref, other) in facts.database.pifs.all where ref != own {
      guard other.hasIPv4, let address = IPv4Address(other.ip) else { continue }
      // What a member of a bond has on record is in force nowhere.
      if other.host == host, tree.bond(ofMember: ref) != nil {
        if address == prefix.address {
          hazards.append(Hazard(.notice, "\(owner(of: other, facts)) has \(address) on record as well, without effect while its bond is there", remedy: "Remove it there"))
        }
        continue
      }
      if address == prefix.address {
        hazards.append(Hazard(.blocking, "\(address) is the address of \(owner(of: other, facts))", remedy: "Choose another"))
      } else if other.host == host, let theirs = other.ipv4Prefix, prefix.contains(theirs.address) || theirs.contains(prefix.address) {
        hazards.append(
          Hazard(
            .warning, "\(owner(of: other, facts)) has \(theirs), which is the same network\(other.management ? ", and carries management" : ""): answers may leave by the wrong one",
            remedy: "Give each network one interface"))
      }
    }
    for host in facts.database.hosts.all where host.record.address == "\(prefix.address)" && host.ref != self.host {
      hazards.append(Hazard(.blocking, "\(prefix.address) is the address of \(host.record.nameLabel)", remedy: "Choose another"))
    }
    return Array(Set(hazards))
  }

  /// Those of whom this host talks to whom it would reach by a network on the link of a bridge instead.
  func captured(_ prefix: IPv4Prefix, on bridge: String, _ facts: ChangeFacts) -> [String] {
    Company(facts, session: facts.session, rows: nil).moved(by: IPv4Prefix(prefix.network, length: prefix.length), on: bridge, via: nil)
  }

  func linkHazards(_ node: InterfaceTree.Node, _ facts: ChangeFacts) -> [Hazard] {
    let cards = cards(below: node)
    let down = cards.filter { facts.database.pifMetrics[$0.pif.metrics]?.carrier == false }
    guard !down.isEmpty else { return [] }
    let names = down.map(\.name).joined(separator: ", ")
    let isAll = down.count == cards.count
    return [
      Hazard(
        isAll ? .warning : .notice, "\(names) \(down.count == 1 ? "has" : "have") no link" + (isAll ? ": nobody would be reached there" : ""),
        remedy: isAll ? "Look at the cable and the switch port first" : nil)
    ]
  }
}

extension Hazard {
  /// - Parameters:
  ///   - captured: whom a new network swallows.
  ///   - name: of its interface.
  static func captures(_ captured: [String], by name: String) -> [Hazard] {
    guard !captured.isEmpty else { return [] }
    let addresses = captured.count == 1 ? "that address" : "those addresses"
    return [
      Hazard(
        .warning, "\(PoolWords.list(captured)) would be reached by \(name) from then on: the new network has \(addresses) in it",
        remedy: "It is put back by itself unless you keep it in time")
    ]
  }
}
