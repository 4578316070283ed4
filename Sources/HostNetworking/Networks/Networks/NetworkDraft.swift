import JSON
import XenAPI

/// A network as it shall be made.
public struct NetworkDraft: Hashable, Sendable {
  /// Bytes that a network can carry at the most: what XAPI takes is not checked there.
  public static let mtuRange = NetworkMTURequest.range
  /// Few NICs and switches carry more.
  static let usualMTU = 9000

  public var name: String
  public var description: String
  /// Bytes.
  public var mtu: Int
  public var tags: [String]
  public var lockingMode: LockingMode
  public var purpose: [String]
  /// Besides what marks it.
  var otherConfig: [String: String]
  /// Empty lets XAPI choose.
  var bridge = ""
  /// XAPI makes and removes the bridge.
  var isManaged = true

  public init(
    name: String, description: String = "", mtu: Int = 1500, tags: [String] = [], lockingMode: LockingMode = .unlocked,
    purpose: [String] = []
  ) {
    self.name = name
    self.description = description
    self.mtu = mtu
    self.tags = tags
    self.lockingMode = lockingMode
    self.purpose = purpose
    otherConfig = [:]
  }

  /// All that can be made again of a network that is to be removed.
  init(_ network: Network) {
    self.init(
      name: network.nameLabel, description: network.nameDescription, mtu: Int(clamping: network.mtu), tags: network.tags,
      lockingMode: network.defaultLockingMode, purpose: network.purpose)
    otherConfig = network.otherConfig
    isManaged = network.managed
    // Names of XAPI's own kind it gives to nobody who asks.
    let isOwn = ["xen", "xapi", "vif", "tap", "eth"].contains { network.bridge.hasPrefix($0) } || network.bridge.utf8.count > 15
    if !isOwn { bridge = network.bridge }
  }

  /// Nothing is left to be done of what `network.create` does not take.
  func isWhole(_ network: Network) -> Bool {
    (lockingMode != .disabled || network.defaultLockingMode == .disabled) && purpose.allSatisfy { network.purpose.contains($0) }
  }

  /// The parameter of `network.create`.
  func record(mark: String) -> JSONValue {
    let config = otherConfig.merging([ChangeAction.markKey: mark]) { _, new in new }
    return [
      "name_label": .string(name), "name_description": .string(description), "MTU": .int(Int64(mtu)), "bridge": .string(bridge), "managed": .bool(isManaged),
      "tags": .array(tags.map { .string($0) }), "other_config": Self.object(config),
    ]
  }

  private static func object(_ map: [String: String]) -> JSONValue {
    .object(JSONObject(map.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }

  var json: JSONValue {
    [
      "name": .string(name), "description": .string(description), "mtu": .int(Int64(mtu)), "tags": .array(tags.map { .string($0) }),
      "locking": .string(lockingMode.rawValue), "purpose": .array(purpose.map { .string($0) }), "other": Self.object(otherConfig),
      "bridge": .string(bridge), "managed": .bool(isManaged),
    ]
  }

  init?(_ json: JSONValue) {
    guard let name = json["name"]?.string, let description = json["description"]?.string,
      let mtu = json["mtu"]?.int.flatMap({ Int(exactly: $0) }), let tags = json["tags"]?.array?.compactMap(\.string),
      let locking = json["locking"]?.string, let purpose = json["purpose"]?.array?.compactMap(\.string)
    else { return nil }
    self.init(
      name: name, description: description, mtu: mtu, tags: tags, lockingMode: LockingMode(rawValue: locking), purpose: purpose)
    for (key, value) in json["other"]?.object ?? JSONObject() { otherConfig[key] = value.string }
    bridge = json["bridge"]?.string ?? ""
    isManaged = json["managed"]?.bool ?? true
  }
}

/// What a network can be for, besides VMs.
public enum NetworkPurpose {
  /// Disks of VMs are read over the network, encrypted.
  public static let nbd = "nbd"
  /// The same, readable by whoever listens.
  public static let insecureNBD = "insecure_nbd"

  /// XAPI allows one of them in a whole pool (`NETWORK_INCOMPATIBLE_PURPOSES`).
  static func rival(of purpose: String) -> String? {
    purpose == nbd ? insecureNBD : purpose == insecureNBD ? nbd : nil
  }
}
