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

  /// Tells members that have lost their coordinator where it is; here they all have found it.
  private static let recoverMembers: CallHandler = { world, _, _ in
    let lost = world.database.refs("host").filter { host in
      host != world.coordinator
        && !world.database.bool("host_metrics", world.database.string("host", host, "metrics"), "live")
    }
    for host in lost {
      world.database.set("host_metrics", world.database.string("host", host, "metrics"), "live", true)
    }
    return .array(lost.map { .string($0) })
  }

  /// Asked of a host about itself.
  private static let isMember: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("host", arguments.string(0))
    return .bool(arguments.string(0) != world.coordinator)
  }
}
