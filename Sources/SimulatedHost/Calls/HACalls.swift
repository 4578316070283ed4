import JSON

/// High availability and the redo log, which forbid most changes to networking while they are on.
enum HACalls {
  static let handlers: [String: CallHandler] = [
    "pool.enable_ha": enable, "pool.disable_ha": disable, "host.emergency_ha_disable": emergencyDisable,
    "pool.enable_redo_log": enableRedoLog, "pool.disable_redo_log": disableRedoLog,
  ]

  /// Needs every host, and every interface with an address plugged.
  private static let enable: CallHandler = { world, _, arguments throws(APIError) in
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    for host in world.database.refs("host")
    where !world.database.bool("host_metrics", world.database.string("host", host, "metrics"), "live") {
      throw APIError("HOST_OFFLINE", host)
    }
    let unplugged = world.database.refs("PIF").filter { pif in
      world.hasIPMode(pif) && !world.database.bool("PIF", pif, "currently_attached") && world.bond(ofMember: pif) == nil
    }
    if !unplugged.isEmpty { throw APIError(code: "REQUIRED_PIF_IS_UNPLUGGED", parameters: unplugged) }
    let statefiles: JSONValue = .array(arguments.strings(0).map { _ in .string(world.newRef()) })
    world.database.set("pool", world.pool, "ha_statefiles", statefiles)
    world.database.set("pool", world.pool, "ha_configuration", .object(arguments.object(1)))
    for host in world.database.refs("host") { world.database.set("host", host, "ha_statefiles", statefiles) }
    world.database.set("pool", world.pool, "ha_enabled", true)
    world.haDisarmed = false
    return .nothing
  }

  private static let disable: CallHandler = { world, _, _ throws(APIError) in
    guard world.database.bool("pool", world.pool, "ha_enabled") else { throw APIError("HA_NOT_ENABLED") }
    clear(&world)
    return .nothing
  }

  private static func clear(_ world: inout World) {
    world.database.set("pool", world.pool, "ha_enabled", false)
    world.database.set("pool", world.pool, "ha_statefiles", [])
    world.database.set("pool", world.pool, "ha_configuration", [:])
    for host in world.database.refs("host") { world.change("host", host, "ha_statefiles", []) }
    world.haDisarmed = false
  }

  /// Disarms this host alone. The pool's own flag stays until XAPI starts anew on the coordinator: that alone does not
  /// make a network reset safe (XAPI notes §4.6).
  private static let emergencyDisable: CallHandler = { world, _, arguments throws(APIError) in
    let isSoft = arguments.bool(0)
    if !world.haArmed {
      if isSoft { return .nothing }
      throw APIError("HA_NOT_ENABLED")
    }
    // Softly: fencing is off until the next start, `local.db` still says armed.
    if !isSoft {
      world.haDisarmed = true
      world.hasNewFiles = true
    }
    return .nothing
  }

  // MARK: Redo log

  private static let enableRedoLog: CallHandler = { world, _, arguments throws(APIError) in
    try world.require("SR", arguments.string(0))
    if world.database.bool("pool", world.pool, "redo_log_enabled") { return .nothing }
    let vdi = world.newRef()
    world.database.set("pool", world.pool, "redo_log_vdi", .string(vdi))
    world.database.set("pool", world.pool, "redo_log_enabled", true)
    return .nothing
  }

  private static let disableRedoLog: CallHandler = { world, _, _ in
    world.change("pool", world.pool, "redo_log_enabled", false)
    world.change("pool", world.pool, "redo_log_vdi", .string(Wire.nullRef))
    return .nothing
  }
}
