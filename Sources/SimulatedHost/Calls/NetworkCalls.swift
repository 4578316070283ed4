import JSON

enum NetworkCalls {
  static let handlers: [String: CallHandler] = [
    "network.create": create, "network.destroy": destroy, "network.set_default_locking_mode": setLockingMode,
    "network.add_purpose": addPurpose, "network.remove_purpose": removePurpose, "network.attach": attach,
  ]

  private static let create: CallHandler = { world, _, arguments throws(APIError) in
    let record = arguments.object(0)
    guard let config = record["other_config"] else { throw .failure("Undefined field: Expecting 'other_config'") }
    let bridge = try bridge(&world, asked: record["bridge"]?.string ?? "")
    let mtu = record["MTU"]?.int ?? 1500
    return .string(
      world.create(
        "network",
        [
          "name_label": record["name_label"] ?? "", "name_description": record["name_description"] ?? "",
          "MTU": .int(mtu <= 0 ? 1500 : mtu), "other_config": config, "bridge": .string(bridge),
          "managed": record["managed"] ?? true, "tags": record["tags"] ?? [],
        ]))
  }

  /// Names of XAPI's own are taken by a counter and refused when asked for.
  private static func bridge(_ world: inout World, asked: String) throws(APIError) -> String {
    let taken = Set(world.database.refs("network").map { world.database.string("network", $0, "bridge") })
    guard asked.isEmpty else {
      let reserved = ["xen", "xapi", "vif", "tap", "eth"].contains { asked.hasPrefix($0) }
      if asked.utf8.count > 15 || reserved { throw APIError("INVALID_VALUE", "bridge", asked) }
      if taken.contains(asked) { throw APIError("BRIDGE_NAME_EXISTS", asked) }
      return asked
    }
    while taken.contains("xapi\(world.bridgeCounter)") { world.bridgeCounter += 1 }
    defer { world.bridgeCounter += 1 }
    return "xapi\(world.bridgeCounter)"
  }

  private static let destroy: CallHandler = { world, _, arguments throws(APIError) in
    let network = arguments.string(0)
    try world.require("network", network)
    let vifs = world.database.strings("network", network, "VIFs")
    let attached = vifs.filter { world.database.bool("VIF", $0, "currently_attached") }
    if !attached.isEmpty { throw APIError(code: "NETWORK_CONTAINS_VIF", parameters: attached) }
    let pifs = world.database.strings("network", network, "PIFs")
    if !pifs.isEmpty { throw APIError(code: "NETWORK_CONTAINS_PIF", parameters: pifs) }
    let config = world.database.get("network", network, "other_config")
    if config?["is_host_internal_management_network"]?.string == "true" {
      throw APIError("CANNOT_DESTROY_SYSTEM_NETWORK", network)
    }
    for vif in vifs { world.database.remove("VIF", vif) }
    world.database.remove("network", network)
    return .nothing
  }

  private static let setLockingMode: CallHandler = { world, _, arguments throws(APIError) in
    let network = arguments.string(0)
    try world.require("network", network)
    let vifs = world.database.strings("network", network, "VIFs")
    if let vif = vifs.first(where: { world.database.bool("VIF", $0, "currently_attached") }) {
      throw APIError("VIF_IN_USE", network, vif)
    }
    world.database.set("network", network, "default_locking_mode", arguments.values[1])
    return .nothing
  }

  private static let addPurpose: CallHandler = { world, _, arguments throws(APIError) in
    let (network, purpose) = (arguments.string(0), arguments.string(1))
    try world.require("network", network)
    guard world.database.bool("network", network, "managed") else { throw APIError("NETWORK_UNMANAGED", network) }
    let rival = purpose == "nbd" ? "insecure_nbd" : "nbd"
    for other in world.database.refs("network")
    where world.database.strings("network", other, "purpose").contains(rival) {
      throw APIError("NETWORK_INCOMPATIBLE_PURPOSES", purpose, rival)
    }
    var purposes = world.database.strings("network", network, "purpose")
    if !purposes.contains(purpose) { purposes.append(purpose) }
    world.database.set("network", network, "purpose", .array(purposes.map { .string($0) }))
    return .nothing
  }

  private static let removePurpose: CallHandler = { world, _, arguments throws(APIError) in
    let network = arguments.string(0)
    try world.require("network", network)
    let left = world.database.strings("network", network, "purpose").filter { $0 != arguments.string(1) }
    world.database.set("network", network, "purpose", .array(left.map { .string($0) }))
    return .nothing
  }

  private static let attach: CallHandler = { world, _, arguments throws(APIError) in
    let (network, host) = (arguments.string(0), arguments.string(1))
    try world.require("network", network)
    try world.require("host", host)
    for pif in world.database.strings("network", network, "PIFs")
    where world.database.string("PIF", pif, "host") == host && world.database.bool("PIF", pif, "managed") {
      try Plumbing.refuseBondMember(world, pif)
      try Plumbing.plug(&world, pif)
    }
    return .nothing
  }
}
