import JSON

/// What a VIF may send, and the addresses that the guest's tools give it (XAPI notes §3.15).
enum VIFLockingCalls {
  static let handlers: [String: CallHandler] = [
    "VIF.set_locking_mode": setLockingMode, "VIF.set_ipv4_allowed": set(.v4), "VIF.set_ipv6_allowed": set(.v6),
    "VIF.add_ipv4_allowed": add(.v4), "VIF.add_ipv6_allowed": add(.v6), "VIF.remove_ipv4_allowed": remove(.v4),
    "VIF.remove_ipv6_allowed": remove(.v6), "VIF.configure_ipv4": configure(.v4), "VIF.configure_ipv6": configure(.v6),
  ]

  private enum Family {
    case v4, v6

    var allowed: String { self == .v4 ? "ipv4_allowed" : "ipv6_allowed" }
    var prefix: String { self == .v4 ? "ipv4" : "ipv6" }
    func isAddress(_ text: String) -> Bool { self == .v4 ? IPv4Text.isValid(text) : IPv6Text.isValid(text) }
    func isCIDR(_ text: String) -> Bool {
      if self == .v6 { return IPv6Text.isValidCIDR(text) }
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      return parts.count == 2 && IPv4Text.isValid(String(parts[0])) && Int(parts[1]).map { (0...32).contains($0) } == true
    }
  }

  private static let setLockingMode: CallHandler = { world, _, arguments throws(APIError) in
    let (vif, mode) = (arguments.string(0), arguments.string(1))
    try world.require("VIF", vif)
    let effective = effectiveMode(world, vif, mode)
    if effective != "unlocked", !world.database.refs("SDN_controller").isEmpty {
      throw APIError("OPERATION_NOT_ALLOWED", "A vswitch controller is active")
    }
    if effective == "locked" { try world.requireLicence("vif_locking", "VIF_locking") }
    world.change("VIF", vif, "locking_mode", .string(mode))
    return .nothing
  }

  private static func effectiveMode(_ world: World, _ vif: String, _ mode: String) -> String {
    mode != "network_default" ? mode : world.database.string("network", world.database.string("VIF", vif, "network"), "default_locking_mode")
  }

  // MARK: Allowed addresses

  private static func set(_ family: Family) -> CallHandler {
    { world, _, arguments throws(APIError) in try write(&world, arguments.string(0), family, arguments.strings(1)) }
  }

  private static func add(_ family: Family) -> CallHandler {
    { world, _, arguments throws(APIError) in
      try write(&world, arguments.string(0), family, world.database.strings("VIF", arguments.string(0), family.allowed) + [arguments.string(1)])
    }
  }

  private static func remove(_ family: Family) -> CallHandler {
    { world, _, arguments throws(APIError) in
      let vif = arguments.string(0)
      try world.require("VIF", vif)
      let left = world.database.strings("VIF", vif, family.allowed).filter { $0 != arguments.string(1) }
      world.change("VIF", vif, family.allowed, .array(left.map { .string($0) }))
      return .nothing
    }
  }

  private static func write(_ world: inout World, _ vif: String, _ family: Family, _ addresses: [String]) throws(APIError) -> JSONValue {
    try world.require("VIF", vif)
    var once: [String] = []
    for address in addresses where !once.contains(address) { once.append(address) }
    if !once.isEmpty { try world.requireLicence("vif_locking", "VIF_locking") }
    if once.contains(where: { !family.isAddress($0) }) { throw APIError("INVALID_IP_ADDRESS_SPECIFIED", family.allowed) }
    world.change("VIF", vif, family.allowed, .array(once.map { .string($0) }))
    return .nothing
  }

  // MARK: Addresses inside

  private static func configure(_ family: Family) -> CallHandler {
    { world, _, arguments throws(APIError) in
      let (vif, mode, address, gateway) = (arguments.string(0), arguments.string(1), arguments.string(2), arguments.string(3))
      try world.require("VIF", vif)
      let isStatic = mode == "Static"
      if isStatic { try check(world, vif, family, address, gateway) }
      try requireTools(world, vif)
      world.change("VIF", vif, "\(family.prefix)_configuration_mode", .string(mode))
      world.change("VIF", vif, "\(family.prefix)_addresses", isStatic ? [.string(address)] : [])
      world.change("VIF", vif, "\(family.prefix)_gateway", .string(isStatic ? gateway : ""))
      return .nothing
    }
  }

  private static func check(_ world: World, _ vif: String, _ family: Family, _ address: String, _ gateway: String) throws(APIError) {
    try world.requireLicence("guest_ip_setting", "Guest_ip_setting")
    guard family.isCIDR(address) else { throw APIError("INVALID_CIDR_ADDRESS_SPECIFIED", "address") }
    let plain = String(address.prefix { $0 != "/" })
    if effectiveMode(world, vif, world.database.string("VIF", vif, "locking_mode")) == "locked",
      !world.database.strings("VIF", vif, family.allowed).contains(plain)
    {
      throw APIError("ADDRESS_VIOLATES_LOCKING_CONSTRAINT", address)
    }
    if !gateway.isEmpty, !family.isAddress(gateway) { throw APIError("INVALID_IP_ADDRESS_SPECIFIED", "gateway") }
  }

  private static func requireTools(_ world: World, _ vif: String) throws(APIError) {
    let vm = world.database.string("VIF", vif, "VM")
    let metrics = world.database.string("VM", vm, "guest_metrics")
    let other = world.database.get("VM_guest_metrics", metrics, "other")
    guard other?["feature-static-ip-setting"]?.string != nil else { throw APIError("VM_LACKS_FEATURE", vm) }
  }
}
