import JSON

extension IPDevice {
  static let command = ["ip", "-j", "addr"]

  /// Every device with its addresses, in the kernel's order.
  public static func all(on system: HostSystem) async throws(LiveFailure) -> [IPDevice] {
    try parse(try await system.answer(of: command))
  }

  /// What `ip -j addr` or `ip -j link` wrote. Rows without a name (iproute2 4.19 writes `{}` for those it leaves out)
  /// are passed over.
  public static func parse(_ answer: [UInt8]) throws(LiveFailure) -> [IPDevice] {
    try IPRows.parse(answer).compactMap { row in
      guard let name = row["ifname"]?.string else { return nil }
      return IPDevice(
        name: name, index: row["ifindex"]?.number, flags: row["flags"].words, mtu: row["mtu"]?.number,
        mac: row["address"]?.string?.lowercased(), linkType: row["link_type"]?.string, master: row["master"]?.string,
        lower: row["link"]?.string, addresses: (row["addr_info"]?.array ?? []).compactMap(IPAddress.init(row:)))
    }
  }
}

extension IPAddress {
  /// How iproute2 prints a time without end.
  private static let forEver = Int(UInt32.max)

  init?(row: JSONValue) {
    guard let local = row["local"]?.string, let length = row["prefixlen"]?.number else { return nil }
    func isSet(_ name: String) -> Bool { row[name]?.bool ?? row["flags"].words.contains(name) }
    self.init(
      family: row["family"]?.string == "inet6" || local.contains(":") ? .v6 : .v4, address: local, prefixLength: length,
      broadcast: row["broadcast"]?.string, scope: row["scope"]?.string, isDynamic: isSet("dynamic"),
      isTentative: isSet("tentative"), isDuplicate: isSet("dadfailed"), isDeprecated: isSet("deprecated"),
      validFor: row["valid_life_time"]?.number.flatMap { $0 < Self.forEver ? $0 : nil })
  }
}

extension IPRoute {
  static func command(_ family: IPAddress.Family) -> [String] {
    family == .v4 ? ["ip", "-j", "route"] : ["ip", "-6", "-j", "route"]
  }

  /// The main table of a family.
  public static func all(_ family: IPAddress.Family, on system: HostSystem) async throws(LiveFailure) -> [IPRoute] {
    try parse(try await system.answer(of: command(family)), family)
  }

  /// What `ip -j route` (or `ip -6 -j route`) wrote.
  public static func parse(_ answer: [UInt8], _ family: IPAddress.Family) throws(LiveFailure) -> [IPRoute] {
    try IPRows.parse(answer).compactMap { row in
      guard let destination = row["dst"]?.string else { return nil }
      let isDefault = ["default", "0.0.0.0/0", "::/0"].contains(destination)
      return IPRoute(
        family: family, kind: row["type"]?.string, destination: isDefault ? nil : destination,
        gateway: Self.gateway(row),
        device: row["dev"]?.string, source: row["prefsrc"]?.string, origin: row["protocol"]?.string,
        scope: row["scope"]?.string, metric: row["metric"]?.number, flags: row["flags"].words,
        nextHops: (row["nexthops"]?.array ?? []).map {
          NextHop(gateway: Self.gateway($0), device: $0["dev"]?.string, flags: $0["flags"].words)
        })
    }
  }

  /// A gateway of the other family comes as `via`.
  private static func gateway(_ row: JSONValue) -> String? { row["gateway"]?.string ?? row["via"]?["host"]?.string }
}

extension IPNeighbour {
  static let command = ["ip", "-j", "neigh"]

  /// Every neighbour of both families.
  public static func all(on system: HostSystem) async throws(LiveFailure) -> [IPNeighbour] {
    try parse(try await system.answer(of: command))
  }

  /// What `ip -j neigh` wrote.
  public static func parse(_ answer: [UInt8]) throws(LiveFailure) -> [IPNeighbour] {
    try IPRows.parse(answer).compactMap { row in
      guard let address = row["dst"]?.string else { return nil }
      return IPNeighbour(
        address: address, device: row["dev"]?.string, mac: row["lladdr"]?.string?.lowercased(),
        states: row["state"].words)
    }
  }
}

/// The rows `ip -j` writes.
private enum IPRows {
  static func parse(_ answer: [UInt8]) throws(LiveFailure) -> [JSONValue] {
    guard let rows = try JSONValue(answer: answer, of: "ip").array else {
      throw .garbage(tool: "ip", reason: "an array was expected")
    }
    return rows
  }
}

extension JSONValue {
  fileprivate var number: Int? { int.flatMap { Int(exactly: $0) } }
}

extension JSONValue? {
  /// The words of an array, or the one word that stands in its place.
  fileprivate var words: Set<String> {
    switch self {
    case .array(let values): Set(values.compactMap(\.string))
    case .string(let value): [value]
    default: []
    }
  }
}
