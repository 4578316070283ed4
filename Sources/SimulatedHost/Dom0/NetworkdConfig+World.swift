import JSON

/// What XAPI has told networkd: everything of this host that is plugged.
extension NetworkdConfig {
  init(_ world: World) {
    let pifs = world.database.strings("host", world.thisHost, "PIFs")
    let plugged = pifs.filter {
      world.database.bool("PIF", $0, "currently_attached") && world.database.bool("PIF", $0, "managed")
    }
    for pif in plugged { add(pif, world) }
    addInternalNetworks(world)
    let addressed = pifs.filter { pif in
      plugged.contains(pif) && interfaces[Self.bridge(of: pif, world)]?.isConfigured == true
    }
    let management = addressed.first { world.database.bool("PIF", $0, "management") }
    func chosen(_ key: String) -> String? {
      let wanted = addressed.first { world.pluggedConfig(of: $0)[key]?.string == "true" }
      return (wanted ?? management ?? addressed.first).map { Self.bridge(of: $0, world) }
    }
    gatewayInterface = chosen("defaultroute")
    dnsInterface = chosen("peerdns")
  }

  static func bridge(of pif: String, _ world: World) -> String {
    world.database.string("network", world.database.string("PIF", pif, "network"), "bridge")
  }

  /// Adds what plugging a PIF makes.
  mutating func add(_ pif: String, _ world: World) {
    let name = Self.bridge(of: pif, world)
    guard !name.isEmpty else { return }
    var interface = Self.interface(of: pif, world)
    var bridge = Bridge()
    let vlan = world.database.string("PIF", pif, "VLAN_master_of")
    if world.database.exists("VLAN", vlan) {
      let base = world.database.string("VLAN", vlan, "tagged_PIF")
      let parent = Self.bridge(of: base, world)
      // A VLAN makes the bridge below it, plugged or not.
      if bridges[parent] == nil { addBase(base, world, isPersistent: false) }
      bridge.vlan = VLAN(parent: parent, tag: world.database.int("VLAN", vlan, "tag"))
      bridge.mac = bridges[parent]?.mac
      bridge.isPersistent = interface.isConfigured
    } else if !world.database.strings("PIF", pif, "tunnel_access_PIF_of").isEmpty {
      bridge.isPersistent = interface.isConfigured
    } else if !world.database.strings("PIF", pif, "sriov_logical_PIF_of").isEmpty {
      return
    } else {
      addBase(pif, world, isPersistent: true)
      interface.isPersistent = true
      interfaces[name] = interface
      return
    }
    bridge.otherConfig = Self.otherConfig(of: pif, world)
    interface.isPersistent = bridge.isPersistent
    bridges[name] = bridge
    interfaces[name] = interface
  }

  /// The bridge of a card or a bond, with its port.
  private mutating func addBase(_ pif: String, _ world: World, isPersistent: Bool) {
    let name = Self.bridge(of: pif, world)
    let device = world.database.string("PIF", pif, "device")
    let mac = world.database.string("PIF", pif, "MAC")
    var bridge = Bridge(mac: mac, otherConfig: Self.otherConfig(of: pif, world), isPersistent: isPersistent)
    bridge.snoopsIGMP = world.database.bool("pool", world.pool, "igmp_snooping_enabled")
    var cards = [device: pif]
    if let bond = world.database.strings("PIF", pif, "bond_master_of").first {
      let members = Self.members(of: bond, world)
      bridge.ports[device] = Port(
        interfaces: members, bondProperties: members.count > 1 ? Self.bondProperties(bond, world) : [:], bondMAC: mac)
      cards = Dictionary(
        world.database.strings("Bond", bond, "slaves").map { (world.database.string("PIF", $0, "device"), $0) },
        uniquingKeysWith: { first, _ in first })
    } else {
      bridge.ports[device] = Port(interfaces: [device])
    }
    bridges[name] = bridge
    let mtu = max(world.database.int("PIF", pif, "MTU"), 68)
    if interfaces[name] == nil { interfaces[name] = Interface(ipv6: .linkLocal, mtu: mtu) }
    let properties = world.database.get("PIF", pif, "properties")?.object ?? JSONObject()
    for (card, own) in cards {
      var interface = Interface(mtu: mtu, isPersistent: isPersistent)
      (interface.settings, interface.offload) = EthtoolConfig.read(world.pluggedConfig(of: own), properties: properties)
      interfaces[card] = interface
    }
  }

  /// Members' names, the primary one first as XAPI lists them to networkd.
  private static func members(of bond: String, _ world: World) -> [String] {
    world.database.strings("Bond", bond, "slaves").map { world.database.string("PIF", $0, "device") }
      .sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  }

  /// Defaults, overridden by the bond's properties and then by `bond-…` of its PIF (notes on dom0 §3.4).
  private static func bondProperties(_ bond: String, _ world: World) -> JSONObject {
    let mode = world.database.string("Bond", bond, "mode")
    var properties: JSONObject = [
      "mode": .string(mode), "miimon": "100", "downdelay": "200", "updelay": "31000", "use_carrier": "1",
    ]
    if mode != "lacp" { properties["rebalance-interval"] = "1800000" }
    for (key, value) in world.database.get("Bond", bond, "properties")?.object ?? [:] {
      properties[key == "hashing_algorithm" ? "hashing-algorithm" : key] = value
    }
    let pif = world.database.string("Bond", bond, "master")
    for (key, value) in world.pluggedConfig(of: pif) where key.hasPrefix("bond-") {
      properties[String(key.dropFirst(5))] = value
    }
    return properties
  }

  /// Whether a bond carries nothing without a partner that speaks LACP.
  static func needsPartner(_ bond: String, _ world: World) -> Bool {
    let members = members(of: bond, world)
    return members.count > 1 && Port(interfaces: members, bondProperties: bondProperties(bond, world)).needsPartner
  }

  /// The uuid of the PIF's network; of a VLAN's, with the one below it.
  private static func otherConfig(of pif: String, _ world: World) -> JSONObject {
    func uuid(_ pif: String) -> String {
      world.database.string("network", world.database.string("PIF", pif, "network"), "uuid")
    }
    let vlan = world.database.string("PIF", pif, "VLAN_master_of")
    let below = world.database.string("VLAN", vlan, "tagged_PIF")
    return ["network-uuids": .string(([uuid(pif)] + (below.isEmpty ? [] : [uuid(below)])).joined(separator: ";"))]
  }

  // MARK: Addresses

  private static func interface(of pif: String, _ world: World) -> Interface {
    func text(_ field: String) -> String { world.database.string("PIF", pif, field) }
    func wanted(_ text: String) -> String? { text.isEmpty ? nil : text }
    var interface = Interface(mtu: max(world.database.int("PIF", pif, "MTU"), 68))
    let (mode, mode6) = (text("ip_configuration_mode"), text("ipv6_configuration_mode"))
    switch mode {
    case "DHCP": interface.ipv4 = .dhcp
    case "Static":
      interface.ipv4 = .fixed([Address(ip: text("IP"), prefix: IPv4Text.prefix(ofMask: text("netmask")) ?? 24)])
      interface.ipv4Gateway = wanted(text("gateway"))
    default: break
    }
    switch mode6 {
    case "DHCP": interface.ipv6 = .dhcp
    case "Autoconf": interface.ipv6 = .autoconf
    case "Static":
      interface.ipv6 = .fixed(world.database.strings("PIF", pif, "IPv6").compactMap(Address.init))
      interface.ipv6Gateway = wanted(text("ipv6_gateway"))
    default: interface.ipv6 = .linkLocal
    }
    let primaryIsSet =
      text("primary_address_type") == "IPv6" ? mode6 == "Static" || mode6 == "Autoconf" : mode == "Static"
    if primaryIsSet {
      let domains = world.pluggedConfig(of: pif)["domain"]?.string ?? ""
      interface.dns = DNS(
        servers: text("DNS").split(separator: ",").map { String($0) },
        domains: domains.split(separator: ",").map { String($0) })
    }
    interface.routes = routes(world.routesInForce(of: pif))
    let network = world.database.string("PIF", pif, "network")
    // A bridge's own comes from its network; a card's from its PIF.
    let config = world.database.get("network", network, "other_config")?.object ?? JSONObject()
    (interface.settings, interface.offload) = EthtoolConfig.read(config, properties: [:])
    return interface
  }

  /// `10.0.0.0/24/192.168.1.1,…`: one bad item drops all (notes on dom0 §3.5).
  private static func routes(_ text: String) -> [Route] {
    var routes: [Route] = []
    // An empty item, as after a comma at the end, is a bad one.
    for item in text.split(separator: ",", omittingEmptySubsequences: text.isEmpty) {
      let parts = item.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
      // The kernel's IPv6 routes are not simulated.
      if parts.count == 3, IPv6Text.isValid(parts[0]), Int(parts[1]) != nil, IPv6Text.isValid(parts[2]) { continue }
      guard parts.count == 3, IPv4Text.isValid(parts[0]), let prefix = Int(parts[1]), IPv4Text.isValid(parts[2]) else {
        return []
      }
      routes.append(Route(subnet: parts[0], prefix: prefix, gateway: parts[2]))
    }
    return routes
  }

  /// Bridges without a card: the coordinator's internal management network, and private networks that guests use.
  private mutating func addInternalNetworks(_ world: World) {
    for network in world.database.refs("network") where world.database.strings("network", network, "PIFs").isEmpty {
      let bridge = world.database.string("network", network, "bridge")
      let config = world.database.get("network", network, "other_config")
      let isInternal = config?["is_host_internal_management_network"]?.string == "true"
      let isUsed = world.database.strings("network", network, "VIFs").contains { world.isPluggedHere(vif: $0) }
      guard !bridge.isEmpty, bridges[bridge] == nil, isInternal ? world.isCoordinator : isUsed else { continue }
      bridges[bridge] = Bridge(otherConfig: [
        "network-uuids": .string(world.database.string("network", network, "uuid"))
      ])
      var interface = Interface(ipv6: isInternal ? .none : .linkLocal)
      if isInternal, let address = config?["ip_begin"]?.string {
        interface.ipv4 = .fixed([Address(ip: address, prefix: 16)])
      }
      interfaces[bridge] = interface
    }
  }
}

extension NetworkdConfig.Address {
  /// `fd00::10/64`
  init?(_ text: String) {
    let parts = text.split(separator: "/")
    guard parts.count == 2, let prefix = Int(parts[1]), !parts[0].isEmpty else { return nil }
    self.init(ip: String(parts[0]), prefix: prefix)
  }
}

extension World {
  /// A VIF whose guest runs on this host.
  func isPluggedHere(vif: String) -> Bool {
    guard database.bool("VIF", vif, "currently_attached") else { return false }
    let vm = database.string("VIF", vif, "VM")
    return database.string("VM", vm, "resident_on") == thisHost && database.string("VM", vm, "power_state") == "Running"
  }
}
