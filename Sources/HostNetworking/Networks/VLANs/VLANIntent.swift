import Dom0
import XenAPI

/// What somebody wants of VLANs.
public enum VLANIntent: IntentGroup {
  /// `VLANCreatePlanner.swift`
  case create(VLANRequest)
  /// `VLANDestroyPlanner.swift`
  case destroy(VLANRemoval)

  var name: String {
    switch self {
    case .create: "create VLANs"
    case .destroy: "remove VLANs"
    }
  }

  func plan(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    try await plan(ChangeLook(client, system), probes)
  }

  func plan(_ look: ChangeLook, _ probes: any NetworkProbes) async throws(ChangeProblem) -> ChangePlan {
    let isRemoval = if case .destroy = self { true } else { false }
    return plan(try await PoolFacts.look(look, withStorage: isRemoval))
  }

  /// The same on what is known already, but for the kernel's own VLANs.
  public func plan(_ facts: ChangeFacts) -> ChangePlan { plan(PoolFacts(facts)) }

  private func plan(_ facts: PoolFacts) -> ChangePlan {
    switch self {
    case .create(let request): VLANCreatePlanner(request, facts).plan()
    case .destroy(let removal): VLANDestroyPlanner(removal, facts).plan()
    }
  }
}

/// VLANs that shall be there.
public struct VLANRequest: Hashable, Sendable {
  /// Which network a VLAN is put on.
  public enum Target: Hashable, Sendable {
    /// A new one for each, `{tag}` in its name stands for the tag; or that of other hosts that have the VLAN already.
    case new(name: String, description: String)
    /// One that is there, by its uuid.
    case existing(String)
  }

  /// This host's interface: a NIC or a bond.
  public var base: String
  public var tags: TagList
  public var target: Target
  /// On every host of the pool that is alive and has an interface on the same network as the base.
  public var isPoolWide: Bool
  /// Bytes; nil: 1500 for a new network, and left as it is for one that is there.
  public var mtu: Int?

  public init(base: String, tags: TagList, target: Target, isPoolWide: Bool, mtu: Int? = nil) {
    self.base = base
    self.tags = tags
    self.target = target
    self.isPoolWide = isPoolWide
    self.mtu = mtu
  }

  public static let placeholder = "{tag}"

  /// `VLAN {tag}` is `VLAN 42`.
  public static func name(_ pattern: String, tag: Int) -> String { pattern.replacing(placeholder, with: "\(tag)") }
}

/// VLANs that shall go.
public struct VLANRemoval: Hashable, Sendable {
  public enum Which: Hashable, Sendable {
    /// Tags on an interface of this host.
    case tags(TagList, on: String)
    /// Those that feed a network, by its uuid.
    case network(String)
  }

  public var which: Which
  /// On all hosts of the pool, not on this one alone.
  public var isPoolWide: Bool
  /// The network goes as well when nothing is left on it.
  public var withNetwork: Bool

  public init(_ which: Which, isPoolWide: Bool, withNetwork: Bool) {
    self.which = which
    self.isPoolWide = isPoolWide
    self.withNetwork = withNetwork
  }
}

/// There is nothing about VLANs that takes time and is no change.
public enum VLANErrand: ErrandGroup {
  func carryOut(_ client: XenClient, _ system: HostSystem, _ probes: any NetworkProbes, _ report: @escaping HostWork.Report) async {}
}

public enum VLANReport: Sendable {}
