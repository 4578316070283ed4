import JSON

/// A network card of a host as its kernel sees it, whether or not XAPI has a PIF for it yet.
struct NIC: Sendable, Hashable {
  var host: String
  var device: String
  var mac: String
  /// Position among the host's cards; names the bridge (`xenbr<position>`).
  var position: Int
  var capabilities: [String] = []
  var pci: String = Wire.nullRef
  /// Its cable leads to something that answers.
  var carrier = true
  /// Mbit/s, while there is a link.
  var speed: Int64 = 1000
  /// What sysfs tells of the card.
  var vendorID = "8086"
  var deviceID = "1521"
  var driver = "igb"
  /// `0000:19:00.0`
  var pciPath = ""
  /// How often its link has come or gone.
  var carrierChanges: UInt64 = 0
  /// What has gone over it since somebody looked first, beside what had before.
  var traffic = Traffic()
  /// Bad packets that come in each second.
  var errorRate: UInt64 = 0
  /// How many virtual functions it makes when SR-IOV is enabled on it.
  var virtualFunctions: Int64 = 0
  /// Put in while the host ran: XAPI has no PCI row for it before its next start.
  var isAdded = false
}

/// What a session asked of the deprecated event calls.
struct Registration: Sendable {
  var classes: [String]
  /// Generation up to which the session has been told.
  var since: Int64
}

/// Everything behind the socket: XAPI's database and what lies beneath it. Calls change it, nothing in it waits.
struct World: Sendable {
  var database: Database
  /// The host whose XAPI this is.
  var thisHost: String
  /// Set when the host is a cut-off member: the error that every call but the emergency ones gets.
  var emergency: APIError?
  var nics: [NIC] = []
  /// How this host's cards are set, by MAC; one that is missing is as it was when the host started.
  var cards: [String: CardSettings] = [:]
  /// Cards that were taken out of this host.
  var removedCards: [NIC] = []
  /// What is done to this host's cards while it is off for its next boot.
  var cardsAtBoot: [CardChange] = []
  /// Sessions of `session.slave_local_login_with_password`: in memory only.
  var localSessions: Set<String> = []
  /// Sessions registered with the deprecated `event.register`, and how far each has seen.
  var registrations: [String: Registration] = [:]
  /// Speeds that cards had before their link went down, by PIF_metrics ref; Mbit/s.
  var speeds: [String: Int64] = [:]
  /// Name servers in each host's `resolv.conf`, comma separated, by host ref.
  var resolvers: [String: String] = [:]
  /// How often XAPI has looked at the links of each bond, see `lookAtLinks`.
  var bondLooks: [String: Int] = [:]
  var behaviour = Behaviour()
  /// SSH, the clock, the host's name.
  var services = HostServices()
  /// Seconds since 1970 at which SSH on this host is switched off again; nil: never.
  var sshEnd: Int64?
  /// SSH was switched on for a while out of its automatic mode, and goes back to it.
  var sshReturnsToAuto = false
  /// Asked for by a call, to be carried out once it is answered.
  var request: HostRequest?
  /// XAPI died under a call, see `Behaviour.deaths`.
  var hasDied = false
  /// A call wrote to the host's files what is not in the database.
  var hasNewFiles = false
  /// Set by the emergency calls that rewrite `pool.conf`; nil: it says what the database says.
  var role: PoolRole?
  /// `host.emergency_ha_disable` was here: `local.db` says that high availability is off on this host, whatever the
  /// pool says. The next start of XAPI brings the two together.
  var haDisarmed = false
  /// First three bytes of the addresses that DHCP gives out on every wire.
  var dhcpPrefix = "10.0.4"
  /// What is on the wires, where it matters; nil when every cable leads to everything.
  var wiring: Wiring?
  /// Who answers out there.
  var outside = Outside()
  /// Subnets of fixed addresses, by tag (-1: untagged).
  var knownSubnets: [Int64: Set<String>] = [:]
  /// `other_config` of this host's PIFs when they were plugged last: later changes take effect at the next plug.
  var pluggedConfigs: [String: JSONObject] = [:]
  /// How often something was plugged; that need not show in the database.
  var plugs: Int64 = 0
  /// `static-routes` of the networks of PIFs, as they were when these were plugged last.
  var pluggedRoutes: [String: String] = [:]
  /// PIFs of which networkd was told, whose routes have not gone to the kernel yet.
  var toldPIFs: [String] = []
  /// The bridge that the kernel's default route of this host leaves by, empty for none; nil: that of networkd's gateway interface.
  var defaultDevice: String?
  /// The PIF of which networkd was told last.
  var lastPlugged: String?
  /// Bridges on which a DHCP client runs, by `clientKey`; those of them without an answer yet; those just started.
  var clients: Set<String> = []
  var waitingClients: Set<String> = []
  var newClients: [String] = []
  /// Coordinator's addresses that members have in `pool.conf` and that are not, or may soon not be, right any more.
  var staleCoordinators: [String: String] = [:]
  /// Members that do not report any more because they do not find their coordinator.
  var lost: Set<String> = []
  /// Where the coordinator answers when that is not what the database says.
  var coordinatorAddress: String?
  /// Each VLAN is a network of its own, with addresses of its own. In the laboratory of the recordings it is not.
  var separatesVLANs = true
  /// The next number to try for a bridge name `xapi<N>`.
  var bridgeCounter = 1
  var names = Names()
  var clock: @Sendable () -> WallTime = { WallTime.now }

  init(product: Product) {
    database = Database(product: product)
    thisHost = Wire.nullRef
  }

  var schema: Schema { database.schema }
  var product: Product { database.schema.product }

  /// The only row of class pool.
  var pool: String { database.refs("pool").first ?? Wire.nullRef }

  /// The pool's coordinator.
  var coordinator: String { database.string("pool", pool, "master") }

  /// This host serves its pool's database; otherwise it relays calls to the coordinator.
  var isCoordinator: Bool { thisHost == coordinator }

  /// What this host's `local.db` says of high availability (`ha.armed`).
  var haArmed: Bool { database.bool("pool", pool, "ha_enabled") && !haDisarmed }

  mutating func newRef() -> String { "OpaqueRef:\(names.uuid())" }

  /// Makes a row with a fresh ref and, unless given, a fresh uuid.
  @discardableResult
  mutating func create(_ name: String, _ fields: JSONObject) -> String {
    var fields = fields
    if fields["uuid"] == nil { fields["uuid"] = .string(names.uuid()) }
    let ref = newRef()
    database.insert(name, ref: ref, fields)
    return ref
  }

  /// Notes what a host that has been running for long knows: its name servers, and the links of its bonds.
  mutating func settle() {
    for host in database.refs("host") { keepResolver(of: host) }
    for bond in database.refs("Bond") { bondLooks[bond] = Self.lastLook }
    adoptServices()
    noteSubnets()
    for pif in database.strings("host", thisHost, "PIFs") where database.bool("PIF", pif, "currently_attached") {
      notePlugged(pif)
    }
    noteClients()
  }

  mutating func notePlugged(_ pif: String) {
    // An XAPI that has died tells networkd nothing.
    guard !database.isDead else { return }
    plugs += 1
    lastPlugged = pif
    pluggedConfigs[pif] = database.get("PIF", pif, "other_config")?.object ?? JSONObject()
    applyCardSettings(pif)
    pluggedRoutes[pif] = staticRoutes(of: pif)
    if database.string("PIF", pif, "host") == thisHost { toldPIFs.append(pif) }
  }

  /// `other_config:static-routes` of a PIF's network.
  private func staticRoutes(of pif: String) -> String {
    database.get("network", database.string("PIF", pif, "network"), "other_config")?["static-routes"]?.string ?? ""
  }

  /// The routes that networkd was told of at the last plug.
  func routesInForce(of pif: String) -> String { pluggedRoutes[pif] ?? staticRoutes(of: pif) }

  /// The `other_config` that is in force.
  func pluggedConfig(of pif: String) -> JSONObject {
    pluggedConfigs[pif] ?? database.get("PIF", pif, "other_config")?.object ?? JSONObject()
  }

  func require(_ name: String, _ ref: String) throws(APIError) {
    guard database.exists(name, ref) else { throw .handleInvalid(name, ref) }
  }
}
