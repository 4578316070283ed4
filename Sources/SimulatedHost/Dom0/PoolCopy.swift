import JSON

/// What a member copies from its coordinator at every start: bonds, then VLANs (notes on XAPI §5.2). Addresses and
/// settings of PIFs are not copied.
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
    guard !members.isEmpty else { return }
    let wasManagement = members.contains { world.database.bool("PIF", $0, "management") }
    do throws(APIError) {
      try call(
        "Bond.create",
        [
          .string(network), .array(members.map { .string($0) }), "",
          world.database.get("Bond", bond, "mode") ?? "balance-slb",
          world.database.get("Bond", bond, "properties") ?? [:],
        ])
    } catch {
      note("a bond could not be copied from the coordinator: \(error.code)")
    }
    if wasManagement, let pif = own(on: network) {
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
