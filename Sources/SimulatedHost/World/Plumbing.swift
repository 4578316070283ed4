import JSON

/// What a host does to its bridges when a PIF is plugged or unplugged, as the database shows it (XAPI notes §3.0).
enum Plumbing {
  /// "Plugs" a PIF.
  static func bringUp(_ world: inout World, _ pif: String) {
    for bond in world.database.strings("PIF", pif, "bond_master_of") {
      for member in world.database.strings("Bond", bond, "slaves")
      where world.database.bool("PIF", member, "currently_attached") {
        world.database.set("PIF", member, "currently_attached", false)
      }
    }
    if !world.database.bool("PIF", pif, "currently_attached") {
      world.database.set("PIF", pif, "currently_attached", true)
    }
    let network = world.database.string("PIF", pif, "network")
    let override = world.database.get("PIF", pif, "other_config")?["mtu"]?.string.flatMap { Int64($0) }
    let mtu = override ?? world.database.int("network", network, "MTU")
    if world.database.int("PIF", pif, "MTU") != mtu, mtu > 0 { world.database.set("PIF", pif, "MTU", .int(mtu)) }
    if world.database.int("PIF", pif, "VLAN") == -1 {
      let snooping = world.database.bool("pool", world.pool, "igmp_snooping_enabled")
      let status: JSONValue = snooping ? "enabled" : "disabled"
      if world.database.get("PIF", pif, "igmp_snooping_status") != status {
        world.database.set("PIF", pif, "igmp_snooping_status", status)
      }
    }
    world.refreshAddresses(of: pif)
  }

  static func bringDown(_ world: inout World, _ pif: String) {
    if world.database.bool("PIF", pif, "currently_attached") {
      world.database.set("PIF", pif, "currently_attached", false)
    }
  }

  // MARK: Guards, each throwing what XAPI throws

  static func requireManaged(_ world: World, pif: String) throws(APIError) {
    try world.require("PIF", pif)
    if !world.database.bool("PIF", pif, "managed") { throw APIError("PIF_UNMANAGED", pif) }
  }

  static func requireManaged(_ world: World, network: String) throws(APIError) {
    try world.require("network", network)
    if !world.database.bool("network", network, "managed") { throw APIError("NETWORK_UNMANAGED", network) }
  }

  static func refuseBondMember(_ world: World, _ pif: String) throws(APIError) {
    if world.database.exists("Bond", world.database.string("PIF", pif, "bond_slave_of")) {
      throw APIError("CANNOT_PLUG_BOND_SLAVE", pif)
    }
  }

  /// One PIF per host and network. The first parameter is the host, whatever the data model says.
  static func requireFree(_ world: World, network: String, host: String) throws(APIError) {
    for pif in world.database.strings("network", network, "PIFs")
    where world.database.string("PIF", pif, "host") == host {
      throw APIError("NETWORK_ALREADY_CONNECTED", host, pif)
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
