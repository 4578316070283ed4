import JSON

/// XAPI plugs what it finds wanted, and tells what it sees of links.
extension BootSequence {
  /// "Best effort": cards, bonds and what has an address. A card that is a port elsewhere cannot become one here.
  mutating func plugAll() {
    leftovers = unclaimed()
    for pif in pifs where isWanted(pif) {
      do throws(APIError) {
        try plug(pif)
      } catch {
        note(
          "\(world.database.string("PIF", pif, "device")) could not be plugged: \(error.parameters.last ?? error.code)")
      }
    }
    writes.append((Self.networkdPath, .file(NetworkdConfig(world).merged(over: leftovers).bytes, mode: 0o644)))
  }

  private func isWanted(_ pif: String) -> Bool {
    guard world.database.bool("PIF", pif, "managed"),
      !world.database.exists("Bond", world.database.string("PIF", pif, "bond_slave_of"))
    else { return false }
    let isAddressed =
      world.database.string("PIF", pif, "ip_configuration_mode") != "None"
      || world.database.string("PIF", pif, "ipv6_configuration_mode") != "None"
    return world.database.bool("PIF", pif, "physical") || isAddressed
      || !world.database.strings("PIF", pif, "bond_master_of").isEmpty
      || !world.database.strings("PIF", pif, "sriov_logical_PIF_of").isEmpty
  }

  /// Plugs, unless one of its cards is held by a bridge of another name that nobody takes away.
  private mutating func plug(_ pif: String) throws(APIError) {
    do throws(APIError) {
      try requireFreeCards(of: pif)
    } catch {
      set(pif, "currently_attached", false)
      throw error
    }
    try Plumbing.plug(&world, pif)
  }

  /// Open vSwitch refuses a port that is on another bridge already.
  func requireFreeCards(of pif: String) throws(APIError) {
    if world.database.int("PIF", pif, "VLAN") >= 0 {
      let vlan = world.database.string("PIF", pif, "VLAN_master_of")
      return try requireFreeCards(of: world.database.string("VLAN", vlan, "tagged_PIF"))
    }
    guard world.database.exists("PIF", pif) else { return }
    let bridge = NetworkdConfig.bridge(of: pif, world)
    let bond = world.database.strings("PIF", pif, "bond_master_of").first
    let cards = bond.map { world.database.strings("Bond", $0, "slaves") } ?? [pif]
    let rest = unclaimed()
    for card in cards.map({ world.database.string("PIF", $0, "device") }) {
      guard let holder = rest.bridge(holding: card), holder.bridge != bridge else { continue }
      throw APIError("PIF_CONFIGURATION_ERROR", pif, "\(card) is a port of \(holder.bridge)")
    }
  }

  /// Bridges that stand although no row of this host stands for them.
  private func unclaimed() -> NetworkdConfig {
    let known = Set(pifs.map { NetworkdConfig.bridge(of: $0, world) })
    var rest = live
    rest.bridges = live.bridges.filter { !known.contains($0.key) && !$0.value.ports.isEmpty || $0.key == "xentemp" }
    for (name, bridge) in rest.bridges {
      if let parent = bridge.vlan?.parent, known.contains(parent) == false, rest.bridges[parent] == nil {
        rest.bridges[name] = nil
      }
    }
    rest.gatewayInterface = nil
    rest.dnsInterface = nil
    return rest
  }

  /// The monitor tells new rows of the cards' links.
  mutating func refreshCardFacts() {
    for card in world.nics where card.host == host {
      for pif in pifs
      where world.database.bool("PIF", pif, "physical") && world.database.string("PIF", pif, "device") == card.device {
        world.describe(world.database.string("PIF", pif, "metrics"), of: card)
      }
    }
    for pif in pifs {
      for bond in world.database.strings("PIF", pif, "bond_master_of") {
        world.refreshBond(bond)
        world.bondLooks[bond] = World.lastLook
      }
    }
  }
}
