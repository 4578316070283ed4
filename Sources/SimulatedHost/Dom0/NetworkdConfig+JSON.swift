import JSON

/// `networkd.db`: one line of JSON in the notation of OCaml's RPC library (notes on dom0 §2.5).
extension NetworkdConfig {
  /// The file's text.
  var text: String {
    var members = JSONObject()
    if let gatewayInterface { members.append("gateway_interface", .string(gatewayInterface)) }
    if let dnsInterface { members.append("dns_interface", .string(dnsInterface)) }
    members.append(
      "interface_config",
      .object(JSONObject(interfaces.sorted { $0.key < $1.key }.map { ($0.key, Self.encode($0.value)) })))
    members.append(
      "bridge_config", .object(JSONObject(bridges.sorted { $0.key < $1.key }.map { ($0.key, Self.encode($0.value)) })))
    return JSONValue.object(members).description
  }

  /// The file's bytes. The order of cards holds MACs as raw octets, so that they are Latin-1, not UTF-8.
  var bytes: [UInt8] {
    var plain = Array(text.utf8)
    guard let order else { return plain }
    plain.removeLast()
    plain += Array(#","interface_order":["#.utf8)
    for (index, card) in order.enumerated() {
      if index > 0 { plain.append(UInt8(ascii: ",")) }
      plain += Self.encode(card)
    }
    return plain + Array("]}".utf8)
  }

  private static func encode(_ interface: Interface) -> JSONValue {
    var members = JSONObject()
    members.append("ipv4_conf", encode(interface.ipv4))
    if let gateway = interface.ipv4Gateway { members.append("ipv4_gateway", .string(gateway)) }
    members.append("ipv6_conf", encode(interface.ipv6))
    if let gateway = interface.ipv6Gateway { members.append("ipv6_gateway", .string(gateway)) }
    members.append(
      "ipv4_routes",
      .array(
        interface.routes.map {
          ["subnet": .string($0.subnet), "netmask": .int(Int64($0.prefix)), "gateway": .string($0.gateway)]
        }))
    if let dns = interface.dns {
      members.append("dns", [.array(dns.servers.map { .string($0) }), .array(dns.domains.map { .string($0) })])
    }
    members.append("mtu", .int(interface.mtu))
    members.append("ethtool_settings", .object(interface.settings))
    members.append("ethtool_offload", .object(interface.offload))
    members.append("persistent_i", .bool(interface.isPersistent))
    return .object(members)
  }

  private static func encode(_ ipv4: IPv4) -> JSONValue {
    switch ipv4 {
    case .none: "None4"
    case .dhcp: "DHCP4"
    case .fixed(let addresses): ["Static4", encode(addresses)]
    }
  }

  private static func encode(_ ipv6: IPv6) -> JSONValue {
    switch ipv6 {
    case .none: "None6"
    case .linkLocal: "Linklocal6"
    case .dhcp: "DHCP6"
    case .autoconf: "Autoconf6"
    case .fixed(let addresses): ["Static6", encode(addresses)]
    }
  }

  private static func encode(_ addresses: [Address]) -> JSONValue {
    .array(addresses.map { [.string($0.ip), .int(Int64($0.prefix))] })
  }

  private static func encode(_ bridge: Bridge) -> JSONValue {
    var members = JSONObject()
    members.append(
      "ports", .object(JSONObject(bridge.ports.sorted { $0.key < $1.key }.map { ($0.key, encode($0.value)) })))
    if let vlan = bridge.vlan { members.append("vlan", [.string(vlan.parent), .int(vlan.tag)]) }
    if let mac = bridge.mac { members.append("bridge_mac", .string(mac)) }
    members.append("igmp_snooping", .bool(bridge.snoopsIGMP))
    members.append("other_config", .object(bridge.otherConfig))
    members.append("persistent_b", .bool(bridge.isPersistent))
    return .object(members)
  }

  private static func encode(_ port: Port) -> JSONValue {
    var members = JSONObject()
    members.append("interfaces", .array(port.interfaces.map { .string($0) }))
    members.append("bond_properties", .object(port.bondProperties))
    if let mac = port.bondMAC { members.append("bond_mac", .string(mac)) }
    members.append("kind", "Basic_port")
    return .object(members)
  }

  private static func encode(_ card: NIC) -> [UInt8] {
    let mac = card.mac.split(separator: ":").compactMap { UInt8($0, radix: 16) }
    var bytes = Array(#"{"name":"\#(card.device)","position":\#(card.position),"mac":""#.utf8)
    for byte in mac {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<32: bytes += Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
      default: bytes.append(byte)
      }
    }
    let pci = card.pciPath.split(whereSeparator: { $0 == ":" || $0 == "." }).map { Int($0, radix: 16) ?? 0 }
    let place = pci.count == 4 ? pci : [0, 0, 0, 0]
    return bytes
      + Array(
        #"","pci":{"domain":\#(place[0]),"bus":\#(place[1]),"dev":\#(place[2]),"fn":\#(place[3])},"present":true}"#.utf8
      )
  }

  // MARK: Reading

  /// Reads the file; nil when it is no JSON or not of this shape, as after a power cut. Keys that are missing get
  /// networkd's defaults.
  init?(parsing bytes: [UInt8]) {
    // Latin-1: every byte is a character.
    let text = String(String.UnicodeScalarView(bytes.map { UnicodeScalar($0) }))
    guard let root = try? JSONValue(parsing: Array(text.utf8)), let members = root.object else { return nil }
    gatewayInterface = members["gateway_interface"]?.string
    dnsInterface = members["dns_interface"]?.string
    for (name, value) in members["interface_config"]?.object ?? [:] {
      guard let interface = Self.interface(value) else { return nil }
      interfaces[name] = interface
    }
    for (name, value) in members["bridge_config"]?.object ?? [:] {
      guard let bridge = Self.bridge(value) else { return nil }
      bridges[name] = bridge
    }
  }

  private static func interface(_ value: JSONValue) -> Interface? {
    guard value.object != nil else { return nil }
    var interface = Interface()
    switch value["ipv4_conf"] {
    case nil, "None4": break
    case "DHCP4": interface.ipv4 = .dhcp
    case .array(let parts) where parts.first == "Static4": interface.ipv4 = .fixed(addresses(parts.last))
    default: return nil
    }
    switch value["ipv6_conf"] {
    case nil, "None6": break
    case "Linklocal6": interface.ipv6 = .linkLocal
    case "DHCP6": interface.ipv6 = .dhcp
    case "Autoconf6": interface.ipv6 = .autoconf
    case .array(let parts) where parts.first == "Static6": interface.ipv6 = .fixed(addresses(parts.last))
    default: return nil
    }
    interface.ipv4Gateway = value["ipv4_gateway"]?.string
    interface.ipv6Gateway = value["ipv6_gateway"]?.string
    interface.routes = (value["ipv4_routes"]?.array ?? []).compactMap(route)
    if let dns = value["dns"]?.array, dns.count == 2 {
      func texts(_ value: JSONValue) -> [String] { (value.array ?? []).compactMap(\.string) }
      interface.dns = DNS(servers: texts(dns[0]), domains: texts(dns[1]))
    }
    interface.mtu = value["mtu"]?.int ?? 1500
    interface.settings = value["ethtool_settings"]?.object ?? [:]
    interface.offload = value["ethtool_offload"]?.object ?? ["lro": "off"]
    interface.isPersistent = value["persistent_i"]?.bool ?? false
    return interface
  }

  private static func addresses(_ value: JSONValue?) -> [Address] {
    (value?.array ?? []).compactMap { pair in
      guard let parts = pair.array, parts.count == 2, let ip = parts[0].string, let prefix = parts[1].int else {
        return nil
      }
      return Address(ip: ip, prefix: Int(prefix))
    }
  }

  /// Older networkds wrote `[gateway, prefix, subnet]`.
  private static func route(_ value: JSONValue) -> Route? {
    if let parts = value.array, parts.count == 3, let gateway = parts[0].string, let prefix = parts[1].int,
      let subnet = parts[2].string
    {
      return Route(subnet: subnet, prefix: Int(prefix), gateway: gateway)
    }
    guard let subnet = value["subnet"]?.string, let prefix = value["netmask"]?.int,
      let gateway = value["gateway"]?.string
    else { return nil }
    return Route(subnet: subnet, prefix: Int(prefix), gateway: gateway)
  }

  private static func bridge(_ value: JSONValue) -> Bridge? {
    guard value.object != nil else { return nil }
    var bridge = Bridge()
    for (name, port) in value["ports"]?.object ?? [:] {
      bridge.ports[name] = Port(
        interfaces: (port["interfaces"]?.array ?? []).compactMap(\.string),
        bondProperties: port["bond_properties"]?.object ?? [:], bondMAC: port["bond_mac"]?.string)
    }
    if let vlan = value["vlan"]?.array, vlan.count == 2, let parent = vlan[0].string, let tag = vlan[1].int {
      bridge.vlan = VLAN(parent: parent, tag: tag)
    }
    bridge.mac = value["bridge_mac"]?.string
    bridge.snoopsIGMP = value["igmp_snooping"]?.bool ?? false
    bridge.otherConfig = value["other_config"]?.object ?? [:]
    bridge.isPersistent = value["persistent_b"]?.bool ?? false
    return bridge
  }
}
