import JSON

/// `PIF.reconfigure_ip`: checks in XAPI's order, the database written before anything is tried.
enum PIFAddressCalls {
  static let handlers: [String: CallHandler] = ["PIF.reconfigure_ip": reconfigure]

  private static let reconfigure: CallHandler = { world, _, arguments throws(APIError) in
    let (pif, mode) = (arguments.string(0), arguments.string(1))
    let (ip, netmask, gateway) = (arguments.string(2), arguments.string(3), arguments.string(4))
    try Plumbing.requireManaged(world, pif: pif)
    if !isDNSOnly(world, pif, mode, [ip, netmask, gateway]) {
      try Plumbing.refuseUnderHA(world, pif)
      try Plumbing.refuseUnderClustering(world, pif)
    }
    for (name, text, needed) in [("IP", ip, true), ("netmask", netmask, true), ("gateway", gateway, false)]
    where !IPv4Text.isValid(text) && !(text.isEmpty && !(needed && mode == "Static")) {
      throw APIError("INVALID_IP_ADDRESS_SPECIFIED", name)
    }
    let management = world.database.bool("PIF", pif, "management")
    if management, mode == "None", world.database.string("PIF", pif, "primary_address_type") == "IPv4" {
      throw APIError("PIF_IS_MANAGEMENT_INTERFACE", pif)
    }
    let dns = servers(arguments.string(5), keeping: world.database.string("PIF", pif, "DNS"))
    for (field, text) in [
      ("ip_configuration_mode", mode), ("IP", ip), ("netmask", netmask), ("gateway", gateway), ("DNS", dns),
    ] {
      world.database.set("PIF", pif, field, .string(text))
    }
    guard world.database.bool("PIF", pif, "currently_attached") else { return .nothing }
    Plumbing.bringDown(&world, pif)
    if mode == "Static", !IPv4Text.isContiguousMask(netmask) { throw APIError("PIF_CONFIGURATION_ERROR", pif, "") }
    Plumbing.bringUp(&world, pif)
    return .nothing
  }

  private static func isDNSOnly(_ world: World, _ pif: String, _ mode: String, _ addresses: [String]) -> Bool {
    mode == "Static" && world.database.string("PIF", pif, "ip_configuration_mode") == "Static"
      && ["IP", "netmask", "gateway"].map { world.database.string("PIF", pif, $0) } == addresses
  }

  /// What is no IPv4 address is dropped without a word; IPv6 servers stay.
  private static func servers(_ text: String, keeping old: String) -> String {
    let new = text.split(separator: ",").map(String.init).filter(IPv4Text.isValid)
    let kept = old.split(separator: ",").map(String.init).filter { $0.contains(":") }
    return (new + kept).joined(separator: ",")
  }
}
