import JSON

extension World {
  mutating func setCarrier(host: String, device: String, up: Bool) {
    for pif in database.strings("host", host, "PIFs")
    where database.bool("PIF", pif, "physical") && database.string("PIF", pif, "device") == device {
      let metrics = database.string("PIF", pif, "metrics")
      let speed = nominalSpeed(metrics)
      set(metrics: metrics, carrier: up, speed: up ? speed : 0)
      let bond = database.string("PIF", pif, "bond_slave_of")
      if database.exists("Bond", bond) { refreshBond(bond) }
    }
  }

  /// The speed that a card had when its link was up.
  private mutating func nominalSpeed(_ metrics: String) -> Int64 {
    let now = database.int("PIF_metrics", metrics, "speed")
    if now > 0 { speeds[metrics] = now }
    return speeds[metrics] ?? 1000
  }

  /// XAPI's look at the links, every five seconds. It reads what networkd wrote at its own last look, so that a bond's
  /// links are counted at the second look after it was made; until then it has none.
  /// - Returns: whether there is a bond that the next look will find.
  @discardableResult
  mutating func lookAtLinks() -> Bool {
    let bonds = database.refs("Bond")
    for bond in bonds where seenBonds.contains(bond) && isStale(bond) { refreshBond(bond) }
    let isNew = bonds.contains { !seenBonds.contains($0) && isStale($0) }
    seenBonds = Set(bonds)
    return isNew
  }

  private func isStale(_ bond: String) -> Bool {
    let members = database.strings("Bond", bond, "slaves")
    return database.int("Bond", bond, "links_up") != Int64(members.filter(hasLink).count)
  }

  /// Links up, and the bond's own link and speed, from its members.
  mutating func refreshBond(_ bond: String) {
    let members = database.strings("Bond", bond, "slaves").map { database.string("PIF", $0, "metrics") }
    let up = members.filter { database.bool("PIF_metrics", $0, "carrier") }
    let speed = up.reduce(0) { $0 + database.int("PIF_metrics", $1, "speed") }
    database.set("Bond", bond, "links_up", .int(Int64(up.count)))
    let own = database.string("PIF", database.string("Bond", bond, "master"), "metrics")
    set(metrics: own, carrier: !up.isEmpty, speed: speed)
  }

  private mutating func set(metrics: String, carrier: Bool, speed: Int64) {
    database.set("PIF_metrics", metrics, "carrier", .bool(carrier))
    database.set("PIF_metrics", metrics, "speed", .int(speed))
    database.set("PIF_metrics", metrics, "duplex", .bool(carrier))
    database.set("PIF_metrics", metrics, "last_updated", .string(clock().datetime))
  }
}
