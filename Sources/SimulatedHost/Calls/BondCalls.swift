import JSON

/// Bonds (XAPI notes §3.7).
enum BondCalls {
  static let handlers: [String: CallHandler] = [
    "Bond.create": create, "Bond.destroy": destroy, "Bond.set_mode": setMode, "Bond.set_property": setProperty,
  ]

  // MARK: Create

  private static let create: CallHandler = { world, _, arguments throws(APIError) in
    // Of a member named twice the last mention counts.
    var members: [String] = []
    for member in arguments.strings(1).reversed() where !members.contains(member) { members.insert(member, at: 0) }
    let mode = arguments.values.count > 3 ? arguments.string(3) : "balance-slb"
    let (network, mac, properties) = (arguments.string(0), arguments.string(2), arguments.object(4))
    try BondChecks(world: world, network: network, members: members).run(mac: mac, mode: mode, properties: properties)
    let primary = primary(world, members)
    let bond = addRows(&world, members, primary, network: network, mac: mac, mode: mode, properties)
    let pif = world.database.string("Bond", bond, "master")
    let moves = BondMoves(host: world.database.string("PIF", pif, "host"), target: pif)
    let isManagement = world.database.bool("PIF", primary, "management")
    world.keepResolver(of: moves.host)
    moves.moveIPv4(&world, from: primary)
    if isManagement { try HostManagementCalls.move(&world, to: pif) } else { try Plumbing.plug(&world, pif) }
    for member in members { try moves.moveVLANs(&world, from: member) }
    for member in members { try moves.moveTunnels(&world, from: member) }
    for member in members {
      moves.moveGuests(&world, from: world.database.string("PIF", member, "network"), to: network)
    }
    moves.moveProtection(&world, from: members)
    moves.moveClusterHosts(&world, from: members)
    return .string(bond)
  }

  /// The member that lends the bond its addresses, and gets everything back in the end.
  private static func primary(_ world: World, _ members: [String]) -> String {
    members.first { world.database.bool("PIF", $0, "management") } ?? members.first(where: world.hasIPMode)
      ?? members[0]
  }

  private static func addRows(
    _ world: inout World, _ members: [String], _ primary: String, network: String, mac: String, mode: String,
    _ properties: JSONObject
  ) -> String {
    let host = world.database.string("PIF", primary, "host")
    let taken = Set(world.database.strings("host", host, "PIFs").map { world.database.string("PIF", $0, "device") })
    let number = (0...taken.count).first { !taken.contains("bond\($0)") } ?? taken.count
    let metrics = world.create("PIF_metrics", ["last_updated": .string(Wire.epoch)])
    let pif = world.create(
      "PIF",
      [
        "device": .string("bond\(number)"), "network": .string(network), "host": .string(host),
        "MAC": mac.isEmpty ? world.database.get("PIF", primary, "MAC") ?? "" : .string(mac), "MTU": -1, "VLAN": -1,
        "metrics": .string(metrics), "physical": false, "currently_attached": false, "IPv6": [""],
        "primary_address_type": world.database.get("PIF", primary, "primary_address_type") ?? "IPv4",
        "properties": world.database.get("PIF", primary, "properties") ?? [:],
      ])
    let bond = world.create(
      "Bond",
      [
        "master": .string(pif), "primary_slave": .string(primary), "mode": .string(mode),
        "properties": .object(BondMode.complete(properties, for: mode)), "auto_update_mac": .bool(mac.isEmpty),
      ])
    for member in members { world.database.set("PIF", member, "bond_slave_of", .string(bond)) }
    return bond
  }

  // MARK: Destroy

  private static let destroy: CallHandler = { world, _, arguments throws(APIError) in
    let bond = arguments.string(0)
    try world.require("Bond", bond)
    let pif = world.database.string("Bond", bond, "master")
    let isManagement = world.database.bool("PIF", pif, "management")
    if isManagement, world.database.bool("pool", world.pool, "ha_enabled") {
      throw APIError("HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE")
    }
    let members = world.database.strings("Bond", bond, "slaves")
    let primary = world.database.string("Bond", bond, "primary_slave")
    let moves = BondMoves(host: world.database.string("PIF", pif, "host"), target: primary)
    let wasPlugged = world.database.bool("PIF", pif, "currently_attached")
    world.keepResolver(of: moves.host)
    moves.moveIPv4(&world, from: pif)
    if isManagement { try HostManagementCalls.move(&world, to: primary) }
    for member in members where wasPlugged || isManagement {
      if member != primary || !isManagement { try Plumbing.plug(&world, member) }
    }
    try moves.moveVLANs(&world, from: pif)
    moves.moveGuests(
      &world, from: world.database.string("PIF", pif, "network"),
      to: world.database.string("PIF", primary, "network"))
    try moves.moveTunnels(&world, from: pif)
    moves.moveProtection(&world, from: [pif])
    moves.moveClusterHosts(&world, from: [pif])
    // The bond PIF's metrics stay, as does the bond's network.
    world.database.remove("Bond", bond)
    world.database.remove("PIF", pif)
    for member in members { world.database.set("PIF", member, "bond_slave_of", .string(Wire.nullRef)) }
    return .nothing
  }

  // MARK: Change

  /// Plugs the bond anew, also one that was unplugged.
  private static let setMode: CallHandler = { world, _, arguments throws(APIError) in
    let (bond, mode) = (arguments.string(0), arguments.string(1))
    try world.require("Bond", bond)
    world.database.set("Bond", bond, "mode", .string(mode))
    let old = world.database.get("Bond", bond, "properties")?.object ?? JSONObject()
    world.database.set("Bond", bond, "properties", .object(BondMode.complete(old, for: mode)))
    try Plumbing.plug(&world, world.database.string("Bond", bond, "master"))
    return .nothing
  }

  private static let setProperty: CallHandler = { world, _, arguments throws(APIError) in
    let (bond, name, value) = (arguments.string(0), arguments.string(1), arguments.string(2))
    try world.require("Bond", bond)
    try BondMode.check(name, value, in: world.database.string("Bond", bond, "mode"))
    var properties = world.database.get("Bond", bond, "properties")?.object ?? JSONObject()
    properties[name] = .string(value)
    world.database.set("Bond", bond, "properties", .object(properties))
    try Plumbing.plug(&world, world.database.string("Bond", bond, "master"))
    return .nothing
  }
}
