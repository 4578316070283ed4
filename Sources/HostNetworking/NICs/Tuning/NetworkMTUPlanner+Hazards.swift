import XenAPI

extension NetworkMTUPlanner {
  func hazards() -> [Hazard] {
    (limits + management + below + above + hosts + members + guards).sorted { $0.weight > $1.weight }
  }

  /// Those that hold as well where the number is only written down.
  var hazardsOfTheNumber: [Hazard] { limits + unsupported + below + above + asked }

  // MARK: The number

  private var limits: [Hazard] {
    let range = NetworkMTURequest.range
    if !range.contains(request.mtu) {
      return [Hazard(.blocking, "An MTU is \(range.lowerBound) to \(range.upperBound) bytes, not \(request.mtu)", remedy: "Usual are 1500 and 9000")]
    }
    if places.isEmpty, network.pifs.isEmpty {
      return [Hazard(.notice, "The network \"\(network.nameLabel)\" has no NIC: the number is for the VMs on it alone")]
    }
    if request.mtu > 9000 {
      return [Hazard(.warning, "Few NICs and switches take more than 9000 bytes", remedy: "Make sure that all of them do")]
    }
    if request.mtu < 1280 {
      return [Hazard(.warning, "IPv6 needs 1280 bytes at least (RFC 8200), and some programs 576", remedy: "Usual are 1500 and 9000")]
    }
    return []
  }

  // MARK: Management

  private var unsupported: [Hazard] {
    let own = places.filter(\.pif.management)
    if own.isEmpty || request.mtu == 1500 { return [] }
    return [
      Hazard(
        .blocking, "Management of \(own.map(\.host.nameLabel).joined(separator: ", ")) is on \"\(network.nameLabel)\": another MTU than 1500 is not supported there",
        remedy: "Give storage or VMs a network of their own for jumbo frames")
    ]
  }

  private var management: [Hazard] {
    var hazards = unsupported
    for place in places {
      guard let address = sessionAddress(place), !place.pif.management else { continue }
      hazards.append(
        Hazard(
          .warning, "You are connected through \(place.name) (\(address)): this session hangs meanwhile",
          remedy: "It is put back by itself unless you keep it"))
    }
    let carrying = places.filter { $0.canBePlugged && $0.tree.carriesManagement($0.node.ref) }
    if !carrying.isEmpty {
      let names = carrying.map(\.host.nameLabel).joined(separator: ", ")
      hazards.append(
        Hazard(
          .warning, "Management of \(names) goes through it and is interrupted for a moment",
          remedy: carrying.contains(where: \.isThisHost) ? "It is put back by itself unless you keep it" : nil))
    }
    return hazards
  }

  // MARK: VLANs

  /// A VLAN's packets must fit through the interface that carries them.
  private var below: [Hazard] {
    let database = facts.database
    let small = places.compactMap { place -> (Network, String)? in
      guard place.node.kind == .vlan, let base = place.tree[place.node.base], let network = database.networks[base.pif.network],
        (KeptSettings(config: base.pif.otherConfig).mtu.meaning.map { Int64($0) } ?? network.mtu) < Int64(request.mtu)
      else { return nil }
      return (network, base.name)
    }
    guard let (network, base) = small.first else { return [] }
    return [
      Hazard(
        .blocking, "\(places.first?.node.name ?? "The VLAN") lies on \(base), whose network \"\(network.nameLabel)\" has an MTU of \(network.mtu)",
        remedy: "Raise the MTU of \"\(network.nameLabel)\" to \(request.mtu) first")
    ]
  }

  private var above: [Hazard] {
    let database = facts.database
    let uppers = places.flatMap { place in place.tree.vlans(on: place.node.ref).compactMap { database.networks[$0.pif.network] } }
    let large = Set(uppers.filter { $0.mtu > Int64(request.mtu) }.map { "\"\($0.nameLabel)\" (\($0.mtu))" }).sorted { comesBefore($0, $1) }
    guard !large.isEmpty else { return [] }
    let some = large.prefix(4).joined(separator: ", ") + (large.count > 4 ? " and \(large.count - 4) more" : "")
    return [
      Hazard(.blocking, "Networks of VLANs on it have a larger MTU: \(some)", remedy: "Lower theirs to \(request.mtu) first")
    ]
  }

  // MARK: Hosts

  private var hosts: [Hazard] {
    var hazards: [Hazard] = []
    let away = places.filter { !$0.isLive }
    if !away.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(away.map(\.host.nameLabel).joined(separator: ", ")) does not answer and keeps the old MTU until it starts",
          remedy: "Hosts of a network with different MTUs lose large packets between each other"))
    }
    for place in places {
      switch place.override {
      case .means(let mtu):
        hazards.append(
          Hazard(.notice, "\(place.name) keeps \(mtu): other-config:mtu says so for this host alone", remedy: "Drop that in the settings of the NIC"))
      case .ignored(let text, _):
        hazards.append(Hazard(.notice, "\(place.name) has other-config:mtu=\(text), which XAPI ignores"))
      case .absent: break
      }
    }
    let unplugged = places.filter { $0.isLive && !$0.pif.currentlyAttached && $0.pif.bondSlaveOf == nil }
    if !unplugged.isEmpty {
      hazards.append(Hazard(.notice, "\(unplugged.map(\.name).joined(separator: ", ")) is not plugged and gets it when it is"))
    }
    return hazards
  }

  private var members: [Hazard] {
    let shared = sharedNetworks.map { network in
      Hazard(.notice, "Network \"\(network.label)\" of a member keeps its MTU: \(NameList.words(network.users)) \(network.users.count == 1 ? "has" : "have") it without the bond")
    }
    return shared + asked
  }

  private var asked: [Hazard] {
    guard let member = places.first(where: { $0.pif.bondSlaveOf != nil }), let bond = member.tree.bond(ofMember: member.node.ref) else { return [] }
    let network = facts.database.networks[bond.pif.network]?.nameLabel ?? bond.name
    return [
      Hazard(.warning, "\(member.node.name) is a member of \(bond.name): the MTU of \"\(network)\" counts", remedy: "Change that network instead")
    ]
  }

  // MARK: Guards

  private var guards: [Hazard] {
    var hazards: [Hazard] = []
    let plugged = places.filter { $0.canBePlugged && $0.followsNetwork }
    guard !plugged.isEmpty else { return [] }
    if facts.isHAArmed || facts.database.pools.first?.record.haEnabled == true {
      hazards.append(
        Hazard(
          .warning, "High availability is on: if its heartbeat or its storage needs \"\(network.nameLabel)\", hosts may restart themselves",
          remedy: "Switch it off meanwhile (xe pool-ha-disable)"))
    }
    if plugged.contains(where: { facts.clustered?.contains($0.node.ref) == true }) {
      hazards.append(Hazard(.warning, "The cluster of this pool talks over \"\(network.nameLabel)\"", remedy: "Put the host into maintenance mode first"))
    }
    let addressed = plugged.filter { $0.pif.hasMainAddress && !$0.pif.management }
    if !addressed.isEmpty {
      hazards.append(
        Hazard(
          .warning, "\(addressed.map { "\($0.name) (\($0.pif.ip))" }.joined(separator: ", ")) \(addressed.count == 1 ? "has an address" : "have addresses") there, mostly for storage",
          remedy: "Storage that waits a few seconds survives it; otherwise move its VMs away first"))
    }
    return hazards
  }
}
