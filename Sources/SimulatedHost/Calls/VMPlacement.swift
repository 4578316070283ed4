/// Where a virtual machine could run, as far as its networks decide (XAPI notes §5.1).
enum VMPlacement {
  /// The hosts that are alive and in service and offer all the networks of a virtual machine.
  static func possibleHosts(_ world: World, _ vm: String) -> [String] {
    let networks = world.database.strings("VM", vm, "VIFs").map { world.database.string("VIF", $0, "network") }
    return world.database.refs("host").filter { host in
      isInService(world, host) && networks.allSatisfy { isOffered(world, $0, on: host) }
    }
  }

  static func isInService(_ world: World, _ host: String) -> Bool {
    world.database.bool("host", host, "enabled")
      && world.database.bool("host_metrics", world.database.string("host", host, "metrics"), "live")
  }

  /// A network with PIFs is to be had where one of them is, unless that is a bond's member; one without PIFs on every
  /// host where no other holds it.
  static func isOffered(_ world: World, _ network: String, on host: String) -> Bool {
    let pifs = world.database.strings("network", network, "PIFs")
    if pifs.isEmpty { return internalHost(world, network).map { $0 == host } ?? true }
    guard let pif = world.pif(on: network, of: host) else { return false }
    return world.bond(ofMember: pif) == nil
  }

  /// The host whose running guests already share a network that leads nowhere.
  private static func internalHost(_ world: World, _ network: String) -> String? {
    if world.database.get("network", network, "other_config")?["assume_network_is_shared"]?.string == "true" {
      return nil
    }
    return world.database.strings("network", network, "VIFs")
      .filter { world.database.bool("VIF", $0, "currently_attached") }
      .map { world.database.string("VM", world.database.string("VIF", $0, "VM"), "resident_on") }
      .first { world.database.exists("host", $0) }
  }
}
