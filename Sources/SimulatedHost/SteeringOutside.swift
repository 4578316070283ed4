import JSON

/// Wishes about what is out there and about the host's services (see `Steering.swift`):
///
///     {"dhcp": {"seconds": 2}}            how long a server takes to give an address
///     {"dhcp": {"answers": false}}        no server answers new clients; leases stay
///     {"occupied": ["10.0.4.50"]}         somebody else has these addresses, and no others
///     {"dns": {"10.0.4.2": false}}        a name server answers no questions (true: it does again), though it answers a ping
///     {"gone": ["10.0.4.2"]}              what had these addresses is switched off, routers and servers as well; no others
///     {"connected": false}                routers pass nothing on
///     {"path_mtu": {"10.0.20.13": 1500, "10.9.0.2": {"most": 1400, "by": "10.0.4.1"}, "eth3": null}}
///                                         longer packets to an address, or out of a card, are lost, or a router says so
///     {"contact": {"seconds": 1}}         how long members and coordinator take to notice that they lost each other
///     {"peer": {"name": "xcp2", "up": false}}   another host of the pool is switched off
///     {"version": "8.2"}                  an older host: its XAPI knows nothing of NTP and SSH; "8.3" goes back
///     {"ntp": "ntpd"}                     the clock is set by ntpd, or by "chronyd"
///     {"systemd": true}                   /run/systemd/system is there and systemd-run notes its units;
///     {"systemd": {"runs": true}}         and really runs their programs
///     {"kill": {"unit": "xapi", "seconds": 2}}  a unit's program dies, to be started again then; without seconds never
extension SimulatedHost {
  /// nil: no such wish.
  func grantForOutside(_ name: String, _ wish: JSONValue) async throws -> Int? {
    switch name {
    case "dhcp":
      if wish["seconds"] != nil { setLeaseTime(.seconds(try Self.seconds(wish, name))) }
      if let answers = wish["answers"] {
        guard let answers = answers.bool else { throw Refused(text: "dhcp: answers is true or false") }
        setDHCP(answers: answers)
      }
    case "occupied":
      guard let list = wish.array, list.allSatisfy({ $0.string != nil }) else {
        throw Refused(text: "occupied is a list of addresses")
      }
      setOccupied(Set(list.compactMap(\.string)))
    case "gone":
      guard let list = wish.array, list.allSatisfy({ $0.string != nil }) else {
        throw Refused(text: "gone is a list of addresses")
      }
      setGone(Set(list.compactMap(\.string)))
    case "dns":
      guard let servers = wish.object else { throw Refused(text: "dns is an object of addresses, each true or false") }
      for (server, answers) in servers {
        guard let answers = answers.bool else { throw Refused(text: "dns: \(server) is true or false") }
        setNameServer(server, answers: answers)
      }
    case "path_mtu":
      guard let limits = wish.object else { throw Refused(text: "path_mtu is an object of addresses and cards") }
      for (place, limit) in limits { try grantPathLimit(place, limit) }
    case "connected":
      guard let isConnected = wish.bool else { throw Refused(text: "connected is true or false") }
      world.outside.isConnected = isConnected
      somethingChangedOutside()
    case "contact": setContactTime(.seconds(try Self.seconds(wish, name)))
    case "peer": return try grantPeer(wish)
    case "version":
      guard let version = wish.string.flatMap(HostVersion.init(rawValue:)) else {
        throw Refused(text: "a version is \(HostVersion.allCases.map(\.rawValue).joined(separator: " or "))")
      }
      await setVersion(version)
    case "ntp":
      guard let unit = wish.string, ["chronyd", "ntpd"].contains(unit) else {
        throw Refused(text: "ntp is chronyd or ntpd")
      }
      setTimeUnit(unit)
    case "systemd":
      if let runs = wish["runs"]?.bool { options.runsTransients = runs }
      setSystemd(wish.bool ?? true)
    case "kill":
      guard let unit = wish["unit"]?.string, Self.units.contains(unit) else { throw Refused(text: "kill needs a unit") }
      await crash(unit, backAfter: try wish["seconds"].map { _ in .seconds(try Self.seconds(wish, name)) })
    default: return nil
    }
    return 0
  }

  private func grantPathLimit(_ place: String, _ limit: JSONValue) throws {
    if limit == .null { return setPathLimit(place, most: nil) }
    guard let most = limit.int ?? limit["most"]?.int, (68...65_535).contains(most) else {
      throw Refused(text: "path_mtu: \(place) takes a number of bytes")
    }
    setPathLimit(place, most: Int(most), by: limit["by"]?.string)
  }

  private func grantPeer(_ wish: JSONValue) throws -> Int {
    guard let name = wish["name"]?.string, let up = wish["up"]?.bool,
      let host = refs(class: "host", where: ["hostname": .string(name)]).first, host != world.thisHost
    else { throw Refused(text: "peer needs the name of another host of the pool, and up") }
    mutate(
      class: "host_metrics", ref: world.database.string("host", host, "metrics"), field: "live", value: .bool(up))
    return 1
  }

  // MARK: The same for tests in this process

  /// Addresses that somebody else has.
  public func setOccupied(_ addresses: Set<String>) {
    world.outside.occupied = addresses
    somethingChangedOutside()
  }

  /// Addresses whose owners are switched off.
  public func setGone(_ addresses: Set<String>) {
    world.outside.gone = addresses
    somethingChangedOutside()
  }

  /// How long packets may be on their way.
  /// - Parameters:
  ///   - place: the address they go to, or the card they leave through.
  ///   - most: bytes of a whole packet; nil: as many as this host sends.
  ///   - teller: the router that says so; nil: longer ones are lost without a word.
  public func setPathLimit(_ place: String, most: Int?, by teller: String? = nil) {
    world.outside.pathLimits[place] = most.map { PathLimit(most: $0, teller: teller) }
  }

  /// A name server that answers questions or not; a ping it answers all the same.
  public func setNameServer(_ address: String, answers: Bool) {
    if answers { world.outside.deadServers.remove(address) } else { world.outside.deadServers.insert(address) }
    somethingChangedOutside()
  }

  func somethingChangedOutside() {
    try? writeFollowingFiles()
    retryCoordinator()
    wakeAll()
  }

  /// The clock is set by this service from now on: `chronyd` or `ntpd`.
  public func setTimeUnit(_ unit: String) {
    guard unit != world.services.timeUnit, let tree = dom0.tree else { return world.services.setTimeUnit(unit) }
    for path in ["/etc/chrony.conf", "/etc/ntp.conf"] { tree.remove(path) }
    world.services.setTimeUnit(unit)
    for (path, entry) in serviceEntries() where path.hasPrefix("/etc/chrony") || path.hasPrefix("/etc/ntp") {
      try? tree.put(path, entry)
    }
  }

  /// Whether `/run/systemd/system` is there, by which programs know that systemd runs.
  public func setSystemd(_ isThere: Bool) {
    layout.hasSystemd = isThere
    guard let tree = dom0.tree else { return }
    if isThere { try? tree.put("/run/systemd/system", .folder) } else { tree.removeFolder("/run/systemd") }
  }

  /// Makes this host an older or a newer one. Sessions are lost, as with every update.
  public func setVersion(_ version: HostVersion) async {
    guard version.product != world.product || version.facts["product_version"] != currentVersion else { return }
    world.become(version)
    layout.trigger = version == .v8_2 ? "/tmp/network-reset" : "/var/tmp/network-reset"
    layout.speaksOfMembers = version != .v8_2
    dom0.seen = -1
    refreshLive()
    if let tree = dom0.tree { try? tree.put("/opt/xensource/bin/xe-reset-networking", .text(resetProgram, mode: 0o755)) }
    if let tree = dom0.tree, let text = tree.text(BootSequence.inventoryPath) {
      var inventory = KeyFile(text)
      for line in world.inventory.split(separator: "\n") where line.hasPrefix("PRODUCT_VERSION") {
        let halves = line.split(separator: "=", maxSplits: 1)
        if halves.count == 2 { inventory[String(halves[0])] = String(halves[1].dropFirst().dropLast()) }
      }
      try? tree.put(BootSequence.inventoryPath, .text(inventory.text))
    }
    wakeAll()
  }

  private var currentVersion: JSONValue? {
    world.database.get("host", world.thisHost, "software_version")?["product_version"]
  }
}

/// Releases of XCP-ng that a simulated host can be of.
public enum HostVersion: String, CaseIterable, Sendable {
  case v8_2 = "8.2"
  case v8_3 = "8.3"

  var product: Product { self == .v8_2 ? .xapi1_249 : .xapi26_1_3 }

  var facts: JSONObject {
    switch self {
    case .v8_2:
      [
        "product_version": "8.2.1", "product_version_text": "8.2", "product_version_text_short": "8.2",
        "platform_version": "3.2.1", "build_number": "release/yangtze/master/58", "xapi": "1.20", "xapi_build": "1.249.38",
      ]
    case .v8_3: HostFacts.softwareVersion
    }
  }
}

extension World {
  /// The same world in the database of another release: fields that it does not have are lost, others get their defaults.
  mutating func become(_ version: HostVersion) {
    var fresh = Database(product: version.product)
    fresh.counts = database.counts
    for (index, schema) in database.schema.classes.enumerated() {
      guard let table = database.table(schema.name), !["session", "task"].contains(schema.name) else { continue }
      let definition = fresh.schema.classes[index]
      for row in table.rows.values.sorted(by: { $0.created < $1.created }) {
        var values = definition.fields.map(\.initial)
        for (field, value) in zip(schema.fields, row.values) {
          if let place = definition.indexes[field.name] { values[place] = value }
        }
        fresh.load(index, ref: row.ref, values)
      }
    }
    database = fresh
    for host in database.refs("host") {
      var facts = database.get("host", host, "software_version")?.object ?? JSONObject()
      for (key, value) in version.facts { facts[key] = value }
      database.set("host", host, "software_version", .object(facts))
      database.set("host", host, "API_version_minor", version == .v8_2 ? 16 : 21)
    }
    forgetMemory()
    noteServices()
  }
}
