import JSON

/// What `Bond.create` refuses, in XAPI's order. It lets pass: one member, a bond as a member, members that are
/// unplugged, of unlike speeds or in use by virtual machines.
struct BondChecks {
  let world: World
  let network: String
  let members: [String]

  func run(mac: String, mode: String, properties: JSONObject) throws(APIError) {
    guard let first = members.first else { throw APIError("PIF_BOND_NEEDS_MORE_MEMBERS") }
    try world.require("PIF", first)
    let host = world.database.string("PIF", first, "host")
    try Plumbing.requireManaged(world, network: network)
    try Plumbing.requireFree(world, network: network, host: host)
    try Plumbing.refuseFunctionsNetwork(world, network, "NETWORK_INCOMPATIBLE_WITH_BOND")
    if !mac.isEmpty, !MACText.isValid(mac) { throw APIError("MAC_INVALID", mac) }
    for (name, value) in properties { try BondMode.check(name, value.string ?? "", in: mode) }
    for member in members {
      try world.require("PIF", member)
      if world.usesIPv6(member) != world.usesIPv6(first) {
        throw APIError("PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", member)
      }
    }
    for member in members { try check(member) }
    try checkTogether(host)
  }

  private func check(_ member: String) throws(APIError) {
    if !world.database.bool("PIF", member, "managed") { throw APIError("PIF_UNMANAGED", member) }
    if world.bond(ofMember: member) != nil { throw APIError("PIF_ALREADY_BONDED", member) }
    if world.database.int("PIF", member, "VLAN") >= 0 {
      throw APIError("PIF_VLAN_EXISTS", world.database.string("PIF", member, "device"))
    }
    if !world.database.strings("PIF", member, "tunnel_access_PIF_of").isEmpty {
      throw APIError("IS_TUNNEL_ACCESS_PIF", member)
    }
    if !world.database.strings("PIF", member, "sriov_logical_PIF_of").isEmpty {
      throw APIError("PIF_IS_SRIOV_LOGICAL", member)
    }
    if world.database.bool("pool", world.pool, "ha_enabled"), world.database.bool("PIF", member, "management") {
      throw APIError("HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE")
    }
    try Plumbing.refuseUnderFCoE(world, member)
  }

  private func checkTogether(_ host: String) throws(APIError) {
    if members.contains(where: { world.database.string("PIF", $0, "host") != host }) {
      throw APIError("PIF_CANNOT_BOND_CROSS_HOST")
    }
    let properties = members.map { world.database.get("PIF", $0, "properties") }
    if properties.contains(where: { $0 != properties.first }) { throw APIError("INCOMPATIBLE_PIF_PROPERTIES") }
    if members.filter(world.hasIPMode).count > 1 { throw APIError("PIF_BOND_MORE_THAN_ONE_IP") }
  }
}
