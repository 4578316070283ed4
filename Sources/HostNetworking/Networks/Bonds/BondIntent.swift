import Dom0
import JSON
import XenAPI

/// What somebody wants of bonds. Bonds and NICs have the names of `InterfaceTree`.
public enum BondIntent: IntentGroup {
  /// `BondCreatePlanner.swift`
  case create(BondRequest)
  /// `BondSettingsPlanner.swift`: mode, properties, delays.
  case set(BondSettingsRequest)
  /// `BondMembersPlanner.swift`: XAPI cannot do this; the bond is made anew.
  case addMember(String, bond: String, isPoolWide: Bool = false)
  case removeMember(String, bond: String, isPoolWide: Bool = false)
  /// `BondDestroyPlanner.swift`
  case destroy(String, withNetwork: Bool, isPoolWide: Bool = false)

  var name: String {
    switch self {
    case .create: "new bond"
    case .set: "bond settings"
    case .addMember: "add to a bond"
    case .removeMember: "take out of a bond"
    case .destroy: "destroy a bond"
    }
  }

  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    plan(try await BondLook(client, system).facts(), mark: nil)
  }

  func plan(_ facts: BondFacts, mark: String?) -> ChangePlan {
    switch self {
    case .create(let request): BondCreatePlanner(request, facts, mark: mark).plan()
    case .set(let request): BondSettingsPlanner(request, facts).plan()
    case .addMember(let nic, let bond, let isPoolWide): BondMembersPlanner(.add(nic), bond, isPoolWide: isPoolWide, facts).plan()
    case .removeMember(let nic, let bond, let isPoolWide): BondMembersPlanner(.remove(nic), bond, isPoolWide: isPoolWide, facts).plan()
    case .destroy(let bond, let withNetwork, let isPoolWide):
      BondDestroyPlanner(bond, withNetwork: withNetwork, isPoolWide: isPoolWide, facts).plan()
    }
  }
}

/// A bond as somebody wants it.
public struct BondRequest: Hashable, Sendable {
  public enum NetworkWish: Hashable, Sendable {
    case new(name: String)
    /// By its uuid; no interface of a host that gets the bond may be on it.
    case existing(String)
  }

  /// NICs of this host, by name, in the order of choice.
  public var members: [String]
  public var mode: BondMode
  /// Only for LACP: `hashing_algorithm`, `lacp-time`, `lacp-fallback-ab`, `lacp-aggregation-key`. What is not named gets
  /// XAPI's default.
  public var properties: [String: String]
  /// Lower-case with colons; empty inherits that of the primary member.
  public var mac: String
  /// A new one without a name is called after the NICs.
  public var network: NetworkWish
  /// On every host of the pool that has the NICs.
  public var isPoolWide: Bool
  /// VLANs that are made on the bond in the same go.
  public var vlans: [Int]

  public init(
    members: [String], mode: BondMode, properties: [String: String] = [:], mac: String = "",
    network: NetworkWish = .new(name: ""), isPoolWide: Bool = false, vlans: [Int] = []
  ) {
    self.members = members
    self.mode = mode
    self.properties = properties
    self.mac = mac
    self.network = network
    self.isPoolWide = isPoolWide
    self.vlans = vlans
  }
}

/// Other settings for a bond that is there. What is nil stays.
public struct BondSettingsRequest: Hashable, Sendable {
  public var bond: String
  public var mode: BondMode?
  /// Only for LACP.
  public var properties: [String: String]
  /// Milliseconds before a link that came back is used; nil leaves it, empty goes back to XAPI's own 31 s.
  public var upDelay: String?
  /// The bonds of the other hosts on the same network as well.
  public var isPoolWide: Bool

  public init(
    bond: String, mode: BondMode? = nil, properties: [String: String] = [:], upDelay: String? = nil, isPoolWide: Bool = false
  ) {
    self.bond = bond
    self.mode = mode
    self.properties = properties
    self.upDelay = upDelay
    self.isPoolWide = isPoolWide
  }
}

/// What a plan about bonds is made from.
public struct BondFacts: Sendable {
  public var facts: ChangeFacts
  /// nil when the host's file could not be read.
  public var backend: NetworkBackend?
  /// What the switch says of the LACP of bonds that are there; nil when it could not be asked.
  public var lacp: [SwitchLACP]?
  /// Storage that hosts have attached; nil when XAPI did not tell.
  public var storage: [Ref<Host>: [Storage]]? = [:]

  public struct Storage: Hashable, Sendable {
    public var name: String
    /// Addresses and names.
    public var servers: [String]
    public var isFCoE: Bool
  }

  public init(_ facts: ChangeFacts) { self.facts = facts }
}

/// Looks those up.
struct BondLook: Sendable {
  private let client: XenClient
  private let system: HostSystem

  init(_ client: XenClient, _ system: HostSystem) {
    self.client = client
    self.system = system
  }

  func facts() async throws(ChangeProblem) -> BondFacts {
    var facts = BondFacts(try await ChangeLook(client, system).facts())
    facts.backend = try? NetworkBackend.read(from: system)
    if facts.backend?.usesOpenVSwitch != false { facts.lacp = try? await SwitchLACP.all(on: system) }
    async let storage = storage()
    async let clustered = clustered()
    facts.storage = await storage
    if let all = await clustered { facts.facts.clustered = all }
    return facts
  }

  private static let limit = Duration.seconds(5)

  /// Interfaces that an enabled cluster talks over, of all hosts; nil when XAPI does not tell.
  private func clustered() async -> Set<Ref<PIF>>? {
    guard let rows = try? await client.call("Cluster_host.get_all_records", limit: Self.limit).object else { return nil }
    return Set(rows.values.filter { $0["enabled"]?.bool == true }.compactMap { $0["PIF"]?.string.flatMap { Ref<PIF>($0) } })
  }

  /// Storage with an attached PBD, by host; nil when XAPI does not tell, or nothing that makes sense.
  private func storage() async -> [Ref<Host>: [BondFacts.Storage]]? {
    guard let pbds = try? await client.call("PBD.get_all_records", limit: Self.limit).object,
      let srs = try? await client.call("SR.get_all_records", limit: Self.limit).object
    else { return nil }
    var found: [Ref<Host>: [BondFacts.Storage]] = [:]
    for pbd in pbds.values where pbd["currently_attached"]?.bool == true {
      guard let host = pbd["host"]?.string.flatMap({ Ref<Host>($0) }), let sr = pbd["SR"]?.string.flatMap({ srs[$0] }) else { continue }
      let config = pbd["device_config"]?.object ?? JSONObject()
      let servers = MTUStorage.keys.flatMap { MTUStorage.servers(config[$0]?.string ?? "") }
      found[host, default: []].append(
        BondFacts.Storage(name: sr["name_label"]?.string ?? "", servers: servers, isFCoE: sr["type"]?.string == "lvmofcoe"))
    }
    return found.mapValues { $0.sorted { comesBefore($0.name, $1.name) } }
  }
}

public enum BondErrand: ErrandGroup {
  /// What the forms for bonds need to know.
  case look

  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async {
    do throws(ChangeProblem) {
      report(.bonds(.facts(.success(try await BondLook(client, system).facts()))))
    } catch {
      report(.bonds(.facts(.failure(error))))
    }
  }
}

public enum BondReport: Sendable {
  case facts(Result<BondFacts, ChangeProblem>)
  case live(BondLive)
}
