import JSON

enum PoolCalls {
  static let handlers: [String: CallHandler] = [
    "pool.sync_database": { _, _, _ in .nothing },
    "pool.create_VLAN_from_PIF": createVLANFromPIF, "pool.create_VLAN": createVLAN,
  ]

  /// A VLAN for every live host with a PIF on the same network; all or none.
  private static let createVLANFromPIF: CallHandler = { world, _, arguments throws(APIError) in
    let pif = arguments.string(0)
    try world.require("PIF", pif)
    let network = world.database.string("PIF", pif, "network")
    let bases = world.database.strings("network", network, "PIFs").filter { base in
      let host = world.database.string("PIF", base, "host")
      return world.database.bool("host_metrics", world.database.string("host", host, "metrics"), "live")
    }
    return try createVLANs(&world, on: bases, tag: arguments.int(2), network: arguments.string(1))
  }

  /// The same by device name, on every host.
  private static let createVLAN: CallHandler = { world, _, arguments throws(APIError) in
    let device = arguments.string(0)
    var bases: [String] = []
    for host in world.database.refs("host") {
      guard let base = PIFCalls.base(world, device: device, host: host) else {
        throw APIError("INVALID_VALUE", "device", device)
      }
      bases.append(base)
    }
    return try createVLANs(&world, on: bases, tag: arguments.int(2), network: arguments.string(1))
  }

  private static func createVLANs(
    _ world: inout World, on bases: [String], tag: Int64, network: String
  ) throws(APIError) -> JSONValue {
    var made: [String] = []
    for base in bases {
      do throws(APIError) {
        made.append(try VLANCalls.create(&world, on: base, tag: tag, network: network))
      } catch {
        for vlan in made { try? VLANCalls.destroy(&world, vlan) }
        throw error
      }
    }
    return .array(made.map { world.database.get("VLAN", $0, "untagged_PIF") ?? .string(Wire.nullRef) })
  }
}
