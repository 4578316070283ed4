import JSON

/// What a host does to its bridges when a PIF is plugged or unplugged, as the database shows it (XAPI notes §3.0).
enum Plumbing {
  /// "Plugs" a PIF, unless networkd fails: then the PIF is left unplugged, and all that was written before stays.
  /// - Parameter asManagement: XAPI is about to listen here.
  static func plug(_ world: inout World, _ pif: String, asManagement: Bool = false) throws(APIError) {
    let device = world.database.string("PIF", pif, "device")
    if let message = world.behaviour.brokenPlugs[device] {
      bringDown(&world, pif)
      throw APIError("PIF_CONFIGURATION_ERROR", pif, message)
    }
    bringUp(&world, pif, asManagement: asManagement)
  }

  /// "Plugs" a PIF whose plugging cannot fail.
  static func bringUp(_ world: inout World, _ pif: String, asManagement: Bool = false) {
    switch world.kind(of: pif) {
    case .sriovLogical(let sriov): enableFunctions(&world, pif, sriov)
    case .vlan(let vlan) where isOnFunctions(world, vlan):
      let base = world.database.string("VLAN", vlan, "tagged_PIF")
      world.change("PIF", pif, "currently_attached", .bool(world.database.bool("PIF", base, "currently_attached")))
    default: bringBridgeUp(&world, pif, asManagement: asManagement)
    }
  }

  private static func bringBridgeUp(_ world: inout World, _ pif: String, asManagement: Bool) {
    if case .bond(let bond) = world.kind(of: pif) { takeMembers(&world, bond, pif) }
    let host = world.database.string("PIF", pif, "host")
    world.followClient(of: pif)
    world.notePlugged(pif)
    if world.leadingPIFs(of: host, management: asManagement ? pif : nil).dns == pif { writeResolver(&world, pif, host) }
    if !world.database.bool("PIF", pif, "currently_attached") || asManagement {
      world.change("PIF", pif, "currently_attached", true)
      if let bond = world.bond(ofMember: pif) {
        world.change("PIF", world.database.string("Bond", bond, "master"), "currently_attached", false)
      }
      world.refreshNetworking(of: host, management: asManagement ? pif : nil)
    }
    let mtu = bridgeMTU(world, pif)
    if mtu > 0 { world.change("PIF", pif, "MTU", .int(mtu)) }
    if world.database.int("PIF", pif, "VLAN") == -1 {
      let snooping = world.database.bool("pool", world.pool, "igmp_snooping_enabled")
      world.change("PIF", pif, "igmp_snooping_status", snooping ? "enabled" : "disabled")
    }
  }

  /// The MTU that a PIF's bridge gets: of this host's own override, else of its network.
  static func bridgeMTU(_ world: World, _ pif: String) -> Int64 {
    world.database.get("PIF", pif, "other_config")?["mtu"]?.string.flatMap { Int64($0) }
      ?? world.database.int("network", world.database.string("PIF", pif, "network"), "MTU")
  }

  /// A bond that comes up takes its members' links away from their own bridges.
  private static func takeMembers(_ world: inout World, _ bond: String, _ pif: String) {
    let network = world.database.string("PIF", pif, "network")
    for member in world.database.strings("Bond", bond, "slaves") {
      world.change("PIF", member, "currently_attached", false)
      guard world.product == .xapi26_17, let mtu = world.database.get("network", network, "MTU") else { continue }
      world.change("network", world.database.string("PIF", member, "network"), "MTU", mtu)
    }
    guard world.database.bool("Bond", bond, "auto_update_mac") else { return }
    let primary = world.database.string("Bond", bond, "primary_slave")
    if let mac = world.database.get("PIF", primary, "MAC") { world.change("PIF", pif, "MAC", mac) }
  }

  /// Name servers come from a fixed configuration, the empty list included; DHCP's servers are not simulated.
  private static func writeResolver(_ world: inout World, _ pif: String, _ host: String) {
    let field = world.usesIPv6(pif) ? "ipv6_configuration_mode" : "ip_configuration_mode"
    let mode = world.database.string("PIF", pif, field)
    if mode == "Static" || mode == "Autoconf" { world.resolvers[host] = world.database.string("PIF", pif, "DNS") }
  }

  private static func enableFunctions(_ world: inout World, _ pif: String, _ sriov: String) {
    world.change("network_sriov", sriov, "configuration_mode", "sysfs")
    let needsReboot = world.database.bool("network_sriov", sriov, "requires_reboot")
    world.change("PIF", pif, "currently_attached", .bool(!needsReboot))
  }

  /// Whether a VLAN rides on an SR-IOV card's virtual functions instead of a bridge.
  static func isOnFunctions(_ world: World, _ vlan: String) -> Bool {
    let base = world.database.string("VLAN", vlan, "tagged_PIF")
    return !world.database.strings("PIF", base, "sriov_logical_PIF_of").isEmpty
  }

  static func bringDown(_ world: inout World, _ pif: String) {
    world.dropClient(of: pif)
    world.change("PIF", pif, "currently_attached", false)
  }
}
