import JSON

/// What a PIF is, told the way XAPI tells it: the first that fits.
enum PIFKind: Sendable {
  case tunnelAccess(tunnel: String)
  case vlan(String)
  case sriovLogical(sriov: String)
  case bond(String)
  case physical
  /// No kind that XAPI knows: a row left over from something.
  case unknown
}

extension World {
  func kind(of pif: String) -> PIFKind {
    if let tunnel = database.strings("PIF", pif, "tunnel_access_PIF_of").first { return .tunnelAccess(tunnel: tunnel) }
    let vlan = database.string("PIF", pif, "VLAN_master_of")
    if database.exists("VLAN", vlan) { return .vlan(vlan) }
    if let sriov = database.strings("PIF", pif, "sriov_logical_PIF_of").first { return .sriovLogical(sriov: sriov) }
    if let bond = database.strings("PIF", pif, "bond_master_of").first { return .bond(bond) }
    return database.bool("PIF", pif, "physical") ? .physical : .unknown
  }

  /// The bond that a PIF is a member of.
  func bond(ofMember pif: String) -> String? {
    let bond = database.string("PIF", pif, "bond_slave_of")
    return database.exists("Bond", bond) ? bond : nil
  }

  /// The PIFs of a host with a row on this network: at most one.
  func pif(on network: String, of host: String) -> String? {
    database.strings("network", network, "PIFs").first { database.string("PIF", $0, "host") == host }
  }

  /// The host's management interface.
  func managementPIF(of host: String) -> String? {
    database.strings("host", host, "PIFs").first { database.bool("PIF", $0, "management") }
  }

  /// Whether a PIF has an IP mode in the family that it is used by.
  func hasIPMode(_ pif: String) -> Bool {
    let field = usesIPv6(pif) ? "ipv6_configuration_mode" : "ip_configuration_mode"
    return database.string("PIF", pif, field) != "None"
  }

  func usesIPv6(_ pif: String) -> Bool { database.string("PIF", pif, "primary_address_type") == "IPv6" }

  /// Sets a field unless it has the value already: XAPI writes much of what it sees on a host only when it is new.
  mutating func change(_ name: String, _ ref: String, _ field: String, _ value: JSONValue) {
    if database.get(name, ref, field) != value { database.set(name, ref, field, value) }
  }
}
