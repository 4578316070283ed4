import JSON

/// Tunnels (XAPI notes §3.9).
enum TunnelCalls {
  static let handlers: [String: CallHandler] = ["tunnel.create": create, "tunnel.destroy": destroy]

  private static let create: CallHandler = { world, _, arguments throws(APIError) in
    let (transport, network) = (arguments.string(0), arguments.string(1))
    try world.require("PIF", transport)
    try Plumbing.requireManaged(world, network: network)
    try Plumbing.requireFree(world, network: network, host: world.database.string("PIF", transport, "host"))
    try Plumbing.requireManaged(world, pif: transport)
    try refuseTransport(world, transport)
    try Plumbing.refuseFunctionsNetwork(world, network, "NETWORK_INCOMPATIBLE_WITH_TUNNEL")
    for host in world.database.refs("host") {
      let version = world.database.get("host", host, "software_version")
      if version?["network_backend"]?.string != "openvswitch" { throw APIError("OPENVSWITCH_NOT_ACTIVE") }
    }
    let kind = arguments.values.count > 2 ? arguments.values[2] : "gre"
    let tunnel = addRows(&world, on: transport, network: network, kind: kind)
    // When this fails the rows stay.
    try PIFCalls.plug(&world, world.database.string("tunnel", tunnel, "access_PIF"))
    return .string(tunnel)
  }

  private static func refuseTransport(_ world: World, _ pif: String) throws(APIError) {
    if world.bond(ofMember: pif) != nil { throw APIError("CANNOT_ADD_TUNNEL_TO_BOND_SLAVE", pif) }
    switch world.kind(of: pif) {
    case .tunnelAccess: throw APIError("IS_TUNNEL_ACCESS_PIF", pif)
    case .sriovLogical: throw APIError("CANNOT_ADD_TUNNEL_TO_SRIOV_LOGICAL", pif)
    case .vlan(let vlan) where Plumbing.isOnFunctions(world, vlan):
      throw APIError("CANNOT_ADD_TUNNEL_TO_VLAN_ON_SRIOV_LOGICAL", pif)
    default: break
    }
  }

  static func addRows(_ world: inout World, on transport: String, network: String, kind: JSONValue) -> String {
    let host = world.database.string("PIF", transport, "host")
    let taken = Set(world.database.strings("host", host, "PIFs").map { world.database.string("PIF", $0, "device") })
    let number = (0...taken.count).first { !taken.contains("tunnel\($0)") } ?? taken.count
    let access = world.create(
      "PIF",
      [
        "device": .string("tunnel\(number)"), "network": .string(network), "host": .string(host),
        "MAC": .string(world.names.mac()), "MTU": -1, "VLAN": -1,
        "metrics": world.database.get("PIF", transport, "metrics") ?? "", "physical": false,
        "currently_attached": false, "IPv6": [""],
        "primary_address_type": world.database.get("PIF", transport, "primary_address_type") ?? "IPv4",
      ])
    return world.create(
      "tunnel", ["access_PIF": .string(access), "transport_PIF": .string(transport), "protocol": kind])
  }

  private static let destroy: CallHandler = { world, _, arguments throws(APIError) in
    let tunnel = arguments.string(0)
    try world.require("tunnel", tunnel)
    let access = world.database.string("tunnel", tunnel, "access_PIF")
    if world.database.exists("PIF", access) { try PIFCalls.unplug(&world, access) }
    world.database.remove("tunnel", tunnel)
    world.database.remove("PIF", access)
    return .nothing
  }
}
