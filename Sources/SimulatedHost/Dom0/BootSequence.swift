import JSON

/// What happens from power on until XAPI is up, worked out from the files on disk (notes on XAPI §4.3, §4.4).
///
/// A value: it can be run on copies to see what a host would boot into. Writes are collected, not made.
struct BootSequence {
  enum Role: Hashable {
    case coordinator
    case member(of: String)
    case broken
  }

  var world: World
  let tree: FileTree
  let layout: Dom0Layout
  /// What networkd has made so far; at a boot nothing.
  var live: NetworkdConfig
  /// Bridges of before that XAPI does not know any more, while networkd runs on.
  var leftovers = NetworkdConfig()
  var inventory: KeyFile
  var role = Role.broken
  var problems: [String] = []
  var wasReset = false
  var isTriggerLeft = false
  var reachesCoordinator: Bool?
  /// Files to write (nil: to remove), in order.
  var writes: [(path: String, entry: TreeEntry?)] = []

  static let inventoryPath = "/etc/xensource-inventory"
  static let managementPath = "/etc/firstboot.d/data/management.conf"
  static let networkdPath = "/var/lib/xcp/networkd.db"
  static let poolPath = "/etc/xensource/pool.conf"

  init(world: World, tree: FileTree, layout: Dom0Layout, live: NetworkdConfig = NetworkdConfig()) {
    self.world = world
    // A boot takes longer than a DHCP server does.
    self.world.behaviour.leaseTime = .zero
    self.tree = tree
    self.layout = layout
    self.live = live
    inventory = KeyFile(tree.text(Self.inventoryPath) ?? "")
  }

  var managementBridge: String { inventory["MANAGEMENT_INTERFACE"] ?? "" }
  var host: String { world.thisHost }

  mutating func note(_ problem: String) { problems.append(problem) }

  /// A power-on: names of cards, networkd, XAPI.
  mutating func boot() {
    endGuests()
    world.changeCards()
    renameCards()
    startNetworkd()
    startXAPI()
  }

  /// Virtual machines that ran here ended with the power.
  private mutating func endGuests() {
    for vm in world.database.strings("host", host, "resident_VMs")
    where !world.database.bool("VM", vm, "is_control_domain") {
      for vif in world.database.strings("VM", vm, "VIFs") {
        world.change("VIF", vif, "currently_attached", false)
        world.change("VIF", vif, "allowed_operations", ["attach"])
      }
      world.change("VM", vm, "power_state", "Halted")
      world.change("VM", vm, "resident_on", .string(Wire.nullRef))
      world.change("VM", vm, "domid", -1)
    }
  }

  // MARK: interface-rename

  /// The kernel counts cards as it finds them; then they get the names that the rules on disk give them, and the rules note
  /// it. One whose renaming fails stays aside.
  private mutating func renameCards() {
    guard layout.hasInterfaceRename else { return }
    let own = world.nics.filter { $0.host == host }
    let rules = InterfaceRename.rules(in: tree)
    if let problem = rules.problem { note(problem) }
    let naming = CardNaming(own, lastBoot: rules.lastBoot, old: rules.old)
    let kernel = Dictionary(uniqueKeysWithValues: naming.cards.enumerated().map { ($1.mac, "eth\($0)") })
    let names: [String: String]
    do throws(CardNaming.Stuck) {
      names = try naming.names(InterfaceRename.claims(in: tree, for: own), kernel: kernel)
    } catch {
      note("interface-rename gave up: \(error.text)")
      return
    }
    // What lies behind a card's cable stays there, whatever the card is called.
    let limits = world.outside.pathLimits
    for card in own { world.outside.pathLimits[card.device] = nil }
    defer {
      for card in own {
        guard let limit = limits[card.device], let now = world.nics.first(where: { $0.host == host && $0.mac == card.mac }) else { continue }
        world.outside.pathLimits[now.device] = limit
      }
    }
    for index in world.nics.indices where world.nics[index].host == host {
      let card = world.nics[index]
      guard let name = names[card.mac] else { continue }
      guard !world.behaviour.brokenRenames.contains(name) else {
        world.nics[index].device = "side-\(2041 + index)-\(kernel[card.mac] ?? name)"
        note("Unable to rename link \(world.nics[index].device) to \(name). (Exit 2)")
        continue
      }
      world.nics[index].device = name
      if let number = CardNaming.number(name) { world.nics[index].position = number }
    }
    let after = naming.rules(names)
    let path = "\(InterfaceRename.folder)/dynamic-rules.json"
    let text = InterfaceRename.dynamicRules(lastBoot: after.lastBoot, old: after.old)
    if after != (rules.lastBoot, rules.old), tree.exists(path) { writes.append((path, .text(text))) }
  }

  // MARK: networkd

  /// Makes what `networkd.db` has of persistent things, or else what `management.conf` says. What stands already stays.
  mutating func startNetworkd() {
    let before = live
    if let bytes = tree.read(Self.networkdPath) {
      if let saved = NetworkdConfig(parsing: bytes) {
        live = saved.restoredAtBoot.merged(over: before)
        return
      }
      note("networkd.db cannot be read: networkd takes management.conf instead")
    }
    let cards = world.nics.filter { $0.host == host }
    guard let text = tree.text(Self.managementPath) else {
      note("management.conf is missing: there is no network")
      return
    }
    do throws(NetworkdConfig.ManagementFailure) {
      let made = try NetworkdConfig(managementConf: text, bridge: managementBridge, cards: cards)
      for (name, bridge) in made.bridges where bridge.vlan == nil {
        for port in bridge.ports.keys where !cards.contains(where: { $0.device == port }) {
          note("management.conf names \(port), which this host does not have: \(name) leads nowhere")
        }
      }
      live = made.merged(over: before)
      if managementBridge.isEmpty, !layout.hasInterfaceRename, let bridge = made.gatewayInterface {
        let only6 = made.interfaces[bridge]?.ipv4 == NetworkdConfig.IPv4.none
        setInventory(["MANAGEMENT_INTERFACE": bridge, "MANAGEMENT_ADDRESS_TYPE": only6 ? "IPv6" : "IPv4"])
      }
    } catch {
      note("management.conf cannot be interpreted (\(error.reason)): there is no network")
    }
  }

  mutating func setInventory(_ values: KeyValuePairs<String, String>) {
    for (key, value) in values { inventory[key] = value }
    writes.append((Self.inventoryPath, .text(inventory.text)))
  }

  // MARK: XAPI

  mutating func startXAPI() {
    world.emergency = nil
    // What an emergency call decided is in the files by now.
    world.role = nil
    let isDisarmed = tree.text("/var/lib/xcp/local.db")?.range(of: "key=\"ha.armed\" value=\"false\"") != nil
    world.haDisarmed = isDisarmed && world.database.bool("pool", world.pool, "ha_enabled")
    isTriggerLeft = tree.exists(layout.trigger)
    role = Self.role(tree.text(Self.poolPath))
    guard identify() else { return }
    switch role {
    case .broken:
      note("pool.conf says neither master nor slave")
      world.emergency = APIError("HOST_BROKEN")
      return
    case .coordinator:
      if !world.isCoordinator { world.database.set("pool", world.pool, "master", .string(host)) }
    case .member(let address):
      guard reach(address) else { return }
    }
    synchronise()
    checkNetworkReset()
    world.agreeOnHA()
    guard world.emergency == nil else { return }
    plugAll()
    if case .member = role { copyFromCoordinator() }
    refreshCardFacts()
    live = NetworkdConfig(world).merged(over: leftovers)
    world.enableAgain()
  }

  static func role(_ text: String?) -> Role {
    guard let line = text?.split(whereSeparator: \.isNewline).first else { return .broken }
    let trimmed = line.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
    let word = String(trimmed)
    if word == "master" { return .coordinator }
    let address = word.dropFirst(6)
    return word.hasPrefix("slave:") && !address.isEmpty ? .member(of: String(address)) : .broken
  }

  /// XAPI knows itself by the inventory. Without it, it makes up a new identity and finds no row of its own.
  private mutating func identify() -> Bool {
    let uuid = world.database.string("host", host, "uuid")
    guard inventory["INSTALLATION_UUID"] == uuid else {
      note(
        tree.exists(Self.inventoryPath)
          ? "the inventory's INSTALLATION_UUID is not this host's: XAPI does not know itself"
          : "the inventory is missing: XAPI makes a new one with new uuids and does not know itself")
      world.emergency = APIError("INTERNAL_ERROR", "Not_found")
      return false
    }
    return true
  }

  /// A member needs an address, then its coordinator. Until then it is in emergency mode and goes no further.
  private mutating func reach(_ address: String) -> Bool {
    reachesCoordinator = false
    let kernel = KernelView(world, live)
    let bridge = managementBridge
    let isIPv6 = inventory["MANAGEMENT_ADDRESS_TYPE"] == "IPv6"
    guard let own = (isIPv6 ? kernel.ipv6(of: bridge) : kernel.ipv4(of: bridge))?.ip else {
      note(live.bridges[bridge] == nil ? "there is no bridge \(bridge)" : "\(bridge) has no address")
      world.emergency = APIError("HOST_HAS_NO_MANAGEMENT_IP")
      return false
    }
    if own == address {
      world.emergency = APIError("HOST_ITS_OWN_SLAVE")
      note("pool.conf names this host's own address \(own) as the coordinator's")
      return false
    }
    let uplink = live.uplink(of: bridge)
    guard !world.isCoordinator, address == world.coordinatorIP, let uplink,
      world.reachesCoordinator(from: own, behind: uplink, gateway: gateway(isIPv6: isIPv6))
    else {
      note("the coordinator does not answer at \(address)")
      world.emergency = APIError("HOST_STILL_BOOTING")
      return false
    }
    reachesCoordinator = true
    return true
  }

  /// Where the kernel sends packets for other networks.
  private func gateway(isIPv6: Bool) -> String? {
    KernelView(world, live).routes.first { $0.isIPv6 == isIPv6 && $0.destination == "default" }?.gateway
  }

  /// Brings the rows of this host in line with what the kernel has: what is plugged, which PIF is management, names and
  /// addresses of cards.
  private mutating func synchronise() {
    world.refreshCards(of: host)
    for pif in pifs {
      let isMember = world.database.exists("Bond", world.database.string("PIF", pif, "bond_slave_of"))
      let isThere = live.bridges[NetworkdConfig.bridge(of: pif, world)] != nil
      set(pif, "currently_attached", .bool(isThere && !isMember))
    }
    flagManagement()
    world.notePCI()
    world.noteServices()
    renewCPUs()
    noteCertificates()
    let now = world.clock().seconds
    var config = world.database.get("host", host, "other_config")?.object ?? [:]
    config["agent_start_time"] = .string("\(now).")
    world.database.set("host", host, "other_config", .object(config))
  }

  /// Management is the PIF on the network of the inventory's bridge, and no other.
  mutating func flagManagement() {
    for pif in pifs {
      set(
        pif, "management", .bool(NetworkdConfig.bridge(of: pif, world) == managementBridge && !managementBridge.isEmpty)
      )
    }
    let management = pifs.first { world.database.bool("PIF", $0, "management") }
    let address =
      KernelView(world, live).ipv4(of: managementBridge)?.ip
      ?? management.map { world.database.string("PIF", $0, "IP") } ?? ""
    if world.database.string("host", host, "address") != address {
      world.database.set("host", host, "address", .string(address))
    }
  }

  /// XAPI counts its CPUs anew at each start.
  private mutating func renewCPUs() {
    for old in world.database.strings("host", host, "host_CPUs") {
      guard let row = world.database.row("host_cpu", old), let schema = world.database.table("host_cpu")?.schema else {
        continue
      }
      var fields = JSONObject()
      for (field, value) in zip(schema.fields, row.values) where field.name != "uuid" {
        fields.append(field.name, value)
      }
      world.database.remove("host_cpu", old, silently: true)
      world.create("host_cpu", fields)
    }
  }

  /// XAPI puts the certificates that it finds on disk into its database.
  private mutating func noteCertificates() {
    guard world.database.strings("host", host, "certificates").isEmpty else { return }
    for type in ["host", "host_internal"] {
      world.create("Certificate", ["host": .string(host), "type": .string(type)])
    }
  }

  var pifs: [String] { world.database.strings("host", host, "PIFs") }

  mutating func set(_ pif: String, _ field: String, _ value: JSONValue) {
    if world.database.get("PIF", pif, field) != value { world.database.set("PIF", pif, field, value) }
  }
}
