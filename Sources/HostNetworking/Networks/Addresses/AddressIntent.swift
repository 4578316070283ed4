import Dom0
import JSON
import XenAPI

/// How an interface that is not management shall be addressed.
public struct AddressRequest: Hashable, Sendable {
  /// By its name: `eth2`, `VLAN 20 on eth2`.
  public var interface: String
  public var ipv4: ResetRequest.IPv4
  public var ipv6: ResetRequest.IPv6
  /// `other-config:management_purpose`: what it is there for; empty for nothing.
  public var purpose: String
  /// XAPI refuses to unplug it (`disallow_unplug`).
  public var isProtected: Bool
  /// `other-config:defaultroute`: its gateway is the default route of this host.
  public var isDefaultRoute: Bool

  public init(
    interface: String, ipv4: ResetRequest.IPv4 = .none, ipv6: ResetRequest.IPv6 = .none, purpose: String = "", isProtected: Bool = false,
    isDefaultRoute: Bool = false
  ) {
    self.interface = interface
    self.ipv4 = ipv4
    self.ipv6 = ipv6
    self.purpose = purpose
    self.isProtected = isProtected
    self.isDefaultRoute = isDefaultRoute
  }
}

/// A path to storage of its own, in one go.
public struct StorageRequest: Hashable, Sendable {
  /// The NIC or bond, by its name.
  public var base: String
  /// nil: untagged, on the base itself.
  public var tag: Int?
  /// What a new VLAN's network is called; empty for a name made of its tag.
  public var networkName: String
  public var address: IPv4Prefix
  /// Bytes, 68 to 9216.
  public var mtu: Int
  public var purpose: String
  public var isProtected: Bool
  /// What is tried afterwards: the storage's address.
  public var target: InternetAddress?

  public init(
    base: String, tag: Int? = nil, networkName: String = "", address: IPv4Prefix, mtu: Int = 1500, purpose: String = "Storage",
    isProtected: Bool = true, target: InternetAddress? = nil
  ) {
    self.base = base
    self.tag = tag
    self.networkName = networkName
    self.address = address
    self.mtu = mtu
    self.purpose = purpose
    self.isProtected = isProtected
    self.target = target
  }

  /// The interface that gets the address.
  public var interface: String { tag.map { SavedInterface.vlanName(Int64($0), on: base) } ?? base }
}

public enum AddressIntent: IntentGroup {
  case set(AddressRequest)
  case storage(StorageRequest)

  var name: String {
    switch self {
    case .set: "change an address"
    case .storage: "set up a storage network"
    }
  }

  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    let bare = try await ChangeLook(client, system).facts()
    let facts = await bare.withStorage(client)
    var plan = try plan(facts, mark: ChangeMark.new())
    let probing = AddressProbing(facts, probes)
    switch self {
    case .set(let request): plan.add(await probing.hazards(request.fixedAddresses, on: request.interface))
    case .storage(let request): plan.add(await probing.hazards([.v4(request.address.address)], on: request.base, tag: request.tag))
    }
    return plan
  }

  private func plan(_ facts: ChangeFacts, mark: String) throws(ChangeProblem) -> ChangePlan {
    switch self {
    case .set(let request): try AddressPlanner(request, facts).plan()
    case .storage(let request): try StoragePlanner(request, facts, mark: mark).plan()
    }
  }
}

extension AddressRequest {
  var fixedAddresses: [InternetAddress] {
    var found: [InternetAddress] = []
    if case .fixed(let prefix, _) = ipv4 { found.append(.v4(prefix.address)) }
    if case .fixed(let prefix, _) = ipv6 { found.append(.v6(prefix.address)) }
    return found
  }
}

extension ChangePlan {
  fileprivate mutating func add(_ more: [Hazard]) {
    hazards += more
    hazards.sort { $0.weight > $1.weight }
  }
}

public enum AddressErrand: ErrandGroup {
  /// Whether an address answers, and how long packets to it may be.
  case test(PathTest, run: UInt64)

  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async {
    switch self {
    case .test(let test, let run): await test.carryOut(system, probes) { report(.addresses(.tested($0, run: run))) }
    }
  }
}

public enum AddressReport: Sendable {
  case tested(PathTest.Result, run: UInt64)
}
