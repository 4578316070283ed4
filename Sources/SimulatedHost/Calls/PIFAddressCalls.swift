import JSON

/// The calls that give a PIF its addresses: checks in XAPI's order, the database written before anything is tried.
enum PIFAddressCalls {
  static let handlers: [String: CallHandler] = [
    "PIF.reconfigure_ip": reconfigure, "PIF.reconfigure_ipv6": reconfigureIPv6,
    "PIF.set_primary_address_type": setPrimaryAddressType,
  ]

  private static let reconfigure: CallHandler = { world, _, arguments throws(APIError) in
    let (pif, mode) = (arguments.string(0), arguments.string(1))
    let (ip, netmask, gateway) = (arguments.string(2), arguments.string(3), arguments.string(4))
    try Plumbing.requireManaged(world, pif: pif)
    if !isDNSOnly(world, pif, mode, [ip, netmask, gateway]) { try refuseWhileGuarded(world, pif) }
    for (name, text, needed) in [("IP", ip, true), ("netmask", netmask, true), ("gateway", gateway, false)]
    where !IPv4Text.isValid(text) && !(text.isEmpty && !(needed && mode == "Static")) {
      throw APIError("INVALID_IP_ADDRESS_SPECIFIED", name)
    }
    try refuseLosingManagement(world, pif, mode, family: "IPv4")
    world.keepResolver(of: world.database.string("PIF", pif, "host"))
    let old = servers(world.database.string("PIF", pif, "DNS"))
    let new = servers(arguments.string(5)).filter(IPv4Text.isValid)
    write(
      &world, pif,
      [
        ("ip_configuration_mode", .string(mode)), ("IP", .string(ip)), ("netmask", .string(netmask)),
        ("gateway", .string(gateway)),
        ("DNS", .string((new + old.filter { !IPv4Text.isValid($0) }).joined(separator: ","))),
      ])
    let isSound = mode != "Static" || IPv4Text.isContiguousMask(netmask)
    try apply(&world, pif, failing: isSound ? nil : APIError("PIF_CONFIGURATION_ERROR", pif, ""))
    return .nothing
  }

  private static let reconfigureIPv6: CallHandler = { world, _, arguments throws(APIError) in
    let (pif, mode) = (arguments.string(0), arguments.string(1))
    let (address, gateway) = (arguments.string(2), arguments.string(3))
    try Plumbing.requireManaged(world, pif: pif)
    let isDNSOnly =
      mode == "Static" && world.database.string("PIF", pif, "ipv6_configuration_mode") == "Static"
      && world.database.strings("PIF", pif, "IPv6") == [address]
      && world.database.string("PIF", pif, "ipv6_gateway") == gateway
    if !isDNSOnly { try refuseWhileGuarded(world, pif) }
    if !gateway.isEmpty, !IPv6Text.isValid(gateway) { throw APIError("INVALID_IP_ADDRESS_SPECIFIED", "gateway") }
    if !address.isEmpty, !IPv6Text.isValidCIDR(address) { throw APIError("INVALID_CIDR_ADDRESS_SPECIFIED", "IPv6") }
    try refuseLosingManagement(world, pif, mode, family: "IPv6")
    world.keepResolver(of: world.database.string("PIF", pif, "host"))
    let old = servers(world.database.string("PIF", pif, "DNS"))
    let new = servers(arguments.string(4)).filter(IPv6Text.isValid)
    write(
      &world, pif,
      [
        ("ipv6_configuration_mode", .string(mode)), ("ipv6_gateway", .string(gateway)), ("IPv6", [.string(address)]),
        ("DNS", .string((new + old.filter(IPv4Text.isValid)).joined(separator: ","))),
      ])
    try apply(&world, pif)
    return .nothing
  }

  /// Which family the host is reached by over this PIF; not while it is.
  private static let setPrimaryAddressType: CallHandler = { world, _, arguments throws(APIError) in
    let pif = arguments.string(0)
    try world.require("PIF", pif)
    try Plumbing.refuseUnderHA(world, pif)
    if world.database.bool("PIF", pif, "management") { throw APIError("PIF_IS_MANAGEMENT_INTERFACE", pif) }
    world.database.set("PIF", pif, "primary_address_type", arguments.values[1])
    return .nothing
  }

  // MARK: Checks

  private static func isDNSOnly(_ world: World, _ pif: String, _ mode: String, _ addresses: [String]) -> Bool {
    mode == "Static" && world.database.string("PIF", pif, "ip_configuration_mode") == "Static"
      && ["IP", "netmask", "gateway"].map { world.database.string("PIF", pif, $0) } == addresses
  }

  private static func refuseWhileGuarded(_ world: World, _ pif: String) throws(APIError) {
    try Plumbing.refuseUnderHA(world, pif)
    try Plumbing.refuseUnderClustering(world, pif)
  }

  private static func refuseLosingManagement(
    _ world: World, _ pif: String, _ mode: String, family: String
  ) throws(APIError) {
    if mode == "None", world.database.bool("PIF", pif, "management"),
      world.database.string("PIF", pif, "primary_address_type") == family
    {
      throw APIError("PIF_IS_MANAGEMENT_INTERFACE", pif)
    }
  }

  // MARK: Effects

  private static func servers(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

  /// Field by field, as XAPI does.
  private static func write(_ world: inout World, _ pif: String, _ fields: [(String, JSONValue)]) {
    for (field, value) in fields { world.database.set("PIF", pif, field, value) }
  }

  /// Plugs an attached PIF anew. When that fails, the new values stay and the PIF is left unplugged.
  private static func apply(_ world: inout World, _ pif: String, failing error: APIError? = nil) throws(APIError) {
    guard world.database.bool("PIF", pif, "currently_attached") else { return }
    // The bridge stays, and so does a DHCP client that is not to be changed.
    world.change("PIF", pif, "currently_attached", false)
    if let error { throw error }
    try Plumbing.plug(&world, pif, asManagement: world.database.bool("PIF", pif, "management"))
  }
}
