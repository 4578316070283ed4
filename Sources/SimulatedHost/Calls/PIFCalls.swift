import JSON

enum PIFCalls {
  static let handlers: [String: CallHandler] = [
    "PIF.scan": scan, "PIF.plug": plug, "PIF.unplug": unplug, "PIF.set_disallow_unplug": setDisallowUnplug,
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
        "network", ["name_label": .string("Pool-wide network \(nic.position)"), "bridge": .string(bridge), "managed": true])
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
}
