import JSON

/// Who coordinates the pool: calls for a pool that has come apart. What they write to `pool.conf` takes effect when
/// the toolstack has started anew.
enum PoolRoleCalls {
  static let handlers: [String: CallHandler] = [
    "pool.emergency_reset_master": resetCoordinator, "pool.emergency_transition_to_master": becomeCoordinator,
    "pool.designate_new_master": designate, "pool.recover_slaves": recoverMembers, "pool.is_slave": isMember,
  ]

  private static let resetCoordinator: CallHandler = { world, _, arguments throws(APIError) in
    if world.haArmed { throw APIError("HA_IS_ENABLED") }
    world.role = .member(of: arguments.string(0))
    world.hasNewFiles = true
    world.request = .restartToolstack
    return .nothing
  }

  private static let becomeCoordinator: CallHandler = { world, _, _ throws(APIError) in
    if world.haArmed { throw APIError("HA_IS_ENABLED") }
    world.role = .coordinator
    world.hasNewFiles = true
    world.request = .restartToolstack
    return .nothing
  }

  /// Every toolstack of the pool starts anew; the database knows the new coordinator at once.
  private static let designate: CallHandler = { world, _, arguments throws(APIError) in
    let host = arguments.string(0)
    try world.require("host", host)
    if host == world.coordinator { return .nothing }
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    world.database.set("pool", world.pool, "master", .string(host))
    world.request = .restartToolstack
    return .nothing
  }

  /// Tells every member where the coordinator is. Those that are switched off do not hear it; no error is made of that.
  private static let recoverMembers: CallHandler = { world, _, _ in .array(recover(&world).map { .string($0) }) }

  /// - Returns: the members that were told.
  static func recover(_ world: inout World) -> [String] {
    let told = world.database.refs("host").filter { host in
      host != world.coordinator && (world.isLive(host) || world.lost.contains(host))
    }
    for host in told { world.staleCoordinators[host] = nil }
    return told
  }

  /// Asked of a host about itself.
  private static let isMember: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("host", arguments.string(0))
    return .bool(arguments.string(0) != world.coordinator)
  }
}
