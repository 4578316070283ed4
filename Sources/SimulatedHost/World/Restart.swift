import JSON

extension World {
  /// XAPI starts anew: what lives in its memory is lost, and what the emergency calls wrote to the host's files takes
  /// effect.
  mutating func restartToolstack() {
    forgetMemory()
    takeRole()
    agreeOnHA()
    enableAgain()
  }

  /// What lives in XAPI's memory is lost.
  mutating func forgetMemory() {
    database.restart()
    localSessions = []
    registrations = [:]
    bridgeCounter = 1
    request = nil
    change("host", thisHost, "current_operations", [:])
  }

  /// XAPI puts its host back into service when it has come up.
  mutating func enableAgain() {
    if emergency == nil { change("host", thisHost, "enabled", true) }
  }

  /// Reads `pool.conf`.
  private mutating func takeRole() {
    guard let role else { return }
    switch role {
    case .coordinator:
      database.set("pool", pool, "master", .string(thisHost))
      emergency = nil
      self.role = nil
    case .member(let address):
      if address == ownAddress {
        emergency = APIError("HOST_ITS_OWN_SLAVE")
      } else if address == coordinatorIP, !isCoordinator {
        // A member without an address of its own has not arrived yet.
        if emergency?.code != "HOST_HAS_NO_MANAGEMENT_IP" { emergency = nil }
        self.role = nil
      } else {
        emergency = APIError("HOST_STILL_BOOTING")
      }
    }
  }

  private var ownAddress: String { database.string("host", thisHost, "address") }

  /// "Resynchronising HA state": a coordinator whose `local.db` says off switches it off for the pool; a member stays
  /// in emergency mode until its coordinator has done so.
  mutating func agreeOnHA() {
    guard haDisarmed else { return }
    if isCoordinator {
      database.set("pool", pool, "ha_enabled", false)
      haDisarmed = false
    } else if database.bool("pool", pool, "ha_enabled") {
      emergency = emergency ?? APIError("HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED")
    } else {
      haDisarmed = false
      if emergency?.code == "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED" { emergency = nil }
    }
  }
}
