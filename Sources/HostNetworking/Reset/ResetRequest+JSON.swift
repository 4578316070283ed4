import JSON

extension ResetRequest {
  /// The request as the journal and `--json` show it. Unlike in the host's files all keys are there, null when unset.
  public var json: JSONValue {
    func text(_ value: (any CustomStringConvertible)?) -> JSONValue { value.map { .string("\($0)") } ?? .null }
    var v4: JSONObject = [:]
    switch ipv4 {
    case .none: v4["mode"] = "none"
    case .dhcp: v4["mode"] = "dhcp"
    case .fixed(let prefix, let gateway):
      v4 = ["mode": "static", "address": text(prefix.address), "netmask": text(prefix.netmask), "gateway": text(gateway)]
    }
    var v6: JSONObject = [:]
    switch ipv6 {
    case .none: v6["mode"] = "none"
    case .dhcp: v6["mode"] = "dhcp"
    case .autoconf: v6["mode"] = "autoconf"
    case .fixed(let prefix, let gateway):
      v6 = ["mode": "static", "address": text(prefix), "gateway": text(gateway)]
    }
    return [
      "device": .string(device), "vlan": vlan.map { .int(Int64($0)) } ?? .null, "ipv4": .object(v4), "ipv6": .object(v6),
      "dns": .array(dns.map { text($0) }), "search_domains": .array(searchDomains.map { .string($0) }),
      "keep_interface_names": .bool(keepsInterfaceNames), "coordinator": text(coordinator),
    ]
  }

  /// Reads back what `json` wrote.
  /// - Returns: nil when something that is needed is missing or makes no sense.
  public init?(_ json: JSONValue) {
    guard let device = json["device"]?.string, DeviceName.problem(device) == nil,
      let ipv4 = Self.ipv4(json["ipv4"]), let ipv6 = Self.ipv6(json["ipv6"])
    else { return nil }
    if ipv4 == .none, ipv6 == .none { return nil }
    let servers = (json["dns"]?.array ?? []).map { $0.string.flatMap { InternetAddress($0) } }
    let domains = (json["search_domains"]?.array ?? []).compactMap(\.string)
    guard !servers.contains(nil), domains.allSatisfy({ DomainName.problem($0) == nil }) else { return nil }
    self.init(
      device: device, ipv4: ipv4, ipv6: ipv6, dns: servers.compactMap { $0 }, searchDomains: domains,
      keepsInterfaceNames: json["keep_interface_names"]?.bool ?? true)
    if let tag = json["vlan"]?.int {
      guard (0...4094).contains(tag) else { return nil }
      vlan = Int(tag)
    }
    if let text = json["coordinator"]?.string {
      guard let address = InternetAddress(text) else { return nil }
      coordinator = address
    }
  }

  private static func ipv4(_ json: JSONValue?) -> IPv4? {
    switch json?["mode"]?.string {
    case "none": return IPv4.none
    case "dhcp": return .dhcp
    case "static":
      guard let address = json?["address"]?.string.flatMap({ IPv4Address($0) }), let mask = json?["netmask"]?.string,
        let length = try? IPv4Prefix.length(ofNetmask: mask)
      else { return nil }
      let gateway = json?["gateway"]?.string
      if gateway != nil, gateway.flatMap({ IPv4Address($0) }) == nil { return nil }
      return .fixed(IPv4Prefix(address, length: length), gateway: gateway.flatMap { IPv4Address($0) })
    default: return nil
    }
  }

  private static func ipv6(_ json: JSONValue?) -> IPv6? {
    switch json?["mode"]?.string {
    case "none": return IPv6.none
    case "dhcp": return .dhcp
    case "autoconf": return .autoconf
    case "static":
      guard let prefix = json?["address"]?.string.flatMap({ try? IPv6Prefix(parsing: $0) }) else { return nil }
      let gateway = json?["gateway"]?.string
      if gateway != nil, gateway.flatMap({ IPv6Address($0) }) == nil { return nil }
      return .fixed(prefix, gateway: gateway.flatMap { IPv6Address($0) })
    default: return nil
    }
  }
}
