import JSON

enum PIFCalls {
  static let handlers: [String: CallHandler] = [
    "PIF.scan": scan, "PIF.plug": plug, "PIF.unplug": unplug, "PIF.set_disallow_unplug": setDisallowUnplug,
    "PIF.forget": forget, "PIF.create_VLAN": createVLAN, "PIF.destroy": destroy,
  ]

  /// Makes PIFs for the host's cards that have none. They are not plugged; PIFs of lost cards stay.
  private static let scan: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    let known = Set(
      world.database.strings("host", host, "PIFs").filter { world.database.bool("PIF", $0, "physical") }
        .map { world.database.string("PIF", $0, "device") })
    for nic in world.nics where nic.host == host && !known.contains(nic.device) { introduce(&world, nic) }
    return .nothing
  }

  /// The PIF of a card that XAPI did not know: on the network of its bridge, made if need be.
  static func introduce(_ world: inout World, _ nic: NIC) {
    let bridge = "xenbr\(nic.position)"
    let network =
      world.database.find("network", "bridge", .string(bridge)).first
      ?? world.create(
        "network",
        ["name_label": .string("Pool-wide network \(nic.position)"), "bridge": .string(bridge), "managed": true])
    let metrics = world.create("PIF_metrics", ["last_updated": .string(Wire.epoch)])
    world.create(
      "PIF",
      [
        "device": .string(nic.device), "network": .string(network), "host": .string(nic.host), "MAC": .string(nic.mac),
        "MTU": world.database.get("network", network, "MTU") ?? 1500, "VLAN": -1, "metrics": .string(metrics),
        "physical": true, "currently_attached": false, "properties": ["gro": "on"], "PCI": .string(nic.pci),
        "capabilities": .array(nic.capabilities.map { .string($0) }),
      ])
  }

  private static let plug: CallHandler = { world, _, arguments throws(APIError) in
    try plug(&world, arguments.string(0))
    return .nothing
  }

  static func plug(_ world: inout World, _ pif: String) throws(APIError) {
    try Plumbing.requireManaged(world, pif: pif)
    for tunnel in world.database.strings("PIF", pif, "tunnel_access_PIF_of") {
      let transport = world.database.string("tunnel", tunnel, "transport_PIF")
      if world.database.string("PIF", transport, "ip_configuration_mode") == "None" {
        throw APIError("TRANSPORT_PIF_NOT_CONFIGURED", transport)
      }
      try plug(&world, transport)
    }
    for sriov in world.database.strings("PIF", pif, "sriov_logical_PIF_of") {
      try plug(&world, world.database.string("network_sriov", sriov, "physical_PIF"))
    }
    if world.database.bool("PIF", pif, "physical") { try Plumbing.refuseBondMember(world, pif) }
    Plumbing.bringUp(&world, pif)
  }

  private static let unplug: CallHandler = { world, _, arguments throws(APIError) in
    try unplug(&world, arguments.string(0))
    return .nothing
  }

  static func unplug(_ world: inout World, _ pif: String) throws(APIError) {
    try Plumbing.requireManaged(world, pif: pif)
    try Plumbing.refuseUnderHA(world, pif)
    if world.database.bool("PIF", pif, "management") { throw APIError("PIF_IS_MANAGEMENT_INTERFACE", pif) }
    try Plumbing.refuseWhileUsed(world, pif)
    if world.database.bool("PIF", pif, "disallow_unplug") { throw APIError("PIF_DOES_NOT_ALLOW_UNPLUG", pif) }
    for tunnel in world.database.strings("PIF", pif, "tunnel_transport_PIF_of") {
      try unplug(&world, world.database.string("tunnel", tunnel, "access_PIF"))
    }
    for sriov in world.database.strings("PIF", pif, "sriov_physical_PIF_of") {
      try unplug(&world, world.database.string("network_sriov", sriov, "logical_PIF"))
    }
    Plumbing.bringDown(&world, pif)
  }

  private static let setDisallowUnplug: CallHandler = { world, _, arguments throws(APIError) in
    let (pif, value) = (arguments.string(0), arguments.bool(1))
    try world.require("PIF", pif)
    if world.database.bool("PIF", pif, "disallow_unplug") == value { return .nothing }
    if !value { try Plumbing.refuseUnderClustering(world, pif) }
    world.database.set("PIF", pif, "disallow_unplug", .bool(value))
    return .nothing
  }

  /// Checks in XAPI's order. The network stays, and so does the card: the next scan finds it again.
  private static let forget: CallHandler = { world, _, arguments throws(APIError) in
    let pif = arguments.string(0)
    try world.require("PIF", pif)
    if world.database.bool("PIF", pif, "management") { throw APIError("PIF_IS_MANAGEMENT_INTERFACE", pif) }
    let isMember = world.database.exists("Bond", world.database.string("PIF", pif, "bond_slave_of"))
    if isMember || !world.database.strings("PIF", pif, "bond_master_of").isEmpty {
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
