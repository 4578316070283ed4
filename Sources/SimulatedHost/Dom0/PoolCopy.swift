import JSON

/// What a member copies from its coordinator at every start: bonds, then VLANs (notes on XAPI §5.2). Addresses and settings
/// of PIFs are not copied.
extension BootSequence {
  mutating func copyFromCoordinator() {
    let theirs = world.database.strings("host", world.coordinator, "PIFs")
    for pif in theirs {
      for bond in world.database.strings("PIF", pif, "bond_master_of") { copyBond(bond, of: pif) }
    }
    for pif in theirs {
      let vlan = world.database.string("PIF", pif, "VLAN_master_of")
      if world.database.exists("VLAN", vlan) { copyVLAN(vlan, of: pif) }
    }
  }

  /// This host's PIF on a network.
  private func own(on network: String) -> String? {
    pifs.first { world.database.string("PIF", $0, "network") == network }
  }

  /// Members are matched by the networks their cards are on; a bond of fewer cards than the coordinator's is made too.
  private mutating func copyBond(_ bond: String, of master: String) {
    let network = world.database.string("PIF", master, "network")
    guard own(on: network) == nil else { return }
    let members = world.database.strings("Bond", bond, "slaves").compactMap { slave in
      own(on: world.database.string("PIF", slave, "network"))
    }.filter { !world.database.exists("Bond", world.database.string("PIF", $0, "bond_slave_of")) }
      .sorted { world.database.string("PIF", $0, "device") < world.database.string("PIF", $1, "device") }
    guard let first = members.first else { return }
    makeBond(like: bond, of: members, primary: first, on: network)
  }

  /// The bond takes over management and address of its members, and their VLANs.
  private mutating func makeBond(like bond: String, of members: [String], primary: String, on network: String) {
    let number = (0...).first { number in
      !pifs.contains { world.database.string("PIF", $0, "device") == "bond\(number)" }
    } ?? 0
    let bearer = members.first { world.database.bool("PIF", $0, "management") }
      ?? members.first { world.database.string("PIF", $0, "ip_configuration_mode") != "None" } ?? primary
    let metrics = world.create("PIF_metrics", ["last_updated": .string(world.clock().datetime)])
    var fields: JSONObject = [
      "device": .string("bond\(number)"), "network": .string(network), "host": .string(host),
      "metrics": .string(metrics), "MAC": world.database.get("PIF", primary, "MAC") ?? "", "VLAN": -1, "MTU": 1500,
      "managed": true, "IPv6": [""], "properties": ["gro": "on"],
    ]
    let moved = [
      "ip_configuration_mode", "IP", "netmask", "gateway", "DNS", "management", "primary_address_type",
    ]
    for field in moved { fields[field] = world.database.get("PIF", bearer, field) }
    let pif = world.create("PIF", fields)
    let made = world.create(
      "Bond",
      [
        "master": .string(pif), "primary_slave": .string(primary),
        "mode": world.database.get("Bond", bond, "mode") ?? "balance-slb",
        "properties": world.database.get("Bond", bond, "properties") ?? [:],
      ])
    for member in members {
      world.database.set("PIF", member, "bond_slave_of", .string(made))
      for (field, empty) in [
        ("ip_configuration_mode", "None"), ("IP", ""), ("netmask", ""), ("gateway", ""), ("DNS", ""),
      ] {
        set(member, field, .string(empty))
      }
      set(member, "management", false)
      for vlan in world.database.strings("PIF", member, "VLAN_slave_of") {
        world.database.set("VLAN", vlan, "tagged_PIF", .string(pif))
        set(world.database.string("VLAN", vlan, "untagged_PIF"), "device", .string("bond\(number)"))
      }
    }
    Plumbing.bringUp(&world, pif)
    if world.database.bool("PIF", pif, "management") {
      setInventory(["MANAGEMENT_INTERFACE": NetworkdConfig.bridge(of: pif, world)])
    }
  }

  /// Rows only: a copied VLAN is not plugged.
  private mutating func copyVLAN(_ vlan: String, of upper: String) {
    let network = world.database.string("PIF", upper, "network")
    let below = world.database.string("VLAN", vlan, "tagged_PIF")
    guard own(on: network) == nil, let base = own(on: world.database.string("PIF", below, "network")) else { return }
    _ = VLANCalls.addRows(&world, on: base, tag: world.database.int("VLAN", vlan, "tag"), network: network)
  }
}
