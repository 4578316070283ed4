import JSON

extension World {
  mutating func setCarrier(host: String, device: String, up: Bool) {
    guard host == thisHost, card(device) != nil else { return showLink(host: host, device: device, up: up) }
    set(device) { $0.isPulled = !up }
    // A card that is set so that nobody understands it has no link, cable or not.
    if card(device)?.carrier == up { showLink(host: host, device: device, up: up) }
  }

  /// Shows a link that has come or gone, to the kernel and to XAPI.
  mutating func showLink(host: String, device: String, up: Bool) {
    for index in nics.indices where nics[index].host == host && nics[index].device == device {
      if nics[index].carrier != up { nics[index].carrierChanges += 1 }
      nics[index].carrier = up
    }
    for pif in database.strings("host", host, "PIFs")
    where database.bool("PIF", pif, "physical") && database.string("PIF", pif, "device") == device {
      let metrics = database.string("PIF", pif, "metrics")
      let own = host == thisHost ? card(device).flatMap { settings(of: $0).speed } : nil
      let speed = min(nominalSpeed(metrics), own ?? .max)
      set(metrics: metrics, carrier: up, speed: up ? speed : 0)
      let bond = database.string("PIF", pif, "bond_slave_of")
      if database.exists("Bond", bond) { refreshBond(bond) }
    }
  }

  /// The speed that a card had when its link was up.
  private mutating func nominalSpeed(_ metrics: String) -> Int64 {
    let now = database.int("PIF_metrics", metrics, "speed")
    if now > 0 { speeds[metrics] = max(now, speeds[metrics] ?? 0) }
    return speeds[metrics] ?? 1000
  }

  /// The look, of those at a new bond, that finds all links up: members but the first wait for the bond's `updelay`
  /// of 31 s (XAPI notes §3.6).
  static let lastLook = 8

  /// XAPI's look at the links of bonds, every five seconds. It reads what networkd wrote at its own last look, so that
  /// a new bond's first link is counted at the second.
  mutating func lookAtLinks() {
    let bonds = database.refs("Bond")
    bondLooks = bondLooks.filter { bonds.contains($0.key) }
    for bond in bonds {
      let looks = min(bondLooks[bond, default: 0] + 1, Self.lastLook)
      guard looks != bondLooks[bond] else { continue }
      bondLooks[bond] = looks
      if looks == 2 { refreshBond(bond, most: 1) }
      if looks == Self.lastLook { refreshBond(bond) }
    }
  }

  /// Whether there are bonds whose links are not all counted yet.
  var hasNewBonds: Bool { database.refs("Bond").contains { bondLooks[$0, default: 0] < Self.lastLook } }

  /// Links up, and the bond's own link and speed, from its members.
  /// - Parameter most: how many links may be up, while the others wait.
  mutating func refreshBond(_ bond: String, most: Int = .max) {
    let members = database.strings("Bond", bond, "slaves").map { database.string("PIF", $0, "metrics") }
    let up = members.filter { database.bool("PIF_metrics", $0, "carrier") }.prefix(most)
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
