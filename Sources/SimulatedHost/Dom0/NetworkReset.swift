import JSON

/// XAPI's part in the emergency network reset, step by step as in the notes on XAPI §4.4.
extension BootSequence {
  /// The trigger's content: `KEY=value` lines; one with a second `=` is dropped.
  struct Trigger {
    private var values: [String: String] = [:]

    init(_ text: String) {
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        let parts = line.split(separator: "=", omittingEmptySubsequences: false)
        if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
      }
    }

    subscript(key: String) -> String? { values[key] }
    func text(_ key: String) -> String { values[key] ?? "" }

    var mode: String? {
      values["MODE"].map { $0 == "static" ? "Static" : "DHCP" }
    }

    var mode6: String? {
      values["MODE_V6"].map { ["static": "Static", "autoconf": "Autoconf"][$0] ?? "DHCP" }
    }
  }

  mutating func checkNetworkReset() {
    guard let text = tree.text(layout.trigger) else { return }
    let trigger = Trigger(text)
    do throws(APIError) {
      try reset(trigger)
      wasReset = true
      dropTrigger()
    } catch {
      if error.code == "NO_SUCH_CARD" {
        note("management PIF \(error.parameters.first ?? "") not found: the reset is given up")
        dropTrigger()
      } else {
        note("the reset failed and will be tried again: \(([error.code] + error.parameters).joined(separator: " "))")
      }
    }
  }

  private mutating func dropTrigger() {
    isTriggerLeft = false
    writes.append((layout.trigger, nil))
  }

  private mutating func reset(_ trigger: Trigger) throws(APIError) {
    guard let device = trigger["DEVICE"] else { throw APIError("INTERNAL_ERROR", "Not_found") }
    let tag = trigger["VLAN"].flatMap { Int64($0) }
    // The network of any PIF of the pool with this device and tag is used again.
    let remembered = tag.flatMap { tag in
      world.database.refs("PIF").first {
        world.database.string("PIF", $0, "device") == device && world.database.int("PIF", $0, "VLAN") == tag
      }
    }.map { world.database.string("PIF", $0, "network") }
    forgetRows()
    scan()
    let card = pifs.first {
      world.database.bool("PIF", $0, "physical") && world.database.string("PIF", $0, "device") == device
    }
    guard var pif = card else { throw APIError("NO_SUCH_CARD", device) }
    if let tag {
      let network =
        remembered
        ?? world.create(
          "network",
          [
            "name_label": .string("Pool-wide network associated with \(device) on VLAN\(tag)"),
            "bridge": .string(freeBridge()), "managed": true, "MTU": 1500,
          ])
      let vlan = VLANCalls.addRows(&world, on: pif, tag: tag, network: network)
      pif = world.database.string("VLAN", vlan, "untagged_PIF")
    }
    try configure(pif, trigger)
    try makeManagement(pif)
  }

  /// Rows of this host: bonds, VLANs, tunnels, SR-IOV, PIFs with the metrics of cards and bonds. Networks stay.
  private mutating func forgetRows() {
    let own = Set(pifs)
    func isOwn(_ name: String, _ ref: String, _ field: String) -> Bool {
      own.contains(world.database.string(name, ref, field))
    }
    for (name, field) in [
      ("Bond", "master"), ("VLAN", "untagged_PIF"), ("tunnel", "access_PIF"), ("network_sriov", "physical_PIF"),
    ] {
      for ref in world.database.refs(name) where isOwn(name, ref, field) { world.database.remove(name, ref) }
    }
    for pif in own.sorted() {
      if world.database.int("PIF", pif, "VLAN") < 0 {
        world.database.remove("PIF_metrics", world.database.string("PIF", pif, "metrics"))
      }
      world.database.remove("PIF", pif)
    }
  }

  /// `PIF.scan`, and what XAPI makes of the inventory on the way.
  private mutating func scan() {
    for card in world.nics where card.host == host { PIFCalls.introduce(&world, card) }
    let family = inventory["MANAGEMENT_ADDRESS_TYPE"] == "IPv6" ? "IPv6" : "IPv4"
    for pif in pifs {
      set(pif, "primary_address_type", .string(family))
      if NetworkdConfig.bridge(of: pif, world) == managementBridge, !managementBridge.isEmpty {
        set(pif, "management", true)
        set(pif, "currently_attached", true)
      }
    }
    refreshCardFacts()
  }

  /// `xapi<N>`, the first that no network has.
  private func freeBridge() -> String {
    let taken = Set(world.database.refs("network").map { world.database.string("network", $0, "bridge") })
    var number = 1
    while taken.contains("xapi\(number)") { number += 1 }
    return "xapi\(number)"
  }

  private mutating func configure(_ pif: String, _ trigger: Trigger) throws(APIError) {
    if let mode = trigger.mode {
      try call(
        "PIF.reconfigure_ip",
        [pif, mode, trigger.text("IP"), trigger.text("NETMASK"), trigger.text("GATEWAY"), trigger.text("DNS")].map {
          .string($0)
        })
    }
    if let mode = trigger.mode6 {
      try call(
        "PIF.reconfigure_ipv6",
        [pif, mode, trigger.text("IPV6"), trigger.text("GATEWAY_V6"), trigger.text("DNS")].map { .string($0) })
    }
  }

  /// `host.management_reconfigure`: the same refusals, then the bridge, then the inventory.
  private mutating func makeManagement(_ pif: String) throws(APIError) {
    if world.database.bool("pool", world.pool, "ha_enabled") { throw APIError("HA_IS_ENABLED") }
    try HostManagementCalls.requireUsable(world, pif)
    try requireFreeCards(of: pif)
    try HostManagementCalls.move(&world, to: pif)
    setInventory([
      "MANAGEMENT_INTERFACE": NetworkdConfig.bridge(of: pif, world),
      "MANAGEMENT_ADDRESS_TYPE": world.database.string("PIF", pif, "primary_address_type"),
    ])
  }

  /// Runs one of XAPI's own calls on this world.
  mutating func call(_ name: String, _ arguments: [JSONValue]) throws(APIError) {
    guard let handler = CallTable().handlers[name] else { throw APIError("MESSAGE_METHOD_UNKNOWN", name) }
    let context = CallContext(session: Wire.nullRef, overTCP: false)
    _ = try handler(&world, context, Arguments(values: arguments))
  }
}
