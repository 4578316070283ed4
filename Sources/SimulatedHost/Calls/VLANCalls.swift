import JSON

enum VLANCalls {
  static let handlers: [String: CallHandler] = ["VLAN.create": create, "VLAN.destroy": destroy]

  /// Upper PIFs have no address of their own; XAPI writes this one.
  static let dummyMAC: JSONValue = "fe:ff:ff:ff:ff:ff"

  private static let create: CallHandler = { world, _, arguments throws(APIError) in
    .string(try create(&world, on: arguments.string(0), tag: arguments.int(1), network: arguments.string(2)))
  }

  /// Checks in XAPI's order: the first that fails decides the code.
  static func create(
    _ world: inout World, on pif: String, tag: Int64, network: String
  ) throws(APIError) -> String {
    try world.require("PIF", pif)
    let host = world.database.string("PIF", pif, "host")
    let device = world.database.string("PIF", pif, "device")
    try Plumbing.requireManaged(world, network: network)
    try Plumbing.requireFree(world, network: network, host: host)
    try Plumbing.requireManaged(world, pif: pif)
    try refuseBase(world, pif)
    try refuseSRIOVMix(world, pif, network)
    guard (0...4094).contains(tag) else { throw APIError("VLAN_TAG_INVALID", String(tag)) }
    for vlan in world.database.strings("PIF", pif, "VLAN_slave_of")
    where world.database.int("VLAN", vlan, "tag") == tag {
      throw APIError("PIF_VLAN_EXISTS", device)
    }
    if host == world.thisHost, world.behaviour.kernelVLANs.contains("\(device).\(tag)") {
      throw APIError("VLAN_IN_USE", device, String(tag))
    }
    try refuseTrunks(world, network)
    let vlan = addRows(&world, on: pif, tag: tag, network: network)
    try PIFCalls.plug(&world, world.database.string("VLAN", vlan, "untagged_PIF"))
    return vlan
  }

  private static func refuseBase(_ world: World, _ pif: String) throws(APIError) {
    if world.bond(ofMember: pif) != nil { throw APIError("CANNOT_ADD_VLAN_TO_BOND_SLAVE", pif) }
    if world.database.int("PIF", pif, "VLAN") >= 0 { throw APIError("PIF_IS_VLAN", pif) }
    if !world.database.strings("PIF", pif, "tunnel_access_PIF_of").isEmpty {
      throw APIError("IS_TUNNEL_ACCESS_PIF", pif)
    }
  }

  /// A network is either all SR-IOV or all bridged.
  private static func refuseSRIOVMix(_ world: World, _ pif: String, _ network: String) throws(APIError) {
    let onSRIOV = !world.database.strings("PIF", pif, "sriov_logical_PIF_of").isEmpty
    let others = world.database.strings("network", network, "PIFs")
    func isSRIOV(_ other: String) -> Bool {
      if !world.database.strings("PIF", other, "sriov_logical_PIF_of").isEmpty { return true }
      let vlan = world.database.string("PIF", other, "VLAN_master_of")
      let base = world.database.string("VLAN", vlan, "tagged_PIF")
      return !world.database.strings("PIF", base, "sriov_logical_PIF_of").isEmpty
    }
    if !onSRIOV, others.contains(where: isSRIOV) {
      throw APIError("NETWORK_INCOMPATIBLE_WITH_VLAN_ON_BRIDGE", network)
    }
    guard onSRIOV else { return }
    if others.contains(where: { !isSRIOV($0) }) { throw APIError("NETWORK_INCOMPATIBLE_WITH_VLAN_ON_SRIOV", network) }
    // All cards of such a network are of one model.
    for other in others where !card(below: other, world).isEmpty && card(below: other, world) != card(below: pif, world) {
      throw APIError("NETWORK_HAS_INCOMPATIBLE_VLAN_ON_SRIOV_PIFS", pif, network)
    }
  }

  /// Maker and model of the card whose functions a PIF rides on.
  private static func card(below pif: String, _ world: World) -> [String] {
    var logical = pif
    if let vlan = world.database.get("PIF", pif, "VLAN_master_of")?.string, world.database.exists("VLAN", vlan) {
      logical = world.database.string("VLAN", vlan, "tagged_PIF")
    }
    guard let sriov = world.database.strings("PIF", logical, "sriov_logical_PIF_of").first else { return [] }
    let physical = world.database.string("network_sriov", sriov, "physical_PIF")
    let pci = world.database.string("PIF", physical, "PCI")
    return world.database.exists("PCI", pci) ? [world.database.string("PCI", pci, "vendor_name"), world.database.string("PCI", pci, "device_name")] : []
  }

  /// VIFs with tags of their own, which XAPI knows from 26.17 on.
  private static func refuseTrunks(_ world: World, _ network: String) throws(APIError) {
    for vif in world.database.strings("network", network, "VIFs") where world.database.get("VIF", vif, "trunks")?.array?.isEmpty == false {
      throw APIError("NETWORK_INCOMPATIBLE_WITH_TRUNKS", network)
    }
  }

  static func addRows(_ world: inout World, on pif: String, tag: Int64, network: String) -> String {
    let upper = world.create(
      "PIF",
      [
        "device": world.database.get("PIF", pif, "device") ?? "", "network": .string(network),
        "host": world.database.get("PIF", pif, "host") ?? "", "MAC": dummyMAC,
        "MTU": world.database.get("PIF", pif, "MTU") ?? 1500, "VLAN": .int(tag),
        "metrics": world.database.get("PIF", pif, "metrics") ?? "", "physical": false, "currently_attached": false,
        "IPv6": [""], "primary_address_type": world.database.get("PIF", pif, "primary_address_type") ?? "IPv4",
      ])
    let vlan = world.create(
      "VLAN", ["tagged_PIF": .string(pif), "untagged_PIF": .string(upper), "tag": .int(tag)])
    world.database.set("PIF", upper, "VLAN_master_of", .string(vlan))
    return vlan
  }

  private static let destroy: CallHandler = { world, _, arguments throws(APIError) in
    try destroy(&world, arguments.string(0))
    return .nothing
  }

  static func destroy(_ world: inout World, _ vlan: String) throws(APIError) {
    try world.require("VLAN", vlan)
    let upper = world.database.string("VLAN", vlan, "untagged_PIF")
    guard world.database.exists("PIF", upper) else {
      world.database.remove("VLAN", vlan)
      return
    }
    if world.bond(ofMember: upper) != nil { throw APIError("PIF_ALREADY_BONDED", upper) }
    let host = world.database.string("PIF", upper, "host")
    if host != world.coordinator, world.database.bool("PIF", upper, "management") {
      throw APIError("PIF_IS_MANAGEMENT_INTERFACE", upper)
    }
    try Plumbing.refuseUnderHA(world, upper)
    if world.database.int("PIF", upper, "VLAN") < 0 { throw APIError("PIF_IS_PHYSICAL") }
    try PIFCalls.unplug(&world, upper)
    world.database.remove("VLAN", vlan)
    world.database.remove("PIF", upper)
  }
}
