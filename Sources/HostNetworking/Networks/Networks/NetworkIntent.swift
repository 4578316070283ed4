import Dom0
import XenAPI

/// What somebody wants of a network.
public enum NetworkIntent: IntentGroup {
  /// `NetworkCreatePlanner.swift`: between VMs of one host only.
  case create(NetworkDraft)
  /// `NetworkEditPlanner.swift`
  case edit(NetworkEdit)
  /// `NetworkDestroyPlanner.swift`
  case destroy(NetworkRemoval)

  var name: String {
    switch self {
    case .create: "create a network"
    case .edit: "edit a network"
    case .destroy: "remove a network"
    }
  }

  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    try await plan(ChangeLook(client, system), probes)
  }

  func plan(_ look: ChangeLook, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    let isRemoval = if case .destroy = self { true } else { false }
    return try plan(try await PoolFacts.look(look, withStorage: isRemoval))
  }

  private func plan(_ facts: PoolFacts) throws(ChangeProblem) -> ChangePlan {
    switch self {
    case .create(let draft): NetworkCreatePlanner(draft, facts).plan()
    case .edit(let edit): try NetworkEditPlanner(edit, facts).plan()
    case .destroy(let removal): try NetworkDestroyPlanner(removal, facts).plan()
    }
  }
}

/// What of a network shall be otherwise; nil leaves it.
public struct NetworkEdit: Hashable, Sendable {
  /// Its uuid.
  public var network: String
  public var name: String?
  public var description: String?
  /// Bytes; in the database only, looked at when interfaces are plugged the next time.
  public var mtu: Int?
  public var lockingMode: LockingMode?
  public var purpose: [String]?
  public var tags: [String]?

  public init(_ network: String) { self.network = network }
}

/// A network that shall go.
public struct NetworkRemoval: Hashable, Sendable {
  /// Its uuid.
  public var network: String
  /// The VLANs that feed it go first, and its tunnels.
  public var withVLANs: Bool

  public init(_ network: String, withVLANs: Bool = true) {
    self.network = network
    self.withVLANs = withVLANs
  }
}

/// There is nothing about networks that takes time and is no change.
public enum NetworkErrand: ErrandGroup {
  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async {}
}

public enum NetworkReport: Sendable {}
