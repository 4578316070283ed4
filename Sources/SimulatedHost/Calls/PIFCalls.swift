import JSON

enum PIFCalls {
  static let handlers: [String: CallHandler] = [
    "PIF.scan": scan, "PIF.plug": plug, "PIF.unplug": unplug, "PIF.introduce": introduce,
    "PIF.forget": forget, "PIF.create_VLAN": createVLAN, "PIF.destroy": destroy,
  ]

  /// Makes PIFs for the host's cards that have none. They are not plugged; PIFs of lost cards stay.
  private static let scan: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    world.refreshCards(of: host)
    let known = Set(
      world.database.strings("host", host, "PIFs").filter { world.database.bool("PIF", $0, "physical") }
        .map { world.database.string("PIF", $0, "device") })
    for nic in world.nics where nic.host == host && !known.contains(nic.device) { introduce(&world, nic) }
    return .nothing
  }

  /// The PIF of a card that XAPI did not know: on the network of its bridge, made if need be.
  @discardableResult
  static func introduce(_ world: inout World, _ nic: NIC, managed: Bool = true) -> String {
    let bridge = managed ? nic.device.hasPrefix("eth") ? "xenbr\(nic.position)" : "br\(nic.device)" : ""
    let known = managed ? world.database.find("network", "bridge", .string(bridge)).first : nil
    let network =
      known
      ?? world.create(
        "network",
        [
          "name_label": .string("Pool-wide network \(nic.position)"), "bridge": .string(bridge),
          "managed": .bool(managed),
        ])
    let metrics = world.create("PIF_metrics", ["last_updated": .string(Wire.epoch)])
    world.describe(metrics, of: nic)
    return world.create(
      "PIF",
      [
        "device": .string(nic.device), "network": .string(network), "host": .string(nic.host), "MAC": .string(nic.mac),
        "MTU": world.database.get("network", network, "MTU") ?? 1500, "VLAN": -1, "metrics": .string(metrics),
        "physical": true, "currently_attached": false, "properties": ["gro": "on"], "PCI": .string(nic.pci),
        "capabilities": .array(nic.capabilities.map { .string($0) }), "managed": .bool(managed),
        "primary_address_type": world.managementPIF(of: nic.host).flatMap {
          world.database.get("PIF", $0, "primary_address_type")
        } ?? "IPv4",
      ])
  }

  /// One card by name, address or both.
  private static let introduce: CallHandler = { world, _, arguments throws(APIError) in
    let (host, asked, device) = (arguments.string(0), arguments.string(1).lowercased(), arguments.string(2))
    try world.require("host", host)
    let cards = world.nics.filter { $0.host == host && $0.device == device }
    let mac = asked.isEmpty ? cards.first?.mac ?? "" : asked
    if !MACText.isValid(mac) { throw APIError("MAC_INVALID", mac) }
    let known = world.database.strings("host", host, "PIFs").contains { pif in
      world.database.bool("PIF", pif, "physical") && world.database.string("PIF", pif, "device") == device
    }
    if known { throw APIError("DUPLICATE_PIF_DEVICE_NAME", device) }
    guard let card = cards.first(where: { $0.mac == mac }) else {
      throw APIError("COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS", device, mac)
    }
    return .string(introduce(&world, card, managed: arguments.values.count < 4 || arguments.bool(3)))
  }

  private static let plug: CallHandler = { world, _, arguments throws(APIError) in
    try plug(&world, arguments.string(0))
    return .nothing
  }

  /// What is beneath comes up first: a tunnel's transport, the card of virtual functions.
  static func plug(_ world: inout World, _ pif: String) throws(APIError) {
    try Plumbing.requireManaged(world, pif: pif)
    switch world.kind(of: pif) {
    case .tunnelAccess(let tunnel):
      let transport = world.database.string("tunnel", tunnel, "transport_PIF")
      if world.database.string("PIF", transport, "ip_configuration_mode") == "None" {
        throw APIError("TRANSPORT_PIF_NOT_CONFIGURED", transport)
      }
      try plug(&world, transport)
    case .sriovLogical(let sriov): try plug(&world, world.database.string("network_sriov", sriov, "physical_PIF"))
    case .vlan(let vlan) where Plumbing.isOnFunctions(world, vlan):
      try plug(&world, world.database.string("VLAN", vlan, "tagged_PIF"))
    case .physical:
      // A member cannot be plugged by itself, except as the card beneath virtual functions: then its bond is.
      if let bond = world.bond(ofMember: pif) {
        if world.database.strings("PIF", pif, "sriov_physical_PIF_of").isEmpty {
          throw APIError("CANNOT_PLUG_BOND_SLAVE", pif)
        }
        return try plug(&world, world.database.string("Bond", bond, "master"))
      }
    default: break
    }
    try Plumbing.plug(&world, pif)
  }

  private static let unplug: CallHandler = { world, _, arguments throws(APIError) in
    try unplug(&world, arguments.string(0))
    return .nothing
  }

  /// What rides on it goes first: tunnels, virtual functions and their VLANs. VLANs on bridges are left as they are.
  static func unplug(_ world: inout World, _ pif: String) throws(APIError) {
    try Plumbing.requireManaged(world, pif: pif)
    try Plumbing.refuseUnderHA(world, pif)
    if world.database.bool("PIF", pif, "management") { throw APIError("PIF_IS_MANAGEMENT_INTERFACE", pif) }
    try Plumbing.refuseWhileUsed(world, pif)
    if world.database.bool("PIF", pif, "disallow_unplug") { throw APIError("PIF_DOES_NOT_ALLOW_UNPLUG", pif) }
    try Plumbing.refuseUnderFCoE(world, pif)
    for rider in riders(world, pif) { try unplug(&world, rider) }
    if world.bond(ofMember: pif) == nil { Plumbing.bringDown(&world, pif) }
  }

  private static func riders(_ world: World, _ pif: String) -> [String] {
    let tunnels = world.database.strings("PIF", pif, "tunnel_transport_PIF_of")
      .map { world.database.string("tunnel", $0, "access_PIF") }
    func functions(_ card: String) -> [String] {
      world.database.strings("PIF", card, "sriov_physical_PIF_of")
        .map { world.database.string("network_sriov", $0, "logical_PIF") }
    }
    switch world.kind(of: pif) {
    case .bond(let bond): return tunnels + world.database.strings("Bond", bond, "slaves").flatMap(functions)
    case .sriovLogical:
      return tunnels
        + world.database.strings("PIF", pif, "VLAN_slave_of")
        .map { world.database.string("VLAN", $0, "untagged_PIF") }
    default: return tunnels + functions(pif)
    }
  }

  /// Checks in XAPI's order. The network stays, and so does the card: the next scan finds it again.
  private static let forget: CallHandler = { world, _, arguments throws(APIError) in
    let pif = arguments.string(0)
    try world.require("PIF", pif)
    if world.database.bool("PIF", pif, "management") { throw APIError("PIF_IS_MANAGEMENT_INTERFACE", pif) }
    if world.bond(ofMember: pif) != nil || !world.database.strings("PIF", pif, "bond_master_of").isEmpty {
      throw APIError("PIF_ALREADY_BONDED", pif)
    }
    let isVLAN = world.database.exists("VLAN", world.database.string("PIF", pif, "VLAN_master_of"))
    if isVLAN || !world.database.strings("PIF", pif, "VLAN_slave_of").isEmpty {
      throw APIError("PIF_VLAN_STILL_EXISTS", pif)
    }
    let ends = ["tunnel_transport_PIF_of", "tunnel_access_PIF_of"]
    if ends.contains(where: { !world.database.strings("PIF", pif, $0).isEmpty }) {
      throw APIError("PIF_TUNNEL_STILL_EXISTS", pif)
    }
    try Plumbing.refuseUnderHA(world, pif)
    if !world.database.strings("PIF", pif, "sriov_logical_PIF_of").isEmpty {
      throw APIError("CANNOT_FORGET_SRIOV_LOGICAL", pif)
    }
    if !world.database.strings("PIF", pif, "sriov_physical_PIF_of").isEmpty {
      throw APIError("PIF_SRIOV_STILL_EXISTS", pif)
    }
    try Plumbing.refuseUnderClustering(world, pif)
    if world.database.bool("PIF", pif, "managed") { Plumbing.bringDown(&world, pif) }
    world.database.remove("PIF_metrics", world.database.string("PIF", pif, "metrics"))
    world.database.remove("PIF", pif)
    return .nothing
  }

  /// Deprecated: by device name, which fits no bond of another host.
  private static let createVLAN: CallHandler = { world, _, arguments throws(APIError) in
    let (device, host) = (arguments.string(0), arguments.string(2))
    guard let base = base(world, device: device, host: host) else { throw APIError("INVALID_VALUE", "device", device) }
    let vlan = try VLANCalls.create(&world, on: base, tag: arguments.int(3), network: arguments.string(1))
    return world.database.get("VLAN", vlan, "untagged_PIF") ?? .string(Wire.nullRef)
  }

  /// The untagged PIF of a device.
  static func base(_ world: World, device: String, host: String) -> String? {
    world.database.strings("host", host, "PIFs").first { pif in
      world.database.string("PIF", pif, "device") == device && world.database.int("PIF", pif, "VLAN") == -1
    }
  }

  /// Deprecated: destroys the VLAN of an upper PIF.
  private static let destroy: CallHandler = { world, _, arguments throws(APIError) in
    let pif = arguments.string(0)
    try world.require("PIF", pif)
    guard world.database.int("PIF", pif, "VLAN") >= 0 else { throw APIError("PIF_IS_PHYSICAL") }
    try VLANCalls.destroy(&world, world.database.string("PIF", pif, "VLAN_master_of"))
    return .nothing
  }
}
