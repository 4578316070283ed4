import JSON

/// What changes its carrier when a bond is made or unmade: from members to the bond, or from the bond to its primary
/// member.
struct BondMoves {
  let host: String
  /// The PIF that carries it all afterwards.
  let target: String

  // MARK: Addresses

  /// IPv4 moves with the bond, IPv6 does not.
  func moveIPv4(_ world: inout World, from source: String) {
    Self.moveIPv4(&world, from: source, to: target)
  }

  private static func moveIPv4(_ world: inout World, from source: String, to target: String) {
    let fields = ["ip_configuration_mode", "IP", "netmask", "gateway", "DNS"]
    for field in fields {
      if let value = world.database.get("PIF", source, field) { world.database.set("PIF", target, field, value) }
    }
    for (field, value) in zip(fields, ["None", "", "", "", ""]) {
      world.database.set("PIF", source, field, .string(value))
    }
  }

  // MARK: VLANs

  /// VLANs are made anew on the target: their rows get new refs and uuids and lose their PIF's other_config. A tag that
  /// is there already takes the other's guests over.
  func moveVLANs(_ world: inout World, from source: String) throws(APIError) {
    for vlan in world.database.strings("PIF", source, "VLAN_slave_of") { try move(&world, vlan: vlan) }
  }

  private func move(_ world: inout World, vlan: String) throws(APIError) {
    let old = world.database.string("VLAN", vlan, "untagged_PIF")
    let network = world.database.string("PIF", old, "network")
    let isManagement = world.database.bool("PIF", old, "management")
    let wasPlugged = world.database.bool("PIF", old, "currently_attached")
    if wasPlugged, !isManagement { Plumbing.bringDown(&world, old) }
    let tag = world.database.int("VLAN", vlan, "tag")
    let same = world.database.strings("PIF", target, "VLAN_slave_of")
      .first { world.database.int("VLAN", $0, "tag") == tag }
    let new = same ?? VLANCalls.addRows(&world, on: target, tag: tag, network: network)
    let upper = world.database.string("VLAN", new, "untagged_PIF")
    if same != nil {
      moveGuests(&world, from: network, to: world.database.string("PIF", upper, "network"))
    }
    if world.database.string("PIF", old, "ip_configuration_mode") != "None" {
      Self.moveIPv4(&world, from: old, to: upper)
    }
    if isManagement {
      try HostManagementCalls.move(&world, to: upper)
    }
    world.database.remove("VLAN", vlan)
    world.database.remove("PIF", old)
    if wasPlugged, !isManagement { try Plumbing.plug(&world, upper) }
  }

  // MARK: Tunnels

  func moveTunnels(_ world: inout World, from source: String) throws(APIError) {
    for tunnel in world.database.strings("PIF", source, "tunnel_transport_PIF_of") {
      let old = world.database.string("tunnel", tunnel, "access_PIF")
      let wasPlugged = world.database.bool("PIF", old, "currently_attached")
      let network = world.database.string("PIF", old, "network")
      if wasPlugged { Plumbing.bringDown(&world, old) }
      let new = TunnelCalls.addRows(
        &world, on: target, network: network, kind: world.database.get("tunnel", tunnel, "protocol") ?? "gre")
      world.database.remove("tunnel", tunnel)
      world.database.remove("PIF", old)
      if wasPlugged { try Plumbing.plug(&world, world.database.string("tunnel", new, "access_PIF")) }
    }
  }

  // MARK: Guests

  /// Virtual interfaces of the guests that live here, or live nowhere and can only live here or nowhere, whatever their power
  /// state. Guests that could start elsewhere stay where they are.
  func moveGuests(_ world: inout World, from network: String, to other: String) {
    for vif in world.database.strings("network", network, "VIFs")
    where isLocal(world, world.database.string("VIF", vif, "VM")) {
      world.database.set("VIF", vif, "network", .string(other))
    }
  }

  private func isLocal(_ world: World, _ vm: String) -> Bool {
    let resident = world.database.string("VM", vm, "resident_on")
    if resident == host { return true }
    guard resident == Wire.nullRef || resident.isEmpty else { return false }
    return VMPlacement.possibleHosts(world, vm).allSatisfy { $0 == host }
  }

  // MARK: Protection and clusters

  func moveProtection(_ world: inout World, from sources: [String]) {
    let guarded = sources.filter { world.database.bool("PIF", $0, "disallow_unplug") }
    guard !guarded.isEmpty else { return }
    world.database.set("PIF", target, "disallow_unplug", true)
    for source in guarded { world.database.set("PIF", source, "disallow_unplug", false) }
  }

  func moveClusterHosts(_ world: inout World, from sources: [String]) {
    for source in sources {
      for row in world.database.find("Cluster_host", "PIF", .string(source)) {
        world.database.set("Cluster_host", row, "PIF", .string(target))
      }
    }
  }
}
