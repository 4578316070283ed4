import JSON

enum HostCalls {
  static let handlers: [String: CallHandler] = [
    "host.get_management_interface": managementInterface,
    "host.is_in_emergency_mode": { world, _, _ in .bool(world.emergency != nil) },
    "host.local_assert_healthy": assertHealthy,
    "host.signal_networking_change": { _, _, _ in .nothing },
  ]

  private static let managementInterface: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    let pifs = world.database.strings("host", host, "PIFs")
    guard let pif = pifs.first(where: { world.database.bool("PIF", $0, "management") }) else {
      throw .internalError("Not_found")
    }
    return .string(pif)
  }

  private static let assertHealthy: CallHandler = { world, _, _ throws(APIError) in
    if let error = world.emergency { throw error }
    return .nothing
  }
}
