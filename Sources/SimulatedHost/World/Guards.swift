import JSON

/// What XAPI refuses, each guard throwing what XAPI throws.
extension Plumbing {
  static func requireManaged(_ world: World, pif: String) throws(APIError) {
    try world.require("PIF", pif)
    if !world.database.bool("PIF", pif, "managed") { throw APIError("PIF_UNMANAGED", pif) }
  }

  static func requireManaged(_ world: World, network: String) throws(APIError) {
    try world.require("network", network)
    if !world.database.bool("network", network, "managed") { throw APIError("NETWORK_UNMANAGED", network) }
  }

  static func refuseBondMember(_ world: World, _ pif: String) throws(APIError) {
    if world.bond(ofMember: pif) != nil { throw APIError("CANNOT_PLUG_BOND_SLAVE", pif) }
  }

  /// One PIF per host and network. The first parameter is the host, whatever the data model says.
  static func requireFree(_ world: World, network: String, host: String) throws(APIError) {
    if let pif = world.pif(on: network, of: host) { throw APIError("NETWORK_ALREADY_CONNECTED", host, pif) }
  }

  /// Networks of SR-IOV cards carry nothing else.
  static func refuseFunctionsNetwork(_ world: World, _ network: String, _ code: String) throws(APIError) {
    for pif in world.database.strings("network", network, "PIFs")
    where !world.database.strings("PIF", pif, "sriov_logical_PIF_of").isEmpty {
      throw APIError(code, network)
    }
  }

  /// High availability and redo log forbid changes to what is plugged.
  static func refuseUnderHA(_ world: World, _ pif: String) throws(APIError) {
    guard world.database.bool("PIF", pif, "currently_attached") else { return }
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    if world.database.bool("pool", world.pool, "redo_log_enabled") { throw APIError("REDO_LOG_IS_ENABLED") }
  }

  /// An enabled cluster keeps its interface.
  static func refuseUnderClustering(_ world: World, _ pif: String) throws(APIError) {
    for member in world.database.find("Cluster_host", "PIF", .string(pif))
    where world.database.bool("Cluster_host", member, "enabled") {
      throw APIError("CLUSTERING_ENABLED", member)
    }
  }

  /// Storage that is reached by Fibre Channel over this card.
  static func refuseUnderFCoE(_ world: World, _ pif: String) throws(APIError) {
    guard world.database.strings("PIF", pif, "capabilities").contains("fcoe") else { return }
    for pbd in world.database.strings("host", world.database.string("PIF", pif, "host"), "PBDs")
    where world.database.bool("PBD", pbd, "currently_attached") {
      let sr = world.database.string("PBD", pbd, "SR")
      if world.database.string("SR", sr, "type") == "lvmofcoe" { throw APIError("PIF_HAS_FCOE_SR_IN_USE", pif, sr) }
    }
  }

  /// VIFs of VMs that run on the PIF's host hold its network.
  static func refuseWhileUsed(_ world: World, _ pif: String) throws(APIError) {
    let network = world.database.string("PIF", pif, "network")
    let host = world.database.string("PIF", pif, "host")
    for vif in world.database.strings("network", network, "VIFs")
    where world.database.bool("VIF", vif, "currently_attached") {
      let vm = world.database.string("VIF", vif, "VM")
      let state = world.database.string("VM", vm, "power_state")
      if world.database.string("VM", vm, "resident_on") == host, state == "Running" || state == "Paused" {
        throw APIError("VIF_IN_USE", network, vif)
      }
    }
  }
}
