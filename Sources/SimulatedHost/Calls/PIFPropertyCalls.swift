import JSON

/// `PIF.set_property` and the protection against unplugging.
enum PIFPropertyCalls {
  static let handlers: [String: CallHandler] = [
    "PIF.set_property": setProperty, "PIF.set_disallow_unplug": setDisallowUnplug,
  ]

  /// An attached PIF is plugged anew, and with it every VLAN on it, plugged before or not.
  private static let setProperty: CallHandler = { world, _, arguments throws(APIError) in
    let (pif, name, value) = (arguments.string(0), arguments.string(1), arguments.string(2))
    try world.require("PIF", pif)
    guard name == "gro", value == "on" || value == "off" else {
      throw APIError("INVALID_VALUE", "properties", "\(name) = \(value)")
    }
    var members: [String] = []
    switch world.kind(of: pif) {
    case .physical where world.bond(ofMember: pif) == nil: break
    case .bond(let bond): members = world.database.strings("Bond", bond, "slaves")
    default: throw APIError("CANNOT_CHANGE_PIF_PROPERTIES", pif)
    }
    for row in [pif] + members {
      var properties = world.database.get("PIF", row, "properties")?.object ?? JSONObject()
      properties[name] = .string(value)
      world.database.set("PIF", row, "properties", .object(properties))
    }
    guard world.database.bool("PIF", pif, "currently_attached") else { return .nothing }
    try Plumbing.plug(&world, pif)
    for vlan in world.database.strings("PIF", pif, "VLAN_slave_of") {
      try Plumbing.plug(&world, world.database.string("VLAN", vlan, "untagged_PIF"))
    }
    return .nothing
  }

  private static let setDisallowUnplug: CallHandler = { world, _, arguments throws(APIError) in
    let (pif, value) = (arguments.string(0), arguments.bool(1))
    try world.require("PIF", pif)
    if world.database.bool("PIF", pif, "disallow_unplug") == value { return .nothing }
    if !value { try Plumbing.refuseUnderClustering(world, pif) }
    world.database.set("PIF", pif, "disallow_unplug", .bool(value))
    return .nothing
  }
}
