import JSON

/// Which properties a bond of a mode may have, and what it has when nobody says (XAPI notes §3.7).
enum BondMode {
  /// In the order in which XAPI lists them.
  private static let lacp: [(name: String, initial: String?, isValid: @Sendable (String) -> Bool)] = [
    ("hashing_algorithm", "tcpudp_ports", { $0 == "src_mac" || $0 == "tcpudp_ports" }),
    ("lacp-time", "slow", { $0 == "fast" || $0 == "slow" }),
    ("lacp-aggregation-key", nil, { Int64($0) != nil }),
    ("lacp-fallback-ab", "true", { $0 == "true" || $0 == "false" }),
  ]

  /// Fails unless a bond of this mode may have the property.
  static func check(_ name: String, _ value: String, in mode: String) throws(APIError) {
    guard mode == "lacp", let property = lacp.first(where: { $0.name == name }), property.isValid(value) else {
      throw APIError("INVALID_VALUE", "properties", "\(name) = \(value)")
    }
  }

  /// The properties that a bond of this mode gets: those given that it can have, and defaults.
  static func complete(_ given: JSONObject, for mode: String) -> JSONObject {
    guard mode == "lacp" else { return JSONObject() }
    var properties = JSONObject()
    for property in lacp {
      if let value = given[property.name] ?? property.initial.map({ .string($0) }) { properties[property.name] = value }
    }
    return properties
  }
}
