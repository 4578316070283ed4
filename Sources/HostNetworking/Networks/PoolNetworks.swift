import Dom0
import XenAPI

/// The networks of the pool with all that is on them, worked out when it is asked for: a pool may have tens of thousands of
/// interfaces.
public struct PoolNetworks: Sendable {
  /// An interface of one host on a network.
  public struct Interface: Hashable, Sendable {
    public var host: String
    /// `eth1`, `VLAN 42 on bond0`.
    public var name: String
    public var uuid: String
    /// nil without one.
    public var tag: Int?
    public var isAttached: Bool
    public var isManagement: Bool
    public var isHere: Bool
    /// The host's heartbeat is heard.
    public var isLive: Bool
    /// nil when XAPI does not tell.
    public var hasLink: Bool?
  }

  public struct VIFEntry: Hashable, Sendable {
    public var vm: String
    /// Its position in the VM.
    public var device: String
    public var mac: String
    public var uuid: String
    public var isAttached: Bool
    public var lockingMode: LockingMode
    /// Where the VM runs; nil when it does not.
    public var host: String?
  }

  public struct Entry: Sendable {
    public var uuid: String
    public var name: String
    public var description: String
    public var bridge: String
    public var mtu: Int
    public var lockingMode: LockingMode
    public var purpose: [String]
    public var tags: [String]
    public var isManaged: Bool
    public var isSystem: Bool
    /// This host's first, then by host.
    public var interfaces: [Interface]
    public var vifs: [VIFEntry]
  }

  public struct VLANEntry: Hashable, Sendable {
    public var tag: Int
    /// What it lies on: `bond0`.
    public var base: String
    public var network: String
    public var networkUUID: String
    public var mtu: Int
    /// Names of the hosts that have it, this host's first.
    public var hosts: [String]
    /// Those of them where it is not plugged.
    public var unplugged: [String]
    public var isHere: Bool
  }

  private let facts: PoolFacts

  init(_ database: XenDatabase, host: Ref<Host>) { facts = PoolFacts(ChangeFacts(database: database, host: host)) }

  /// - Throws: when XAPI does not answer.
  public static func read(_ client: XenClient, _ system: HostSystem) async throws(ChangeProblem) -> PoolNetworks {
    let facts = try await ChangeLook(client, system).facts()
    return PoolNetworks(facts.database, host: facts.host)
  }

  /// By name; XAPI's own comes last.
  public var networks: [Entry] {
    facts.database.networks.all.map { entry($0.record) }
      .sorted { left, right in
        if left.isSystem != right.isSystem { return !left.isSystem }
        return left.name == right.name ? left.uuid < right.uuid : comesBefore(left.name, right.name)
      }
  }

  public func network(_ ref: Ref<Network>?) -> Entry? { facts.database.networks[ref].map(entry) }

  /// Those meant by a word of a command line: a uuid, a bridge, else every one of that name.
  public func found(_ word: String) -> [(uuid: String, name: String)] {
    let rows = facts.database.networks.all.map(\.record)
    let exact = rows.filter { $0.uuid == word }
    let bridged = rows.filter { $0.bridge == word }
    let named = rows.filter { $0.nameLabel == word }
    return (!exact.isEmpty ? exact : !named.isEmpty ? named : bridged).map { ($0.uuid, $0.nameLabel) }
  }

  private func entry(_ network: Network) -> Entry {
    Entry(
      uuid: network.uuid, name: network.nameLabel, description: network.nameDescription, bridge: network.bridge, mtu: Int(clamping: network.mtu),
      lockingMode: network.defaultLockingMode, purpose: network.purpose, tags: network.tags.sorted(by: comesBefore), isManaged: network.managed,
      isSystem: network.otherConfig["is_host_internal_management_network"] == "true", interfaces: interfaces(network), vifs: vifs(network))
  }

  private func interfaces(_ network: Network) -> [Interface] {
    network.pifs.compactMap { facts.database.pifs[$0] }.map { pif in
      Interface(
        host: facts.hostName(pif.host), name: facts.database.name(of: pif), uuid: pif.uuid, tag: pif.vlan < 0 ? nil : Int(clamping: pif.vlan),
        isAttached: pif.currentlyAttached, isManagement: pif.management, isHere: pif.host == facts.host,
        isLive: pif.host.map { facts.isLive($0) } ?? false, hasLink: facts.database.pifMetrics[pif.metrics]?.carrier)
    }.sorted { $0.isHere != $1.isHere ? $0.isHere : comesBefore($0.host, $1.host) }
  }

  private func vifs(_ network: Network) -> [VIFEntry] {
    facts.users(of: network).map { user in
      VIFEntry(
        vm: user.name, device: user.vif.device, mac: user.vif.mac, uuid: user.vif.uuid, isAttached: user.vif.currentlyAttached,
        lockingMode: user.vif.lockingMode, host: user.vm.flatMap { $0.isRunning ? facts.hostName($0.residentOn) : nil })
    }
  }

  /// All of the pool: those of one tag on the same network above and below belong together.
  public var vlans: [VLANEntry] {
    struct Key: Hashable {
      let tag: Int64
      let above: Ref<Network>?
      let below: Ref<Network>?
    }
    var found: [Key: [(base: PIF, upper: PIF)]] = [:]
    for (_, vlan) in facts.database.vlans.all {
      guard let base = facts.database.pifs[vlan.taggedPIF], let upper = facts.database.pifs[vlan.untaggedPIF] else { continue }
      found[Key(tag: vlan.tag, above: upper.network, below: base.network), default: []].append((base, upper))
    }
    return found.map { key, rows in
      let own = rows.first { $0.base.host == facts.host } ?? rows[0]
      let network = facts.database.networks[key.above]
      let sorted = rows.map { (facts.hostName($0.base.host), $0.upper, $0.base.host == facts.host) }
        .sorted { $0.2 != $1.2 ? $0.2 : comesBefore($0.0, $1.0) }
      return VLANEntry(
        tag: Int(clamping: key.tag), base: facts.database.name(of: own.base), network: network?.nameLabel ?? "", networkUUID: network?.uuid ?? "",
        mtu: Int(clamping: network?.mtu ?? 0), hosts: sorted.map(\.0), unplugged: sorted.filter { !$0.1.currentlyAttached }.map(\.0),
        isHere: own.base.host == facts.host)
    }.sorted { left, right in
      if left.base != right.base { return comesBefore(left.base, right.base) }
      return left.tag == right.tag ? comesBefore(left.network, right.network) : left.tag < right.tag
    }
  }
}
