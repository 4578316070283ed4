import JSON

/// Virtual functions of cards (XAPI notes §3.10).
enum SRIOVCalls {
  static let handlers: [String: CallHandler] = [
    "network_sriov.create": create, "network_sriov.destroy": destroy,
    "network_sriov.get_remaining_capacity": remainingCapacity,
  ]

  private static let create: CallHandler = { world, _, arguments throws(APIError) in
    let (pif, network) = (arguments.string(0), arguments.string(1))
    try world.require("PIF", pif)
    try Plumbing.requireManaged(world, network: network)
    try checkCard(world, pif)
    try Plumbing.requireFree(world, network: network, host: world.database.string("PIF", pif, "host"))
    try checkNetwork(world, pif, network)
    let logical = world.create(
      "PIF",
      [
        "device": world.database.get("PIF", pif, "device") ?? "", "network": .string(network),
        "host": world.database.get("PIF", pif, "host") ?? "", "MAC": VLANCalls.dummyMAC,
        "MTU": world.database.get("PIF", pif, "MTU") ?? 1500, "VLAN": -1,
        "metrics": world.database.get("PIF", pif, "metrics") ?? "", "physical": false, "currently_attached": false,
        "primary_address_type": world.database.get("PIF", pif, "primary_address_type") ?? "IPv4",
      ])
    let sriov = world.create("network_sriov", ["physical_PIF": .string(pif), "logical_PIF": .string(logical)])
    // When this fails the rows stay.
    do throws(APIError) {
      try PIFCalls.plug(&world, logical)
    } catch where error.code == "PIF_CONFIGURATION_ERROR" {
      throw APIError("NETWORK_SRIOV_ENABLE_FAILED", logical, error.parameters.last ?? "")
    }
    return .string(sriov)
  }

  private static func checkCard(_ world: World, _ pif: String) throws(APIError) {
    try Plumbing.requireManaged(world, pif: pif)
    if !world.database.bool("PIF", pif, "physical") { throw APIError("PIF_IS_NOT_PHYSICAL", pif) }
    if !world.database.strings("PIF", pif, "sriov_physical_PIF_of").isEmpty {
      throw APIError("NETWORK_SRIOV_ALREADY_ENABLED", pif)
    }
    if !world.database.strings("PIF", pif, "capabilities").contains("sriov") {
      throw APIError("PIF_IS_NOT_SRIOV_CAPABLE", pif)
    }
  }

  /// A network is served by virtual functions on all hosts, of one kind of card, or on none.
  private static func checkNetwork(_ world: World, _ pif: String, _ network: String) throws(APIError) {
    for other in world.database.strings("network", network, "PIFs") {
      guard case .sriovLogical(let sriov) = world.kind(of: other) else {
        throw APIError("NETWORK_INCOMPATIBLE_WITH_SRIOV", network)
      }
      let card = world.database.string("network_sriov", sriov, "physical_PIF")
      if model(world, card) != model(world, pif) { throw APIError("NETWORK_HAS_INCOMPATIBLE_SRIOV_PIFS", pif, network) }
    }
  }

  private static func model(_ world: World, _ pif: String) -> [JSONValue?] {
    let pci = world.database.string("PIF", pif, "PCI")
    return ["vendor_name", "device_name"].map { world.database.get("PCI", pci, $0) }
  }

  private static let destroy: CallHandler = { world, _, arguments throws(APIError) in
    let sriov = arguments.string(0)
    try world.require("network_sriov", sriov)
    let logical = world.database.string("network_sriov", sriov, "logical_PIF")
    if !world.database.strings("PIF", logical, "VLAN_slave_of").isEmpty {
      throw APIError("PIF_VLAN_STILL_EXISTS", logical)
    }
    try PIFCalls.unplug(&world, logical)
    world.database.remove("PIF", logical)
    world.database.remove("network_sriov", sriov)
    return .nothing
  }

  /// Functions that no running guest has.
  private static let remainingCapacity: CallHandler = { world, _, arguments throws(APIError) in
    let sriov = arguments.string(0)
    try world.require("network_sriov", sriov)
    let logical = world.database.string("network_sriov", sriov, "logical_PIF")
    guard world.database.bool("PIF", logical, "currently_attached") else { return 0 }
    let host = world.database.string("PIF", logical, "host")
    let device = world.database.string("PIF", logical, "device")
    let total = world.nics.first { $0.host == host && $0.device == device }?.virtualFunctions ?? 0
    let riders = [logical] + world.database.strings("PIF", logical, "VLAN_slave_of")
      .map { world.database.string("VLAN", $0, "untagged_PIF") }
    let used = riders.flatMap { pif in
      world.database.strings("network", world.database.string("PIF", pif, "network"), "VIFs").filter { vif in
        world.database.bool("VIF", vif, "currently_attached")
          && world.database.string("VM", world.database.string("VIF", vif, "VM"), "resident_on") == host
      }
    }
    return .int(max(0, total - Int64(used.count)))
  }
}
