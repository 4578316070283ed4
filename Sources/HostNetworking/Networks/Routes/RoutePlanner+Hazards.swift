import Dom0
import XenAPI

extension RoutePlanner {
  var consequences: [String] {
    var lines: [String] = []
    if plugs, let node {
      lines.append(
        node.pif.management
          ? "\(node.name) carries management: it keeps its address while it is told of the routes"
          : "\(node.name) keeps its address and its traffic while it is told of the routes")
    }
    if request.way == .later, !awakened.isEmpty { lines.append("on this host it comes into force at the next plug, toolstack restart or boot") }
    if request.way == .toolstack { lines += ToolstackPlanner(ToolstackFacts()).consequences(.toolstack).prefix(2) }
    let others = survey.others(ref)
    if isChange, !others.isEmpty {
      let names = others.map(\.host).joined(separator: ", ")
      lines.append("the record is the pool's: \(names) \(others.count == 1 ? "takes" : "take") it over when their interface is plugged or their toolstack starts")
    }
    if isChange, !request.drops.isEmpty {
      if !request.clears { lines.append("what is removed stays in the kernel until the next boot") }
      if !others.isEmpty { lines.append("on other hosts a removed route stays until they boot, or ip route del there") }
    }
    return lines
  }

  var hazards: [Hazard] {
    var hazards: [Hazard] = []
    if case .failure(let error) = facts.kernel { hazards.append(Hazard(.warning, "What the kernel has cannot be looked at: \(error)")) }
    if network.otherConfig["is_host_internal_management_network"] == "true" {
      hazards.append(Hazard(.blocking, "\"\(network.nameLabel)\" is XAPI's own network for guests: it leads nowhere"))
    }
    hazards += badItems + missingItems
    if isChange { hazards += request.adds.flatMap { hazardsOf($0) } }
    // Those that come into force along with it, or at last.
    hazards += present.map(\.route).filter { !request.adds.contains($0) && !kernel.contains(KernelRoute($0, on: network.bridge)) }.flatMap { ourselves($0) }
    if !isChange { hazards += applying }
    hazards += lost
    if case .change = intent, request.way != .later { hazards += ways }
    return hazards
  }

  // MARK: The record

  private var badItems: [Hazard] {
    var hazards: [Hazard] = []
    for item in before.items where item.problem != nil && !request.drops.contains(item.text) {
      let name = item.text.isEmpty ? "An item of the record" : "\"\(item.text)\" in the record"
      switch item.problem {
      case .voids(let why):
        let fate = !isChange ? nil : item.meant.map { "It becomes \($0.item)" } ?? "It is left out"
        hazards.append(
          Hazard(.warning, "\(name) cannot be read (\(why)): XAPI drops all routes of this network for it", remedy: fate ?? "Mend the record first"))
      case .refused(let why):
        let fate = request.mends ? item.meant.map { "It becomes \($0.item)" } ?? "It is left out" : "Mend or remove it"
        hazards.append(Hazard(.notice, "\(name) is refused by the kernel (\(why))", remedy: fate))
      case .foreign, nil: break
      }
    }
    if isChange, before.isVoid, !after.isVoid {
      let others = after.routes.filter { !request.adds.contains($0) && !kernel.contains(KernelRoute($0, on: network.bridge)) }
      if !others.isEmpty {
        hazards.append(Hazard(.warning, "Routes that were dropped until now come into force as well: \(others.map { "\($0)" }.joined(separator: ", "))"))
      }
    }
    return hazards
  }

  private var missingItems: [Hazard] {
    request.drops.filter { text in !before.items.contains { $0.text == text } }.map {
      Hazard(.blocking, "\"\($0)\" is not in the record of network \"\(network.nameLabel)\" any more", remedy: "Look again")
    }
  }

  private var applying: [Hazard] {
    if before.items.isEmpty { return [Hazard(.blocking, "Network \"\(network.nameLabel)\" has no static routes")] }
    if before.isVoid { return [Hazard(.blocking, "XAPI drops all routes of \"\(network.nameLabel)\" while one cannot be read", remedy: "Mend the record first")] }
    return before.routes.compactMap { route in
      survey.reason(route, node, network).map { Hazard(.warning, "\(route) does not come into force on this host: \($0)") }
    } + ways
  }

  private var ways: [Hazard] {
    if request.way == .toolstack { return ToolstackPlanner(facts.toolstack ?? ToolstackFacts()).hazards(.toolstack) + bystanders }
    guard let node, !plugs, request.way == .plug, !awakened.isEmpty || !isChange else { return [] }
    if let bond = survey.tree.bond(ofMember: node.ref) {
      return [Hazard(isChange ? .warning : .blocking, "\(node.name) is a member of \(bond.name), which has the traffic", remedy: "Put the route on the bond's network")]
    }
    if !node.pif.managed { return [Hazard(.warning, "\(node.name) is set aside: XAPI does not manage it, and sets no routes there")] }
    return [Hazard(isChange ? .notice : .blocking, "\(node.name) is not plugged: the routes come into force when it is", remedy: "Plug \(node.name)")]
  }

  /// A restart brings all records into force.
  private var bystanders: [Hazard] {
    let others = change.database.networks.all.filter { $0.ref != ref }.flatMap { other, network in
      RouteSurvey.record(of: network).inForce.filter { route in
        !kernel.contains(KernelRoute(route, on: network.bridge)) && survey.reason(route, survey.tree.interface(on: other), network) == nil
      }.map { "\($0) on \"\(network.nameLabel)\"" }
    }.sorted(by: comesBefore)
    guard !others.isEmpty else { return [] }
    return [Hazard(.warning, "The restart brings other routes into force as well, which are not taken back with this: \(PoolWords.list(others))")]
  }

  // MARK: One new route

  private func hazardsOf(_ route: StaticRoute) -> [Hazard] {
    var hazards = shape(route)
    if hazards.isEmpty { hazards = clashes(route) + reach(route) + overlaps(route) + ourselves(route) }
    return hazards
  }

  /// What no host can do.
  private func shape(_ route: StaticRoute) -> [Hazard] {
    if route.isDefault {
      return [
        Hazard(
          .blocking, "0.0.0.0/0 is the default route: it comes from the gateway of an interface, not from here",
          remedy: "Set the gateway of the management interface")
      ]
    }
    // 0/8, 127/8, 224/4 and 240/4 lead nowhere.
    if route.destination.address.reasonNotForHosts != nil, route.destination.length >= 4 {
      return [Hazard(.blocking, "\(route.destination) is no network of hosts: \(route.destination.address.reasonNotForHosts ?? "")")]
    }
    if let reason = route.gateway.reasonNotForHosts { return [Hazard(.blocking, "\(route.gateway) cannot be a gateway: \(reason)")] }
    if facts.own.contains(route.gateway) {
      return [Hazard(.blocking, "\(route.gateway) is this host's own address", remedy: "Name the router that knows the way")]
    }
    return []
  }

  /// The same destination elsewhere.
  private func clashes(_ route: StaticRoute) -> [Hazard] {
    var hazards: [Hazard] = []
    for (other, record) in change.database.networks.all {
      let isHere = other == ref
      for item in RouteSurvey.record(of: record).items {
        guard let known = item.route, known.destination == route.destination, !(isHere && (request.drops.contains(item.text) || known == route)) else { continue }
        hazards.append(
          isHere
            ? Hazard(.blocking, "\(route.destination) has a way already, via \(known.gateway)", remedy: "Change that one instead")
            : Hazard(
              .blocking, "\(route.destination) has a way already, via \(known.gateway) on network \"\(record.nameLabel)\": whichever is plugged last would win",
              remedy: "Remove that one first"))
      }
    }
    for row in facts.rows where row.isConnected && row.destination == "\(route.destination)" {
      hazards.append(Hazard(.blocking, "\(route.destination) is on the link of \(row.device ?? "this host"): no gateway is needed"))
    }
    return hazards
  }

  /// Whether the gateway can be reached, here and on the other hosts.
  private func reach(_ route: StaticRoute) -> [Hazard] {
    let reason = survey.reason(route, node, network)
    let others = survey.others(ref)
    let fit = others.filter { $0.pif.ipv4Prefix.map { $0.contains(route.gateway) && $0.address != route.gateway } ?? false }
    var hazards: [Hazard] = []
    if let reason, node?.pif.currentlyAttached != false || node == nil {
      hazards.append(
        fit.isEmpty
          ? Hazard(.blocking, "No host could use it: \(reason)", remedy: "Choose the network that \(route.gateway) is in")
          : Hazard(.warning, "This host cannot use it: \(reason)"))
    }
    for (host, _, pif) in others where pif.hasIPv4 && !fit.contains(where: { $0.host == host }) {
      guard let prefix = pif.ipv4Prefix else { continue }
      hazards.append(
        Hazard(
          .warning,
          prefix.address == route.gateway
            ? "\(route.gateway) is the address of \(host)" : "\(host) cannot use it: its address there is \(prefix), and \(route.gateway) is not in that network"))
    }
    let bare = others.filter { !$0.pif.hasIPv4 }.map(\.host)
    if !bare.isEmpty { hazards.append(Hazard(.notice, "\(bare.joined(separator: ", ")) \(bare.count == 1 ? "has" : "have") no address on the network, and no use for it")) }
    return hazards
  }

  /// Ways that hold each other: the longer prefix wins.
  private func overlaps(_ route: StaticRoute) -> [Hazard] {
    var hazards: [Hazard] = []
    for (_, record) in change.database.networks.all {
      for known in RouteSurvey.record(of: record).routes where known.destination != route.destination && !request.drops.contains(known.item) {
        if known.destination.contains(route.destination.address), known.destination.length < route.destination.length {
          hazards.append(Hazard(.notice, "\(route.destination) is part of \(known.destination), which goes via \(known.gateway): the new way wins there"))
        } else if route.destination.contains(known.destination.address), route.destination.length < known.destination.length {
          hazards.append(Hazard(.notice, "\(known.destination) stays as it is, via \(known.gateway): it is part of \(route.destination)"))
        }
      }
    }
    for row in facts.rows where row.isConnected {
      guard let own = row.destination.flatMap({ try? IPv4Prefix(parsing: $0) }), own != route.destination else { continue }
      if own.contains(route.destination.address), own.length < route.destination.length {
        hazards.append(
          Hazard(.warning, "\(route.destination) is part of \(own) on the link of \(row.device ?? "this host"): its machines would be reached through \(route.gateway)"))
      }
    }
    return hazards
  }

  // MARK: Whom this host talks to

  private var company: Company { Company(change, session: facts.session, rows: facts.kernelTold ? facts.rows : nil) }

  private func ourselves(_ route: StaticRoute) -> [Hazard] {
    let names = company.moved(by: route.destination, on: network.bridge, via: route.gateway)
    guard !names.isEmpty else { return [] }
    return [
      Hazard(
        .warning, "\(PoolWords.list(names)) would be reached through \(route.gateway) from then on",
        remedy: request.way == .later ? "It comes into force later, and nothing takes it back then" : "It is put back by itself unless you keep it in time")
    ]
  }

  /// Those that are reached by what goes.
  var lost: [Hazard] {
    let names = company.reached(by: absent)
    guard !names.isEmpty else { return [] }
    return [
      Hazard(
        .warning, "\(PoolWords.list(names)) \(PoolWords.are(names.count)) reached by a route that goes: answers take the default route from then on",
        remedy: "It is put back by itself unless you keep it in time")
    ]
  }

  /// The change may cut this host off.
  var reachesOurselves: Bool {
    let company = company
    return !company.reached(by: absent).isEmpty
      || present.contains { !kernel.contains($0) && !company.moved(by: $0.route.destination, on: $0.device, via: $0.route.gateway).isEmpty }
  }
}

extension IPRoute {
  /// A network on the link itself.
  var isConnected: Bool { kind == nil && gateway == nil && destination != nil && nextHops.isEmpty }
}
