import JSON

/// Reads the parts of `networkd.db`, and remembers what it could not read (`reference/dom0.md` §2.5 has the encoding).
struct NetworkdDBReader {
  private(set) var problems: [String] = []

  typealias Part<Element> = (inout NetworkdDBReader, String, JSONObject, String) -> Element

  /// The members of an object of objects.
  mutating func members<Element>(_ value: JSONValue?, _ place: String, _ part: Part<Element>) -> [Element] {
    guard let value else { return [] }
    guard let object = value.object else {
      complain(place, "is not an object")
      return []
    }
    var elements: [Element] = []
    for (key, value) in object {
      let name = Latin1.repaired(key)
      guard let member = value.object else {
        complain("\(place).\(name)", "is not an object")
        continue
      }
      elements.append(part(&self, name, member, "\(place).\(name)"))
    }
    return elements
  }

  mutating func interface(_ name: String, _ object: JSONObject, _ place: String) -> NetworkdDB.Interface {
    var interface = NetworkdDB.Interface(name: name)
    interface.ipv4 = ipv4(object["ipv4_conf"], "\(place).ipv4_conf")
    interface.ipv4Gateway = text(object["ipv4_gateway"], "\(place).ipv4_gateway")
    interface.ipv6 = ipv6(object["ipv6_conf"], "\(place).ipv6_conf")
    interface.ipv6Gateway = text(object["ipv6_gateway"], "\(place).ipv6_gateway")
    interface.routes = routes(object["ipv4_routes"], "\(place).ipv4_routes")
    (interface.nameServers, interface.searchDomains) = dns(object["dns"], "\(place).dns")
    interface.mtu = number(object["mtu"], "\(place).mtu") ?? interface.mtu
    interface.ethtoolSettings =
      texts(object["ethtool_settings"], "\(place).ethtool_settings") ?? interface.ethtoolSettings
    interface.ethtoolOffload = texts(object["ethtool_offload"], "\(place).ethtool_offload") ?? interface.ethtoolOffload
    interface.isPersistent = flag(object["persistent_i"], "\(place).persistent_i") ?? false
    return interface
  }

  mutating func bridge(_ name: String, _ object: JSONObject, _ place: String) -> NetworkdDB.Bridge {
    var bridge = NetworkdDB.Bridge(name: name)
    bridge.ports = members(object["ports"], "\(place).ports") { $0.port($1, $2, $3) }
    bridge.vlan = vlan(object["vlan"], "\(place).vlan")
    bridge.mac = text(object["bridge_mac"], "\(place).bridge_mac")
    bridge.igmpSnooping = flag(object["igmp_snooping"], "\(place).igmp_snooping")
    bridge.otherConfig = texts(object["other_config"], "\(place).other_config") ?? [:]
    bridge.isPersistent = flag(object["persistent_b"], "\(place).persistent_b") ?? false
    return bridge
  }

  private mutating func port(_ name: String, _ object: JSONObject, _ place: String) -> NetworkdDB.Port {
    var port = NetworkdDB.Port(name: name)
    port.interfaces = list(object["interfaces"], "\(place).interfaces")
    port.bondProperties = texts(object["bond_properties"], "\(place).bond_properties") ?? [:]
    port.bondMAC = text(object["bond_mac"], "\(place).bond_mac")
    port.kind = text(object["kind"], "\(place).kind") ?? port.kind
    return port
  }

  // MARK: Addresses

  private mutating func ipv4(_ value: JSONValue?, _ place: String) -> NetworkdDB.IPv4 {
    switch value {
    case nil, .string("None4"): return .off
    case .string("DHCP4"): return .dhcp
    case .array(let parts) where parts.count == 2 && parts[0] == "Static4": return .static(addresses(parts[1], place))
    default:
      complain(place, "is not understood")
      return .off
    }
  }

  private mutating func ipv6(_ value: JSONValue?, _ place: String) -> NetworkdDB.IPv6 {
    switch value {
    case nil, .string("None6"): return .off
    case .string("Linklocal6"): return .linkLocal
    case .string("DHCP6"): return .dhcp
    case .string("Autoconf6"): return .autoconf
    case .array(let parts) where parts.count == 2 && parts[0] == "Static6": return .static(addresses(parts[1], place))
    default:
      complain(place, "is not understood")
      return .off
    }
  }

  private mutating func addresses(_ value: JSONValue, _ place: String) -> [NetworkdDB.Address] {
    var addresses: [NetworkdDB.Address] = []
    for pair in value.array ?? [] {
      guard let parts = pair.array, parts.count == 2, let address = parts[0].string, let prefix = parts[1].int,
        AddressText.isAddress(address), (0...128).contains(prefix)
      else {
        complain(place, "holds an address that is not understood")
        continue
      }
      addresses.append(NetworkdDB.Address(address: address, prefix: Int(prefix)))
    }
    if addresses.isEmpty { complain(place, "is static without an address") }
    return addresses
  }

  /// Both encodings: a record, and the older `[gateway, length, subnet]`.
  private mutating func routes(_ value: JSONValue?, _ place: String) -> [NetworkdDB.Route] {
    var routes: [NetworkdDB.Route] = []
    for (index, route) in elements(value, place).enumerated() {
      let parts: (JSONValue?, JSONValue?, JSONValue?)
      if let list = route.array, list.count == 3 {
        parts = (list[2], list[1], list[0])
      } else {
        parts = (route["subnet"], route["netmask"], route["gateway"])
      }
      guard let subnet = parts.0?.string, let length = parts.1?.int, (0...128).contains(length),
        let gateway = parts.2?.string
      else {
        complain("\(place)[\(index)]", "is not a route")
        continue
      }
      routes.append(NetworkdDB.Route(subnet: subnet, prefix: Int(length), gateway: gateway))
    }
    return routes
  }

  private mutating func dns(_ value: JSONValue?, _ place: String) -> ([String], [String]) {
    guard let value else { return ([], []) }
    guard let parts = value.array, parts.count == 2 else {
      complain(place, "is not a pair of lists")
      return ([], [])
    }
    return (list(parts[0], "\(place)[0]"), list(parts[1], "\(place)[1]"))
  }

  private mutating func vlan(_ value: JSONValue?, _ place: String) -> NetworkdDB.VLAN? {
    guard let value else { return nil }
    guard let parts = value.array, parts.count == 2, let parent = parts[0].string, let tag = parts[1].int,
      (0...4095).contains(tag)
    else {
      complain(place, "is not a bridge and a tag")
      return nil
    }
    return NetworkdDB.VLAN(parent: Latin1.repaired(parent), tag: Int(tag))
  }

  mutating func order(_ value: JSONValue?) -> [NetworkdDB.OrderedInterface]? {
    guard let value else { return nil }
    var order: [NetworkdDB.OrderedInterface] = []
    for (index, entry) in elements(value, "interface_order").enumerated() {
      guard let name = entry["name"]?.string, let position = entry["position"]?.int, let place = Int(exactly: position),
        let octets = entry["mac"]?.string.flatMap(Latin1.octets), octets.count == 6
      else {
        complain("interface_order[\(index)]", "is not understood")
        continue
      }
      order.append(
        NetworkdDB.OrderedInterface(
          name: Latin1.repaired(name), position: place, mac: MACText.text(octets), pci: pci(entry["pci"]),
          isPresent: entry["present"]?.bool ?? false))
    }
    return order
  }

  private func pci(_ value: JSONValue?) -> String? {
    guard let value, let domain = value["domain"]?.int, let bus = value["bus"]?.int, let device = value["dev"]?.int,
      let function = value["fn"]?.int, (0...0xffff).contains(domain), (0...255).contains(bus),
      (0...31).contains(device),
      (0...7).contains(function)
    else { return nil }
    return "\(MACText.hex(domain, 4)):\(MACText.hex(bus, 2)):\(MACText.hex(device, 2)).\(function)"
  }

  // MARK: Plain values

  mutating func text(_ value: JSONValue?, _ place: String) -> String? {
    guard let value, value != .null else { return nil }
    guard let text = value.string else {
      complain(place, "is not a string")
      return nil
    }
    return Latin1.repaired(text)
  }

  private mutating func number(_ value: JSONValue?, _ place: String) -> Int? {
    guard let value else { return nil }
    guard let number = value.int.flatMap({ Int(exactly: $0) }), number >= 0 else {
      complain(place, "is not a number")
      return nil
    }
    return number
  }

  private mutating func flag(_ value: JSONValue?, _ place: String) -> Bool? {
    guard let value else { return nil }
    guard let flag = value.bool else {
      complain(place, "is neither true nor false")
      return nil
    }
    return flag
  }

  private mutating func elements(_ value: JSONValue?, _ place: String) -> [JSONValue] {
    guard let value else { return [] }
    guard let array = value.array else {
      complain(place, "is not a list")
      return []
    }
    return array
  }

  private mutating func list(_ value: JSONValue?, _ place: String) -> [String] {
    elements(value, place).compactMap { text($0, place) }
  }

  private mutating func texts(_ value: JSONValue?, _ place: String) -> [String: String]? {
    guard let value else { return nil }
    guard let object = value.object else {
      complain(place, "is not an object")
      return nil
    }
    var texts: [String: String] = [:]
    for (key, value) in object { texts[Latin1.repaired(key)] = text(value, "\(place).\(key)") }
    return texts
  }

  private mutating func complain(_ place: String, _ what: String) {
    // A file that is wrong all over is wrong once enough is said.
    if problems.count < 50 { problems.append("\(place) \(what)") }
  }
}
